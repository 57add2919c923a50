"""`${NAME}` in keys and header values: what it stands for, without ever showing it."""

import re
from collections.abc import Mapping
from typing import Final

from proxy.config.problems import HIDDEN, Wrong

SET: Final = "that variable in the environment"
# `$${` first: it is how a literal `${` is written.
_TOKEN: Final = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|\$\{")


def expanded(text: str, env: Mapping[str, str]) -> str:
    """Return `text` with every `${NAME}` replaced from `env`, and `$${` by `${`.

    Raises:
        Wrong: A variable is not set, or a `${` is not closed around a name.
    """

    def value(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name = match["name"]
        if name is None:
            raise Wrong(f"{HIDDEN} with a broken ${{", "${NAME}, or $${ for a literal ${")
        if name not in env:
            raise Wrong(f"${{{name}}}, which is not set", SET)
        return env[name]

    return _TOKEN.sub(value, text)


def expanded_if_set(text: str, env: Mapping[str, str]) -> str:
    """Return the same, or `text` itself where that cannot be: for what is switched off."""
    try:
        return expanded(text, env)
    except Wrong:
        return text


def has_variable(text: str) -> bool:
    """Say whether any of `text` comes from the environment."""
    return any(match["name"] is not None for match in _TOKEN.finditer(text))

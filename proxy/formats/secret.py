"""Keys as other tools write them, and as they are written for others."""

import re
from typing import Final, Literal

from proxy.formats.document import Node
from proxy.formats.setup import Missing, Provider, Secret, Variable
from proxy.formats.table import text_of

Style = Literal["literal", "dollar", "litellm"]
"""How a tool refers to a variable: not at all, `$NAME` or `${NAME}`, `os.environ/NAME`."""

_REFERENCES: Final = {
    "dollar": re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*))", re.ASCII),
    "litellm": re.compile(r"os\.environ/(?P<bare>[A-Za-z_]\w*)", re.ASCII),
}
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")


def key_of(node: Node | None, style: Style, name: str) -> Secret:
    """Return a key, or `Missing` where there is none.

    Args:
        node: What the file has.
        style: How it refers to variables.
        name: The provider's, for the variable's name.

    Raises:
        Malformed: It cannot be sent as a key.
    """
    text = "" if node is None else text_of(node)
    if node is None or not text:
        return Missing(variable_for(name))
    secret = secret_of(text, style)
    if isinstance(secret, str) and not all("!" <= letter <= "~" for letter in secret):
        raise node.refused("a key without spaces, line breaks and letters outside ASCII")
    return secret


def secret_of(text: str, style: Style) -> Secret:
    """Return what a text stands for."""
    pattern = _REFERENCES.get(style)
    found = None if pattern is None else pattern.fullmatch(text)
    if found is None:
        return text
    return Variable(next(name for name in found.groups() if name))


def variable_for(name: str) -> str:
    """Return the name of a variable for the key of a provider."""
    stem = _NOT_IN_NAMES.sub("_", name).strip("_").upper() or "PROVIDER"
    return f"{'' if stem[0].isalpha() else 'P_'}{stem}_API_KEY"


def spelt(secret: Secret, style: Style, owner: str) -> str:
    """Return a secret as a tool writes it; where it knows no variables, what to put there."""
    if isinstance(secret, str):
        return secret
    match style:
        case "dollar":
            return f"${{{secret.name}}}"
        case "litellm":
            return f"os.environ/{secret.name}"
        case "literal":
            return placeholder(owner)


def placeholder(owner: str) -> str:
    """Return what stands in the place of a key that is not written."""
    return f"KEY-OF-{owner}"


def owner_of(provider: Provider, label: str) -> str:
    """Return whose key it is."""
    return provider.name if len(provider.keys) == 1 else f"{provider.name}-{label}"

"""Changes one variable of a `.env` file; every other line stays as it is.

The spelling of a variable is its whole line, comment and `export` included.
"""

import io
import re
from typing import Final

from dotenv.parser import Binding, parse_stream

from proxy.editing.edit import KeyPath, Unreadable

_NEEDS_NO_QUOTES: Final = re.compile(r"[A-Za-z0-9_\-./:@+,%=~]*")


def raw(text: str, path: KeyPath) -> str | None:
    """Return the line that sets a variable, without its end; `None` if none does.

    Raises:
        Unreadable: Several do.
    """
    found = _bindings(text, path[0])
    return found[0].original.string.strip("\r\n") if found else None


def put(text: str, path: KeyPath, spelling: str) -> str:
    """Return `text` with a line that sets a variable: in the place of the one that did, or last.

    Raises:
        Unreadable: As `raw`.
    """
    found = _bindings(text, path[0])
    if found:
        old = found[0].original.string
        start = len(old) - len(old.lstrip("\r\n"))
        end = len(old.rstrip("\r\n"))
        return _replaced(text, path[0], old[:start] + spelling + old[end:])
    newline = "\r\n" if "\r\n" in text else "\n"
    glue = newline if text and not text.endswith("\n") else ""
    return f"{text}{glue}{spelling}{newline}"


def drop(text: str, path: KeyPath) -> str:
    """Return `text` without the line that sets a variable, if there is one.

    Raises:
        Unreadable: As `raw`.
    """
    return _replaced(text, path[0], "") if _bindings(text, path[0]) else text


def spelt(path: KeyPath, value: str | bool) -> str:
    """Return the line that gives a variable a value.

    Raises:
        Unreadable: No quotes hold that value for every reader of such files.
    """
    text = str(value).lower() if isinstance(value, bool) else value
    if "'" in text or "\n" in text:
        raise Unreadable(f"the value for {path[0]} has a quote or a line end in it")
    quoted = text if _NEEDS_NO_QUOTES.fullmatch(text) else f"'{text}'"
    return f"{path[0]}={quoted}"


def same(one: str, other: str) -> bool:
    """Whether two lines give the same variable the same value."""
    return _meant(one) == _meant(other)


def is_empty(spelling: str) -> bool:
    """Whether there is nothing: a variable is always something."""
    return not spelling


def plain(text: str) -> dict[str, str | None]:
    """Return every variable that is set."""
    return {one.key: one.value for one in _all(text) if one.key is not None}


def _meant(line: str) -> list[tuple[str | None, str | None]]:
    return [(one.key, one.value) for one in _all(line)]


def _all(text: str) -> list[Binding]:
    return list(parse_stream(io.StringIO(text, newline="")))


def _bindings(text: str, name: str) -> list[Binding]:
    found = [one for one in _all(text.removeprefix("\ufeff")) if one.key == name]
    if len(found) > 1:
        raise Unreadable(f"{name} is set {len(found)} times, want once")
    return found


def _replaced(text: str, name: str, replacement: str) -> str:
    """Return `text` with something else in the place of what sets a variable."""
    head = "\ufeff" * text.startswith("\ufeff")
    body = _all(text.removeprefix("\ufeff"))
    return head + "".join(replacement if one.key == name else one.original.string for one in body)

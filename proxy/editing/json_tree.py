"""Where everything stands in a JSON text with comments and trailing commas.

Syntax: RFC 8259, with the comments and trailing commas that editors' settings files have.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from proxy.editing.edit import Unreadable

BLANK: Final = " \t\r\n"
BOM: Final = "\ufeff"

_SKIPPED: Final = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_WORD: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_DEEPEST: Final = 100
_STRINGS: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Value:
    """A value from `start` to `end`; `members` if it is an object, `items` if it is an array."""

    start: int
    end: int
    members: "tuple[Member, ...] | None" = None
    items: "tuple[Value, ...] | None" = None


@dataclass(frozen=True, slots=True)
class Member:
    """A key, its value, and where the comma behind it is, if there is one."""

    key: str
    start: int  # of its key
    value: Value
    comma: int | None


def document(text: str) -> Value | None:
    """Return the value that the text is; `None` if there is nothing in it."""
    begin = len(BOM) if text.startswith(BOM) else 0
    try:
        at = _skip(text, begin)
        if at == len(text):
            return None
        value = _value(text, at, 0)
        at = _skip(text, value.end)
    except ValueError as error:
        raise Unreadable(f"it is no JSON: {error}") from error
    if at != len(text):
        raise Unreadable(f"it is no JSON: {_where(text, at)} is more than one value")
    return value


def _value(text: str, at: int, depth: int) -> Value:
    if depth > _DEEPEST:
        raise ValueError(f"more than {_DEEPEST} brackets in each other")
    match text[at : at + 1]:
        case "{":
            members = tuple(_members(text, at + 1, depth))
            end = _skip(text, _after(members, at + 1))
            return Value(at, _expect(text, end, "}"), members)
        case "[":
            items, end = _items(text, at + 1, depth)
            return Value(at, end, items=items)
        case '"':
            return Value(at, _string(text, at)[1])
        case _:
            return Value(at, _word_end(text, at))


def _word_end(text: str, at: int) -> int:
    word = _WORD.match(text, at)
    if word is None:
        raise ValueError(f"{_where(text, at)} begins no value")
    return word.end()


def _after(members: tuple[Member, ...], start: int) -> int:
    if not members:
        return start
    last = members[-1]
    return last.value.end if last.comma is None else last.comma + 1


def _members(text: str, at: int, depth: int) -> Iterator[Member]:
    at = _skip(text, at)
    while text[at : at + 1] == '"':
        start = at
        key, at = _string(text, at)
        at = _expect(text, _skip(text, at), ":")
        value = _value(text, _skip(text, at), depth + 1)
        at = _skip(text, value.end)
        comma = at if text[at : at + 1] == "," else None
        yield Member(key, start, value, comma)
        if comma is None:
            return
        at = _skip(text, at + 1)


def _items(text: str, at: int, depth: int) -> tuple[tuple[Value, ...], int]:
    """Return what is in an array, and where it ends."""
    items = []
    at = _skip(text, at)
    while text[at : at + 1] != "]":
        items.append(_value(text, at, depth + 1))
        at = _skip(text, items[-1].end)
        if text[at : at + 1] != ",":
            break
        at = _skip(text, at + 1)
    return tuple(items), _expect(text, at, "]")


def _string(text: str, at: int) -> tuple[str, int]:
    found, end = _STRINGS.raw_decode(text, at)
    return str(found), end


def _skip(text: str, at: int) -> int:
    found = _SKIPPED.match(text, at)
    return at if found is None else found.end()


def _expect(text: str, at: int, wanted: str) -> int:
    if text[at : at + 1] != wanted:
        raise ValueError(f"{_where(text, at)} stands where {wanted} should")
    return at + 1


def _where(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    found = repr(text[at]) if at < len(text) else "the end"
    return f"{found} in line {line}"

"""JSON and YAML as one kind of tree whose every value knows its key and its line."""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from proxy.editing.edit import Unreadable
from proxy.editing.json_tree import Value, document
from proxy.formats.setup import Malformed

Plain = str | int | float | bool | None

_LINE: Final = re.compile(r"\bline (\d+)")


@dataclass(frozen=True, slots=True)
class Node:
    """A value; `at` is its key, as `Providers[0].name`, and "" for the whole."""

    at: str
    line: int
    value: "Plain | Mapping[str, Node] | tuple[Node, ...]" = field(repr=False)

    @property
    def members(self) -> "Mapping[str, Node]":
        """What is in it, by key; nothing if it is no table."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "tuple[Node, ...]":
        """What is in it, in order; nothing if it is no list."""
        return self.value if isinstance(self.value, tuple) else ()

    def refused(self, want: str) -> Malformed:
        """Return what is wrong with it."""
        return Malformed(self.at or "the whole file", self.line, f"found {self.kind}, want {want}")

    @property
    def kind(self) -> str:
        """What it is, in words that tell no secret."""
        match self.value:
            case None:
                return "nothing"
            case bool() | int() | float():
                return "true or false" if isinstance(self.value, bool) else "a number"
            case str():
                return "a text" if self.value else "an empty text"
            case tuple():
                return "a list"
            case _:
                return "a table"


def parsed(text: str) -> Node:
    """Return a text that is JSON, maybe with comments, or else YAML.

    Raises:
        Malformed: It is neither.
    """
    if text.removeprefix("\ufeff").lstrip()[:1] in ("{", "["):
        return parsed_json(text)
    from proxy.formats import yaml_document  # noqa: PLC0415  # only YAML waits for its library

    return yaml_document.parsed_yaml(text)


def parsed_json(text: str, at: str = "", line: int = 1) -> Node:
    """Return a text that is JSON, found at `at` and beginning in `line`.

    Raises:
        Malformed: It is not.
    """
    try:
        root = document(text)
    except Unreadable as error:
        told = _LINE.search(str(error))
        inner = 1 if told is None else int(told[1])
        raise Malformed(at, line - 1 + inner, str(error)) from error
    if root is None:
        raise Malformed(at or "the whole file", line, "found nothing, want a configuration")
    starts = [0, *(place + 1 for place, letter in enumerate(text) if letter == "\n")]
    return _node(text, starts, root, at, line - 1)


def below(at: str, key: str | int) -> str:
    """Return the key of what is at `key` of `at`."""
    if isinstance(key, int):
        return f"{at}[{key}]"
    return f"{at}.{key}" if at else key


def _node(text: str, starts: list[int], found: Value, at: str, before: int) -> Node:
    line = before + bisect_right(starts, found.start)
    if found.members is not None:
        members = {
            one.key: _node(text, starts, one.value, below(at, one.key), before)
            for one in found.members
        }
        return Node(at, line, members)
    if found.items is not None:
        items = enumerate(found.items)
        return Node(
            at, line, tuple(_node(text, starts, one, below(at, no), before) for no, one in items)
        )
    try:
        return Node(at, line, json.loads(text[found.start : found.end]))
    except ValueError as error:  # a number of thousands of digits
        raise Malformed(at, line, "found a number that is too long") from error

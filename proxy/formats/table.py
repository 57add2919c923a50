"""Takes keys out of a table of somebody else's file, and tells what is left as losses."""

import math
from collections.abc import Iterator, Mapping

from proxy.formats.document import Node
from proxy.formats.setup import Loss, Malformed

_UNKNOWN = "not carried: there is nothing of the kind here"


class Table:
    """A table that notes which of its keys were taken; `finish` tells of the others."""

    def __init__(self, node: Node, losses: list[Loss]) -> None:
        """Take hold of a node.

        Raises:
            Malformed: It is no table.
        """
        if not isinstance(node.value, dict):
            raise node.refused("a table")
        self.node = node
        self._losses = losses
        self._taken: set[str] = set()

    def get(self, *names: str) -> Node | None:
        """Return what the first of `names` has that is there and is something."""
        self._taken.update(names)
        found = (self.node.members.get(name) for name in names)
        return next((one for one in found if one is not None and one.value is not None), None)

    def text(self, *names: str) -> str | None:
        """Return a text without blanks around it; `None` where there is none, or an empty one.

        Raises:
            Malformed: It is no text.
        """
        node = self.get(*names)
        return None if node is None else text_of(node) or None

    def needed(self, *names: str) -> Node:
        """Return a text that must be there.

        Raises:
            Malformed: It is not.
        """
        node = self.get(*names)
        if node is None:
            at = f"{self.node.at}.{names[0]}" if self.node.at else names[0]
            raise Malformed(at, self.node.line, "found nothing, want a text")
        if not text_of(node):
            raise node.refused("a text")
        return node

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a truth; 0 and 1 are some as well, and so are their names.

        Raises:
            Malformed: It is none.
        """
        node = self.get(name)
        if node is None:
            return default
        return truth_of(node)

    def number(self, name: str) -> float | None:
        """Return a number, also one that is written as a text.

        Raises:
            Malformed: It is none.
        """
        node = self.get(name)
        if node is None or node.value == "":
            return None
        return number_of(node)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list, or the one that stands there alone; empty ones not.

        Raises:
            Malformed: There is something else.
        """
        node = self.get(name)
        if node is None:
            return ()
        alone = isinstance(node.value, str)
        if not alone and not isinstance(node.value, tuple):
            raise node.refused("a list of texts")
        items = (node,) if alone else node.items
        return tuple(text for one in items if (text := text_of(one)))

    def table(self, name: str) -> "Table | None":
        """Return a table in it.

        Raises:
            Malformed: There is something else.
        """
        node = self.get(name)
        return None if node is None else Table(node, self._losses)

    def tables(self, *names: str) -> "list[Table]":
        """Return the tables of a list.

        Raises:
            Malformed: There is something else.
        """
        node = self.get(*names)
        if node is None:
            return []
        if not isinstance(node.value, tuple):
            raise node.refused("a list of tables")
        return [Table(one, self._losses) for one in node.items]

    def needed_list(self, *names: str) -> None:
        """See to it that there is a list.

        Raises:
            Malformed: There is none.
        """
        node = self.get(*names)
        if node is None:
            raise Malformed(names[0], self.node.line, "found nothing, want a list")
        if not isinstance(node.value, tuple):
            raise node.refused("a list of tables")

    def pairs(self, name: str) -> Iterator[tuple[str, Node]]:
        """Yield names and what they have, of a table in it.

        Raises:
            Malformed: There is something else.
        """
        node = self.get(name)
        if node is None:
            return
        if not isinstance(node.value, dict):
            raise node.refused("a table")
        yield from node.members.items()

    def has_taken(self, name: str) -> bool:
        """Whether a key was taken already."""
        return name in self._taken

    def ignore(self, *names: str) -> None:
        """Take keys that mean nothing to whoever answers requests."""
        self._taken.update(names)

    def lose(self, name: str, what: str) -> None:
        """Tell of a key that is not carried, if it is there and says anything."""
        node = self.get(name)
        if node is not None and node.value not in ("", {}, (), False):
            self._losses.append(Loss(node.at, node.line, what))

    def lose_each(self, told: Mapping[str, str]) -> None:
        """Tell likewise of each key of `told`, which says what becomes of it."""
        for name, what in told.items():
            self.lose(name, what)

    def finish(self) -> None:
        """Tell of every key that nobody has taken; remarks are none."""
        for name, node in self.node.members.items():
            if name not in self._taken and not name.startswith("_"):
                self._losses.append(Loss(node.at, node.line, _UNKNOWN))


def text_of(node: Node) -> str:
    """Return a text without blanks around it.

    Raises:
        Malformed: It is something else.
    """
    if not isinstance(node.value, str):
        raise node.refused("a text")
    return node.value.strip()


def truth_of(node: Node) -> bool:
    """Return a truth.

    Raises:
        Malformed: It is something else.
    """
    word = node.value.lower() if isinstance(node.value, str) else node.value
    if word in (True, 1, "true", "1"):
        return True
    if word in (False, 0, "false", "0", ""):
        return False
    raise node.refused("true or false")


def number_of(node: Node) -> float:
    """Return a number.

    Raises:
        Malformed: It is something else.
    """
    if isinstance(node.value, bool) or not isinstance(node.value, str | int | float):
        raise node.refused("a number")
    try:
        found = float(node.value)
    except (ValueError, OverflowError):
        raise node.refused("a number") from None
    if not math.isfinite(found):
        raise node.refused("a number")
    return found

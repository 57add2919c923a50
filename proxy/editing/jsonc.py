"""Changes one member of a JSON text, comments allowed, and leaves everything else as it is.

A member owns its key, its value, the white space before it and one comma; it owns no comment.
"""

import json
import re
from dataclasses import dataclass

from proxy.editing.edit import KeyPath, Unreadable
from proxy.editing.json_tree import BLANK, BOM, Member, Value, document


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the members of an object are laid out; in one line if `indent` is `None`."""

    newline: str
    indent: str | None
    step: str

    @property
    def gap(self) -> str:
        return " " if self.indent is None else self.newline + self.indent


def raw(text: str, path: KeyPath) -> str | None:
    """Return how the value at `path` is spelt; `None` if there is none.

    Raises:
        Unreadable: The text is no JSON, or something on the way is no object.
    """
    root = document(text)
    found = None if root is None else _at(text, root, path)
    return None if found is None else text[found.start : found.end]


def put(text: str, path: KeyPath, spelling: str) -> str:
    """Return `text` with `spelling` as the value at `path`.

    Raises:
        Unreadable: As `raw`.
    """
    here = document(text)
    if here is None:
        head = BOM if text.startswith(BOM) else ""
        return f"{head}{put('{}', path, spelling)}\n"
    for depth, key in enumerate(path):
        member = _member(text, here, path[: depth + 1])
        if member is None:
            layout = _layout(text, here)
            return _with(
                text, here, layout, _spelt_member((key, *path[depth + 1 :]), spelling, layout)
            )
        here = member.value
    return text[: here.start] + spelling + text[here.end :]


def drop(text: str, path: KeyPath) -> str:
    """Return `text` without the member at `path`, which may be missing.

    Raises:
        Unreadable: As `raw`.
    """
    root = document(text)
    holder = None if root is None else _at(text, root, path[:-1])
    member = None if holder is None else _member(text, holder, path)
    if holder is None or holder.members is None or member is None:
        return text
    return _without(text, holder.members, holder.members.index(member))


def spelt(_: KeyPath, value: str | bool) -> str:
    """Return `value` in JSON."""
    return json.dumps(value, ensure_ascii=False)


def same(one: str, other: str) -> bool:
    """Whether two spellings mean the same."""
    return plain(one) == plain(other)


def is_empty(spelling: str) -> bool:
    """Whether it is an object with nothing in it, not even a comment."""
    return spelling[:1] == "{" and not spelling[1:-1].strip(BLANK)


def plain(text: str) -> object:
    """Return what the text says.

    Raises:
        Unreadable: It is no JSON.
    """
    root = document(text)
    return None if root is None else _said(text, root)


def _said(text: str, value: Value) -> object:
    if value.members is not None:
        return {one.key: _said(text, one.value) for one in value.members}
    if value.items is not None:
        return [_said(text, one) for one in value.items]
    return json.loads(text[value.start : value.end])


def _at(text: str, root: Value, path: KeyPath) -> Value | None:
    here = root
    for depth in range(len(path)):
        member = _member(text, here, path[: depth + 1])
        if member is None:
            return None
        here = member.value
    return here


def _member(text: str, here: Value, path: KeyPath) -> Member | None:
    """Return the member of `here` that the last of `path` names."""
    if here.members is None:
        name = ".".join(path[:-1]) or "the whole file"
        found = text[here.start : here.end].partition("\n")[0][:20]
        raise Unreadable(f"{name} is {found}, want an object")
    those = [one for one in here.members if one.key == path[-1]]
    if len(those) > 1:
        raise Unreadable(f"{'.'.join(path)} is there {len(those)} times, want once")
    return those[0] if those else None


def _layout(text: str, here: Value) -> _Layout:
    """Return the layout of an object: that of its last member, or one like the rest of the text."""
    newline = "\r\n" if "\r\n" in text else "\n"
    step = re.search(r"\{\r?\n([ \t]+)\"", text)
    indent = _indent(text, here.start) + (step[1] if step else "  ")
    if here.members:
        before = text[: here.members[-1].start]
        begins_line = "\n" in before[len(before.rstrip(BLANK)) :]
        indent = _indent(text, here.members[-1].start) if begins_line else indent
    in_one_line = bool(here.members) and "\n" not in text[here.start : here.end]
    return _Layout(newline, None if in_one_line else indent, step[1] if step else "  ")


def _indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip(BOM)
    return line[: len(line) - len(line.lstrip(" \t"))]


def _spelt_member(path: KeyPath, spelling: str, layout: _Layout) -> str:
    """Return a member, and the objects between it and its value."""
    name = json.dumps(path[0], ensure_ascii=False)
    if len(path) == 1:
        return f"{name}: {spelling}"
    if layout.indent is None:
        return f"{name}: {{{_spelt_member(path[1:], spelling, layout)}}}"
    deeper = _Layout(layout.newline, layout.indent + layout.step, layout.step)
    return f"{name}: {{{deeper.gap}{_spelt_member(path[1:], spelling, deeper)}{layout.gap}}}"


def _with(text: str, here: Value, layout: _Layout, member: str) -> str:
    """Return `text` with one more member at the end of an object, behind its comments."""
    end = len(text[: here.end - 1].rstrip(BLANK))
    if not here.members:
        closing = layout.newline + _indent(text, here.start)
        return f"{text[:end]}{layout.gap}{member}{closing}{text[here.end - 1 :]}"
    last = here.members[-1]
    if last.comma is not None:  # the new one has a trailing comma as well
        return f"{text[:end]}{layout.gap}{member},{text[end:]}"
    between = text[last.value.end : end]
    return f"{text[: last.value.end]},{between}{layout.gap}{member}{text[end:]}"


def _without(text: str, members: tuple[Member, ...], at: int) -> str:
    member = members[at]
    before = members[at - 1].comma if at else None
    after = text[member.value.end :]
    if member.comma is not None:
        after = text[member.value.end : member.comma].strip(BLANK) + text[member.comma + 1 :]
    start = len(text[: member.start].rstrip(BLANK))
    if "\n" in text[start : member.start] and not after.lstrip(" \t").startswith(("\n", "\r")):
        start = member.start  # what stands before may be a comment, and ends with its line
        after = after.lstrip(" \t")
    if member.comma is not None or before is None:
        return text[:start] + after
    return text[:before] + text[before + 1 : start] + after

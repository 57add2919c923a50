"""What a file is to hold: taken over, and given back. Text in, text out.

Giving back is a three-way merge of each key: what stood there before, what we wrote, what stands
there. Where it is still ours, what stood there before comes back; where it is not, someone has
changed it meanwhile, and it stays. All other keys are never looked at.
"""

from collections.abc import Iterable, Sequence

import msgspec

from proxy.editing.edit import Edit, Format, KeyPath, Unreadable


class Change(msgspec.Struct, frozen=True):
    """One key of a file: how it was spelt, and every way in which we ever spelt it."""

    path: KeyPath
    stood: int  # how many of the objects on the way were there before
    before: str | None  # `None`: it was not there
    ours: tuple[str | None, ...]


def taken(text: str, edits: Iterable[Edit], kind: Format) -> str:
    """Return `text` with every edit made.

    Raises:
        Unreadable: It is not in its format, or cannot be changed safely.
    """
    for edit in edits:
        found = kind.raw(text, edit.path)
        if edit.value is None:
            text = kind.drop(text, edit.path)
        elif found is None or not kind.same(found, kind.spelt(edit.path, edit.value)):
            text = kind.put(text, edit.path, kind.spelt(edit.path, edit.value))
    return text


def changes(before: str, after: str, edits: Iterable[Edit], kind: Format) -> tuple[Change, ...]:
    """Return what the edits that made `after` of `before` changed."""
    made = (
        Change(
            path=edit.path,
            stood=_stood(before, edit.path, kind),
            before=kind.raw(before, edit.path),
            ours=(kind.raw(after, edit.path),),
        )
        for edit in edits
    )
    return tuple(one for one in made if not _is_same(one.before, one.ours[0], kind))


def joined(new: Iterable[Change], old: Sequence[Change]) -> tuple[Change, ...]:
    """Return the new changes, which know the spellings of the old ones as ours as well.

    A key that is not changed any more is kept, as long as the file may still hold our spelling.
    """
    known = {one.path: one for one in old}
    result = []
    for one in new:
        earlier = known.pop(one.path, None)
        ours = one.ours if earlier is None else (*earlier.ours, *one.ours)
        result.append(msgspec.structs.replace(one, ours=tuple(dict.fromkeys(ours))))
    return (*result, *known.values())


def given_back(text: str, known: Iterable[Change], kind: Format) -> str:
    """Return `text` with every key as it was that is still as we left it.

    Raises:
        Unreadable: It is not in its format any more.
    """
    for one in known:
        found = kind.raw(text, one.path)
        if not any(_is_same(found, spelling, kind) for spelling in one.ours):
            continue
        if one.before is not None:
            text = kind.put(text, one.path, one.before)
        elif found is not None:
            text = _without_empty(kind.drop(text, one.path), one, kind)
    return text


def kept(text: str, known: Iterable[Change], kind: Format) -> tuple[KeyPath, ...]:
    """Return the keys that someone else has changed since, which giving back leaves alone.

    Raises:
        Unreadable: It is not in its format any more.
    """
    return tuple(
        one.path
        for one in known
        if not any(_is_same(kind.raw(text, one.path), ours, kind) for ours in one.ours)
        and not _is_same(kind.raw(text, one.path), one.before, kind)
    )


def _stood(text: str, path: KeyPath, kind: Format) -> int:
    depths = range(1, len(path))
    return sum(kind.raw(text, path[:depth]) is not None for depth in depths)


def _without_empty(text: str, change: Change, kind: Format) -> str:
    """Return `text` without the objects around a key that we made and nothing is left in."""
    for depth in range(len(change.path) - 1, change.stood, -1):
        found = kind.raw(text, change.path[:depth])
        if found is None or not kind.is_empty(found):
            return text
        text = kind.drop(text, change.path[:depth])
    return text


def _is_same(one: str | None, other: str | None, kind: Format) -> bool:
    if one is None or other is None:
        return one is other
    return kind.same(one, other)


def checked(before: str, after: str, edits: Sequence[Edit], kind: Format) -> str:
    """Return `after`, sure that nothing but the edits tells it from `before`.

    Raises:
        Unreadable: Something else changed: this layout of the file is beyond us.
    """
    paths = [edit.path for edit in edits]
    if _rest(kind.plain(before), paths) != _rest(kind.plain(after), paths):
        raise Unreadable("its layout is one in which a key cannot be changed on its own")
    return after


def _rest(plain: object, paths: Sequence[KeyPath]) -> object:
    """Return what is said beside `paths`, without objects that hold nothing else."""
    if not isinstance(plain, dict):
        return plain or {}  # an empty file says as much as an empty object
    rest = {}
    for key, value in plain.items():
        inner = [path[1:] for path in paths if path[0] == key]
        if () in inner:
            continue
        left = _rest(value, inner) if inner else value
        if not (inner and left == {}):
            rest[key] = left
    return rest

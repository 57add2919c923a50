"""What taking over and giving back comes to, in words, without a secret."""

import re
from typing import Final

import msgspec

from proxy.editing.edit import Format, KeyPath
from proxy.editing.formats import FORMATS
from proxy.takeover.journal import TakenFile
from proxy.takeover.taking import Giving, Taking

NOTHING: Final = "nothing"
HIDDEN: Final = "(hidden)"
_SECRET: Final = re.compile(r"token|key|secret|bearer|password|://[^/\s]*@", re.IGNORECASE)
_LONGEST: Final = 80


class Key(msgspec.Struct, frozen=True):
    """One key, and how it is spelt before and after."""

    name: str
    was: str
    becomes: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One file: what is changed in it, what is not, and why."""

    app: str
    path: str
    keys: tuple[Key, ...] = ()
    kept: tuple[str, ...] = ()
    note: str | None = None
    problem: str | None = None


def taken(one: Taking) -> Step:
    """Say what is changed in a file that is taken over."""
    keys = _keys(one.entry, one.now, one.new)
    note = "a new file" if one.now is None else None if keys else "as it should be already"
    return Step(app=one.entry.app, path=one.entry.path, keys=keys, note=note)


def given(one: Giving) -> Step:
    """Say what is changed in a file that is given back."""
    if one.problem is not None:
        return Step(app=one.entry.app, path=one.entry.path, problem=one.problem)
    return Step(
        app=one.entry.app,
        path=one.entry.path,
        keys=_keys(one.entry, one.now, one.new),
        kept=tuple(".".join(path) for path in one.kept),
        note="goes: it was not there before" if one.new is None and one.now is not None else None,
    )


def _keys(entry: TakenFile, now: bytes | None, new: bytes | None) -> tuple[Key, ...]:
    """Return the keys of an entry that `new` spells otherwise than `now`."""
    kind = FORMATS[entry.kind]
    found = []
    for change in entry.changes:
        was, becomes = (_spelling(text, change.path, kind) for text in (now, new))
        if was != becomes:
            name = ".".join(change.path)
            found.append(Key(name, _shown(name, was), _shown(name, becomes)))
    return tuple(found)


def _spelling(content: bytes | None, path: KeyPath, kind: Format) -> str | None:
    return kind.raw((content or b"").decode(), path)


def _shown(name: str, spelling: str | None) -> str:
    """Return a spelling on one line; hidden if it may hold a secret."""
    if spelling is None:
        return NOTHING
    if _SECRET.search(name) or _SECRET.search(spelling):
        return HIDDEN
    line = " ".join(spelling.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

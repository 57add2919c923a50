"""Takes the files of apps over, and gives them back; killed at any point, either can be done again.

First all of it is worked out, then the journal is written, then one file after another is replaced.
So whatever a file holds, its journal says what of it is ours.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proxy.editing import files
from proxy.editing.edit import KeyPath, Unreadable
from proxy.editing.formats import FORMATS
from proxy.errors import SetupError
from proxy.takeover import journal as journals
from proxy.takeover.app import AppFile, Surroundings, TakenApp, Wanted
from proxy.takeover.claude import CLAUDE
from proxy.takeover.codex import CODEX
from proxy.takeover.gemini import GEMINI
from proxy.takeover.journal import Journal, TakenFile
from proxy.takeover.merge import changes, checked, given_back, joined, kept, taken

APPS: Final[Mapping[str, TakenApp]] = {"claude": CLAUDE, "codex": CODEX, "gemini": GEMINI}


@dataclass(frozen=True, slots=True)
class Taking:
    """One file to take over: what it is to hold, and what the journal is to say of it."""

    entry: TakenFile
    now: bytes | None
    new: bytes


@dataclass(frozen=True, slots=True)
class Giving:
    """One file to give back.

    Attributes:
        entry: What the journal says of it.
        now: What it holds.
        new: What it is to hold; `None`: it is to go.
        kept: Keys that someone else has changed meanwhile, and that stay.
        problem: Why nothing can be done, in one sentence.
    """

    entry: TakenFile
    now: bytes | None
    new: bytes | None
    kept: tuple[KeyPath, ...] = ()
    problem: str | None = None


def take(
    apps: Iterable[str], around: Surroundings, wanted: Wanted, path: Path, *, only_say: bool = False
) -> list[Taking]:
    """Take over the files of `apps`; `path` is the journal's.

    Returns:
        What was, or would be, done: nothing for a file that says by itself what we want.

    Raises:
        SetupError: A file cannot be read, understood or written; none was changed.
    """
    with journals.alone(path):
        known = journals.read(path)
        found = [
            one
            for app in apps
            for file in APPS[app].files(around, wanted)
            if (one := _taking(app, file, known.files.get(str(file.path)))) is not None
        ]
        if not only_say:
            _take(found, known, path)
    return found


def _taking(app: str, file: AppFile, known: TakenFile | None) -> Taking | None:
    files.refuse_unwritable(file.path)
    kind, now = FORMATS[file.kind], files.content(file.path)
    before = now if known is None else _restored(known, now)
    try:
        text = _text(before)
        edits = file.edits(text)
        new = checked(text, taken(text, edits, kind), edits, kind)
        changed = changes(text, new, edits, kind)
    except Unreadable as error:
        raise SetupError(f"{file.path}: {error}; it was left as it is") from error
    if not changed and known is None:
        return None
    entry = TakenFile(
        app=app,
        path=str(file.path),
        kind=file.kind,
        before=before,
        after=_known_after(known, new.encode()),
        folders=_folders(file.path, known),
        changes=joined(changed, known.changes if known else ()),
    )
    return Taking(entry, now, new.encode())


def _known_after(known: TakenFile | None, new: bytes) -> tuple[str, ...]:
    earlier = known.after if known else ()
    return tuple(dict.fromkeys((*earlier, _digest(new))))


def _folders(path: Path, known: TakenFile | None) -> tuple[str, ...]:
    earlier = known.folders if known else ()
    return tuple(dict.fromkeys((*earlier, *(str(one) for one in files.missing_folders(path)))))


def _take(found: list[Taking], known: Journal, path: Path) -> None:
    entries = {one.entry.path: one.entry for one in found}
    with _writing(path):
        journals.write(path, Journal({**known.files, **entries}))
    for one in found:
        place = Path(one.entry.path)
        with _writing(place):
            files.clean(place)
            if one.now != one.new:
                files.replace(place, one.new)


def give_back(apps: Iterable[str], path: Path, *, only_say: bool = False) -> list[Giving]:
    """Give the files of `apps` back, but for those with a problem.

    Returns:
        What was, or would be, done: nothing for an app that is not taken over.

    Raises:
        SetupError: A file cannot be written; the journal still knows of it.
    """
    with journals.alone(path):
        known = journals.read(path)
        wanted = set(apps)
        found = [_giving(one) for one in known.files.values() if one.app in wanted]
        if not only_say and found:
            _give([one for one in found if one.problem is None], known, path)
    return found


def _giving(entry: TakenFile) -> Giving:
    place = Path(entry.path)
    now = files.content(place)
    try:
        new = _restored(entry, now)
        is_untouched = now is None or now == entry.before or _digest(now) in entry.after
        kind = FORMATS[entry.kind]
        stays = () if is_untouched else kept(_text(now), entry.changes, kind)
    except Unreadable as error:
        problem = f"{place}: {error}; mend it, and ask again"
        return Giving(entry, now, now, problem=problem)
    return Giving(entry, now, new, stays)


def _give(found: list[Giving], known: Journal, path: Path) -> None:
    for one in found:
        place = Path(one.entry.path)
        with _writing(place):
            files.clean(place)
            if one.new is None:
                files.remove(place, tuple(Path(folder) for folder in one.entry.folders))
            elif one.new != one.now:
                files.replace(place, one.new)
    given = {one.entry.path for one in found}
    with _writing(path):
        left = {name: entry for name, entry in known.files.items() if name not in given}
        journals.write(path, Journal(left))


def _restored(entry: TakenFile, now: bytes | None) -> bytes | None:
    """Return what a file is to hold when it is given back; `None` if it is to go.

    Raises:
        Unreadable: It was changed, and is not in its format any more.
    """
    if now is None or now == entry.before:
        return now
    if _digest(now) in entry.after:
        return entry.before
    kind = FORMATS[entry.kind]
    text = given_back(_text(now), entry.changes, kind)
    is_ours = entry.before is None and not kind.plain(text)
    return None if is_ours else text.encode()


def _text(content: bytes | None) -> str:
    try:
        return (content or b"").decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start} is not UTF-8") from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise SetupError(
            f"{path}: cannot be written: {why}; `pointsman restore` gives back what was taken over"
        ) from error

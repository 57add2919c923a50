"""What was taken over: every file as it was, written down before the first of them is changed.

It holds whatever secrets stood in those files, so it is its owner's alone, and goes when all of
them were given back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from proxy.editing import files
from proxy.editing.edit import FormatName
from proxy.errors import SetupError
from proxy.lock import held
from proxy.takeover.merge import Change


class TakenFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was, or is being, taken over."""

    app: str
    path: str
    kind: FormatName
    before: bytes | None  # what it held; `None`: it was not there
    after: tuple[str, ...]  # SHA-256 of all that we ever put there
    folders: tuple[str, ...] = ()  # that were made for it
    changes: tuple[Change, ...] = ()


class Journal(msgspec.Struct, frozen=True):
    """All files that are taken over, by their path."""

    files: dict[str, TakenFile] = {}


def read(path: Path) -> Journal:
    """Return what is taken over.

    Raises:
        SetupError: It cannot be told.
    """
    found = files.content(path)
    if found is None:
        return Journal()
    try:
        return msgspec.json.decode(found, type=Journal)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SetupError(
            f"{path}: is damaged ({error}), want what `pointsman takeover` wrote there: "
            "what the files held before stands in it as base64, under `before`"
        ) from error


def write(path: Path, journal: Journal) -> None:
    """Remember what is taken over; nothing is remembered of nothing.

    Raises:
        OSError: It is as it was.
    """
    if journal.files:
        files.replace(path, msgspec.json.encode(journal))
    else:
        files.remove(path, ())


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until nobody else takes over or gives back, and keep others out.

    Raises:
        SetupError: The folder cannot be used.
    """
    with held(path.with_suffix(".lock"), waits=True):
        files.clean(path)
        yield

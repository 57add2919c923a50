"""Puts a page into a file, all at once; a file that is no page of ours stays as it is."""

from pathlib import Path
from typing import Final

from analysis.errors import NotWritten
from proxy.editing import files

MARK: Final = "<!-- a page of pointsman -->"


def refuse(path: Path) -> None:
    """See to it that a page may be put there, before it is made.

    Raises:
        NotWritten: Something else is there, or nothing can be made there.
    """
    if not path.absolute().parent.is_dir():
        raise NotWritten(f"{path} cannot be written: there is no folder {path.absolute().parent}")
    if path.is_dir():
        raise NotWritten(f"{path} is a folder: want the name of a file")
    try:
        with path.open("rb") as file:
            is_ours = MARK.encode() in file.read(200)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotWritten(f"{path} cannot be read ({error.strerror})") from error
    if not is_ours:
        raise NotWritten(f"{path} is there already, and no page that this wrote: take another name")


def write(path: Path, text: str) -> None:
    """Write the page.

    Raises:
        NotWritten: It cannot be.
    """
    try:
        files.replace(path, text.encode())
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror})") from error

"""Which process runs in the background, how it was started, and where its files are."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from proxy.editing import files
from proxy.errors import SetupError


@dataclass(frozen=True, slots=True)
class Place:
    """The files of the proxy on one port, in the folder for state."""

    folder: Path
    port: int

    @property
    def lock(self) -> Path:
        return self.folder / f"proxy-{self.port}.lock"

    @property
    def run(self) -> Path:
        return self.folder / f"proxy-{self.port}.json"

    @property
    def log(self) -> Path:
        return self.folder / f"proxy-{self.port}.log"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A process that was started; the lock says whether it still lives."""

    pid: int
    url: str
    started_us: int  # UTC, microseconds since 1970
    arguments: tuple[str, ...]  # of `pointsman serve`
    took_over: bool = False  # the clients were sent there by the start, and go back at the stop


def read(place: Place) -> Run | None:
    """Return what was started last; `None` if nothing is known."""
    try:
        return msgspec.json.decode(place.run.read_bytes(), type=Run)
    except (OSError, msgspec.DecodeError):
        return None


def write(place: Place, run: Run) -> None:
    """Remember what was started.

    Raises:
        SetupError: That is not possible.
    """
    try:
        files.replace(place.run, msgspec.json.encode(run))
    except OSError as error:
        raise SetupError(f"{place.run}: cannot be written: {error.strerror or error}") from error

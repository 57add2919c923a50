"""What a person is told while a ledger cannot be written: once at each step, and at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from proxy.ledger.writing import Writing

Say = Callable[[str], None]
Step = Literal["well", "ballast", "memory", "over"]
REFUSED: Final = (
    "The proxy cannot write its ledger ({why}), and serves nothing without: make room on its disk, "
    'or set [ledger] on_full = "serve".'
)
NOT_KEPT: Final = (
    "The proxy could not write this answer down durably, and ends none without: look at its disk, "
    'or set [ledger] on_full = "serve".'
)
_DEPTH: Final[dict[Step, int]] = {"well": 0, "ballast": 1, "memory": 2, "over": 3}


@dataclass(slots=True)
class Trouble:
    """How far it has come, and since when; `why` is what failed last."""

    root: Path
    writing: Writing
    tell: Say | None = None
    step: Step = "well"
    since_us: int | None = None
    why: str | None = None

    def deeper(self, step: Step, why: str, now_us: int) -> None:
        """Note that it has come to `step`; what was told already is not told again."""
        self.why = why
        if _DEPTH[step] <= _DEPTH[self.step]:
            return
        if self.since_us is None:
            self.since_us = now_us
        self.step = step
        self.say(f"ledger: {self.root} cannot be written ({why}): {self._follows(step)}")

    def over(self, dropped: int) -> None:
        """Note that it is over."""
        self.step, self.since_us = "well", None
        lost = f"{dropped} requests have no row" if dropped else "nothing was lost"
        self.say(f"ledger: {self.root} is written again; {lost}")

    def say(self, text: str) -> None:
        """Tell a person, if anybody is to be told."""
        if self.tell is not None:
            self.tell(text)

    def _follows(self, step: Step) -> str:
        writing = self.writing
        if step == "ballast":
            return f"rows go into the {writing.ballast_mib} MiB that were kept for that; make room"
        if step == "memory":
            return f"rows wait in memory, at most {writing.buffer_mib} MiB of them; make room"
        if writing.on_full == "refuse":
            return "requests are refused until there is room, for their rows have no place"
        return "memory for rows is used up, and requests are served without a row; make room"


def words(error: Exception) -> str:
    """Return what the system says of an error, without its number and file."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)

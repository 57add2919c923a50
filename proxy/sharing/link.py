"""The seam to whatever keeps the log that several processes tell and hear."""

from collections.abc import Sequence
from typing import Protocol


class Ear(Protocol):
    """Who hears the log; see `proxy.sharing.peering`."""

    def joined(self, base: bytes | None) -> bytes | None:
        """Begin with what was known together; `None` if nobody has said.

        Then what is returned is the beginning for all, unless that is `None` as well.
        """
        ...

    def heard(self, lines: Sequence[bytes]) -> None:
        """Take lines of the log, in its order."""
        ...

    def noticed(self, notice: bytes) -> None:
        """Take what somebody has called to all: it has no order, and is not kept."""
        ...

    def live(self) -> Sequence[bytes]:
        """Say what is to be told, now that all that the log had was heard."""
        ...

    def left(self) -> None:
        """Know that nothing will be heard for a while."""
        ...


class Link(Protocol):
    """A way to the log. Nothing here waits, but for `run`."""

    @property
    def place(self) -> str:
        """Where the log is, for a person."""
        ...

    @property
    def problem(self) -> str | None:
        """Why nobody is heard, in one sentence; `None` if all is well."""
        ...

    @property
    def seq(self) -> str:
        """Up to where the log was heard."""
        ...

    def tell(self, line: bytes) -> None:
        """Tell the log a line; one that cannot be told now is lost here: `Ear.live` has it."""
        ...

    def call(self, notice: bytes) -> None:
        """Call something to all who hear at this moment, this process included."""
        ...

    def base(self, seq: str, known: bytes) -> None:
        """Say what was known up to `seq`: a newcomer begins with that."""
        ...

    async def run(self, ear: Ear) -> None:
        """Hear the log until cancelled; come back whenever it went away."""
        ...

"""What we use of pytest-benchmark's `benchmark` fixture, with types, which it has not."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Rounds(Protocol):
    """What was measured."""

    @property
    def data(self) -> Sequence[float]:
        """A timer's difference for each round, oldest first."""
        ...

    @property
    def median(self) -> float:
        """The one in the middle."""
        ...


class Measured(Protocol):
    """The rounds, one level further out."""

    @property
    def stats(self) -> Rounds:
        """The rounds."""
        ...


class Bench(Protocol):
    """The fixture; where benchmarks are disabled it runs everything once and has no `stats`."""

    extra_info: dict[str, object]
    stats: Measured

    @property
    def enabled(self) -> bool:
        """Whether this is more than a check that the benchmark runs."""
        ...

    def __call__(self, target: Callable[[], T]) -> T:
        """Measure `target` as often as it takes."""
        ...

    def pedantic(
        self,
        target: Callable[[], T],
        *,
        setup: Callable[[], None] | None = None,
        teardown: Callable[[], None] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
    ) -> T:
        """Measure `target` just so often; `setup` and `teardown` stand around each round."""
        ...


def percentile(rounds: Rounds, part: float) -> float:
    """Return the value that `part` of the rounds do not exceed."""
    ordered = sorted(rounds.data)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

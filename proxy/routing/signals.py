"""What is seen of a failure, and what a rule asks of it."""

import re
from dataclasses import dataclass

from proxy.routing.types import Failure, Scope

MAX_CHARS = 4096  # of an error body; what tells why comes early, and a search must end


@dataclass(frozen=True, slots=True)
class Signal:
    """What one attempt showed before it failed.

    Attributes:
        status: `None` if no head arrived.
        error_type: The wire's type or code; `None` if the body is not of this wire.
        error_message: The wire's message.
        code: Our own word for how the connection ended, as `Unreachable` and `Broken` have it.
        streamed: Whether it was said in the middle of a stream.
        wire: The provider's.
        body: The beginning of an error's body: details, or the words of another wire.
    """

    status: int | None = None
    error_type: str | None = None
    error_message: str | None = None
    code: str | None = None
    streamed: bool = False
    wire: str | None = None
    body: str | None = None

    @property
    def words(self) -> str:
        """All that the provider said, for a pattern to search."""
        said = (self.error_type, self.error_message, self.body)
        return "\n".join(text[:MAX_CHARS] for text in said if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of the table: where all it asks for is there, the failure is this one.

    What is empty or `None` is not asked for. `cools` and `cool_s` replace what the class says.
    """

    name: str  # written on the attempt's row
    failure: Failure
    statuses: frozenset[int] = frozenset()
    error_types: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    codes: frozenset[str] = frozenset()
    wires: frozenset[str] = frozenset()
    is_own_words: bool = False  # only where the error is of this wire
    cools: Scope | None = None
    cool_s: float | None = None

    def fits(self, signal: Signal) -> bool:
        """Return whether `signal` has all that this row asks for."""
        if self.statuses and signal.status not in self.statuses:
            return False
        if self.error_types and signal.error_type not in self.error_types:
            return False
        if self.codes and signal.code not in self.codes:
            return False
        if self.wires and signal.wire not in self.wires:
            return False
        if self.is_own_words and signal.error_type is None:
            return False
        return self.pattern is None or self.pattern.search(signal.words) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRule:
    """A row that the configuration of a provider puts before the table.

    `pattern` is a regular expression, searched without regard to case. `cool_s` is in seconds, 0
    for not at all, `None` for what the class says.
    """

    failure: Failure
    statuses: tuple[int, ...] = ()
    error_types: tuple[str, ...] = ()
    pattern: str | None = None
    cool_s: float | None = None

    def as_rule(self, name: str) -> Rule:
        """Return the row.

        Raises:
            re.error: `pattern` is no regular expression.
        """
        return Rule(
            name=name,
            failure=self.failure,
            statuses=frozenset(self.statuses),
            error_types=frozenset(self.error_types),
            pattern=None if self.pattern is None else re.compile(self.pattern, re.IGNORECASE),
            cool_s=self.cool_s,
        )

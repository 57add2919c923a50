"""What a person gets to see of the runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proxy.cli.requests import attempts_text
from tests.clients.case import Case
from tests.clients.verdict import Evidence

_TAIL_LINES = 25


@dataclass(frozen=True, slots=True)
class Result:
    """A run that is over; without `evidence` it could not be made."""

    case: Case
    problems: Sequence[str]
    evidence: Evidence | None = None

    @property
    def line(self) -> str:
        """Return the run in one line."""
        word = "FAILED" if self.problems else "ok"
        if self.evidence is None:
            return f"{self.case.label}  {word}"
        ways = ", ".join(attempts_text(entry.attempts) for entry in self.evidence.entries)
        return f"{self.case.label}  {word:<6} {self.evidence.finished.took_s:5.1f} s  {ways}"


def failure(result: Result) -> Iterator[str]:
    """Give the lines that help to find out why a run failed."""
    for problem in result.problems:
        yield f"    {problem}"
    evidence = result.evidence
    if evidence is None:
        return
    for name, text in (
        ("stdout", evidence.finished.stdout),
        ("stderr", evidence.finished.stderr),
    ):
        yield f"    the end of its {name}:"
        yield from (f"      {line}" for line in text.splitlines()[-_TAIL_LINES:])
    yield "    the ledger:"
    for entry in evidence.entries:
        request = entry.request
        yield f"      {request.method} {request.path} {request.outcome} {request.status}"
        for attempt in entry.attempts:
            words = (attempt.provider, attempt.outcome, attempt.status, attempt.error_message)
            yield f"        {attempt.attempt_no} {' '.join(str(word) for word in words)}"


def summary(results: Sequence[Result]) -> Iterator[str]:
    """Give the table of all runs."""
    yield ""
    yield f"{'client':<16} {'task':<7} {'fault':<12}  result   took  attempts of each request"
    yield from (result.line for result in results)
    failed = sum(bool(result.problems) for result in results)
    yield ""
    yield f"{len(results) - failed} of {len(results)} runs passed"

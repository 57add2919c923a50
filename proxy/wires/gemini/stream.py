"""Reading along with a stream of generateContent parts."""

import msgspec

from proxy.canonical import Told, UsageSource
from proxy.sse import SseEvent
from proxy.wire import ABSENT, Mark, decoded, read_error, with_error, with_usage
from proxy.wires.gemini.answer import error, parse_usage, stop_reason
from proxy.wires.gemini.schema import Answer, Candidate

_answer = msgspec.json.Decoder(Answer)


class Reader:
    """Notes model, usage and end of one stream; it has no last event but finish reasons.

    It has ended when every candidate seen so far has its own. How many were asked for is not
    known here: a cut just before one begins goes unnoticed.
    """

    plain = None  # only by reading it is known what an event is

    def __init__(self) -> None:
        self._model: str | None = None
        self._stop_reason: str | None = None
        self._usage = msgspec.Raw()
        self._seen: set[int] = set()
        self._finished: set[int] = set()
        self._ended = False
        self._problem: Told | None = None

    def skimmed(self, count: int) -> None:
        """See `proxy.wire.StreamReader`: there are none."""

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        answer = decoded(_answer, event.data)
        if answer is None:
            return Mark.CONTENT
        problem = read_error(answer.error, "status")
        if problem is not None:
            self._problem = problem
            return Mark.FAULT
        self._model = answer.model_version or self._model
        self._stop_reason = stop_reason(answer) or self._stop_reason
        if bytes(answer.usage_metadata) not in ABSENT:
            self._usage = answer.usage_metadata
        if answer.candidates:
            return self._read_candidates(answer.candidates)
        self._ended = self._ended or stop_reason(answer) is not None  # a refused prompt
        return Mark.TERMINAL if self._ended else Mark.HANDSHAKE

    def _read_candidates(self, candidates: list[Candidate]) -> Mark:
        said = False
        for position, candidate in enumerate(candidates):
            index = position if candidate.index is None else candidate.index
            self._seen.add(index)
            if candidate.finish_reason:
                self._finished.add(index)
            content = candidate.content
            said = said or bool(candidate.finish_reason or (content and content.parts))
        was_ended, self._ended = self._ended, self._seen == self._finished
        if self._ended:
            return Mark.TERMINAL
        if was_ended:
            return Mark.REOPENED
        return Mark.CONTENT if said else Mark.HANDSHAKE

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        told = Told(model=self._model, stop_reason=self._stop_reason)
        source: UsageSource = "reported" if self._ended else "partial"
        told = with_usage(told, parse_usage(self._usage), source, bytes(self._usage))
        return with_error(told, self._problem)

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`."""
        return b"data: " + error(503, message) + b"\n\n"

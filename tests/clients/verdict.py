"""Whether a run was right: pure, from what the client, the ledger and the providers say of it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.serving import Served
from proxy.record import AttemptRow, Entry
from tests.clients.case import CLIENT_KEY, FILE_TEXT, PROVIDER_KEYS, Case, expected
from tests.clients.process import Finished

_FEWEST_SIGNS = 2
_ALARM = re.compile("warning|error|traceback|exception", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a run that is over.

    Attributes:
        file: Where the file that was ordered had to be.
        made: Its text, if it is there.
        entries: All of the ledger, oldest first.
        served: What the fake providers logged.
        proxy_log: What the proxy said, its first lines included.
        leaks: Files of the proxy that hold a secret.
    """

    finished: Finished
    file: Path
    made: str | None
    entries: tuple[Entry, ...]
    served: tuple[Served, ...]
    proxy_log: str
    leaks: tuple[str, ...]

    @property
    def generated(self) -> list[Entry]:
        return [e for e in self.entries if e.request.endpoint == "generate"]


def _client(case: Case, evidence: Evidence) -> Iterator[str]:
    finished, wanted = evidence.finished, expected(case, evidence.file)
    if finished.exit_code is None:
        yield f"the client was not done after {finished.took_s:.0f} s"
    elif finished.exit_code != 0:
        yield f"the client ended with {finished.exit_code}"
    if (times := finished.stdout.count(wanted)) != 1:
        yield f"the client printed {wanted!r} {times} times, wanted once"


def _file(case: Case, evidence: Evidence) -> Iterator[str]:
    wanted = FILE_TEXT if case.task == "tool" else None
    if evidence.made != wanted:
        yield f"the file holds {evidence.made!r}, wanted {wanted!r}"


def _requests(case: Case, evidence: Evidence) -> Iterator[str]:
    for entry in evidence.entries:
        request = entry.request
        if request.outcome != "whole":
            yield f"{request.path} is {request.outcome!r} in the ledger, wanted 'whole'"
    turns = sum(entry.request.is_stream is True for entry in evidence.generated)
    if turns != case.turns:
        yield f"the ledger has {turns} streams, wanted {case.turns}: one for each turn"


def _rescue(case: Case, evidence: Evidence) -> Iterator[str]:
    """The first request failed at main and went on to relay; others may know better by then."""
    failed = _failed(case)
    for number, entry in enumerate(evidence.generated):
        *before, last = [_brief(attempt) for attempt in entry.attempts] or [""]
        is_rescued = bool(before) or number > 0
        if last != f"{case.provider} whole 200":
            yield f"{entry.request.path} ended with {last!r}, wanted it whole by {case.provider}"
        if set(before) - {failed} or (failed is not None and not is_rescued):
            yield f"{entry.request.path} had {before} before that, wanted {failed}"


def _brief(attempt: AttemptRow) -> str:
    return f"{attempt.provider} {attempt.outcome} {attempt.status}"


def _failed(case: Case) -> str | None:
    """Return what each attempt at main looks like in the ledger."""
    name, _, number = (case.fault or "").partition(":")
    match name:
        case "":
            return None
        case "status":
            return f"main refused {number}"
        case "reset_at":
            return "main reset 200"
        case _:
            return "main unreachable None"


def _sessions(case: Case, evidence: Evidence) -> Iterator[str]:
    asked = [e.request for e in evidence.generated]
    wanted: set[str | None]
    if case.client == "gemini":  # it names none: it is known by how its conversation began
        wanted = {"hash of system prompt and first message"}
        asked = [request for request in asked if request.is_stream]  # not its router's question
    else:
        source = "x-claude-code-session-id" if case.client == "claude" else "session-id"
        wanted = {f"header {source}"}
    found = {(request.session_source, request.session_id) for request in asked}
    if {source for source, _ in found} != wanted or len(found) != 1:
        yield f"sessions are {found}, wanted one from {wanted}"


def _tokens(_: Case, evidence: Evidence) -> Iterator[str]:
    """The ledger counts what the providers say that they served, the failed attempts included."""
    attempts = [attempt for entry in evidence.generated for attempt in entry.attempts]
    served = [one for one in evidence.served if one.kind == "generate"]
    whole = [attempt for attempt in attempts if attempt.outcome == "whole"]
    ended = [one for one in served if one.fault == "ok"]
    for name in ("prompt", "cache_read", "cache_write"):
        yield from _difference(name, attempts, served)
    for name in ("output", "reasoning"):  # until its end an answer tells a placeholder
        yield from _difference(name, whole, ended)
    for entry in evidence.generated:
        if None in {entry.request.prompt_tokens, entry.request.output_tokens}:
            yield f"the ledger does not know the tokens of {entry.request.path}"


def _difference(
    name: str, attempts: Sequence[AttemptRow], served: Sequence[Served]
) -> Iterator[str]:
    found = [getattr(attempt, f"{name}_tokens") for attempt in attempts]
    wanted = [None if one.usage is None else getattr(one.usage, name) for one in served]
    if Counter(found) != Counter(wanted):
        yield f"{name} tokens in the ledger: {found}, at the providers: {wanted}"


def _attempts(_: Case, evidence: Evidence) -> Iterator[str]:
    booked = Counter(a.provider for e in evidence.entries for a in e.attempts)
    logged = Counter(served.provider for served in evidence.served)
    if booked != logged:
        yield f"attempts in the ledger: {dict(booked)}, at the providers: {dict(logged)}"


def _keys(_: Case, evidence: Evidence) -> Iterator[str]:
    for served in evidence.served:
        sent = [served.path, *(value for _, value in served.headers)]
        if any(CLIENT_KEY in text for text in sent):
            yield f"{served.provider} got the client's own key with {served.path}"
        if not any(PROVIDER_KEYS[served.provider] in text for text in sent):
            yield f"{served.provider} did not get its own key with {served.path}"
    for leak in evidence.leaks:
        yield f"a key stands in {leak}"


def _signs(case: Case, evidence: Evidence) -> Iterator[str]:
    """A client that had to wait for its stream was told to."""
    for entry in evidence.generated:
        request = entry.request
        if case.late and request.is_stream and (request.keepalives or 0) < _FEWEST_SIGNS:
            yield f"{request.path} had {request.keepalives} signs of life, wanted more"


def _upgrade(case: Case, evidence: Evidence) -> Iterator[str]:
    """Codex asks for a WebSocket once, and takes 426 for an answer; else it tries for seconds."""
    if case.client != "codex-websocket":
        return
    tries = evidence.finished.stderr.count("failed to connect to Responses WebSocket")
    if tries != 1 or "Reconnecting" in evidence.finished.stderr:
        yield f"it tried {tries} times to get a WebSocket, wanted once"


def _proxy(_: Case, evidence: Evidence) -> Iterator[str]:
    loud = [line for line in evidence.proxy_log.splitlines() if _ALARM.search(line)]
    if loud:
        yield f"the proxy complained: {loud}"


CHECKS: tuple[Callable[[Case, Evidence], Iterator[str]], ...] = (
    _client,
    _file,
    _requests,
    _rescue,
    _sessions,
    _tokens,
    _attempts,
    _keys,
    _signs,
    _upgrade,
    _proxy,
)


def problems(case: Case, evidence: Evidence) -> list[str]:
    """Return everything that is not as it must be, each in a sentence."""
    return [problem for check in CHECKS for problem in check(case, evidence)]

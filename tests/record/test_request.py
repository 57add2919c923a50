"""Rows are right whatever came before, and whoever spoke first."""

from proxy.canonical import Told, Usage
from proxy.canonical.request import Loss
from proxy.record.request import Recorder
from proxy.record.start import Origin, Sending, Start

START = Start("r", 1_000_000, 500, "POST", "/v1/messages", "generate")
ORIGIN = Origin("host", 1, "0", "hash")


def sending(provider: str) -> Sending:
    return Sending(provider, "key", "chat", "https://x.test", "m", 10)


def test_an_exchange_of_which_nothing_is_known() -> None:
    entry = Recorder(START, ORIGIN).finish(700)
    request = entry.request
    assert entry.attempts == ()
    assert (request.outcome, request.total_us, request.n_attempts) == ("crashed", 200, 0)
    assert request.prompt_tokens is None
    assert request.request_bytes is None
    assert request.first_byte_us is None


def test_tokens_are_summed_over_attempts_as_far_as_they_are_known() -> None:
    recorder = Recorder(START, ORIGIN)
    first = recorder.attempt(sending("a"), 510)
    first.told = Told(usage=Usage(prompt=10, output=1), source="partial")
    first.ended("reset", "gone")
    first.over(520)
    second = recorder.attempt(sending("b"), 520)
    second.told = Told(usage=Usage(prompt=10, cache_read=4), source="reported")
    second.ended("whole")
    recorder.passed_on = second
    recorder.ended("whole")
    entry = recorder.finish(600)
    request = entry.request
    assert (request.prompt_tokens, request.output_tokens, request.cache_read_tokens) == (20, 1, 4)
    assert request.reasoning_tokens is None
    assert (request.provider, request.n_attempts) == ("b", 2)
    assert [(row.provider, row.outcome, row.total_us) for row in entry.attempts] == [
        ("a", "reset", 10),
        ("b", "whole", 80),
    ]
    assert [row.started_us for row in entry.attempts] == [1_000_010, 1_000_020]


def test_the_first_to_know_is_right() -> None:
    recorder = Recorder(START, ORIGIN)
    attempt = recorder.attempt(sending("a"), 510)
    recorder.cut_short("client_left")
    attempt.ended("reset", "gone")
    recorder.ended("whole")
    recorder.cut_short("stopped")
    entry = recorder.finish(600)
    assert (entry.request.outcome, entry.attempts[0].outcome) == ("client_left", "client_left")
    assert entry.attempts[0].error_type is None


def test_gaps_and_first_times() -> None:
    recorder = Recorder(START, ORIGIN)
    attempt = recorder.attempt(sending("a"), 510)
    attempt.head(515, 200)
    for tick in (520, 530, 580, 590):
        attempt.chunk(tick, 5)
        attempt.content(tick)
    (row,) = recorder.finish(600).attempts
    assert (row.headers_us, row.first_byte_us, row.first_content_us) == (5, 10, 10)
    assert (row.last_byte_us, row.max_gap_us, row.chunks, row.received_bytes) == (80, 50, 4, 20)


def test_of_names_that_a_client_made_up_only_the_beginning_is_kept() -> None:
    recorder = Recorder(START, ORIGIN)
    attempt = recorder.attempt(sending("a"), 510)
    attempt.losses = [Loss("tools[0]." + "k" * 10_000, "n" * 10_000, "w" * 10_000)]
    (row,) = recorder.finish(600).losses
    assert (row.path[:12], row.what[:3], row.why[:3]) == ("tools[0].kkk", "nnn", "www")
    assert len(row.path) + len(row.what) + len(row.why) < 1000


def test_who_asks_and_what_it_cost_by_the_providers_own_words() -> None:
    recorder = Recorder(START, ORIGIN)
    recorder.user_agent = "claude-cli/2.1.329 (external, cli)"
    recorder.subagent_id = "a-7"
    attempt = recorder.attempt(sending("a"), 510)
    attempt.told = Told(usage_raw='{"prompt_tokens":1,"cost":0.0125}')
    recorder.passed_on = attempt
    entry = recorder.finish(600)
    request, (row,) = entry.request, entry.attempts
    assert (request.client, request.client_version) == ("claude-cli", "2.1.329")
    assert (request.subagent_id, request.served_attempt_no) == ("a-7", 1)
    assert (row.reported_cost, row.reported_currency) == (0.0125, None)

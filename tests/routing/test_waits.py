"""Every spelling of how long to stay away, one line each."""

import pytest

from proxy.routing.retry_after import asked_wait_s

NOW_US = 1_800_000_000_000_000  # 2027-01-15 08:00:00 UTC
NOW_S = NOW_US // 1_000_000


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        pytest.param({}, "", None, id="nothing is said"),
        pytest.param({b"retry-after": b"7"}, "try again in 90s", 7.0, id="the header is right"),
        pytest.param({b"retry-after": b"0"}, "try again in 3s", 3.0, id="a wait of 0 says nothing"),
        pytest.param({b"retry-after": b"0"}, "", None, id="nor does it alone"),
        pytest.param({b"retry-after": b"561600"}, "", 561600.0, id="156 h are read, not believed"),
        pytest.param({b"retry-after": b"9e9"}, "", 604800.0, id="a week at most"),
        pytest.param({}, '{"retryDelay": "34.5s"}', 34.5, id="Google's RetryInfo"),
        pytest.param({}, '"retryDelay":"45.837906927s"', 45.837906927, id="with nine digits"),
        pytest.param({}, "Please retry in 36.429760048s.", 36.429760048, id="Google's words"),
        pytest.param({}, "Please try again in 644ms.", 0.644, id="milliseconds"),
        pytest.param({}, "Please try again in 18.642s. Visit", 18.642, id="OpenAI's words"),
        pytest.param({}, "Please try again in 7m12s.", 432.0, id="minutes and seconds"),
        pytest.param({}, "try again in 20 seconds", 20.0, id="words for units"),
        pytest.param(
            {}, "or try again in 2 days 17 hours 14 minutes.", 234840.0, id="days and hours"
        ),
        pytest.param({}, "try again in 5 moons", None, id="an unknown unit"),
        pytest.param({}, "try again in a moment", None, id="no number"),
        pytest.param(
            {}, f'{{"resets_at":{NOW_S + 60},"resets_in_seconds":61}}', 61.0, id="Codex, in seconds"
        ),
        pytest.param({}, f'{{"resets_at":{NOW_S + 60}}}', 60.0, id="Codex, a time"),
        pytest.param({}, f"Claude AI usage limit reached|{NOW_S + 90}", 90.0, id="Claude, a time"),
        pytest.param(
            {}, "You will regain access on 2027-01-15 at 09:00 UTC.", 3600.0, id="Claude, a date"
        ),
        pytest.param({}, "regain access on 2027-99-15 at 09:00 UTC", None, id="no such date"),
        pytest.param({b"x-ratelimit-reset-requests": b"1m30s"}, "", 90.0, id="OpenAI's header"),
        pytest.param({b"x-ratelimit-reset-tokens": b"6m0s"}, "", 360.0, id="of whole minutes"),
        pytest.param({b"x-ratelimit-reset": b"12"}, "", 12.0, id="a number from now"),
        pytest.param({b"x-ratelimit-reset": b"%d" % (NOW_S + 5)}, "", 5.0, id="seconds since 1970"),
        pytest.param(
            {b"x-ratelimit-reset": b"%d000" % (NOW_S + 5)}, "", 5.0, id="milliseconds since 1970"
        ),
        pytest.param({b"ratelimit-reset": b"30"}, "", 30.0, id="the IETF draft"),
        pytest.param(
            {b"anthropic-ratelimit-tokens-reset": b"2027-01-15T08:00:20Z"}, "", 20.0, id="Anthropic"
        ),
        pytest.param(
            {b"x-ratelimit-reset": b"Fri, 15 Jan 2027 08:00:30 GMT"}, "", 30.0, id="an HTTP date"
        ),
        pytest.param(
            {
                b"x-ratelimit-reset-requests": b"9s",
                b"x-ratelimit-remaining-requests": b"3",
                b"x-ratelimit-reset-tokens": b"40s",
                b"x-ratelimit-remaining-tokens": b"0",
            },
            "",
            40.0,
            id="the budget that is empty counts",
        ),
        pytest.param(
            {b"x-ratelimit-reset-requests": b"9s", b"x-ratelimit-reset-tokens": b"40s"},
            "",
            9.0,
            id="with none empty, the first to be full",
        ),
        pytest.param(
            {
                b"anthropic-ratelimit-unified-5h-reset": b"%d" % (NOW_S + 100),
                b"anthropic-ratelimit-unified-5h-status": b"rejected",
                b"anthropic-ratelimit-unified-7d-reset": b"%d" % (NOW_S + 9),
                b"anthropic-ratelimit-unified-7d-status": b"allowed",
            },
            "",
            100.0,
            id="the window of a subscription that is used up",
        ),
        pytest.param({b"x-ratelimit-reset": b"soon"}, "", None, id="words"),
        pytest.param({b"x-ratelimit-reset": b"2027-01-15T07:00:00Z"}, "", None, id="the past"),
        pytest.param({b"x-ratelimit-reset": b"nan"}, "", None, id="not a number"),
        pytest.param({b"x-ratelimit-reset": b"\xff"}, "", None, id="not text"),
    ],
)
def test_asked_wait(headers: dict[bytes, bytes], body: str, wait_s: float | None) -> None:
    assert asked_wait_s(headers, body, NOW_US) == pytest.approx(wait_s)

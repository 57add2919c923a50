"""What can be wrong with how requests are tried, rules and set times."""

import pytest

from tests.config.provider_cases import MAIN, QUEUES

SECONDS = "a number of seconds, more than 0 and at most 86400"


def limits(text: str) -> str:
    return f"{MAIN}{QUEUES}[limits.claude]\n{text}\n"


ROUTING = [
    pytest.param(
        limits("first_byte_s = 0"),
        f"limits.claude.first_byte_s: found 0, want {SECONDS}",
        id="no time at all",
    ),
    pytest.param(
        limits("total_s = inf"),
        f"limits.claude.total_s: found inf, want {SECONDS}",
        id="no limit",
    ),
    pytest.param(
        limits('idle_s = "10s"'),
        f'limits.claude.idle_s: found "10s", want {SECONDS}',
        id="seconds as text",
    ),
    pytest.param(
        limits("idle = 10"),
        "limits.claude.idle: found an unknown key, want one of connect_s, first_byte_s, "
        "first_content_s, idle_s, keepalive_s, whole_s, total_s, max_attempts, max_repeats, "
        'max_wait_s (did you mean "idle_s"?)',
        id="a limit without its unit",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[limits]\ncodecs = {{}}",
        "limits.codecs: found an unknown key, want one of claude, codex, gemini, openai (did you "
        'mean "codex"?)',
        id="limits of an app nobody has",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[limits]\nclaude = 10",
        "limits.claude: found 10, want a table, as in [limits.claude]",
        id="limits that are no table",
    ),
]

"""What can be wrong with how a provider is used: a file, and the line that says so."""

import pytest

from tests.config.provider_cases import MAIN, QUEUES, provider

MODEL = 'the name of a model, with * for any letters, as in "claude-*"'
SECONDS = "a number of seconds from 0 to 86400"
FAILURES = (
    "unreachable, late, stream_fault, transient, rate_limited, overloaded, server_error, quota, "
    "credential, forbidden, forbidden_region, model_missing, model_forbidden, caller_fault, "
    "context_length, content_policy"
)
DAYS = "mon, tue, wed, thu, fri, sat, sun"


def inside(table: str, text: str) -> str:
    """Return a file whose provider has such a table."""
    return f"{MAIN}[[providers.main.{table}]]\n{text}\n{QUEUES}"


PLACES = [
    pytest.param(
        provider(models="[]"),
        "providers.main.models: found an empty list, want a list of names of models, as in "
        '["claude-*"]',
        id="no model at all",
    ),
    pytest.param(
        provider(models='["claude-*", ""]'),
        f'providers.main.models[1]: found "", want {MODEL}',
        id="a model without a name",
    ),
    pytest.param(
        provider(models="[1]"),
        "providers.main.models[0]: found 1, want the name of a model",
        id="a model that is no text",
    ),
    pytest.param(
        provider(rename='{ "claude-*" = "a-*-*" }'),
        'providers.main.rename: found 2 * in the replacement and 1 in the pattern "claude-*", want '
        'as many *, as in { "claude-*" = "anthropic/claude-*" }',
        id="a rename that wants more than it gets",
    ),
    pytest.param(
        provider(rename='{ "claude-*" = "" }'),
        'providers.main.rename: found an empty name "claude-*", want as many *, as in '
        '{ "claude-*" = "anthropic/claude-*" }',
        id="a rename to nothing",
    ),
    pytest.param(
        provider(rename="{ a = 1 }"),
        "providers.main.rename.a: found 1, want the name of a model",
        id="a rename to what is no text",
    ),
    pytest.param(
        provider(tiers='{ hiaku = "x" }'),
        'providers.main.tiers.hiaku: found "hiaku", want one of haiku, sonnet, opus, fable, small, '
        'middle, big (did you mean "haiku"?)',
        id="a tier nobody has",
    ),
    pytest.param(
        provider(tiers='{ haiku = "glm-*" }'),
        'providers.main.tiers.haiku: found "glm-*", want the name of a model, as in '
        '"claude-haiku-4-5"',
        id="a tier that is a pattern",
    ),
    pytest.param(
        provider(windows='["at night"]'),
        "providers.main.windows[0]: found \"at night\", want a window ('at night' is no window: "
        "wanted days, hours or both, as mon-fri 09:00-17:30)",
        id="a window that cannot be read",
    ),
    pytest.param(
        provider(windows='["sat", "08:00-08:00"]'),
        "providers.main.windows[1]: found \"08:00-08:00\", want a window ('08:00-08:00' never "
        "opens: for a whole day say 00:00-24:00)",
        id="a window that never opens",
    ),
    pytest.param(
        provider(windows='["mon-fry"]'),
        f"providers.main.windows[0]: found \"mon-fry\", want a window ('fry' is no day: wanted one "
        f"of {DAYS})",
        id="a day nobody has",
    ),
    pytest.param(
        provider(windows='"mon-fri"'),
        'providers.main.windows: found "mon-fri", want a list of windows, as in '
        '["mon-fri 22:00-06:00"]',
        id="one window where a list is wanted",
    ),
    pytest.param(
        provider(zone='"Europe/Berln"'),
        'providers.main.zone: found "Europe/Berln", want a time zone, as in "Europe/Berlin" (did '
        'you mean "Europe/Berlin"?)',
        id="a zone nobody knows",
    ),
    pytest.param(
        provider(zone='"../etc"'),
        'providers.main.zone: found "../etc", want a time zone, as in "Europe/Berlin"',
        id="a zone that is a path",
    ),
    pytest.param(
        provider(budget="{ daily_usd = 0 }"),
        "providers.main.budget.daily_usd: found 0, want a number of USD above 0",
        id="a budget of nothing",
    ),
    pytest.param(
        provider(budget="{ monthly_tokens = 1.5 }"),
        "providers.main.budget.monthly_tokens: found 1.5, want a whole number of tokens, at least "
        "1",
        id="a part of a token",
    ),
    pytest.param(
        provider(budget="{ weekly_usd = 1 }"),
        "providers.main.budget.weekly_usd: found an unknown key, want one of daily_usd, "
        'monthly_usd, daily_tokens, monthly_tokens (did you mean "daily_usd"?)',
        id="a budget for another time",
    ),
    pytest.param(
        provider(budget="20"),
        "providers.main.budget: found 20, want a table, as in { daily_usd = 20 }",
        id="a budget without its time",
    ),
    pytest.param(
        provider(price_factor="0"),
        "providers.main.price_factor: found 0, want a number above 0, as in 0.3",
        id="a provider for nothing",
    ),
    pytest.param(
        provider(max_in_flight="0"),
        "providers.main.max_in_flight: found 0, want a whole number, at least 1",
        id="no request at once",
    ),
    pytest.param(
        provider(max_wait_s="1"),
        "providers.main.max_wait_s: found a wait without a limit, want max_in_flight as well",
        id="a wait for nothing",
    ),
    pytest.param(
        provider(max_in_flight="1", max_wait_s="-1"),
        f"providers.main.max_wait_s: found -1, want {SECONDS}",
        id="a wait into the past",
    ),
    pytest.param(
        inside("limits", "idle_s = 0"),
        "providers.main.limits[0].idle_s: found 0, want a number of seconds, more than 0 and at "
        "most 86400",
        id="no time at all for a model",
    ),
    pytest.param(
        inside("limits", 'models = ["*"]'),
        "providers.main.limits[0]: found no limit, want at least one of connect_s, first_byte_s, "
        "first_content_s, idle_s, whole_s",
        id="limits that say nothing",
    ),
    pytest.param(
        inside("limits", "max_attempts = 1"),
        "providers.main.limits[0].max_attempts: found an unknown key, want one of connect_s, "
        "first_byte_s, first_content_s, idle_s, whole_s, models",
        id="a limit of the whole request at one provider",
    ),
    pytest.param(
        inside("limits", "keepalive_s = 1"),
        "providers.main.limits[0].keepalive_s: found an unknown key, want one of connect_s, "
        "first_byte_s, first_content_s, idle_s, whole_s, models",
        id="a limit that would have no effect at one provider",
    ),
    pytest.param(
        provider(limits="{ idle_s = 1 }"),
        "providers.main.limits: found a table, want tables, each as in [[providers.main.limits]]",
        id="limits in one bracket",
    ),
    pytest.param(
        provider(limits="[1]"),
        "providers.main.limits[0]: found 1, want a table",
        id="limits that are no tables",
    ),
    pytest.param(
        inside("failures", 'status = [400]\nis = "overladen"'),
        f'providers.main.failures[0].is: found "overladen", want one of {FAILURES} (did you mean '
        '"overloaded"?)',
        id="a failure nobody knows",
    ),
    pytest.param(
        inside("failures", "status = [400]"),
        f"providers.main.failures[0].is: found nothing, want one of {FAILURES}",
        id="a failure that is not said",
    ),
    pytest.param(
        inside("failures", 'is = "quota"'),
        "providers.main.failures[0]: found no condition, want at least one of status, type, "
        "pattern",
        id="every failure is this one",
    ),
    pytest.param(
        inside("failures", 'status = [400, 4000]\nis = "quota"'),
        "providers.main.failures[0].status[1]: found 4000, want a status from 100 to 599",
        id="a status that HTTP does not have",
    ),
    pytest.param(
        inside("failures", 'pattern = "no (quota"\nis = "quota"'),
        'providers.main.failures[0].pattern: found "no (quota", want a regular expression, as in '
        '"no .* quota" (missing ), unterminated subpattern at position 3)',
        id="a pattern that is not closed",
    ),
    pytest.param(
        inside("failures", 'pattern = "a|.*"\nis = "quota"'),
        'providers.main.failures[0].pattern: found "a|.*", which fits whatever is said, want a '
        'regular expression, as in "no .* quota"',
        id="a pattern that fits everything",
    ),
    pytest.param(
        inside("failures", 'status = [400]\nis = "quota"\ncool_s = -1'),
        f"providers.main.failures[0].cool_s: found -1, want {SECONDS}",
        id="cooling before it failed",
    ),
]

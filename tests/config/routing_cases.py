"""What can be wrong with how requests are tried, rules and set times."""

import pytest

from tests.config.provider_cases import MAIN, QUEUES

SECONDS = "a number of seconds, more than 0 and at most 86400"


def limits(text: str) -> str:
    return f"{MAIN}{QUEUES}[limits.claude]\n{text}\n"


def rule(text: str, labels: str = "{}") -> str:
    return f"server.client_keys = {labels}\n{MAIN}{QUEUES}[[rules]]\n{text}\n"


def activation(text: str, **changed: str) -> str:
    """Return a file with an activation, some of its lines changed; "" leaves one out."""
    lines = {
        "provider": '"main"',
        "model": '"claude-haiku-4-5"',
        "at": '["08:00"]',
        "max_usd": "0.01",
    } | changed
    table = "\n".join(f"{name} = {value}" for name, value in lines.items() if value)
    return f"{MAIN}{QUEUES}[[activations]]\n{table}\n{text}\n"


NAMED = 'name = "a"\nqueue = "claude"\n'
APPS = "one of claude, codex, gemini, openai"
COOLING = (
    "one of unreachable, late, stream_fault, transient, server_error, overloaded, rate_limited, "
    "quota, credential, forbidden, forbidden_region, model_missing, model_forbidden"
)
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
        "first_content_s, idle_s, whole_s, keepalive_s, total_s, max_attempts, max_repeats, "
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
    pytest.param(
        limits("max_attempts = 0"),
        "limits.claude.max_attempts: found 0, want a whole number from 1 to 100",
        id="no attempt",
    ),
    pytest.param(
        limits("max_repeats = -1"),
        "limits.claude.max_repeats: found -1, want a whole number from 0 to 100",
        id="fewer repeats than none",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[breaker.claude]\nerror_rate = 0",
        "breaker.claude.error_rate: found 0, want a number above 0 and at most 1",
        id="a breaker that success opens",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[breaker.claude]\nopen_s = 120",
        "breaker.claude.open_s: found 120, want at most max_open_s, which is 90",
        id="a breaker that is open longer than at most",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[breaker.codex]\nmax_open_s = 5",
        "breaker.codex.max_open_s: found 5, want at least open_s, which is 15",
        id="a breaker that is open at most less long than at first",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[breaker.cluade]\nfailures = 1",
        f'breaker.cluade: found an unknown key, want {APPS} (did you mean "claude"?)',
        id="a breaker of an app nobody has",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[cooling.quotas]\nfirst_s = 1",
        f'cooling.quotas: found an unknown key, want {COOLING} (did you mean "quota"?)',
        id="cooling after what is no failure",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[cooling.caller_fault]\nfirst_s = 1",
        f"cooling.caller_fault: found an unknown key, want {COOLING}",
        id="cooling after what is nobody's fault",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[cooling.late]\nfirst_s = 5",
        "cooling.late.first_s: found 5, want at most max_s, which is 0",
        id="cooling of what never cools",
    ),
    pytest.param(
        f"{MAIN}{QUEUES}[cooling]\nlate = 5",
        "cooling.late: found 5, want a table, as in [cooling.late]",
        id="cooling that is no table",
    ),
    pytest.param(
        rule('queue = "claude"'),
        "rules[0].name: found nothing, want a name, as text",
        id="a rule without a name",
    ),
    pytest.param(
        rule(f'{NAMED}[[rules]]\n{NAMED}models = ["x"]'),
        'rules[1].name: found "a" twice, want each name once',
        id="two rules of one name",
    ),
    pytest.param(
        rule('name = "a"\nqueue = "cluade"'),
        'rules[0].queue: found "cluade", want claude (did you mean "claude"?)',
        id="a rule that leads nowhere",
    ),
    pytest.param(
        rule(f'{NAMED}apps = ["cluade"]'),
        f'rules[0].apps[0]: found "cluade", want {APPS} (did you mean "claude"?)',
        id="a rule for an app nobody has",
    ),
    pytest.param(
        rule(f"{NAMED}apps = []"),
        'rules[0].apps: found an empty list, want a list of apps, as in ["claude"]',
        id="a rule for no app",
    ),
    pytest.param(
        rule(f'{NAMED}headers = {{ Authorization = "s3cret-value" }}'),
        "rules[0].headers.Authorization: found a header that carries a key, want labels of keys "
        "under client_keys = [ … ]",
        id="a rule that looks at a secret",
    ),
    pytest.param(
        rule(f'{NAMED}headers = {{ "x y" = "1" }}'),
        'rules[0].headers."x y": found "x y", want the name of a header: letters, digits and -',
        id="a rule that looks at no header",
    ),
    pytest.param(
        rule(f'{NAMED}headers = {{ X-A = "1", x-a = "2" }}'),
        'rules[0].headers: found "x-a" twice, want each header once, whatever its case',
        id="a rule that looks twice",
    ),
    pytest.param(
        rule(f'{NAMED}headers = {{ x-a = "" }}'),
        "rules[0].headers.x-a: found an empty text, want text, with * for any letters, as in "
        '"*beta*"',
        id="a rule that looks for nothing",
    ),
    pytest.param(
        rule(f'{NAMED}client_keys = ["latpop"]', '{ laptop = "x" }'),
        'rules[0].client_keys[0]: found "latpop", want laptop (did you mean "laptop"?)',
        id="a rule for a client nobody knows",
    ),
    pytest.param(
        rule(f'{NAMED}client_keys = ["*"]'),
        'rules[0].client_keys[0]: found "*", want a label of [server] client_keys; there is none '
        "yet",
        id="a rule for clients where there are none",
    ),
    pytest.param(
        rule(f"{NAMED}min_tokens = 10\nmax_tokens = 9"),
        "rules[0].max_tokens: found 9, want at least min_tokens, which is 10",
        id="a rule for no size",
    ),
    pytest.param(
        rule(f"{NAMED}min_tokens = -1"),
        "rules[0].min_tokens: found -1, want a whole number of tokens",
        id="a rule for less than nothing",
    ),
    pytest.param(
        f'rules = "a"\n{MAIN}{QUEUES}',
        'rules: found "a", want tables, each as in [[rules]]',
        id="rules that are no tables",
    ),
    pytest.param(
        f"rules = [1]\n{MAIN}{QUEUES}",
        "rules[0]: found 1, want a table, as in [[rules]]",
        id="a rule that is no table",
    ),
    pytest.param(
        activation("", max_usd=""),
        "activations[0].max_usd: found nothing, want USD, above 0",
        id="an activation without a bound",
    ),
    pytest.param(
        activation("", max_usd="0"),
        "activations[0].max_usd: found 0, want USD, above 0",
        id="an activation for nothing",
    ),
    pytest.param(
        activation("tries = 21"),
        "activations[0].tries: found 21, want a whole number from 1 to 20",
        id="an activation that does not give up",
    ),
    pytest.param(
        activation("", at='["8:00"]'),
        'activations[0].at[0]: found "8:00", want a time of day from 00:00 to 23:59, as in "08:00"',
        id="a time with a digit too few",
    ),
    pytest.param(
        activation("", at='["24:00"]'),
        'activations[0].at[0]: found "24:00", want a time of day from 00:00 to 23:59, as in '
        '"08:00"',
        id="a time that no day has",
    ),
    pytest.param(
        activation("", at="[]"),
        'activations[0].at: found an empty list, want a list of times of day, as in ["08:00"]',
        id="an activation at no time",
    ),
    pytest.param(
        activation('days = "mon 08:00-09:00"'),
        'activations[0].days: found "mon 08:00-09:00", want days, as in mon-fri or sat,sun',
        id="days with hours",
    ),
    pytest.param(
        activation('zone = "Mars"'),
        'activations[0].zone: found "Mars", want a time zone, as in "Europe/Berlin"',
        id="an activation elsewhere",
    ),
    pytest.param(
        activation("", provider='"mian"'),
        'activations[0].provider: found "mian", want main (did you mean "main"?)',
        id="an activation of nobody",
    ),
    pytest.param(
        activation('key = "team"'),
        'activations[0].key: found "team", want default',
        id="an activation of a key nobody has",
    ),
]

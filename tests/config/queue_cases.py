"""What can be wrong with queues and pins: a file, and the line that says so."""

import pytest

from tests.config.provider_cases import MAIN, QUEUES

QUEUE = [
    pytest.param(
        "",
        'queues: found no providers, want at least one queue, as in claude = ["main"]',
        id="nothing at all",
    ),
    pytest.param(
        f"{MAIN}[queues]",
        'queues: found no providers, want at least one queue, as in claude = ["main"]',
        id="no queue",
    ),
    pytest.param(
        f"queues = 5\n{MAIN}", "queues: found 5, want a table, as in [queues]", id="no table"
    ),
    pytest.param(
        f"{MAIN}[queues]\nclaude = []",
        'queues.claude: found an empty list, want a list of at least one provider, as in ["main"]',
        id="an empty queue",
    ),
    pytest.param(
        f'{MAIN}[queues]\nclaude = "main"',
        'queues.claude: found "main", want a list of at least one provider, as in ["main"]',
        id="a name where a list is wanted",
    ),
    pytest.param(
        f"{MAIN}[queues]\nclaude = [1]",
        "queues.claude[0]: found 1, want the name of a provider, or a table, as in "
        '{ provider = "main" }',
        id="an entry that is neither name nor table",
    ),
    pytest.param(
        f'{MAIN}{MAIN.replace("main", "relay")}[queues]\nclaude = ["main", "relai"]',
        'queues.claude[1]: found "relai", want one of main, relay (did you mean "relay"?)',
        id="a slip in a provider's name",
    ),
    pytest.param(
        '[queues]\nclaude = ["main"]',
        'queues.claude[0]: found "main", want a provider; there is none yet, write '
        "[providers.main]",
        id="no providers",
    ),
    pytest.param(
        '[queues]\nclaude = ["ma\\u0085in"]',
        'queues.claude[0]: found "ma\\u0085in", want a provider; there is none yet, write '
        '[providers."ma\\u0085in"]',
        id="no providers, told in one line",
    ),
    pytest.param(
        f'{MAIN}[queues]\nclaude = ["main", "main"]',
        'queues.claude[1]: found "main" twice, want each provider once',
        id="a provider twice",
    ),
    pytest.param(
        f"{MAIN}enabled = false\n{QUEUES}",
        "queues.claude: found disabled providers only, want one that is enabled",
        id="nobody left",
    ),
    pytest.param(
        f'{MAIN}[queues]\nclaud = ["main"]',
        "queues.claud: found the name of no app, to which no rule leads, want one of claude, "
        'codex, gemini, openai (did you mean "claude"?)',
        id="an app nobody has",
    ),
]

"""What can be wrong with queues and pins: a file, and the line that says so."""

import pytest

from tests.config.provider_cases import MAIN, NAME, QUEUES, provider

POLICIES = "priority, weighted, round_robin, random, least_latency, cheapest"
KEYS = provider(key="", keys='{ own = "${KEY}", team = "x" }', models='["claude-*"]')
FILE = KEYS.removesuffix(QUEUES)


def queue(targets: str, text: str = "") -> str:
    """Return a file with such a queue."""
    return f"{FILE}[queues.claude]\ntargets = [{targets}]\n{text}\n"


def pins(text: str) -> str:
    return f"{MAIN}{QUEUES}[pins]\n{text}\n"


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
    pytest.param(
        queue(""),
        "queues.claude.targets: found an empty list, want a list of at least one provider, as in "
        '["main"]',
        id="no targets",
    ),
    pytest.param(
        f'{FILE}[queues.claude]\npolicy = "random"',
        "queues.claude.targets: found nothing, want a list of at least one provider, as in "
        '["main"]',
        id="a policy and nobody to choose from",
    ),
    pytest.param(
        queue('"main"', 'policy = "prioritty"'),
        f'queues.claude.policy: found "prioritty", want one of {POLICIES} (did you mean '
        '"priority"?)',
        id="a policy nobody knows",
    ),
    pytest.param(
        queue('"main"', "policy = 1"),
        f"queues.claude.policy: found 1, want one of {POLICIES}",
        id="a policy that is no text",
    ),
    pytest.param(
        queue('"main"', "leave_quota_at = 0"),
        "queues.claude.leave_quota_at: found 0, want a number above 0 and at most 1",
        id="a quota that is left before it is used",
    ),
    pytest.param(
        queue('"main"', 'delivery = "bufered"'),
        'queues.claude.delivery: found "bufered", want one of streamed, buffered (did you mean '
        '"buffered"?)',
        id="a slip in a delivery",
    ),
    pytest.param(
        queue('"main"', "held_max_mib = 0"),
        "queues.claude.held_max_mib: found 0, want a whole number from 1 to 1024",
        id="nothing that may be held",
    ),
    pytest.param(
        queue('"main"', "explore = 1.5"),
        "queues.claude.explore: found 1.5, want a number from 0 to 1",
        id="more often than always",
    ),
    pytest.param(
        queue('{ provider = "mian" }'),
        'queues.claude.targets[0].provider: found "mian", want main (did you mean "main"?)',
        id="a slip in a target's provider",
    ),
    pytest.param(
        queue('{ key = "own" }'),
        "queues.claude.targets[0].provider: found nothing, want the name of a provider",
        id="a key of nobody",
    ),
    pytest.param(
        queue('{ provider = "main", key = "taem" }'),
        'queues.claude.targets[0].key: found "taem", want one of own, team (did you mean "team"?)',
        id="a key that the provider has not",
    ),
    pytest.param(
        queue('{ provider = "main", model = "gpt-5" }'),
        'queues.claude.targets[0].model: found "gpt-5", want a model that fits [providers.main] '
        "models",
        id="a model that the provider has not",
    ),
    pytest.param(
        queue('{ provider = "main", model = "claude-*" }'),
        'queues.claude.targets[0].model: found "claude-*", want the name of a model, as in '
        '"claude-haiku-4-5"',
        id="a model that is many",
    ),
    pytest.param(
        queue('{ provider = "main", weight = -1 }'),
        "queues.claude.targets[0].weight: found -1, want a number from 0 to 1000000",
        id="a weight that pushes away",
    ),
    pytest.param(
        queue('{ provider = "main", level = 1.5 }'),
        "queues.claude.targets[0].level: found 1.5, want a whole number from 0 to 1000",
        id="half a level",
    ),
    pytest.param(
        queue('{ provider = "main", wieght = 1 }'),
        "queues.claude.targets[0].wieght: found an unknown key, want one of provider, key, model, "
        'level, weight, backup (did you mean "weight"?)',
        id="a slip in a target's key",
    ),
    pytest.param(
        queue('{ provider = "main", weight = 0 }', 'policy = "weighted"'),
        "queues.claude.targets: found no weight, want a weight above 0 for one that is enabled and "
        "no backup",
        id="nobody has a weight",
    ),
    pytest.param(
        queue(
            '{ provider = "main", key = "own", weight = 0 }, '
            '{ provider = "main", key = "team", backup = true }',
            'policy = "weighted"',
        ),
        "queues.claude.targets: found no weight, want a weight above 0 for one that is enabled and "
        "no backup",
        id="only a backup has a weight",
    ),
    pytest.param(
        queue('{ provider = "main", key = "team" }, "main"'),
        'queues.claude.targets[1]: found "main" twice, want each provider once',
        id="a key, and then all of them",
    ),
    pytest.param(
        queue('"main", { provider = "main", key = "team" }'),
        'queues.claude.targets[1]: found "main/team" twice, want each target once',
        id="all keys, and then one of them",
    ),
    pytest.param(
        queue(", ".join(2 * ['{ provider = "main", key = "own", model = "claude-x" }'])),
        'queues.claude.targets[1]: found "main/own/claude-x" twice, want each target once',
        id="a model twice",
    ),
    pytest.param(
        f'{MAIN}[queues]\nclaude = ["main"]\n"my own" = ["main"]\n[[rules]]\nname = "a"\n'
        'queue = "my own"',
        f'queues."my own": found "my own", want {NAME}',
        id="a queue's name that would not fit into a table",
    ),
    pytest.param(
        pins("ttl_s = 0"),
        "pins.ttl_s: found 0, want a number of seconds, more than 0 and at most 86400",
        id="pins that never hold",
    ),
    pytest.param(
        pins("ttl_s = 7200"),
        "pins.ttl_s: found 7200, want at most long_ttl_s, which is 3600",
        id="pins that hold less long after a long write",
    ),
    pytest.param(
        pins("long_ttl_s = 60"),
        "pins.long_ttl_s: found 60, want at least ttl_s, which is 300",
        id="pins of long writes that hold less long",
    ),
    pytest.param(
        pins("slow_factor = 0.5"),
        "pins.slow_factor: found 0.5, with which the fastest would be slow, want 0, or at least 1",
        id="everybody is slow",
    ),
    pytest.param(
        pins("max_pins = 0"),
        "pins.max_pins: found 0, want a whole number from 1 to 1000000",
        id="no room for a pin",
    ),
    pytest.param(
        pins("ttl = 1"),
        "pins.ttl: found an unknown key, want one of ttl_s, long_ttl_s, return_after_s, "
        "move_after_s, move_after_departures, recheck_s, slow_factor, slow_floor_ms, "
        'max_switch_spend_pct, remember_s, max_pins (did you mean "ttl_s"?)',
        id="a time without its unit",
    ),
    pytest.param(
        f"pins = 300\n{MAIN}{QUEUES}",
        "pins: found 300, want a table, as in [pins]",
        id="pins that are no table",
    ),
]

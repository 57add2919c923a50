"""What a file says of routing, as the network it comes to."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.config.network import COOLING
from proxy.config.queue_tables import PinsTable
from proxy.config.routing_tables import BreakerTable, CoolingTable
from proxy.routing.activation import Activation
from proxy.routing.asked import Queue
from proxy.routing.budgets import Budget
from proxy.routing.candidates import Candidate
from proxy.routing.failures import ACTIONS, Cooling
from proxy.routing.health import BREAKER_RULES, BreakerRules
from proxy.routing.network import AppRules, LimitChange
from proxy.routing.pins import PinRules
from proxy.routing.renaming import Names
from proxy.routing.rules import Rule as RouteRule
from proxy.routing.seats import Seats
from proxy.routing.signals import Rule as FailureRule
from proxy.routing.types import Backoff, Limits
from proxy.routing.windows import Schedule, Window
from tests.config.files import PROVIDERS, QUEUES, loaded


def targets(file: Path, text: str, more: str = "") -> Queue:
    """Return the queue of claude with such targets."""
    queue = f"[queues.claude]\ntargets = [{text}]\n{more}\n"
    return loaded(file, f"{PROVIDERS}{queue}").network.queues["claude"]


OWN = Candidate(provider="main", credential="own", wires=("anthropic",))
TEAM = replace(OWN, credential="team")
RELAY = Candidate(provider="relay", credential="default", wires=("chat",))


class TestQueues:
    """Targets as written are candidates, and what else a queue says is kept."""

    @pytest.mark.parametrize(
        ("text", "candidates"),
        [
            pytest.param(
                '"main", "relay"',
                [OWN, replace(TEAM, level=1), replace(RELAY, level=2)],
                id="a name is each of its keys, in order",
            ),
            pytest.param(
                '{ provider = "main", key = "team", model = "claude-x" }',
                [replace(TEAM, model="claude-x")],
                id="one key, and a model",
            ),
            pytest.param(
                '{ provider = "main", level = 2 }, "relay"',
                [replace(OWN, level=2), replace(TEAM, level=2), replace(RELAY, level=3)],
                id="keys of one level are equals, and what has none comes after all before it",
            ),
            pytest.param(
                '"relay", { provider = "main", key = "own", level = 0, weight = 3 }',
                [RELAY, replace(OWN, weight=3.0)],
                id="a level of another",
            ),
            pytest.param(
                '"relay", { provider = "relay", model = "a" }, '
                '{ provider = "relay", model = "b", backup = true }',
                [
                    RELAY,
                    replace(RELAY, model="a", level=1),
                    replace(RELAY, model="b", level=2, backup=True),
                ],
                id="one key with several models, one of them a backup",
            ),
        ],
    )
    def test_of_targets(self, file: Path, text: str, candidates: list[Candidate]) -> None:
        assert targets(file, text) == Queue(name="claude", candidates=tuple(candidates))

    def test_with_all_that_can_be_said(self, file: Path) -> None:
        more = 'policy = "random"\nsticky = false\nleave_quota_at = 0.5\nexplore = 0\n'
        more += 'delivery = "buffered"\nheld_max_mib = 8'
        assert targets(file, '"relay"', more) == Queue(
            name="claude",
            candidates=(RELAY,),
            policy="random",
            sticky=False,
            leave_at=0.5,
            explore=0.0,
            delivery="buffered",
            held_max_mib=8,
        )

    def test_all_have_the_same_rules_of_pins(self, file: Path) -> None:
        text = f'{PROVIDERS}{QUEUES}codex = ["relay"]\n[pins]\nttl_s = 60\nslow_factor = 0'
        found = loaded(file, text).network.queues
        rules = PinRules(ttl_s=60, slow_factor=0)
        assert [queue.pin_rules for queue in found.values()] == [rules, rules]


def test_a_provider_with_all_that_can_be_said(file: Path) -> None:
    text = f"""{PROVIDERS}
models = ["glm-*", "claude-*"]
rename = {{ "claude-*" = "anthropic/claude-*", "*" = "glm-5" }}
tiers = {{ haiku = "glm-4.5-air", big = "glm-5" }}
windows = ["mon-fri 22:00-06:00", "sat,sun"]
zone = "Europe/Berlin"
budget = {{ daily_usd = 5, daily_tokens = 1000, monthly_tokens = 20000 }}
max_in_flight = 2
max_wait_s = 1.5
[queues]
claude = ["relay"]
"""
    (found,) = loaded(file, text).network.queues["claude"].candidates
    weekdays = Window(frozenset(range(5)), 22 * 60, 6 * 60)
    zone = "Europe/Berlin"
    assert found == replace(
        RELAY,
        models=("glm-*", "claude-*"),
        names=Names(
            (("claude-*", "anthropic/claude-*"), ("*", "glm-5")),
            {"haiku": "glm-4.5-air", "big": "glm-5"},
        ),
        schedule=Schedule((weekdays, Window(frozenset({5, 6}))), zone),
        budgets=(
            Budget(owner="relay", per="day", usd=5, tokens=1000, zone=zone),
            Budget(owner="relay", per="month", tokens=20000, zone=zone),
        ),
        seats=Seats(2, 1.5),
    )


def test_a_limit_of_requests_without_a_wait(file: Path) -> None:
    text = f'{PROVIDERS}max_in_flight = 2\n[queues]\nclaude = ["relay"]'
    (found,) = loaded(file, text).network.queues["claude"].candidates
    assert found.seats == Seats(2)


def test_limits_and_failures_of_a_provider(file: Path) -> None:
    text = f"""{PROVIDERS}
[[providers.relay.limits]]
first_content_s = 60
[[providers.relay.limits]]
models = ["*opus*"]
first_content_s = 600
idle_s = 300
[[providers.relay.failures]]
status = [400, 503]
type = ["api_error"]
pattern = "no healthy channel"
is = "overloaded"
cool_s = 30
[[providers.relay.failures]]
status = [418]
is = "forbidden"
{QUEUES}"""
    found = loaded(file, text).network
    assert found.limit_changes == {
        "relay": (
            LimitChange((), {"first_content_s": 60}),
            LimitChange(("*opus*",), {"first_content_s": 600, "idle_s": 300}),
        )
    }
    assert found.failures == {
        "relay": (
            FailureRule(
                name="providers.relay.failures[0]",
                failure="overloaded",
                statuses=frozenset({400, 503}),
                error_types=frozenset({"api_error"}),
                pattern=re.compile("no healthy channel", re.IGNORECASE),
                cool_s=30,
            ),
            FailureRule(
                name="providers.relay.failures[1]",
                failure="forbidden",
                statuses=frozenset({418}),
            ),
        )
    }


def test_how_requests_of_an_app_are_tried(file: Path) -> None:
    text = f"""{PROVIDERS}{QUEUES}
[limits.codex]
idle_s = 7
max_attempts = 3
max_repeats = 0
max_wait_s = 0
[breaker.codex]
failures = 2
error_rate = 1
min_requests = 3
window_s = 60
successes = 1
open_s = 5
max_open_s = 10
probe_s = 20
probe_after_s = 0
"""
    found = loaded(file, text).network
    assert found.apps["codex"] == AppRules(
        limits=Limits(idle_s=7),
        breaker=BreakerRules(2, 1.0, 3, 60.0, 10, 1, 5.0, 10.0, 20.0, 0.0),
        backoff=Backoff(repeats=0, max_wait_s=0),
        max_attempts=3,
    )
    assert found.apps["claude"] == AppRules(
        limits=Limits(first_byte_s=90, idle_s=180),
        breaker=BREAKER_RULES["claude"],
        max_attempts=7,
    )


def test_how_long_failures_cool(file: Path) -> None:
    text = (
        f"{PROVIDERS}{QUEUES}[cooling.quota]\nfirst_s = 60\n[cooling.late]\nfirst_s = 1\nmax_s = 9"
    )
    assert loaded(file, text).network.actions == {
        **ACTIONS,
        "quota": replace(ACTIONS["quota"], cool_s=60),
        "late": replace(ACTIONS["late"], cool_s=1, max_cool_s=9),
    }


def test_what_the_client_caused_cools_nothing() -> None:
    assert {*ACTIONS} - {*COOLING} == {
        "caller_fault",
        "context_length",
        "content_policy",
        "client_left",
    }


def test_rules(file: Path) -> None:
    text = f"""{PROVIDERS}{QUEUES}
cheap = ["relay"]
[[rules]]
name = "small"
queue = "cheap"
apps = ["claude", "codex"]
models = ["*haiku*"]
headers = {{ User-Agent = "claude-cli/*" }}
client_keys = ["lap*"]
min_tokens = 0
max_tokens = 2000
[[rules]]
name = "rest"
queue = "claude"
"""
    found = loaded(file, text)
    assert found.network.rules == (
        RouteRule(
            name="small",
            queue="cheap",
            apps=("claude", "codex"),
            models=("*haiku*",),
            headers=(("user-agent", "claude-cli/*"),),
            client_keys=("lap*",),
            min_tokens=0,
            max_tokens=2000,
        ),
        RouteRule(name="rest", queue="claude"),
    )
    assert found.warnings == ()
    assert list(found.queues) == ["claude"]


def test_activations(file: Path) -> None:
    text = f"""{PROVIDERS}{QUEUES}
[[activations]]
provider = "main"
key = "team"
model = "claude-haiku-4-5"
at = ["13:05", "08:00"]
days = "mon-fri"
zone = "Europe/Berlin"
max_usd = 0.01
tries = 20
[[activations]]
provider = "relay"
model = "glm-5"
at = ["00:00"]
max_usd = 1
[[activations]]
provider = "relay"
model = "glm-5"
at = ["01:00"]
max_usd = 1
enabled = false
"""
    assert loaded(file, text).activations == (
        Activation(
            provider="main",
            credential="team",
            model="claude-haiku-4-5",
            minutes=(480, 785),
            days=frozenset(range(5)),
            zone="Europe/Berlin",
            max_usd=0.01,
            tries=20,
        ),
        Activation(
            provider="relay",
            credential=None,
            model="glm-5",
            minutes=(0,),
            days=frozenset(range(7)),
            zone="UTC",
            max_usd=1,
        ),
    )


def test_nothing_is_paid_for_unasked(file: Path) -> None:
    assert loaded(file, f"{PROVIDERS}{QUEUES}").activations == ()


def test_what_is_switched_off_keeps_its_key_where_that_is_known(file: Path) -> None:
    text = f"{PROVIDERS}enabled = false\n{QUEUES}"
    on, off = loaded(file, text.replace("enabled = false\n", "")), loaded(file, text)
    assert off.network.credentials == on.network.credentials  # switched on again, it is the same


@pytest.mark.parametrize(
    ("table", "rules", "besides"),
    [
        pytest.param(PinsTable, PinRules, [], id="of pins"),
        pytest.param(BreakerTable, BreakerRules, ["buckets"], id="of breakers"),
        pytest.param(CoolingTable, Cooling, [], id="of cooling"),
    ],
)
def test_every_rule_can_be_set(
    table: type[PinsTable | BreakerTable | CoolingTable],
    rules: type[PinRules | BreakerRules | Cooling],
    besides: list[str],
) -> None:
    names = rules.__dataclass_fields__
    assert list(table.model_fields) == [name for name in names if name not in besides]

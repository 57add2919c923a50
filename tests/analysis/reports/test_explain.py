"""`pointsman explain`: what was decided, what was tried, and a price that adds up."""

import json
from importlib.metadata import version
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from analysis.prices.parts import parts
from analysis.reports.explain import explained
from analysis.reports.verbs import explain
from analysis.sources import open_source
from proxy.price_list import Pricing, ProviderPricing
from proxy.routing.decision import Chosen, Decision, PinSeen, Skipped
from tests.analysis.ledgers import Row, at, ledger_of, rid
from tests.analysis.metrics.asking import FAILED, SONNET

LISTS = version("genai-prices")
DECISION = Decision(
    queue="claude",
    policy="priority",
    chosen=(
        Chosen(id="main/key", provider="main", credential="key", model=None),
        Chosen(id="relay/key", provider="relay", credential="key", model=None, backup=True),
    ),
    skipped=(Skipped("old/key", "breaker_open", "5 faults", 1_790_812_800_000_000),),
    pin=PinSeen("moved", "main/key is away"),
)
REQUEST: Row = {
    "id": 1,
    "received_at": at(0),
    "model_requested": "claude-sonnet-4-5",
    "session_id": "s",
    "status": 200,
    "total_us": 2_500_000,
    "first_content_us": 700_000,
    "decision": msgspec.json.encode(DECISION).decode(),
}
REFUSED: Row = {
    **FAILED,
    **SONNET,
    "id": 1,
    "started_at": at(0.001),
    "reason": "first",
    "status": 529,
    "rule": "overloaded",
    "held": "dropped",
    "error_message": "Too\nmany",
}
SERVED: Row = {
    **SONNET,
    "id": 1,
    "attempt_no": 2,
    "started_at": at(0.5),
    "provider": "relay",
    "reason": "failover",
    "status": 200,
    "first_content_us": 200_000,
    "total_us": 2_000_000,
    "prompt_tokens": 100_000,
    "cache_read_tokens": 80_000,
    "cache_write_tokens": 15_000,
    "cache_write_1h_tokens": 5_000,
    "output_tokens": 1_000,
}


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command()(explain)
    return CliRunner().invoke(app, [*words])


def filled(folder: Path, **request: object) -> Path:
    rows = [REQUEST | request, REQUEST | {"id": 2}]
    ledger_of(folder, requests=rows, attempts=[SERVED, REFUSED, SERVED | {"id": 2}]).close()
    return folder


def test_everything_in_its_order(tmp_path: Path) -> None:
    result = run(rid(1), "--ledger", str(filled(tmp_path)), "--timezone", "UTC")
    assert result.stdout.splitlines() == [
        f"request {rid(1)}",
        "  received   2026-10-01 00:00:00.000+00:00",
        "  asked      claude, claude-sonnet-4-5",
        "  session    s",
        "  ended      whole 200, after 2.50 s",
        "  content    first after 700 ms",
        "decision",
        "  queue      claude; policy priority",
        "  pin        moved: main/key is away",
        "   1. main/key",
        "   2. relay/key (backup)",
        "  not old/key, breaker open: 5 faults, until 00:00:00",
        "attempts",
        "  1. after 1 ms: main/key/claude-sonnet-4-5 (first)",
        "     refused 529 after 1.00 s",
        "     held back: it broke off, and nothing of it went out",
        "     server_error, by the rule overloaded",
        "     error message: Too\N{REPLACEMENT CHARACTER}many",
        "  2. after 500 ms: relay/key/claude-sonnet-4-5 (failover)",
        "     whole 200 after 2.00 s, first content after 200 ms",
        "price",
        "  1. main: tokens were not counted",
        f"  2. relay: prices from genai-prices {LISTS}, USD by the list and as paid",
        "     input                 5,000 at 3 a million             0.015000      0.015000",
        "     cache read           80,000 at 0.3 a million           0.024000      0.024000",
        "     cache write 5m       10,000 at 3.75 a million          0.037500      0.037500",
        "     cache write 1h        5,000 at 6 a million             0.030000      0.030000",
        "     output                1,000 at 15 a million            0.015000      0.015000",
        "     total                                                  0.121500      0.121500",
    ]


def test_a_decision_of_another_version_is_shown_as_it_is(tmp_path: Path) -> None:
    filled(tmp_path, decision='{"queue": 7}')
    assert '  {"queue": 7}' in run(rid(1), "--ledger", str(tmp_path)).stdout.splitlines()


def test_for_a_program(tmp_path: Path) -> None:
    found = json.loads(run(rid(1), "--json", "--ledger", str(filled(tmp_path))).stdout)
    assert found["request"]["decision"]["queue"] == "claude"
    assert [one["attempt_no"] for one in found["attempts"]] == [1, 2]
    assert found["attempts"][0]["parts"] == []
    assert sum(one["list_usd"] for one in found["attempts"][1]["parts"]) == pytest.approx(0.1215)


COUNTS = st.integers(0, 400_000)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    counts=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    reasoning=st.none() | COUNTS,
    model=st.sampled_from(["claude-sonnet-4-5", "gpt-5", "gemini-2.5-pro"]),
)
def test_the_parts_of_a_price_are_its_whole(
    tmp_path_factory: pytest.TempPathFactory,
    counts: tuple[int, int, int, int, int],
    reasoning: int | None,
    model: str,
) -> None:
    fresh, read, written, kept_1h, output = counts
    row: Row = SERVED | {
        "model_sent": model,
        "prompt_tokens": fresh + read + written + kept_1h,
        "cache_read_tokens": read,
        "cache_write_tokens": written + kept_1h,
        "cache_write_1h_tokens": kept_1h,
        "output_tokens": output,
        "reasoning_tokens": reasoning,
    }
    folder = tmp_path_factory.mktemp("ledger")
    ledger_of(folder, requests=[REQUEST], attempts=[row]).close()
    pricing = Pricing(providers={"relay": ProviderPricing(multiplier=0.3)})
    with (source := open_source(folder)).connection:
        (attempt,) = explained(source, rid(1), pricing).attempts
    found = list(parts(attempt))
    if attempt["list_usd"] is None:
        assert found == []
        return
    assert sum(one.list_usd or 0.0 for one in found) == pytest.approx(attempt["list_usd"])
    assert sum(one.paid_usd or 0.0 for one in found) == pytest.approx(attempt["paid_usd"])


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        pytest.param("x", "got 'x', want the id of a request", id="no id"),
        pytest.param(str(uuid5(NAMESPACE_URL, "none")), "{place} holds no request", id="none"),
    ],
)
def test_what_is_refused(tmp_path: Path, asked: str, begins: str) -> None:
    result = run(asked, "--ledger", str(filled(tmp_path)))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(begins.format(place=tmp_path))
    assert result.stderr.count("\n") == 1

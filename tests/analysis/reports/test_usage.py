"""`pointsman usage`: its sums, its table, its JSON, and what it refuses."""

import json
import subprocess
import sys
from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from analysis.reports.sums import Sums
from analysis.reports.usage import VIEWS, Report, Wish, usage
from analysis.reports.verbs import usage as verbs
from analysis.selection import ALL, Selection
from analysis.sources import open_source
from proxy.clock import REAL
from proxy.ledger.views import prepare
from proxy.price_list import LIST_PRICES, Pricing, ProviderPricing
from tests.analysis.ledgers import Row, at, ledger_of
from tests.analysis.metrics.asking import COUNTING, FAILED, SONNET

DAY_S = 86_400.0
PLAIN: Row = {
    **SONNET,
    "prompt_tokens": 100_000,
    "uncached_input_tokens": 100_000,
    "cache_read_tokens": 0,
    "cache_write_tokens": 0,
    "output_tokens": 1_000,
}
CACHED: Row = PLAIN | {"uncached_input_tokens": 0, "cache_read_tokens": 100_000}
UNCOUNTED: Row = {**SONNET, **FAILED}
UNPRICED: Row = PLAIN | {"model_sent": "mine", "provider": "relay"}


def filled(folder: Path, *rows: tuple[float, Row]) -> Path:
    """Make a ledger: each row is a request at a second, and its one attempt."""
    shared = ("provider", "model_sent", "session_id", "app")
    ledger_of(
        folder,
        requests=[
            {"id": k, "received_at": at(s), "provider": "main"}
            | {name: row[name] for name in shared if name in row}
            for k, (s, row) in enumerate(rows)
        ],
        attempts=[
            {"id": k, "started_at": at(s)}
            | {name: value for name, value in row.items() if name not in {"session_id", "app"}}
            for k, (s, row) in enumerate(rows)
        ],
    ).close()
    return folder


def asked(
    folder: Path,
    view: str,
    *,
    zone: str = "UTC",
    pricing: Pricing = LIST_PRICES,
    selection: Selection = ALL,
    breaks_down: bool = False,
) -> Report:
    with (source := open_source(folder)).connection:
        return usage(source, Wish(view, selection, ZoneInfo(zone), pricing, breaks_down))


def sums(**counts: float) -> Sums:
    """Return the sums of one counted request, except as told."""
    plain: dict[str, float] = {"requests": 1, "attempts": 1, "prompt": 100_000, "read": 0}
    plain |= {"uncached": 100_000, "written": 0, "output": 1_000, "told_prompt": 100_000}
    plain |= {"tokens": 101_000, "list_tokens": 101_000, "paid_tokens": 101_000}
    return Sums(**(plain | counts))  # type: ignore[arg-type]  # a row of a table


def run(*words: str) -> Result:
    return CliRunner().invoke(verbs, [*words])


def test_days_begin_at_midnight_of_the_zone(tmp_path: Path) -> None:
    filled(tmp_path, (0.0, PLAIN), (22.5 * 3600, CACHED), (DAY_S, PLAIN))
    days = {group.key: group.sums.requests for group in asked(tmp_path, "daily").groups}
    assert days == {date(2026, 10, 1): 2, date(2026, 10, 2): 1}
    here = asked(tmp_path, "daily", zone="Europe/Berlin").groups
    assert {group.key: group.sums.requests for group in here} == {
        date(2026, 10, 1): 1,
        date(2026, 10, 2): 2,
    }
    (month,) = asked(tmp_path, "monthly").groups
    assert month.key == date(2026, 10, 1)
    (week,) = asked(tmp_path, "weekly").groups
    assert week.key == date(2026, 9, 28)  # a Monday


def test_all_that_a_row_has(tmp_path: Path) -> None:
    half = Pricing(providers={"main": ProviderPricing(multiplier=0.5)})
    filled(tmp_path, (0.0, PLAIN), (1.0, CACHED), (2.0, UNCOUNTED), (3.0, COUNTING))
    (found,) = asked(tmp_path, "providers", pricing=half).groups
    cost = 0.3 + 0.015 + 0.03 + 0.015
    want = sums(prompt=200_000, read=100_000, output=2_000, told_prompt=200_000, tokens=202_000)
    assert found.key == "main"
    assert found.sums == Sums(
        requests=4,
        attempts=3,  # a count of tokens is none
        prompt=want.prompt,
        uncached=100_000,
        read=want.read,
        written=0,
        output=want.output,
        told_prompt=want.told_prompt,
        tokens=want.tokens,
        list_tokens=want.tokens,
        paid_tokens=want.tokens,
        list_usd=pytest.approx(cost),
        paid_usd=pytest.approx(cost / 2),
    )
    assert found.sums.hit_share == 0.5


def test_what_nobody_counted_or_priced_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    filled(tmp_path, (0.0, UNCOUNTED), (1.0, UNPRICED))
    nothing, unpriced = (group.sums for group in asked(tmp_path, "models").groups)
    assert nothing == Sums(requests=1, attempts=1)
    assert (nothing.hit_share, nothing.list_coverage) == (None, None)
    assert (unpriced.list_usd, unpriced.list_coverage) == (None, 0.0)


def test_the_share_that_has_a_price_stands_beside_the_sum(tmp_path: Path) -> None:
    filled(tmp_path, (0.0, PLAIN), (1.0, UNPRICED))
    result = run("daily", "--ledger", str(tmp_path), "--timezone", "UTC")
    row = next(line for line in result.stdout.splitlines() if line.startswith(" 2026-10-01"))
    assert row.split()[-6:] == ["0.32", "(50.0", "%)", "0.32", "(50.0", "%)"]
    assert "of the tokens 50.0 % (list), 50.0 % (paid) have a price" in result.stdout


def test_blocks_begin_at_the_full_hour_and_last_five(tmp_path: Path) -> None:
    filled(tmp_path, *((hour * 3600, PLAIN) for hour in (0.5, 4.9, 5.1, 9, 30)))
    found = {group.key: group.sums.requests for group in asked(tmp_path, "blocks").groups}
    assert found == {at(0): 2, at(5 * 3600): 2, at(30 * 3600): 1}


def test_a_block_under_way_says_where_it_will_end(tmp_path: Path) -> None:
    now_s = REAL.wall_us() / 1e6 - at(0).replace(tzinfo=UTC).timestamp()
    filled(tmp_path, (now_s - 60, PLAIN))
    told = [line for line in run("blocks", "--ledger", str(tmp_path)).stdout.splitlines() if line]
    for line, unit in zip(told[-3:], ("tokens", "USD by the list", "USD as paid"), strict=True):
        assert line.startswith("block ")
        assert ", at its end if it goes on: " in line
        assert line.endswith(unit)
    without = run("blocks", "--no-cost", "--ledger", str(tmp_path)).stdout
    assert without.count("at its end") == 1


def test_sessions_by_when_they_were_used_last(tmp_path: Path) -> None:
    rows = [(0.0, "b"), (1.0, "a"), (2.0, "b"), (3.0, "c")]
    filled(tmp_path, *((s, PLAIN | {"session_id": name}) for s, name in rows))
    found = asked(tmp_path, "session", breaks_down=True).groups
    assert [(one.key, one.part, one.sums.requests) for one in found] == [
        ("a", "claude-sonnet-4-5", 1),
        ("b", "claude-sonnet-4-5", 2),
        ("c", "claude-sonnet-4-5", 1),
    ]
    result = run("session", "--ledger", str(tmp_path), "--last", "1")
    assert "only the last 1 of 3 rows; the total is of all" in result.stdout


ROWS = st.lists(
    st.tuples(
        st.floats(0, 9 * DAY_S),
        st.sampled_from([PLAIN, CACHED, UNCOUNTED, UNPRICED]),
        st.sampled_from([None, "one", "two"]),
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
def test_every_view_adds_up_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float, Row, str | None]],
    zone: str,
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    filled(folder, *((s, {**row, "session_id": name}) for s, row, name in rows))
    totals = [
        asked(folder, view, zone=zone, breaks_down=broken).total
        for view in VIEWS
        for broken in (False, True)
    ]
    first = totals[0]
    money = ("list_usd", "paid_usd")
    for total in totals[1:]:
        for name in Sums.__slots__:
            one, other = getattr(first, name), getattr(total, name)
            assert other == (pytest.approx(one) if name in money and one is not None else one)
    assert first.requests == len(rows)


def test_for_a_program(tmp_path: Path) -> None:
    filled(tmp_path, (0.0, UNCOUNTED))
    words = ("daily", "--json", "--ledger", str(tmp_path), "--timezone", "UTC")
    tokens = {
        "prompt_tokens": None,
        "uncached_input_tokens": None,
        "cache_read_tokens": None,
        "cache_write_tokens": None,
        "output_tokens": None,
        "cache_hit_share": None,
    }
    counts = {"requests": 1, "attempts": 1, **tokens}
    money = dict.fromkeys(("list_usd", "list_coverage", "paid_usd", "paid_coverage"))
    assert json.loads(run(*words).stdout) == {
        "view": "daily",
        "timezone": "UTC",
        "rows": [{"day": "2026-10-01", **counts, **money}],
        "total": {**counts, **money},
    }
    assert json.loads(run(*words, "--no-cost").stdout)["total"] == counts


def test_a_range_and_an_app(tmp_path: Path) -> None:
    other = PLAIN | {"app": "codex"}
    filled(tmp_path, (0.0, PLAIN), (DAY_S, other), (DAY_S, PLAIN), (2 * DAY_S, PLAIN))
    words = ("daily", "--json", "--ledger", str(tmp_path), "--timezone", "UTC")
    words += ("--since", "2026-10-02", "--until", "2026-10-03")
    assert json.loads(run(*words).stdout)["total"]["requests"] == 2
    assert json.loads(run(*words, "--app", "codex").stdout)["total"]["requests"] == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        pytest.param(
            ("--since", "yesterday"),
            "--since: got 'yesterday', want a span like 7d, or a day like 2026-11-01",
            id="no time",
        ),
        pytest.param(
            ("--until", "9999999999d"),
            "--until: got '9999999999d', want a span like 7d, or a day like 2026-11-01",
            id="before all time",
        ),
        pytest.param(
            ("--since", "2026-11-02", "--until", "2026-11-01", "--timezone", "UTC"),
            "the range begins at 2026-11-02 00:00:00 and ends at 2026-11-01 00:00:00 (UTC): "
            "--since must be before --until",
            id="it ends before it begins",
        ),
        pytest.param(
            ("--timezone", "Mars/Olympus"),
            "--timezone: got 'Mars/Olympus', want a name like Europe/Berlin or UTC",
            id="no zone",
        ),
        pytest.param(
            ("--timezone", "../etc/passwd"),
            "--timezone: got '../etc/passwd', want a name like Europe/Berlin or UTC",
            id="a zone that is a path",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, words: tuple[str, ...], line: str) -> None:
    filled(tmp_path, (0.0, PLAIN))
    result = run("daily", "--ledger", str(tmp_path), *words)
    assert (result.exit_code, result.stderr, result.stdout) == (2, f"{line}\n", "")


def test_nothing_yet(tmp_path: Path) -> None:
    prepare(tmp_path)
    result = run("daily", "--ledger", str(tmp_path))
    line = f"there is no request for an answer yet in {tmp_path}\n"
    assert (result.exit_code, result.stderr) == (2, line)
    none = run("daily", "--ledger", str(tmp_path / "none"))
    assert (none.exit_code, none.stderr.count("\n")) == (2, 1)


def test_a_list_of_models_is_no_use(tmp_path: Path) -> None:
    ledger_of(tmp_path, requests=[{"endpoint": "models"}]).close()
    line = f"there is no request for an answer yet in {tmp_path}\n"
    assert run("daily", "--ledger", str(tmp_path)).stderr == line


@pytest.mark.skipif(duckdb.__version__.startswith("1."), reason="this DuckDB loads NumPy itself")
def test_it_waits_for_no_frames(tmp_path: Path) -> None:
    filled(tmp_path, (0.0, PLAIN))
    code = (
        "import sys\nfrom analysis.reports.verbs import usage\n"
        "try:\n    usage()\nexcept SystemExit:\n    pass\n"
        "slow = ('polars', 'pyarrow', 'numpy', 'scipy', 'plotly', 'proxy.config')\n"
        "print([name for name in slow if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603  # this interpreter, on the text above
        [sys.executable, "-c", code, "daily", "--ledger", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2026-10-01" in done.stdout or "2026-09-30" in done.stdout
    assert done.stderr == "[]\n"

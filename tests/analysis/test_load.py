"""What the analysis gets of a ledger, wherever it lies."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from analysis import ALL, Ledger, Selection, open_ledger
from analysis.errors import (
    AnalysisError,
    BadRange,
    EmptyLedger,
    LedgerInUse,
    NoLedger,
    WrongColumns,
)
from analysis.schemas import SCHEMAS, checked
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.snapshot import Wanted, snapshot
from proxy.ledger.views import prepare
from tests.ledger.entries import (
    RECEIVED_US,
    before_the_fence,
    entry,
    journal,
    request_id,
    run_python,
)

RECEIVED = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=RECEIVED_US)
GRAINS = ("requests", "attempts", "losses", "events", "rollups")


def _write(root: Path, *numbers: int, started: int = 0) -> None:
    log = journal(root, started_us=RECEIVED_US + started)
    for number in numbers:
        log.write(entry(number))
    log.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger with requests 1 to 4, two of them converted; no test writes into it."""
    root = tmp_path_factory.mktemp("ledger")
    prepare(root)
    _write(root, 1, 2)
    convert_sealed(folder_at(root), before_the_fence)
    _write(root, 3, 4, started=1)
    return root


@pytest.fixture(scope="module", params=["live", "snapshot", "parquet"])
def ledger(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    place, tmp_path = folder, tmp_path_factory.mktemp("copy")
    if request.param == "snapshot":
        place = tmp_path / "out.duckdb"
        snapshot(folder, place, Wanted(made_us=RECEIVED_US + 10_000_000))
    if request.param == "parquet":
        place = tmp_path / "parquet"
        place.mkdir()
        with open_ledger(folder) as live:
            live.requests().write_parquet(place / "requests.parquet")
            live.attempts().drop("mended").write_parquet(place / "attempts-1.parquet")
    with open_ledger(place) as opened:
        yield opened


def _numbers(frame: pl.DataFrame) -> list[str]:
    return frame["request_id"].unique(maintain_order=True).to_list()


def test_frames_of_each_grain(ledger: Ledger) -> None:
    for grain in GRAINS:
        assert getattr(ledger, grain)().schema == SCHEMAS[grain]
    assert _numbers(ledger.requests()) == [request_id(n) for n in (1, 2, 3, 4)]
    assert ledger.requests()["received_at"][0] == RECEIVED.replace(tzinfo=None) + timedelta(
        microseconds=1
    )
    assert ledger.attempts(columns=["attempt_no", "prompt_tokens"]).rows() == [
        (no, n) for n in (1, 2, 3, 4) for no in (1, 2)
    ]
    assert ledger.rollups()["requests"].sum() == 4


def test_what_is_live_shows_at_once(tmp_path: Path) -> None:
    prepare(tmp_path)
    with open_ledger(tmp_path) as ledger:
        _write(tmp_path, 5)
        assert _numbers(ledger.requests()) == [request_id(5)]


@pytest.mark.parametrize(
    ("selection", "requests", "attempts"),
    [
        pytest.param(ALL, [1, 2, 3, 4], [1, 2, 3, 4], id="everything"),
        pytest.param(
            Selection(since=RECEIVED + timedelta(microseconds=3)), [3, 4], [3, 4], id="since"
        ),
        pytest.param(
            Selection(until=RECEIVED + timedelta(microseconds=3)), [1, 2], [1, 2], id="until"
        ),
        pytest.param(
            Selection(
                since=(RECEIVED + timedelta(microseconds=2)).astimezone(),
                until=RECEIVED + timedelta(microseconds=3),
                app="claude",
            ),
            [2],
            [2],
            id="a range in any zone, of one app",
        ),
        pytest.param(Selection(app="codex"), [], [], id="an app that asked nothing"),
        pytest.param(Selection(app="o'brien"), [], [], id="a name with a quote"),
        pytest.param(
            Selection(provider="provider-2"), [], [1, 2, 3, 4], id="a provider, of attempts"
        ),
    ],
)
def test_selections(
    ledger: Ledger, selection: Selection, requests: list[int], attempts: list[int]
) -> None:
    assert _numbers(ledger.requests(selection)) == [request_id(n) for n in requests]
    found = ledger.attempts(selection)
    assert _numbers(found) == [request_id(n) for n in attempts]
    if selection.provider is not None:
        assert found["provider"].unique().to_list() == [selection.provider]
    assert ledger.losses(selection).is_empty()


def test_limits_go_into_the_sql(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        plan = ledger.relation("requests", Selection(app="claude")).explain()
        assert "Filters" in plan


def test_how_fresh_it_is(ledger: Ledger) -> None:
    found = ledger.freshness()
    assert found.newest_at == RECEIVED.replace(tzinfo=None) + timedelta(microseconds=4)
    assert (found.made_at is None) == (found.kind == "live")
    assert str(found).startswith("live" if found.kind == "live" else "as of")


def test_a_query_of_the_package_sees_only_its_selection(ledger: Ledger) -> None:
    assert len(ledger.ask("judged")) == 8
    assert len(ledger.ask("judged", Selection(provider="provider-1"))) == 4
    assert ledger.ask("asked", Selection(until=RECEIVED)).is_empty()


def test_an_empty_ledger(tmp_path: Path) -> None:
    prepare(tmp_path)
    with open_ledger(tmp_path) as ledger:
        for grain in GRAINS:
            assert getattr(ledger, grain)().schema == SCHEMAS[grain]
        with pytest.raises(EmptyLedger, match=r"holds no request \(live, .* it holds no request"):
            ledger.refuse_empty()


def test_nothing_of_what_was_asked(folder: Path) -> None:
    with open_ledger(folder) as ledger:
        ledger.refuse_empty()
        with pytest.raises(EmptyLedger, match="no request of what was asked about"):
            ledger.refuse_empty(Selection(app="gemini"))


def test_a_range_that_ends_before_it_begins() -> None:
    with pytest.raises(BadRange, match="--since must be before --until"):
        Selection(since=RECEIVED, until=RECEIVED)


def _nothing(root: Path) -> Path:
    return root / "nowhere"


def _bare_folder(root: Path) -> Path:
    (root / "bare").mkdir()
    return root / "bare"


def _text_file(root: Path) -> Path:
    (root / "notes.txt").write_text("no ledger")
    return root / "notes.txt"


def _address(root: Path) -> str:
    return f"https://{root.name}.example/ledger"


def _no_catalog(root: Path) -> str:
    return f"ducklake:sqlite://{root.name}"


def _old_snapshot(root: Path) -> Path:
    with duckdb.connect(root / "old.duckdb") as connection:
        connection.execute("CREATE TABLE requests (request_id UUID)")
    return root / "old.duckdb"


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        pytest.param(_nothing, NoLedger, "there is nothing at", id="nothing there"),
        pytest.param(_bare_folder, NoLedger, "want commits.jsonl, or Parquet", id="no ledger"),
        pytest.param(_text_file, NoLedger, "is no snapshot that can be read", id="another file"),
        pytest.param(_address, NoLedger, "no address like", id="an address"),
        pytest.param(_no_catalog, NoLedger, "not in PostgreSQL", id="a catalog we do not know"),
        pytest.param(_old_snapshot, WrongColumns, "make the snapshot again", id="an older schema"),
    ],
)
def test_what_cannot_be_opened(
    make: Callable[[Path], Path | str], error: type[AnalysisError], says: str, tmp_path: Path
) -> None:
    with pytest.raises(AnalysisError, match=says) as raised:
        open_ledger(make(tmp_path))
    assert type(raised.value) is error
    assert "\n" not in str(raised.value)


def test_a_file_in_use(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.duckdb"
    snapshot(folder, target, Wanted(made_us=RECEIVED_US))
    code = f"""
import duckdb
from analysis import open_ledger
from analysis.errors import LedgerInUse
try:
    open_ledger({str(target)!r})
except LedgerInUse as error:
    print(error)
"""
    with duckdb.connect(target):
        assert run_python(code).startswith(f"another process has {target} open for writing")
    assert issubclass(LedgerInUse, AnalysisError)


@pytest.mark.parametrize("part", ["data", "ledger.duckdb"])
def test_the_inside_of_a_ledger_is_that_ledger(folder: Path, part: str) -> None:
    with open_ledger(folder / part) as ledger:
        assert ledger.source.kind == "live"
        assert len(ledger.requests()) == 4


def test_parquet_without_attempts(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "some"
    place.mkdir()
    shutil.copy(next((folder / "data").glob("requests-*-*.parquet")), place / "requests.parquet")
    with open_ledger(place) as ledger:
        assert len(ledger.requests()) == 2
        assert ledger.attempts().schema == SCHEMAS["attempts"]


def test_other_columns_are_refused() -> None:
    frame = pl.DataFrame(schema=SCHEMAS["attempts"]).with_columns(status=pl.lit("429"))
    with pytest.raises(WrongColumns, match=r"^attempts: got and wanted differ in status"):
        checked("attempts", frame)


def test_a_ledger_of_an_older_schema_is_read_as_it_is(tmp_path: Path) -> None:
    old = Path(__file__).parent.parent / "ledger" / "version_1"
    shutil.copytree(old, tmp_path / "ledger")
    prepare(tmp_path / "ledger")
    with open_ledger(tmp_path / "ledger") as ledger:
        assert ledger.requests().schema == SCHEMAS["requests"]
        assert len(ledger.requests()) > 0
        assert ledger.events().is_empty()

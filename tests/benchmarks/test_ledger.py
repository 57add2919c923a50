"""The ledger's aims: time on the loop, CPU a row, questions to 10 M rows, bytes and memory.

Where benchmarks are disabled everything runs once on a small ledger.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import duckdb
import pytest

from proxy.ledger.commits import Commit, append, read
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.lineage import Lineage
from proxy.ledger.stats import stats
from proxy.ledger.synth import Wish, synth
from proxy.ledger.tidy import LONG
from proxy.ledger.verify import problems
from proxy.ledger.views import prepare
from tests.benchmarks import large
from tests.benchmarks.bench import Bench
from tests.ledger.entries import RECEIVED_US, journal, request_id

PACE_S = 0.002  # 500 a second
SEGMENT, MANY, TAIL = 10_000, 100_000, 100_000
SEALED = 15_000  # requests in a journal of 64 MiB
DAY = date(2026, 11, 18)  # of RECEIVED_US
HOURLY = """SELECT date_trunc('hour', started_at) AS hour, provider, count(*),
avg((outcome = 'whole')::INT) FROM attempts GROUP BY ALL"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    rows: int
    segment: int
    many: int
    rounds: int


@pytest.fixture(scope="session")
def sizes(request: pytest.FixtureRequest) -> Sizes:
    if request.config.getoption("benchmark_enable"):
        return Sizes(large.ROWS, SEGMENT, MANY, 5000)
    return Sizes(large.ROWS_OF_A_CHECK, 100, 1000, 20)


@pytest.fixture(scope="session")
def big(sizes: Sizes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The large ledger: of Parquet alone."""
    if sizes.rows == large.ROWS:
        return large.kept(Path(__file__).parents[2] / "build" / "ledgers", sizes.rows)
    return large.kept(tmp_path_factory.mktemp("ledgers") / "made", sizes.rows)


@pytest.fixture
def tail(big: Path, sizes: Sizes) -> Iterator[None]:
    """Rows in a journal beside it that nobody has converted yet."""
    large.write(big, large.entries(big, min(TAIL, sizes.rows)), started_us=RECEIVED_US)
    yield
    for path in folder_at(big).journal.glob("*-*"):
        path.unlink()


@pytest.fixture
def empty(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    return folder_at(tmp_path)


def told(benchmark: Bench, part: str, value: float, unit: str, aim: float | None = None) -> None:
    """Put a figure where the report finds it."""
    benchmark.extra_info.update(kind="ledger", part=part, value=value, unit=unit, aim=aim)


@pytest.mark.benchmark(timer=time.perf_counter, group="ledger")
@pytest.mark.parametrize(("part", "aim"), [(0.5, None), (0.99, 30.0), (0.999, None)])
def test_time_on_the_loop(
    big: Path, empty: Folder, sizes: Sizes, benchmark: Bench, part: float, aim: float | None
) -> None:
    log, numbers = journal(empty.root), count()
    (one, *_) = large.entries(big, 1)

    def write() -> None:
        log.opened(request_id(next(numbers)), 1, "/v1/messages")
        log.write(one)

    def wait() -> None:
        time.sleep(PACE_S)

    benchmark.pedantic(write, setup=wait, rounds=sizes.rounds, warmup_rounds=20)
    log.close()
    if benchmark.enabled:
        found = sorted(benchmark.stats.stats.data)
        us = found[int(part * len(found))] * 1e6
        told(
            benchmark, f"journal, both lines of a request at 500/s, p{100 * part:g}", us, "µs", aim
        )


@pytest.mark.benchmark(group="ledger")
def test_cpu_of_a_row_all_in(big: Path, empty: Folder, sizes: Sizes, benchmark: Bench) -> None:
    found = large.entries(big, sizes.segment // 2)
    prepare(empty.root)

    def run() -> float:
        began_s = time.process_time()
        log = journal(empty.root)
        for at in range(0, len(found), 50):  # the waiting itself costs little so
            for one in found[at : at + 50]:
                log.opened(one.request.request_id, RECEIVED_US, "/v1/messages")
                log.write(one)
            time.sleep(50 * PACE_S)
        log.close()
        assert convert_sealed(empty, lineage=Lineage()) == []
        return (time.process_time() - began_s) / len(found) * 1e6

    us = benchmark.pedantic(run)
    told(
        benchmark,
        "all-in CPU of a request at 500/s: journal, sync thread, conversion",
        us,
        "µs",
        60,
    )


@pytest.mark.benchmark(group="ledger")
def test_conversion(big: Path, empty: Folder, sizes: Sizes, benchmark: Bench) -> None:
    found = large.entries(big, sizes.segment)
    rows = sum(1 + len(one.attempts) + len(one.losses) for one in found)
    numbers, spent_s = count(), []

    def setup() -> None:
        large.write(empty.root, found, started_us=RECEIVED_US + next(numbers))

    def run() -> None:
        began_s = time.process_time()
        assert convert_sealed(empty, lineage=Lineage()) == []
        spent_s.append(time.process_time() - began_s)

    benchmark.pedantic(run, setup=setup, rounds=3)
    us = min(spent_s) / rows * 1e6
    told(benchmark, f"conversion, CPU of a row, {len(found):,} requests in a journal", us, "µs", 10)


def ask(root: Path, query: str) -> None:
    with duckdb.connect(root / "ledger.duckdb", read_only=True) as connection:
        assert connection.execute(query).fetchall()


@pytest.mark.benchmark(group="ledger")
@pytest.mark.parametrize(
    ("query", "name", "aim"),
    [(HOURLY, "hourly success by provider", 0.4), ("SELECT count(*) FROM requests", "count", None)],
)
def test_parquet_alone(big: Path, benchmark: Bench, query: str, name: str, aim: float) -> None:
    benchmark.pedantic(lambda: ask(big, query), rounds=5, warmup_rounds=1)
    if benchmark.enabled:
        told(
            benchmark,
            f"{name}, {large.ROWS:,} requests, opened anew",
            benchmark.stats.stats.median,
            "s",
            aim,
        )


@pytest.mark.benchmark(group="ledger")
@pytest.mark.usefixtures("tail")
def test_with_a_live_tail(big: Path, benchmark: Bench) -> None:
    benchmark.pedantic(lambda: ask(big, HOURLY), rounds=5, warmup_rounds=1)
    if benchmark.enabled:
        name = f"... and {TAIL:,} more in a journal"
        told(benchmark, name, benchmark.stats.stats.median, "s", 0.4)


@pytest.mark.benchmark(group="ledger")
def test_bytes_of_a_row(big: Path, benchmark: Bench) -> None:
    found = benchmark.pedantic(lambda: stats(big))
    rows = sum(n or 0 for n in (found.requests, found.attempts, found.losses))
    told(benchmark, "a row in Parquet, of all tables", found.parquet_bytes / rows, "B", 120)


@pytest.mark.benchmark(group="ledger")
def test_reading_many_commits(empty: Folder, sizes: Sizes, benchmark: Bench) -> None:
    names = tuple(f"requests-a_host-1-{RECEIVED_US}-{no:06d}.parquet" for no in range(LONG))
    for name in names[: sizes.many]:
        append(empty.commits, Commit(1, (name,), (name.replace("requests", "journal"),), (1,)))
    assert len(read(empty.commits)) == min(LONG, sizes.many)
    benchmark.pedantic(lambda: ask(empty.root, "SELECT count(*) FROM requests"), rounds=5)
    if benchmark.enabled:
        told(benchmark, f"a query of nothing, {LONG} commits", benchmark.stats.stats.median, "s")


CONVERTER = "import sys\nfrom proxy.ledger.converter import main\nsys.exit(main(sys.argv[1:]))"
QUESTION = """
import sys
from pathlib import Path
from analysis.load import open_ledger
with open_ledger(Path(sys.argv[1])) as ledger:
    assert ledger.connection.execute(sys.argv[2]).fetchall()
"""


@pytest.mark.benchmark(group="ledger")
def test_memory_of_the_converter(big: Path, empty: Folder, sizes: Sizes, benchmark: Bench) -> None:
    """Convert many journals, and compact their day with what has three times as much."""
    list(synth(empty.root, Wish(3 * sizes.many, days=1, first=DAY)))
    found = large.entries(big, sizes.many)
    large.write(empty.root, found, started_us=RECEIVED_US, each=SEALED)
    words = (str(empty.root), "--once")
    mib = benchmark.pedantic(lambda: large.peak_mib(CONVERTER, *words))
    assert list(problems(empty.root)) == []
    name = f"converter: journals of {sizes.many:,} in all, compacting a day of {4 * sizes.many:,}"
    told(benchmark, name, mib, "MiB", 1024)


@pytest.mark.benchmark(group="ledger")
def test_memory_of_a_question(big: Path, benchmark: Bench) -> None:
    mib = benchmark.pedantic(lambda: large.peak_mib(QUESTION, str(big), HOURLY))
    told(benchmark, f"hourly success of {large.ROWS:,} requests through open_ledger", mib, "MiB")

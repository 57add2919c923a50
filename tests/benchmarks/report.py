"""Prints the tables of `docs/benchmarks.md` from the JSON of one or more runs.

    .venv/bin/python -m tests.benchmarks.report build/benchmarks/*.json

Of several runs each figure is the median of the runs' medians, and a ratio the median of the
runs' own ratios: proxy and floor of one run were measured a few seconds apart.
"""

import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from tests.benchmarks.workloads import STREAM_EVENTS, WORKLOADS


class Extra(msgspec.Struct):
    """What a benchmark says of itself."""

    kind: str
    subject: str | None = None
    workload: str | None = None
    concurrency: int | None = None
    part: str | None = None
    p99_ms: float | None = None
    p99_us: float | None = None
    value: float | None = None
    unit: str | None = None
    aim: float | None = None
    workers: int | None = None
    cpu_us: float | None = None
    kept_by: str | None = None
    idle_mib: tuple[float, ...] = ()
    after_mib: tuple[float, ...] = ()


class Stats(msgspec.Struct):
    """What pytest-benchmark found, in seconds."""

    median: float


class Benchmark(msgspec.Struct):
    """One benchmark of one run."""

    stats: Stats
    extra_info: Extra


class Run(msgspec.Struct):
    """One run of all."""

    benchmarks: list[Benchmark]

    def of(self, **wanted: object) -> Benchmark:
        """Return the benchmark that says these things of itself."""
        return next(
            benchmark
            for benchmark in self.benchmarks
            if all(getattr(benchmark.extra_info, name) == is_ for name, is_ in wanted.items())
        )


Figure = Callable[[Run], float]


def cpu_us(subject: str, workload: str, concurrency: int) -> Figure:
    """Return what takes CPU µs a request from a run."""

    def of(run: Run) -> float:
        found = run.of(kind="cpu", subject=subject, workload=workload, concurrency=concurrency)
        return found.stats.median * 1e6

    return of


def cpu_rows(runs: Sequence[Run]) -> Iterable[str]:
    """Yield the table of CPU per request."""
    yield "| workload | at a time | floor, µs | proxy, µs | proxy / floor | proxy, µs/event |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for workload in WORKLOADS:
        for concurrency in (1, 16):
            floor = cpu_us("floor", workload.name, concurrency)
            proxy = cpu_us("proxy", workload.name, concurrency)
            ratio = [proxy(run) / floor(run) for run in runs]
            event = f"{middle(runs, proxy) / STREAM_EVENTS:.1f}" if workload.is_stream else ""
            yield (
                f"| {workload.name} | {concurrency} | {spread(runs, floor)} "
                f"| {spread(runs, proxy)} | {statistics.median(ratio):.2f} | {event} |"
            )


def first_byte_rows(runs: Sequence[Run]) -> Iterable[str]:
    """Yield the table of times to the first byte."""
    yield "| asked | p50, ms | p99, ms |"
    yield "| --- | --- | --- |"
    for subject, name in (("upstream", "directly"), ("floor", "the floor"), ("proxy", "the proxy")):
        found = [run.of(kind="first_byte", subject=subject) for run in runs]
        p50 = statistics.median(one.stats.median * 1e3 for one in found)
        p99 = statistics.median(one.extra_info.p99_ms or 0 for one in found)
        yield f"| {name} | {p50:.2f} | {p99:.2f} |"


def part_rows(runs: Sequence[Run]) -> Iterable[str]:
    """Yield the table of the parts."""
    yield "| part | µs |"
    yield "| --- | --- |"
    names = [b.extra_info.part for b in runs[0].benchmarks if b.extra_info.kind == "part"]
    for name in names:
        us = statistics.median(run.of(kind="part", part=name).stats.median * 1e6 for run in runs)
        yield f"| {name} | {us:.1f} |"
    for name in ("opened", "write"):
        found = [run.of(kind="journal", part=name) for run in runs]
        us = statistics.median(one.stats.median * 1e6 for one in found)
        p99 = statistics.median(one.extra_info.p99_us or 0 for one in found)
        yield f"| journal: {name} (elapsed; p99 {p99:.0f}) | {us:.1f} |"


def ledger_rows(runs: Sequence[Run]) -> Iterable[str]:
    """Yield the table of the ledger's figures and aims."""
    yield "| ledger | found | aim |"
    yield "| --- | --- | --- |"
    for one in runs[0].benchmarks:
        info = one.extra_info
        if info.kind != "ledger":
            continue
        found = [run.of(kind="ledger", part=info.part).extra_info.value or 0 for run in runs]
        aim = "" if info.aim is None else f"≤ {info.aim:g} {info.unit}"
        yield f"| {info.part} | {statistics.median(found):.3g} {info.unit} | {aim} |"


def process_rows(runs: Sequence[Run]) -> Iterable[str]:
    """Yield what concerns the process as a whole."""
    ready_s = statistics.median(run.of(kind="start").stats.median for run in runs)
    help_s = statistics.median(run.of(kind="help").stats.median for run in runs)
    idle = [run.of(kind="start").extra_info.idle_mib for run in runs]
    after = [run.of(kind="memory").extra_info.after_mib for run in runs]
    yield f"- start to ready {ready_s:.2f} s; `pointsman --help` {help_s:.2f} s"
    yield f"- RSS idle, server and converter: {memory(idle)} MiB"
    yield f"- RSS after everything above: {memory(after)} MiB"


def sharing_rows(runs: Sequence[Run]) -> Iterable[str]:
    """Yield what it costs that several workers know the same."""
    for workers in (1, 2):
        found = [run.of(kind="workers", workers=workers).extra_info.cpu_us or 0 for run in runs]
        yield f"- {workers} workers: {statistics.median(found):,.0f} µs of CPU a request, all in"
    for name in ("hub", "redis"):
        known = [run.of(kind="known", kept_by=name) for run in runs]
        ms = statistics.median(one.stats.median * 1e3 for one in known)
        p99 = statistics.median(one.extra_info.p99_ms or 0 for one in known)
        yield f"- until another worker knows, {name}: {ms:.2f} ms (p99 {p99:.2f})"


def memory(of_runs: Sequence[Sequence[float]]) -> str:
    """Return the medians of each process."""
    return " + ".join(f"{statistics.median(each):.0f}" for each in zip(*of_runs, strict=True))


def middle(runs: Sequence[Run], figure: Figure) -> float:
    """Return the median of the runs."""
    return statistics.median(figure(run) for run in runs)


def spread(runs: Sequence[Run], figure: Figure) -> str:
    """Return the median of the runs, and the lowest and highest of several."""
    values = [figure(run) for run in runs]
    among = f" ({min(values):,.0f}-{max(values):,.0f})" if len(values) > 1 else ""
    return f"{statistics.median(values):,.0f}{among}"


def main(paths: Sequence[str]) -> None:
    """Print everything."""
    decoder = msgspec.json.Decoder(Run)
    runs = [decoder.decode(Path(path).read_bytes()) for path in paths]
    for rows in (cpu_rows, first_byte_rows, part_rows, ledger_rows, process_rows, sharing_rows):
        print("\n".join(rows(runs)), end="\n\n")  # noqa: T201  # it is what it is for


if __name__ == "__main__":
    main(sys.argv[1:])

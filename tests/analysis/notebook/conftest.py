"""The ledgers that every notebook is played on."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from analysis.notebook import scenarios
from analysis.notebook.scenarios import Verdicts
from fixtures.demo.story import Story, providers
from fixtures.stage import stage
from proxy.ledger.views import prepare


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that nobody has written into."""
    folder = tmp_path_factory.mktemp("empty")
    prepare(folder)
    return folder


@pytest.fixture(scope="session")
def of_make_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` leaves."""
    folder = tmp_path_factory.mktemp("demo")
    kept = folder / "kept"

    async def played() -> None:
        async with stage(folder, providers()) as there:
            story = Story(there)
            async for _ in story.acts():
                pass
            await story.findings()
            shutil.copytree(there.ledger, kept)

    asyncio.run(played())
    return kept


@pytest.fixture(scope="session")
def replays() -> dict[object, Verdicts]:
    """What was played already: each notebook is run on several ledgers, with the same faults."""
    return {}


@pytest.fixture(autouse=True)
def played_once(monkeypatch: pytest.MonkeyPatch, replays: dict[object, Verdicts]) -> None:
    """Play each list of scenarios once for all tests."""
    really = scenarios.played

    def played(
        names: Sequence[str] = scenarios.FAULTS, policies: Sequence[str] = (), seed: int = 1
    ) -> Verdicts:
        asked = (tuple(names), tuple(policies), seed)
        if asked not in replays:
            replays[asked] = really(names, policies, seed)
        return replays[asked]

    monkeypatch.setattr(scenarios, "played", played)


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The parameter for benchmarks: two runs, and one that broke off."""
    folder = tmp_path_factory.mktemp("benchmarks")
    for day, slower in ((1, 1.0), (2, 1.5)):
        (folder / f"2026110{day}.json").write_text(json.dumps(_run(day, slower)))
    (folder / "20261103.json").write_text('{"benchmarks": [')
    return {"benchmarks": str(folder)}


def _run(day: int, slower: float) -> dict[str, object]:
    told = [
        (subject, kib, many, us * (slower if subject == "proxy" else 1.0))
        for subject, us in (("floor", 500.0), ("proxy", 800.0))
        for kib in (2, 50)
        for many in (1, 16)
    ]
    benchmarks: list[dict[str, object]] = [
        {
            "extra_info": {
                "kind": "cpu",
                "subject": subject,
                "workload": f"{kib} KB whole",
                "concurrency": many,
            },
            "stats": {"data": [us * 1e-6 * (1 + part / 100) for part in range(9)]},
        }
        for subject, kib, many, us in told
    ]
    part = {"kind": "part", "part": f"of day {day}"}
    benchmarks.append({"extra_info": part, "stats": {"median": 3e-6, "rounds": 7}})
    cpu = {"brand_raw": "a CPU"}
    machine = {"system": "Linux", "release": "6", "python_version": "3.11", "cpu": cpu}
    when = f"2026-11-0{day}T00:00:00+00:00"
    return {"datetime": when, "machine_info": machine, "benchmarks": benchmarks}

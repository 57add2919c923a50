"""Which provider is most available."""

from pathlib import Path

from tests.analysis.metrics.asking import FAILED, ask, attempts


def test_three_successes_are_no_proof_of_perfection(tmp_path: Path) -> None:
    rows = [
        *attempts(990, provider="old"),
        *attempts(10, provider="old", **FAILED),
        *attempts(3, provider="new"),
        *attempts(80, provider="bad"),
        *attempts(20, provider="bad", **FAILED),
    ]
    found = ask(tmp_path, "ranks", attempts=rows)
    old, new, bad = (found.value(name, "availability") for name in ("old", "new", "bad"))
    assert old is not None
    assert new is not None
    assert bad is not None
    assert bad < new < old + 0.02
    assert new < 1
    chances = [found.value(name, "chance to be best") for name in ("old", "new", "bad")]
    assert sum(chance or 0 for chance in chances) == 1
    assert chances[2] == 0

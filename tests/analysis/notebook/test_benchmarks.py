"""What `09_benchmarks` reads out of pytest-benchmark's files."""

import pytest

from analysis.notebook import benchmarks, opened, places


def test_ratios_are_of_the_same_run_with_both_intervals(measured: dict[str, object]) -> None:
    runs = benchmarks.found(str(measured["benchmarks"]))
    assert runs.rows["run"].n_unique() == 2  # the one that broke off is none
    told = benchmarks.headlines(runs)
    assert [one.value for one in told] == pytest.approx([800 * 1.5 / 500] * 4)
    assert all(one.lo < one.value < one.hi for one in told)  # type: ignore[operator]
    every = benchmarks.ratios(runs.rows)["proxy / floor"]
    assert sorted(every.round(6)) == [1.6] * 4 + [2.4] * 4
    assert "2.40 to 2.40 times" in benchmarks.answer(opened(str(places.SAMPLE)), runs).said


def test_of_each_part_the_newest_is_shown(measured: dict[str, object]) -> None:
    runs = benchmarks.found(str(measured["benchmarks"]))
    assert runs.of("part")["us"].to_list() == pytest.approx([3.0, 3.0])
    assert len(runs.of("cpu")) == 8


def test_without_any_it_says_so(tmp_path: object) -> None:
    answer = benchmarks.answer(opened(str(places.SAMPLE)), benchmarks.found(str(tmp_path)))
    assert answer.said == benchmarks.NONE_YET
    assert answer.rests_on == ()

"""Bodies go when they are old or too many, a segment at a time, and the one being written stays."""

import os
from pathlib import Path

import pytest

from proxy.ledger.bodies.upkeep import Lying, tend, too_many
from proxy.ledger.keep import Keep
from tests.ledger.bodies.test_segment import body, segment, stored
from tests.ledger.entries import request_id

DAY_US = 86_400_000_000
MIB = 1 << 20


@pytest.mark.parametrize(
    ("ages_and_mib", "keep", "going"),
    [
        pytest.param([(8, 1), (6, 1)], Keep(bodies_days=7), [0], id="what is too old"),
        pytest.param(
            [(1, 3), (3, 3), (2, 3)], Keep(bodies_mib=6), [1], id="the oldest of what is too much"
        ),
        pytest.param([(1, 3), (2, 3)], Keep(bodies_mib=2), [1, 0], id="all, if need be"),
        pytest.param([(1, 3)], Keep(), [], id="nothing"),
    ],
)
def test_too_many(ages_and_mib: list[tuple[int, int]], keep: Keep, going: list[int]) -> None:
    now_us = 100 * DAY_US
    found = [
        Lying(Path(str(number)), size * MIB, now_us - days * DAY_US)
        for number, (days, size) in enumerate(ages_and_mib)
    ]
    assert [int(one.index.name) for one in too_many(found, keep, now_us)] == going


def test_old_segments_go_and_the_live_one_stays(tmp_path: Path) -> None:
    for number in range(3):
        folder, one = segment(tmp_path, number)
        one.add(request_id(number), body(b"%d" % number), 1)
        if number < 2:
            one.close()
    for number in (0, 2):
        os.utime(folder.bodies / f"host-1-1-{number:06d}.jsonl", (1, 1))
    assert tend(folder, Keep()) == []
    assert stored(folder) == [b"1", b"2"]
    one.close()
    assert tend(folder, Keep()) == []
    assert stored(folder) == [b"1"]
    assert len(list(folder.bodies.glob("*.frames"))) == 1


def test_what_no_index_names_goes(tmp_path: Path) -> None:
    folder, one = segment(tmp_path)
    one.add(request_id(1), body(b"1"), 1)
    for name in (
        "host-1-1-000000.1.frames",
        "host-1-1-000000.1.tmp",
        "host-9-9-000000.0.frames",
        "host-1-1-000000.2.new",
    ):
        (folder.bodies / name).write_bytes(b"left over")
    assert tend(folder, Keep()) == []
    assert stored(folder) == [b"1"]
    assert sorted(path.name for path in folder.bodies.iterdir()) == [
        "0.jsonl",
        "host-1-1-000000.0.frames",
        "host-1-1-000000.jsonl",
    ]
    one.close()

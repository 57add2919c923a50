"""What is stored comes back, byte for byte, and a growing conversation costs what is new in it."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import LedgerRefused
from proxy.ledger.bodies.frame import packed, unpacked
from proxy.ledger.bodies.likeness import most_alike
from proxy.ledger.bodies.reading import Shelf, shelves
from proxy.ledger.bodies.segment import MAX_DEPTH, Segment
from proxy.ledger.folder import Folder, folder_at, make
from proxy.record.bodies import Body
from tests.ledger.entries import request_id

SECRET = b"secret"


def segment(root: Path, number: int = 0) -> tuple[Folder, Segment]:
    folder = folder_at(root)
    make(folder)
    return folder, Segment(folder, f"host-1-1-{number:06d}", SECRET)


def body(content: bytes) -> Body:
    return Body("client_request", None, len(content), 0, content)


def stored(folder: Folder) -> list[bytes]:
    return [shelf.content(row.hash) for shelf in shelves(folder) for row in shelf.rows]


@given(one=st.binary(max_size=3000), other=st.none() | st.binary(max_size=3000))
def test_a_frame_gives_back_what_it_was_made_of(one: bytes, other: bytes | None) -> None:
    assert unpacked(packed(one, other), other) == one


def test_another_dictionary_is_noticed() -> None:
    frame = packed(b"words " * 999, b"words " * 500)
    with pytest.raises(LedgerRefused, match="damaged"):
        unpacked(frame, b"other " * 500)


@pytest.mark.parametrize(
    ("content", "others", "found"),
    [
        pytest.param(b"a" * 2000, [], None, id="none is there"),
        pytest.param(b"a" * 2000, [b"a" * 1023], None, id="what is short is like nothing"),
        pytest.param(b"a" * 2000, [b"b" * 2000, b"a" * 1500], 1, id="a common beginning"),
        pytest.param(b"xa" * 999, [b"", b"yyy" + b"xa" * 998], 1, id="a common end"),
        pytest.param(b"x" + b"a" * 2000, [b"y" + b"a" * 2000], 0, id="all but the first byte"),
    ],
)
def test_most_alike(content: bytes, others: list[bytes], found: int | None) -> None:
    assert most_alike(content, others) == found


def conversation(turns: int) -> list[bytes]:
    """Return the requests of a conversation, each with all before, as clients send them."""
    texts = [f"{turn}: " + " ".join(str(turn * n * n) for n in range(150)) for turn in range(turns)]
    said = [{"role": "user", "content": text} for text in texts]
    rest = {"tools": [{"name": str(n), "description": "does " * 40} for n in range(20)]}
    whole = [{"model": "m", "messages": said[: turn + 1], **rest} for turn in range(turns)]
    return [json.dumps(one).encode() for one in whole]


def test_a_growing_conversation_costs_what_is_new(tmp_path: Path) -> None:
    folder, live = segment(tmp_path)
    bodies = conversation(60)
    for number, content in enumerate(bodies):
        live.add(request_id(number), body(content), 1)
    live.close()
    (shelf,) = shelves(folder)
    size = sum(row.stored_bytes for row in shelf.rows)
    assert size < sum(map(len, bodies)) / 30  # each by itself: a quarter
    assert stored(folder) == bodies
    assert stored(folder)[::-1] == [shelf_content(folder, n) for n in range(59, -1, -1)]


def shelf_content(folder: Folder, number: int) -> bytes:
    """Return a body with nothing read before it."""
    for shelf in shelves(folder):
        return shelf.content(shelf.rows[number].hash)
    raise AssertionError


def test_the_same_again_is_stored_once(tmp_path: Path) -> None:
    folder, live = segment(tmp_path)
    for number in range(3):
        live.add(request_id(number), body(b"the same " * 500), number)
    live.close()
    (shelf,) = shelves(folder)
    assert [row.stored_bytes > 0 for row in shelf.rows] == [True, False, False]
    assert len({row.hash for row in shelf.rows}) == 1
    assert stored(folder) == [b"the same " * 500] * 3


def test_no_body_needs_more_frames_than_there_may_be(tmp_path: Path) -> None:
    folder, live = segment(tmp_path)
    bodies = [b"x" * 2000 + b"%d" % number for number in range(MAX_DEPTH + 5)]
    for number, content in enumerate(bodies):
        live.add(request_id(number), body(content), 1)
    live.close()
    assert stored(folder) == bodies
    assert shelf_content(folder, -1) == bodies[-1]


def test_a_torn_index_loses_its_last_line_and_damage_is_counted(tmp_path: Path) -> None:
    folder, live = segment(tmp_path)
    for number in range(2):
        live.add(request_id(number), body(b"%d" % number), 1)
    live.close()
    content = live.index.read_bytes()
    live.index.write_bytes(content[:-9])
    assert stored(folder) == [b"0"]
    live.index.write_bytes(content.replace(b'"attempt', b'"ettempt'))
    assert Shelf(live.index).damaged == 2


def test_damaged_frames_are_noticed_and_others_are_read(tmp_path: Path) -> None:
    folder, live = segment(tmp_path)
    for number in range(2):
        live.add(request_id(number), body(b"%d" % number * 50), 1)
    live.close()
    (frames,) = folder.bodies.glob("*.frames")
    raw = frames.read_bytes()
    frames.write_bytes(b"\0" + raw[1:])
    shelf = Shelf(live.index)
    with pytest.raises(LedgerRefused, match="damaged"):
        shelf.content(shelf.rows[0].hash)
    assert shelf.content(shelf.rows[1].hash) == b"1" * 50
    shelf.close()


def test_files_are_readable_for_the_user_alone(tmp_path: Path) -> None:
    folder, live = segment(tmp_path)
    live.close()
    files = [folder.bodies, *folder.bodies.iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600, 0o700}

"""A line of a journal: what was written is read again, and damage is seen."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy.ledger.line import (
    Ended,
    Line,
    Opened,
    entry_line,
    open_line,
    read,
    writer_line,
)
from tests.ledger.entries import RECEIVED_US, WRITER, entry, request_id


def test_each_kind_is_read_again() -> None:
    opened = Opened(request_id(1), RECEIVED_US, "/v1/messages")
    assert read(writer_line(WRITER)[:-1]) == Line(writer=WRITER)
    assert read(open_line(opened)[:-1]) == Line(opened=opened)
    assert read(entry_line(entry(1))[:-1]) == Line(
        request=Ended(request_id(1), RECEIVED_US + 1, "claude")
    )


def test_an_exchange_is_one_line_whatever_its_text() -> None:
    line = entry_line(entry(1))
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1


@given(st.data())
def test_any_changed_byte_is_found(data: st.DataObject) -> None:
    line = bytearray(entry_line(entry(1))[:-1])
    # The eight bytes before the checksum and the comma after it carry nothing.
    place = data.draw(st.integers(8, len(line) - 2).filter(lambda at: at not in {16, 17}))
    line[place] ^= data.draw(st.integers(1, 255))
    assert read(bytes(line)) is None


@given(st.integers(0, 2000))
def test_any_torn_line_is_found(length: int) -> None:
    line = entry_line(entry(1))[:-1]
    assert read(line[: min(length, len(line) - 1)]) is None


def test_text_that_is_no_utf_8_does_not_cost_the_row() -> None:
    request = msgspec.structs.replace(entry(1).request, user_agent="half \ud83d pair")
    line = entry_line(msgspec.structs.replace(entry(1), request=request))
    assert read(line[:-1]) == Line(request=Ended(request_id(1), RECEIVED_US + 1, "claude"))
    assert b'"user_agent":"half ? pair"' in line

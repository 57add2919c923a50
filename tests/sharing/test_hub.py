"""What the hub tells to whom, byte for byte."""

import asyncio
from dataclasses import dataclass, field

import pytest

from proxy.sharing import hub
from proxy.sharing.hub import Hub, Member


@dataclass
class Wire(asyncio.Transport):
    """Keeps what is written to a worker."""

    said: bytes = b""
    waiting_bytes: int = 0
    is_cut: bool = False
    _extra: dict[str, object] = field(default_factory=dict)

    def write(self, data: bytes) -> None:  # type: ignore[override]  # bytes are enough here
        self.said += data

    def is_closing(self) -> bool:
        return self.is_cut

    def get_write_buffer_size(self) -> int:
        return self.waiting_bytes

    def abort(self) -> None:
        self.is_cut = True


def joined(here: Hub, will: bytes = b"gone") -> tuple[Member, Wire]:
    member, wire = Member(here), Wire()
    member.connection_made(wire)
    member.data_received(b"?" + will + b"\n")
    return member, wire


def test_lines_go_to_all_in_one_order_however_they_were_cut() -> None:
    here = Hub()
    (one, first), (_, second) = joined(here), joined(here)
    for piece in (b"+a", b"\n+b\n~loud", b"ly\n+", b"c\n"):
        one.data_received(piece)
    assert first.said == b"=0 \n.\n+a\n+b\n~loudly\n+c\n"
    assert second.said == first.said


def test_a_newcomer_begins_with_what_was_known_and_hears_the_rest() -> None:
    here = Hub()
    one, _ = joined(here)
    one.data_received(b"+a\n+b\n=1 KNOWN\n+c\n")
    assert joined(here)[1].said == b"=1 KNOWN\n+b\n+c\n.\n"


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"=9 AHEAD\n", id="of what never was"),
        pytest.param(b"=1 AGAIN\n", id="of what is known already"),
        pytest.param(b"=0 BEFORE\n", id="of what is forgotten"),
    ],
)
def test_a_base_that_does_not_fit_is_not_taken(message: bytes) -> None:
    here = Hub()
    one, _ = joined(here)
    one.data_received(b"+a\n+b\n=1 KNOWN\n" + message)
    assert joined(here)[1].said == b"=1 KNOWN\n+b\n.\n"


def test_who_is_gone_has_a_last_word() -> None:
    here = Hub()
    (one, _), (_, second) = joined(here, b"one is gone"), joined(here)
    one.connection_lost(None)
    assert second.said == b"=0 \n.\n+one is gone\n"


def test_a_log_without_a_base_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MAX_LINES", 2)
    here = Hub()
    one, _ = joined(here)
    one.data_received(b"+a\n+b\n+c\n")
    assert joined(here)[1].said == b"=1 \n+b\n+c\n.\n"


def test_who_does_not_read_is_cut_off() -> None:
    here = Hub()
    (one, _), (_, slow) = joined(here), joined(here)
    slow.waiting_bytes = hub.MAX_WAITING_BYTES + 1
    one.data_received(b"+a\n")
    assert slow.is_cut

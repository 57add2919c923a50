"""The chain of a prompt is in its row; of a prompt that has grown only what is new is hashed."""

import json
from typing import Any

import pytest

from fixtures.engine import FakeProvider
from proxy.canonical import Session
from proxy.exchange import chains as chains_module
from proxy.exchange.chains import Chains
from proxy.record import chain as chains_of
from proxy.record.chain import Link, chained, unpacked
from proxy.steering import Wish
from proxy.wires import WIRES
from tests.asgi import PATHS, asking, proxy

WIRE = WIRES["anthropic"]
SECRET = b"secret"


def body(turns: str, mark: int = 1) -> bytes:
    """Return a request with a turn for each letter, the last ones marked for the cache."""
    said: list[dict[str, Any]] = [{"role": "user", "content": letter * 50} for letter in turns]
    for one in said[-mark:]:
        one["content"] = [
            {"type": "text", "text": one["content"], "cache_control": {"type": "ephemeral"}}
        ]
    return json.dumps({"model": "m", "messages": said, "system": "s" * 90}).encode()


def of(session: str | None) -> Wish:
    return Wish(app="claude", model="m", session=Session(session, "header") if session else None)


def fresh(request_body: bytes) -> tuple[Link, ...]:
    found = chained(SECRET, WIRE.order, request_body)
    assert found is not None
    return found.links


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The pieces that were hashed."""
    pieces: list[bytes] = []
    real = chains_of.bare

    def noted(piece: bytes) -> bytes:
        pieces.append(piece)
        return real(piece)

    monkeypatch.setattr(chains_of, "bare", noted)
    return pieces


def test_only_what_is_new_is_hashed(hashed: list[bytes]) -> None:
    chains = Chains()
    for turns in ("abc", "xyz", "abcd", "xyzw"):  # two conversations of one session, in turns
        chains.links(of("one"), WIRE, body(turns), SECRET)
    hashed.clear()
    for turns in ("abcdef", "xyzwvu"):
        found = chains.links(of("one"), WIRE, body(turns), SECRET)
        assert len(hashed) == 3  # the last one had a mark
        assert found == fresh(body(turns))
        hashed.clear()
    chains.links(of("another"), WIRE, body("abcdefg"), SECRET)
    assert len(hashed) == 8


def test_it_forgets_the_oldest(hashed: list[bytes]) -> None:
    chains = Chains(max_bytes=3 * len(body("abc")))
    for session in ("one", "two", "three", "four"):
        chains.links(of(session), WIRE, body("abc"), SECRET)
    sizes = {}
    for session in ("four", "one"):
        hashed.clear()
        chains.links(of(session), WIRE, body("abc"), SECRET)
        sizes[session] = len(hashed)
    assert sizes == {"four": 0, "one": 4}
    hashed.clear()
    for _ in range(2):
        chains.links(of("large"), WIRE, body("abcd" * 9), SECRET)
    assert len(hashed) == 2 * 37  # it has no place at all


def test_what_no_provider_takes_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains_module, "MAX_BODY_BYTES", 100)
    assert Chains().links(of("one"), WIRE, body("abc"), SECRET) == ()


def test_what_cannot_be_read_has_no_chain() -> None:
    assert Chains().links(of(None), WIRE, b"{", SECRET) == ()


@pytest.mark.anyio
@pytest.mark.parametrize("wire", sorted(PATHS))
async def test_it_is_in_the_row(wire: Any) -> None:
    path, asked = asking(wire, stream=False)
    with proxy(FakeProvider("main")) as here:
        await here.call(path, asked)
    row = here.rows.only.request
    links = unpacked(row.prefix_chain or "")
    assert links
    assert row.prompt_chars == links[-1].chars
    assert (row.parent_request, row.lcp_chars) == (None, None)


@pytest.mark.anyio
async def test_a_count_has_none() -> None:
    _, asked = asking("anthropic", stream=False)
    with proxy(FakeProvider("main")) as here:
        await here.call("/v1/messages/count_tokens", asked)
    assert here.rows.only.request.prefix_chain is None
    assert here.rows.only.request.prompt_chars is None

"""What of an exchange is a body, and what of it may be written down."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.record.bodies import Kept, Level, Pieces, are_wanted, bodies
from proxy.record.secrets import as_bytes, without_secrets
from tests.ledger.entries import entry

Story = list[tuple[str, int | None, int, int, bytes]]


def told(kept: Kept) -> Story:
    return [
        (one.which, one.attempt_no, one.whole_bytes, one.cut_bytes, one.content)
        for one in bodies(kept, lambda content: content.replace(b"secret", b"***"))
    ]


def kept_of(asked: bytes, *tries: tuple[bytes, bytes], said: bytes, max_bytes: int = 99) -> Kept:
    kept = Kept(max_bytes)
    kept.request = asked
    for sent, answer in tries:
        kept.attempt(sent).add(answer)
    kept.answer.add(said)
    return kept


ASKED = ("client_request", None, 3, 0, b"ask")


@pytest.mark.parametrize(
    ("kept", "story"),
    [
        pytest.param(
            kept_of(b"ask", (b"ask", b"yes"), said=b"yes"),
            [ASKED, ("provider_answer", 1, 3, 0, b"yes")],
            id="what passes untouched is there once",
        ),
        pytest.param(
            kept_of(b"ask", (b"other", b"yes"), said=b"ja"),
            [
                ASKED,
                ("provider_request", 1, 5, 0, b"other"),
                ("provider_answer", 1, 3, 0, b"yes"),
                ("client_answer", None, 2, 0, b"ja"),
            ],
            id="what is converted is there on both sides",
        ),
        pytest.param(
            kept_of(b"ask", (b"ask", b"no"), (b"ask", b"yes"), said=b"yes"),
            [ASKED, ("provider_answer", 1, 2, 0, b"no"), ("provider_answer", 2, 3, 0, b"yes")],
            id="each attempt has its answer",
        ),
        pytest.param(
            kept_of(b"ask", (b"ask", b""), said=b"sorry"),
            [ASKED, ("client_answer", None, 5, 0, b"sorry")],
            id="an empty body is none",
        ),
        pytest.param(
            kept_of(b"ask", (b"ask", b"my secret"), said=b"my ***"),
            [
                ASKED,
                ("provider_answer", 1, 9, 0, b"my ***"),
                ("client_answer", None, 6, 0, b"my ***"),
            ],
            id="a secret is struck out",
        ),
        pytest.param(
            kept_of(b"0123456789", (b"0123456789", b"abcdef"), said=b"abcdef", max_bytes=4),
            [("client_request", None, 10, 6, b"0123"), ("provider_answer", 1, 6, 2, b"abcd")],
            id="what is too long is cut, and that is said",
        ),
        pytest.param(Kept(9), [], id="nothing has come"),
    ],
)
def test_bodies_of_an_exchange(kept: Kept, story: Story) -> None:
    assert told(kept) == story


@given(pieces=st.lists(st.binary(max_size=9)), room=st.integers(0, 40))
def test_any_pieces_are_the_same_beginning(pieces: list[bytes], room: int) -> None:
    kept = Pieces(room)
    for piece in pieces:
        kept.add(piece)
    whole = b"".join(pieces)
    assert (kept.bytes, b"".join(kept.parts)) == (len(whole), whole[:room])


@pytest.mark.parametrize(
    ("level", "number", "wanted"),
    [
        pytest.param("none", 1, False, id="none"),
        pytest.param("full", 1, True, id="all"),
        pytest.param("errors", 1, False, id="nothing failed"),
        pytest.param("errors", 2, True, id="an attempt failed"),
        pytest.param("errors", 3, True, id="the request did"),
    ],
)
def test_which_exchanges_are_wanted(level: Level, number: int, *, wanted: bool) -> None:
    one = entry(1)
    if number == 2:
        tried = (msgspec.structs.replace(one.attempts[0], outcome="refused"), one.attempts[1])
        one = msgspec.structs.replace(one, attempts=tried)
    if number == 3:
        row = msgspec.structs.replace(one.request, outcome="rejected")
        one = msgspec.structs.replace(one, request=row)
    assert are_wanted(level, one) is wanted


@pytest.mark.parametrize(
    ("content", "struck"),
    [
        pytest.param(b"key sk-0123456789!", b"key ***!", id="as it is"),
        pytest.param(b'{"k":"a\\"quoted\\u00e9"}', b'{"k":"***"}', id="as JSON writes it"),
        pytest.param('{"k":"a\\"quotedé"}'.encode(), b'{"k":"***"}', id="as other JSON writes it"),
        pytest.param(b"key sk-01234567", b"key ***", id="its beginning at a cut"),
        pytest.param(b"key sk-01", b"key sk-01", id="too little of it to be known by"),
        pytest.param(b"short", b"short", id="what is short is no secret"),
    ],
)
def test_secrets_are_struck_out_of_bodies(content: bytes, struck: bytes) -> None:
    secrets = as_bytes(["sk-0123456789", 'a"quotedé', "short"])
    assert without_secrets(content, secrets) == struck


@given(cut=st.integers(0, 60))
def test_no_cut_leaves_eight_characters_of_a_secret(cut: int) -> None:
    body = b"so the key is sk-abcdefghijklmnop, said the provider"[:cut]
    left = without_secrets(body, as_bytes(["sk-abcdefghijklmnop"]))
    assert b"sk-abcde" not in left

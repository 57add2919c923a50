"""Tokens in envelopes come home; what only looks like an envelope stays as it is."""

import pytest

from proxy.canonical.envelope import carried, issued
from proxy.canonical.parts import Opaque


@pytest.mark.parametrize(
    ("opaque", "wire"),
    [
        pytest.param(Opaque("a", "p.q"), "a", id="its own"),
        pytest.param(Opaque("a", "p.q"), "b", id="without an id"),
        pytest.param(Opaque("a", "é", "rs_1"), "b", id="with an id"),
    ],
)
def test_a_token_comes_back_as_it_was(opaque: Opaque, wire: str) -> None:
    assert issued(carried(opaque, wire), wire) == opaque


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("pm1.YQ", id="too short"),
        pytest.param("pm1.YQ.YQ.é", id="not ASCII"),
        pytest.param("pm1.YQ.YQ.a", id="no base64"),
        pytest.param("pm1.YQ.YQ._w", id="no UTF-8"),
    ],
)
def test_what_is_no_envelope_is_a_token(text: str) -> None:
    assert issued(text, "a", "rs_1") == Opaque("a", text, "rs_1")

"""A request as the user's file wants it for one provider: its body, its address, its key."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config.manner_tables import path_of
from proxy.routing.manner import BodyChange, KeyPlace, Manner, spellings
from proxy.routing.types import Credential, Provider
from proxy.upstream import Order
from proxy.upstream.manner import changed, for_an_answer, in_manner

USUAL = [(b"x-api-key", b"k+y"), (b"authorization", b"Bearer k+y")]
HEADERS = [
    (b"content-type", b"application/json"),
    (b"x-stainless-os", b"Linux"),
    (b"x-token", b"a client's"),
    (b"x-title", b"mine"),
    *USUAL,
]
KEY = Credential("own", "k+y")


def changing(drops: list[str], sets: object) -> BodyChange:
    return BodyChange(drops=tuple(map(path_of, drops)), sets=json.dumps(sets))


@pytest.mark.parametrize(
    ("body", "drops", "sets", "result"),
    [
        pytest.param(
            b'{"a": 1.50, "b": {"c":  2}}',
            [],
            {"d": 3},
            b'{"a":1.50,"b":{"c":  2},"d":3}',
            id="what is not concerned keeps its bytes",
        ),
        pytest.param(
            b'{"a":{"b":1,"c":2}}',
            [],
            {"a": {"c": 3, "d": 4}},
            b'{"a":{"b":1,"c":3,"d":4}}',
            id="objects are merged",
        ),
        pytest.param(
            b'{"a":[1],"b":{"c":1},"d":2}',
            [],
            {"a": [2], "b": 3, "d": {"e": 4}},
            b'{"a":[2],"b":3,"d":{"e":4}}',
            id="all else is replaced",
        ),
        pytest.param(
            b'{"a":{"b":{"c":1,"d":2}},"e":3}',
            ["a.b.c", "e", "f.g"],
            {},
            b'{"a":{"b":{"d":2}}}',
            id="a path is taken out, one that is not there is none",
        ),
        pytest.param(
            b'{"a":{"b":1}}',
            ["a"],
            {"a": {"c": 2}},
            b'{"a":{"c":2}}',
            id="dropped and set is replaced as a whole",
        ),
        pytest.param(
            b'{"a.b":1,"a":{"b":2}}', ['"a.b"'], {}, b'{"a":{"b":2}}', id="a key with a dot in it"
        ),
        pytest.param(b'{"a":1}', [], {}, b'{"a":1}', id="no change is none"),
        pytest.param(b"[1]", ["a"], {"a": 1}, b"[1]", id="what is no object stays"),
        pytest.param(
            b'{"n":123456789012345678901234567890}',
            [],
            {"a": "\u00e4"},
            '{"n":123456789012345678901234567890,"a":"ä"}'.encode(),
            id="numbers that no float holds",
        ),
    ],
)
def test_bodies(body: bytes, drops: list[str], sets: object, result: bytes) -> None:
    assert changed(body, changing(drops, sets)) == result


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


def merged(there: object, sets: object) -> object:
    if not (isinstance(there, dict) and isinstance(sets, dict)):
        return sets
    return there | {
        name: merged(there[name], value) if name in there else value for name, value in sets.items()
    }


@given(OBJECTS, OBJECTS)
def test_a_merge_is_deep(body: dict[str, object], sets: dict[str, object]) -> None:
    result = changed(json.dumps(body).encode(), changing([], sets))
    assert json.loads(result) == merged(body, sets)


def ordered(manner: Manner, url: str = "https://a.test/v1/messages?beta=true") -> Order:
    provider = Provider("main", "https://a.test", ("anthropic",), (("X-Title", "mine"),))
    named = Provider("main", provider.base_url, provider.wires, provider.headers, manner=manner)
    order = Order("main", "POST", url, HEADERS, b'{"a":1}', 1.0)
    answering = for_an_answer(order, manner, "anthropic", "m/1")
    return in_manner(answering, named, KEY, USUAL)


@pytest.mark.parametrize(
    ("manner", "url", "headers"),
    [
        pytest.param(
            Manner(key=KeyPlace("X-Token", "Token {key}")),
            "https://a.test/v1/messages?beta=true",
            [HEADERS[0], HEADERS[1], HEADERS[3], (b"x-token", b"Token k+y")],
            id="in a header of its own, which no client can set",
        ),
        pytest.param(
            Manner(key=KeyPlace(query="beta")),
            "https://a.test/v1/messages?beta=k%2By",
            HEADERS[:4],
            id="in the query, in place of a client's",
        ),
        pytest.param(
            Manner(key=KeyPlace("Authorization", "Bearer {key}", "key")),
            "https://a.test/v1/messages?beta=true&key=k%2By",
            [*HEADERS[:4], (b"authorization", b"Bearer k+y")],
            id="in both",
        ),
        pytest.param(
            Manner(drop_headers=("X-*", "content-*")),
            "https://a.test/v1/messages?beta=true",
            [HEADERS[0], *HEADERS[3:]],
            id="headers stay behind, but for those that the proxy or the user sets",
        ),
        pytest.param(
            Manner(endpoints=(("anthropic", "https://b.test/x/{model}?v=2"),)),
            "https://b.test/x/m%2F1?v=2&beta=true",
            HEADERS,
            id="a whole address",
        ),
        pytest.param(
            Manner(endpoints=(("chat", "https://b.test/x"),)),
            "https://a.test/v1/messages?beta=true",
            HEADERS,
            id="the whole address of another wire",
        ),
    ],
)
def test_where_it_goes(manner: Manner, url: str, headers: list[tuple[bytes, bytes]]) -> None:
    order = ordered(manner)
    assert (order.url, list(order.headers), order.body) == (url, headers, b'{"a":1}')


def test_an_address_of_gemini_says_how_it_answers() -> None:
    manner = Manner(endpoints=(("anthropic", "https://b.test/{model}/{action}"),))
    url = "https://a.test/v1beta/models/x:streamGenerateContent?alt=sse"
    assert ordered(manner, url).url == "https://b.test/m%2F1/streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("change", "is_changed"),
    [
        pytest.param(BodyChange(("anthropic",), sets='{"b":2}'), True, id="its wire"),
        pytest.param(BodyChange(("chat",), sets='{"b":2}'), False, id="another wire"),
        pytest.param(BodyChange(models=("M/*",), sets='{"b":2}'), True, id="its model"),
        pytest.param(BodyChange(models=("n*",), sets='{"b":2}'), False, id="another model"),
    ],
)
def test_whom_a_change_concerns(change: BodyChange, is_changed: bool) -> None:
    assert ordered(Manner(body=(change,))).body == (b'{"a":1,"b":2}' if is_changed else b'{"a":1}')


def test_a_key_in_the_query_has_two_spellings_to_strike_out() -> None:
    assert spellings(Manner(key=KeyPlace(query="key")), "k+y") == ("k%2By",)
    assert spellings(Manner(key=KeyPlace(query="key")), "key") == ()
    assert spellings(Manner(), "k+y") == ()
    assert "canary" not in repr(Order("main", "GET", "https://a.test?key=canary", [], b"", 1.0))

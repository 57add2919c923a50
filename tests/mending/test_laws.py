"""What holds of every rule, and what no rule touches."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Told
from proxy.mending import RULES, Mended, mended
from tests.mending import test_budget, test_images, test_parameters, test_signature
from tests.mending.case import Case, mend
from tests.nested import Strategy, nested

CASES = {
    "thinking_signature": test_signature.CASES,
    "thinking_budget": test_budget.CASES,
    "images_refused": test_images.CASES,
    "unsupported_parameter": test_parameters.CASES,
}
ALL = [case for cases in CASES.values() for case in cases]
WIRES = ("anthropic", "chat", "responses", "gemini")
PROTECTED = {"model", "messages", "contents", "input", "tools", "system", "instructions", "stream"}
EVERYTHING: dict[str, Any] = {}
for _case in ALL:
    EVERYTHING |= _case.body


def refuse(words: str, body: bytes, wire: str = "anthropic", status: int = 400) -> Mended | None:
    told = Told(error_type="invalid_request_error", error_message=words)
    return mended(wire, body, status, told)


@pytest.mark.parametrize("name", RULES)
def test_each_rule_has_a_case_for_each_wire_it_serves(name: str) -> None:
    assert {case.wire for case in CASES[name]} == set(RULES[name].repairs)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.wire}: {case.means}")
def test_the_same_is_never_sent_twice(case: Case) -> None:
    once = mend(case)
    assert once is not None
    assert mend(case, msgspec.json.decode(once.body)) is None


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.wire}: {case.means}")
def test_the_order_of_keys_stays(case: Case) -> None:
    result = mend(case)
    assert result is not None
    after = list(msgspec.json.decode(result.body))
    known = [key for key in case.body if key in after]
    assert [key for key in after if key in case.body] == known


@given(st.sampled_from(ALL), st.sampled_from(ALL), st.sampled_from([400, 404, 415, 422]))
def test_any_words_about_any_body(said: Case, of: Case, status: int) -> None:
    """The words of one about the body of another: valid JSON, a change, and nothing vital gone."""
    sent = {**EVERYTHING, **of.body}
    result = refuse(said.words, msgspec.json.encode(sent), of.wire, status)
    if result is None:
        return
    after = msgspec.json.decode(result.body)
    assert after != sent
    assert set(sent) & PROTECTED <= set(after)
    assert all(loss.path and loss.what and loss.why for loss in result.losses)
    again = refuse(said.words, result.body, of.wire, status)
    assert again is None or again.rule != result.rule


WORDS = ("type", "role", "content", "parts", "text", "thinking", "effort", "edits", "tool_calls")
INSIDE = st.sampled_from([*WORDS, "functionCall", "inlineData", "thinkingBudget", "budget_tokens"])
LEAF = st.none() | st.booleans() | st.integers() | st.sampled_from(["assistant", "model", *WORDS])


def around(inner: Strategy) -> Strategy:
    return st.lists(inner, max_size=2) | st.dictionaries(INSIDE, inner, max_size=4)


JSON = nested(LEAF, around)
KEYS = st.sampled_from(sorted({*EVERYTHING, "generationConfig", "thinkingConfig", "cache_control"}))


@given(st.sampled_from(ALL), st.sampled_from(WIRES), st.dictionaries(KEYS, JSON, max_size=6))
def test_no_shape_of_a_body_is_too_odd(case: Case, wire: str, body: dict[str, Any]) -> None:
    result = refuse(case.words, msgspec.json.encode(body), wire)
    assert result is None or msgspec.json.decode(result.body) != body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"context_management":{}', id="a piece"),
        pytest.param(b'["context_management"]', id="no object"),
        pytest.param(b'{"context_management":"\xff"}', id="no text"),
        pytest.param(b'{"context_management":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep"),
    ],
)
def test_a_body_that_cannot_be_read_is_left_alone(body: bytes) -> None:
    assert refuse("context_management: Extra inputs are not permitted", body) is None


def test_what_is_not_touched_is_written_as_it_was_read() -> None:
    kept = (
        b'"b":[1.0,1e5,1E400,-0.0,0.1000,12345678901234567890123,"\xc3\xa9",null,true,{}],'
        b'"a":{"z":1,"y":2}'
    )
    body = b'{"context_management":{"edits":[]},' + kept + b"}"
    result = refuse("context_management: Extra inputs are not permitted", body)
    assert result is not None
    assert result.body == b"{" + kept + b"}"


@pytest.mark.parametrize("depth", [200, 400])
def test_a_deep_body_is_mended(depth: int) -> None:
    deep = b'{"cache_control":{"type":"ephemeral"},"content":[' * depth + b"]}" * depth
    body = b'{"messages":[{"role":"user","content":[' + deep + b"]}]}"
    result = refuse("messages.0.content.0.x.cache_control: Extra inputs are not permitted", body)
    assert result is not None
    assert b"cache_control" not in result.body


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "words",
    [
        pytest.param("prompt is too long: 200001 tokens > 200000 maximum", id="a full context"),
        pytest.param(
            "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
            id="no room for the answer",
        ),
        pytest.param(
            "This model's maximum context length is 128000 tokens. However, you requested 130000 "
            "tokens. Unknown parameter: 'temperature'",
            id="a full context, whatever else is said",
        ),
        pytest.param("max_tokens: must be greater than 0", id="a cap that is none"),
        pytest.param(
            "max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens",
            id="too high a cap",
        ),
        pytest.param("temperature: range: 0..1", id="a temperature out of range"),
        pytest.param(
            "messages.3.role: Input should be 'user' or 'assistant'",
            id="a role, which Claude Code drops by itself",
        ),
        pytest.param("role 'system' is not supported on this model", id="the same in other words"),
        pytest.param("tools.0.name: String should match pattern", id="a bad name"),
        pytest.param(
            "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after",
            id="a call without a result",
        ),
        pytest.param("Output blocked by content filtering policy", id="a policy"),
        pytest.param(
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
            id="too many marks",
        ),
        pytest.param("Invalid value: 'text'. Supported values are: 'json'.", id="a bad value"),
        pytest.param(
            "The encrypted content for item cmp_34....b7bd could not be verified.",
            id="a summary of what was said, which nothing can replace",
        ),
        pytest.param("", id="nothing said"),
    ],
)
def test_the_callers_own_faults_are_the_callers(wire: str, words: str) -> None:
    body = {**EVERYTHING, "temperature": 0.5, "max_tokens": 0, "thinking": {"type": "adaptive"}}
    assert refuse(words, msgspec.json.encode(body), wire) is None


@pytest.mark.parametrize("status", [401, 403, 413, 429, 500, 529])
def test_other_statuses_are_not_about_the_body(status: int) -> None:
    body = msgspec.json.encode({"context_management": {}})
    words = "context_management: Extra inputs are not permitted"
    assert refuse(words, body, status=status) is None


def test_no_other_wire() -> None:
    words = "context_management: Extra inputs are not permitted"
    assert refuse(words, b'{"context_management":1}', "interactions") is None


def test_words_unknown() -> None:
    assert mended("chat", b"{}", 400, Told()) is None


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("a." * 1_000_000, id="a path without end"),
        pytest.param("must be " * 100_000, id="a list without words"),
        pytest.param("Unknown parameter: '" * 50_000, id="many names"),
        pytest.param("must be " + "'" * 1_000_000, id="marks without end"),
    ],
)
def test_long_words_come_to_an_end(words: str) -> None:
    """A pattern that is quadratic would take minutes."""
    assert refuse(words, b'{"model":"m"}') is None

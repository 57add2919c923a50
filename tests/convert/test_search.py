"""The search of the web is offered to providers that have it, in the words of each wire."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from anthropic.types import WebSearchTool20250305Param
from google.genai import types
from openai.types.chat.completion_create_params import WebSearchOptions
from openai.types.responses import WebSearchToolParam
from pydantic import TypeAdapter

from proxy.canonical.request import Loss
from proxy.codec import Dialect
from proxy.convert.request import Conversion, Wanted, convert_request
from proxy.wire import Location
from proxy.wires import CODECS

PATHS = {
    "anthropic": "/v1/messages",
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "gemini": "/v1beta/models/m:generateContent",
}
HI: dict[str, dict[str, Any]] = {
    "anthropic": {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 99},
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
    "responses": {"input": "hi"},
    "gemini": {"contents": [{"parts": [{"text": "hi"}]}]},
}
SCHEMA = {"type": "object", "properties": {}}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "anthropic": {"name": "look", "input_schema": SCHEMA},
    "chat": {"type": "function", "function": {"name": "look", "parameters": SCHEMA}},
    "responses": {"type": "function", "name": "look", "parameters": SCHEMA, "strict": False},
    "gemini": {"functionDeclarations": [{"name": "look", "parametersJsonSchema": SCHEMA}]},
}
BARE: dict[str, dict[str, Any]] = {
    "anthropic": {"type": "web_search_20250305", "name": "web_search"},
    "chat": {},
    "responses": {"type": "web_search"},
    "gemini": {"googleSearch": {}},
}
PLACE = {"city": "Ulm", "country": "DE", "region": "BW", "timezone": "Europe/Berlin"}
LOCATED = {"type": "approximate", **PLACE}
# All that a client can say, in words that another wire may have or not.
FULL: dict[str, dict[str, Any]] = {
    "anthropic": {
        "type": "web_search_20260209",
        "name": "web_search",
        "max_uses": 5,
        "allowed_domains": ["a.example"],
        "user_location": LOCATED,
        "cache_control": {"type": "ephemeral"},
    },
    "chat": {
        "search_context_size": "low",
        "user_location": {"type": "approximate", "approximate": PLACE},
        "new": 1,
    },
    "responses": {
        "type": "web_search",
        "external_web_access": False,
        "filters": {"allowed_domains": ["a.example"], "blocked_domains": ["b.example"]},
        "user_location": LOCATED,
        "search_context_size": "low",
    },
    "gemini": {"google_search": {"exclude_domains": ["b.example"]}},
}
OTHERS = {
    "anthropic": ["max_uses", "cache_control"],
    "chat": ["new"],
    "responses": ["external_web_access", "filters.blocked_domains"],
    "gemini": ["exclude_domains"],
}
# Whoever has a word for it, for what a client of a wire can say that others can, too.
KEPT = {
    "allowed_domains": {"anthropic", "responses"},
    "user_location": {"anthropic", "responses", "chat"},
    "context_size": {"responses", "chat"},
}
# What each provider is told of a search with all that is said in `KEPT`.
WHOLE: dict[str, dict[str, Any]] = {
    "anthropic": {
        **BARE["anthropic"],
        "allowed_domains": ["a.example"],
        "user_location": LOCATED,
    },
    "chat": {
        "search_context_size": "low",
        "user_location": {"type": "approximate", "approximate": PLACE},
    },
    "responses": {
        "type": "web_search",
        "filters": {"allowed_domains": ["a.example"]},
        "user_location": LOCATED,
        "search_context_size": "low",
    },
    "gemini": {"googleSearch": {}},
}
WORDS = {
    "allowed_domains": {"allowed_domains", "filters"},
    "user_location": {"user_location"},
    "context_size": {"search_context_size"},
}
ELSEWHERE = "a server tool of another wire"
UNNAMED = Loss("tool_choice", "tool", "only functions can be asked for")
PAIRS = [*permutations(CODECS, 2)]
each_pair = pytest.mark.parametrize(
    ("client", "provider"), PAIRS, ids=[f"{client} on {provider}" for client, provider in PAIRS]
)
each_wire = pytest.mark.parametrize("wire", CODECS)


def asked(
    wire: str, search: dict[str, Any], *functions: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Return a request of a client of `wire` that offers a search before its functions."""
    body = {"model": "m", **HI[wire], **more}
    listed = list(functions) if wire == "chat" else [search, *functions]
    body |= {"tools": listed} if listed else {}
    body |= {"web_search_options": search} if wire == "chat" else {}
    return body


def converted(
    client: str, provider: str, body: dict[str, Any], *, has_search: bool = True
) -> Conversion:
    wanted = Wanted(dialect=Dialect(web_search=has_search))
    raw = msgspec.json.encode(body)
    here = Location(PATHS[client], {})
    return convert_request(CODECS[client], CODECS[provider], raw, here, wanted)


def sent(conversion: Conversion) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(conversion.written.body)
    return body


def declared(provider: str, conversion: Conversion) -> list[dict[str, Any]]:
    """Return all searches that a provider is told of, in its own words."""
    body = sent(conversion)
    if provider == "chat":
        return [body["web_search_options"]] if "web_search_options" in body else []
    functions = {"functionDeclarations", "input_schema", "parameters"}
    return [tool for tool in body.get("tools", ()) if not functions & set(tool)]


@each_pair
def test_a_search_is_carried_to_who_has_it(client: str, provider: str) -> None:
    conversion = converted(client, provider, asked(client, BARE[client]))
    assert declared(provider, conversion) == [BARE[provider]]
    assert conversion.losses == ()


@each_pair
def test_a_search_is_lost_on_all_others(client: str, provider: str) -> None:
    conversion = converted(client, provider, asked(client, FULL[client]), has_search=False)
    assert declared(provider, conversion) == []
    assert [(loss.path, loss.why) for loss in conversion.losses] == [("tools[0]", ELSEWHERE)]


@each_pair
def test_what_both_wires_say_of_a_search_is_carried(client: str, provider: str) -> None:
    conversion = converted(client, provider, asked(client, FULL[client]))
    said = {name for name, wires in KEPT.items() if client in wires}
    kept = {name for name in said if provider in KEPT[name]}
    lost_words = {word for name in KEPT.keys() - kept for word in WORDS[name]}
    whole = {key: value for key, value in WHOLE[provider].items() if key not in lost_words}
    assert declared(provider, conversion) == [whole]
    lost = {f"tools[0].{name}" for name in (*OTHERS[client], *(said - kept))}
    assert {loss.path for loss in conversion.losses} == lost


@each_wire
def test_an_offer_at_home_stays_as_it_is(wire: str) -> None:
    conversion = converted(wire, wire, asked(wire, FULL[wire]), has_search=False)
    homely = {"googleSearch": FULL["gemini"]["google_search"]}
    assert declared(wire, conversion) == [homely if wire == "gemini" else FULL[wire]]
    assert conversion.losses == ()


@each_pair
@pytest.mark.parametrize("has_search", [True, False], ids=["has it", "has none"])
def test_functions_beside_a_search_stay(client: str, provider: str, has_search: bool) -> None:
    body = asked(client, BARE[client], FUNCTIONS[client])
    conversion = converted(client, provider, body, has_search=has_search)
    assert b'"look"' in conversion.written.body
    is_told = has_search and provider != "gemini"
    assert declared(provider, conversion) == ([BARE[provider]] if is_told else [])
    place = "tools[1]" if client == "chat" else "tools[0]"
    why = "models refuse it beside functions" if has_search else ELSEWHERE
    lost = [] if is_told else [(place, why)]
    assert [(loss.path, loss.why) for loss in conversion.losses] == lost


@pytest.mark.parametrize(
    ("provider", "choice", "losses"),
    [
        pytest.param("responses", "required", [], id="the only tool is what is required"),
        pytest.param("gemini", None, [UNNAMED], id="grounding cannot be asked for"),
        pytest.param(
            "chat",
            None,
            [Loss("tool_choice", "tool_choice", "none of the tools is left")],
            id="options are no tool",
        ),
    ],
)
def test_a_search_that_must_be_called(provider: str, choice: Any, losses: list[Loss]) -> None:
    """Claude Code asks so for each search, of a request that offers nothing else."""
    must = {"type": "tool", "name": "web_search"}
    body = asked("anthropic", BARE["anthropic"], tool_choice=must)
    conversion = converted("anthropic", provider, body)
    assert declared(provider, conversion) == [BARE[provider]]
    assert sent(conversion).get("tool_choice", sent(conversion).get("toolConfig")) == choice
    assert conversion.losses == tuple(losses)


def test_one_search_of_several_tools_cannot_be_asked_for() -> None:
    must = {"type": "tool", "name": "web_search"}
    both = asked("anthropic", BARE["anthropic"], FUNCTIONS["anthropic"], tool_choice=must)
    conversion = converted("anthropic", "responses", both)
    assert "tool_choice" not in sent(conversion)
    assert [loss.path for loss in conversion.losses] == ["tool_choice"]


@pytest.mark.parametrize("provider", ["chat", "gemini"])
def test_where_no_choice_keeps_a_model_from_searching_it_cannot(provider: str) -> None:
    body = asked("anthropic", BARE["anthropic"], tool_choice={"type": "none"})
    conversion = converted("anthropic", provider, body)
    assert declared(provider, conversion) == []
    why = "no choice keeps a model from it"
    assert conversion.losses == (Loss("tools[0]", "web_search", why),)


@pytest.mark.parametrize("provider", ["anthropic", "chat", "gemini"])
def test_a_clients_own_tool_of_that_name_is_the_one_on_offer(provider: str) -> None:
    own = {**FUNCTIONS["responses"], "name": "web_search"}
    conversion = converted("responses", provider, asked("responses", BARE["responses"], own))
    assert declared(provider, conversion) == []
    assert conversion.written.body.count(b'"web_search"') == 1
    why = "a tool of this name is on offer"
    assert conversion.losses == (Loss("tools[0]", "web_search", why),)


def test_two_searches_are_one() -> None:
    preview = {"type": "web_search_preview_2025_03_11", "search_context_size": "high"}
    body = asked("responses", BARE["responses"], preview)
    conversion = converted("responses", "anthropic", body)
    assert declared("anthropic", conversion) == [BARE["anthropic"]]
    why = "a tool of this name is on offer"
    assert conversion.losses == (Loss("tools[1]", "web_search_preview_2025_03_11", why),)


@pytest.mark.parametrize(
    ("client", "search"),
    [
        pytest.param("anthropic", {**BARE["anthropic"], "allowed_domains": "a"}, id="domains"),
        pytest.param("responses", {**BARE["responses"], "filters": 1}, id="filters"),
        pytest.param("responses", {"type": "web_search_of_tomorrow"}, id="another hosted tool"),
        pytest.param("chat", {"user_location": "here"}, id="a place"),
        pytest.param("anthropic", {"type": "web_fetch_20250910", "name": "w"}, id="a fetch"),
        pytest.param("gemini", {"urlContext": {}}, id="grounding in addresses"),
    ],
)
def test_what_is_no_search_or_cannot_be_read_is_a_loss(client: str, search: dict[str, Any]) -> None:
    provider = "responses" if client != "responses" else "anthropic"
    conversion = converted(client, provider, asked(client, search))
    assert declared(provider, conversion) == []
    assert [(loss.path, loss.why) for loss in conversion.losses] == [("tools[0]", ELSEWHERE)]


@pytest.mark.parametrize("provider", ["anthropic", "chat", "responses", "gemini"])
def test_calls_of_that_name_in_a_history_stay(provider: str) -> None:
    client = "chat" if provider == "anthropic" else "anthropic"
    call = {"type": "tool_use", "id": "c1", "name": "web_search", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "found"}
    function = {"name": "web_search", "arguments": "{}"}
    called: list[dict[str, Any]] = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    if client == "chat":
        named = {"id": "c1", "type": "function", "function": function}
        called[1:] = [
            {"role": "assistant", "tool_calls": [named]},
            {"role": "tool", "tool_call_id": "c1", "content": "found"},
        ]
    conversion = converted(client, provider, asked(client, BARE[client], messages=called))
    assert declared(provider, conversion) == [BARE[provider]]
    assert b'"name":"web_search"' in conversion.written.body
    assert conversion.losses == ()


def test_a_place_may_be_nowhere() -> None:
    """OpenAI takes the United States where nothing is said; the others have no such default."""
    nowhere = {**BARE["responses"], "user_location": {"type": "approximate"}}
    body = asked("responses", nowhere)
    assert declared("anthropic", converted("responses", "anthropic", body)) == [BARE["anthropic"]]
    place = {"type": "approximate", "approximate": {}}
    assert declared("chat", converted("responses", "chat", body)) == [{"user_location": place}]


@pytest.mark.parametrize(
    ("shape", "wire"),
    [
        pytest.param(WebSearchTool20250305Param, "anthropic", id="anthropic"),
        pytest.param(WebSearchOptions, "chat", id="chat"),
        pytest.param(WebSearchToolParam, "responses", id="responses"),
        pytest.param(types.Tool, "gemini", id="gemini"),
    ],
)
@pytest.mark.parametrize("said", [BARE, WHOLE], ids=["bare", "with all it can say"])
def test_what_is_written_is_what_the_sdks_know(
    shape: Any, wire: str, said: dict[str, dict[str, Any]]
) -> None:
    TypeAdapter(shape).validate_python(said[wire])
    if wire != "gemini":  # whose own model takes no other key
        assert said[wire].keys() <= shape.__annotations__.keys()

"""Every row of the failure table, by what providers really said; and what follows from each."""

from typing import get_args

import pytest

from proxy.routing.failure_table import RULES
from proxy.routing.failures import ACTIONS, Cooling, actions_with, classify
from proxy.routing.signals import Rule, Signal, UserRule
from proxy.routing.types import Failure

OVER_BODY = '{"detail":"Decode server is overloaded"}'
UPSTREAM_MODEL = "Error from provider (Console): Upstream request failed: Model is unavailable."
GOOGLE_SAYS = (
    "You exceeded your current quota, please check your plan and billing details. "
    "* Quota exceeded for metric: generativelanguage.googleapis.com/generate_requests, limit: 20"
)
PER_DAY = '"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"'
PER_MINUTE = '"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"'


def said(status: int, message: str, kind: str | None = "invalid_request_error") -> Signal:
    return Signal(status=status, error_type=kind, error_message=message)


def event(kind: str | None, message: str = "") -> Signal:
    return Signal(status=200, error_type=kind, error_message=message, streamed=True)


@pytest.mark.parametrize(
    ("signal", "failure", "rule"),
    [
        pytest.param(
            Signal(code="connect_refused"), "unreachable", "no_connection", id="nobody listens"
        ),
        pytest.param(Signal(code="dns"), "unreachable", "no_connection", id="no such host"),
        pytest.param(
            Signal(code="reset_before_head"),
            "unreachable",
            "cut_before_head",
            id="the host is there and hangs up",
        ),
        pytest.param(Signal(code="PoolTimeout"), "unreachable", "no_head", id="an odd way to fail"),
        pytest.param(Signal(code="timeout"), "late", "timeout", id="nothing in time"),
        pytest.param(
            said(403, "Country, region, or territory not supported", "request_forbidden"),
            "forbidden_region",
            "region",
            id="where we are",
        ),
        pytest.param(
            said(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"),
            "forbidden_region",
            "region",
            id="where we are, as a 400",
        ),
        pytest.param(
            said(400, "The response was filtered", "content_filter"),
            "content_policy",
            "content_policy",
            id="a filter by its code",
        ),
        pytest.param(
            said(403, "Content violates usage guidelines"),
            "content_policy",
            "content_policy",
            id="a filter as a 403 is not about the key",
        ),
        pytest.param(
            said(400, "prompt is too long: 209353 tokens > 199999 maximum"),
            "context_length",
            "context_length",
            id="too long for Anthropic",
        ),
        pytest.param(
            said(400, "This model's maximum context length is 8191 tokens, however you requested"),
            "context_length",
            "context_length",
            id="too long for OpenAI names a model, and is not about it",
        ),
        pytest.param(
            event("context_length_exceeded"),
            "context_length",
            "context_length",
            id="too long, said in the stream",
        ),
        pytest.param(
            Signal(429, "RESOURCE_EXHAUSTED", GOOGLE_SAYS, wire="gemini", body=PER_DAY),
            "quota",
            "quota_per_day",
            id="Google's day is used up",
        ),
        pytest.param(
            Signal(429, "RESOURCE_EXHAUSTED", GOOGLE_SAYS, wire="gemini", body=PER_MINUTE),
            "rate_limited",
            "google_rate_limit",
            id="Google's minute is used up, in the words of a quota",
        ),
        pytest.param(
            said(429, "You exceeded your current quota, please check", "insufficient_quota"),
            "quota",
            "quota",
            id="OpenAI's quota as a 429",
        ),
        pytest.param(
            said(400, "Your credit balance is too low to access the Anthropic API."),
            "quota",
            "quota",
            id="no credit left, as a 400",
        ),
        pytest.param(
            said(400, "You have reached your specified API usage limits. You will regain access"),
            "quota",
            "quota",
            id="a limit of one's own, as a 400",
        ),
        pytest.param(
            said(429, "The usage limit has been reached", "usage_limit_reached"),
            "quota",
            "quota",
            id="a subscription is used up",
        ),
        pytest.param(
            said(403, "用户额度不足", "new_api_error"), "quota", "quota", id="a relay's own quota"
        ),
        pytest.param(
            said(429, "Extra usage is required for long context requests.", "rate_limit_error"),
            "model_forbidden",
            "long_context_not_bought",
            id="the long context is not bought",
        ),
        pytest.param(
            said(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT"),
            "credential",
            "key_named",
            id="Gemini's bad key is a 400",
        ),
        pytest.param(
            said(400, "This organization has been disabled."),
            "credential",
            "key_named",
            id="a disabled organization is a 400",
        ),
        pytest.param(
            said(403, "OAuth authentication is currently not allowed for this organization."),
            "credential",
            "key_named",
            id="a login that is not allowed",
        ),
        pytest.param(
            event("authentication_error"), "credential", "key_type", id="a bad key in the stream"
        ),
        pytest.param(
            said(403, "Project `p` does not have access to model `m`", "model_not_found"),
            "model_forbidden",
            "model_access",
            id="this key may not use the model",
        ),
        pytest.param(
            said(503, "No available channel for model gpt-5.5 under group codex", "new_api_error"),
            "model_missing",
            "no_channel",
            id="a relay without a channel",
        ),
        pytest.param(
            said(400, UPSTREAM_MODEL, "server_error"),
            "model_missing",
            "model_named",
            id="an unavailable model, as a 400",
        ),
        pytest.param(
            said(400, "The 'gpt-5.4' model is not supported when using Codex with a ChatGPT"),
            "model_missing",
            "model_named",
            id="a model that the account has not",
        ),
        pytest.param(
            said(400, "Model Not Exist"), "model_missing", "model_named", id="DeepSeek's words"
        ),
        pytest.param(
            said(400, "models/gemini-9 is not found for API version v1beta"),
            "model_missing",
            "model_named",
            id="Google's words",
        ),
        pytest.param(
            Signal(400, body=OVER_BODY), "overloaded", "load_named", id="an overload, as a 400"
        ),
        pytest.param(
            said(500, "该模型当前访问量过大", "1305"),
            "overloaded",
            "load_named",
            id="an overload in Chinese",
        ),
        pytest.param(
            event("overloaded_error"), "overloaded", "load_named", id="an overload in the stream"
        ),
        pytest.param(
            event(None, "Our servers are currently overloaded. Please try again later."),
            "overloaded",
            "load_named",
            id="an overload without a code",
        ),
        pytest.param(event("UNAVAILABLE"), "overloaded", "load_type", id="Google's word for it"),
        pytest.param(
            event("rate_limit_exceeded"), "rate_limited", "rate_type", id="a limit in the stream"
        ),
        pytest.param(
            said(400, "Error from provider (Console Go): Upstream request failed"),
            "transient",
            "upstream_of_theirs",
            id="the relay's upstream failed, as a 400",
        ),
        pytest.param(
            said(400, "parameter tools is not supported by the upstream provider"),
            "caller_fault",
            "status_of_the_caller",
            id="an upstream is named, and did not fail",
        ),
        pytest.param(
            Signal(400, body="<html><head><title>400 Bad Request</title>"),
            "server_error",
            "html_page",
            id="a page of HTML is no API's 400",
        ),
        pytest.param(Signal(401), "credential", "status_401", id="401"),
        pytest.param(Signal(402), "quota", "status_402", id="402"),
        pytest.param(
            Signal(403, body="<html>Attention Required!"),
            "forbidden",
            "status_403",
            id="a firewall",
        ),
        pytest.param(
            said(404, "model: x", "not_found_error"),
            "model_missing",
            "status_404_model",
            id="404 about the model",
        ),
        pytest.param(
            said(404, "File abc not found", "NOT_FOUND"),
            "caller_fault",
            "status_404_other",
            id="404 about something else",
        ),
        pytest.param(Signal(404), "model_missing", "status_404_strange", id="a wrong base URL"),
        pytest.param(Signal(410), "model_missing", "status_410", id="a model that is gone"),
        pytest.param(Signal(429), "rate_limited", "status_429", id="429"),
        pytest.param(Signal(451), "forbidden_region", "status_451", id="legal reasons"),
        pytest.param(Signal(529), "overloaded", "status_503_529", id="529"),
        pytest.param(Signal(408), "transient", "status_of_the_moment", id="408"),
        pytest.param(Signal(425), "transient", "status_of_the_moment", id="425"),
        pytest.param(
            Signal(522, body="<!DOCTYPE html>"),
            "unreachable",
            "edge_without_host",
            id="Cloudflare has no host",
        ),
        pytest.param(Signal(530), "unreachable", "edge_without_host", id="nor an address"),
        pytest.param(Signal(524), "late", "edge_timeout", id="Cloudflare waited in vain"),
        pytest.param(Signal(520), "server_error", "other_status", id="Cloudflare does not know"),
        pytest.param(
            said(400, "messages.0.role: Input should be 'user' or 'assistant'"),
            "caller_fault",
            "status_of_the_caller",
            id="the caller's own 400",
        ),
        pytest.param(
            said(400, "Unsupported parameter: 'max_tokens' is not supported with this model."),
            "caller_fault",
            "status_of_the_caller",
            id="a parameter is wrong, not the model",
        ),
        pytest.param(Signal(500), "server_error", "other_status", id="500"),
        pytest.param(Signal(302), "server_error", "other_status", id="a redirect"),
        pytest.param(
            Signal(200, code="not_an_answer"), "stream_fault", "no_answer", id="a 200 with a page"
        ),
        pytest.param(
            Signal(200, code="closed_early", streamed=True),
            "stream_fault",
            "broken_stream",
            id="a stream that breaks off",
        ),
        pytest.param(
            event("api_error"), "stream_fault", "broken_stream", id="an error event about nothing"
        ),
    ],
)
def test_classify(signal: Signal, failure: Failure, rule: str) -> None:
    verdict = classify(signal)
    assert (verdict.failure, verdict.rule) == (failure, rule)


STATUSES = {
    400: "caller_fault",
    401: "credential",
    402: "quota",
    403: "forbidden",
    404: "model_missing",
    405: "caller_fault",
    406: "caller_fault",
    411: "caller_fault",
    413: "caller_fault",
    414: "caller_fault",
    415: "caller_fault",
    422: "caller_fault",
    429: "rate_limited",
    501: "caller_fault",
    503: "overloaded",
    529: "overloaded",
}
TYPES = {
    "overloaded_error": "overloaded",
    "server_is_overloaded": "overloaded",
    "UNAVAILABLE": "overloaded",
    "rate_limit_error": "rate_limited",
    "rate_limit_exceeded": "rate_limited",
    "RESOURCE_EXHAUSTED": "rate_limited",
    "insufficient_quota": "quota",
    "authentication_error": "credential",
    "invalid_api_key": "credential",
}
OTHERS = {408, 409, 425, 410, 451, 521, 522, 523, 524, 525, 526, 530}  # with rows of their own


@pytest.mark.parametrize("status", [s for s in range(300, 600) if s not in OTHERS])
def test_what_a_status_alone_means(status: int) -> None:
    assert classify(Signal(status)).failure == STATUSES.get(status, "server_error")


@pytest.mark.parametrize("status", sorted(OTHERS))
def test_other_statuses_lead_to_the_next_target(status: int) -> None:
    assert classify(Signal(status)).action.goes_on


@pytest.mark.parametrize("kind", [*TYPES, "api_error", None])
def test_what_an_error_in_a_stream_means(kind: str | None) -> None:
    assert classify(event(kind)).failure == TYPES.get(kind or "", "stream_fault")


def test_each_row_has_a_name_of_its_own() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)


def test_each_class_has_an_action() -> None:
    assert set(ACTIONS) == set(get_args(Failure))


@pytest.mark.parametrize("failure", ACTIONS)
def test_actions_make_sense(failure: Failure) -> None:
    action = ACTIONS[failure]
    assert action.cool_s <= action.max_cool_s
    assert action.goes_on or action.counts_as == "neutral"  # who stops blames the request
    assert action.max_cool_s == 0 or action.cools != "nothing"


@pytest.mark.parametrize(
    ("failure", "cools", "goes_on"),
    [
        ("unreachable", "provider", True),
        ("forbidden_region", "provider", True),
        ("credential", "credential", True),
        ("quota", "credential", True),
        ("forbidden", "credential", True),
        ("rate_limited", "target", True),
        ("overloaded", "target", True),
        ("model_missing", "target", True),
        ("model_forbidden", "target", True),
        ("server_error", "nothing", True),
        ("late", "nothing", True),
        ("caller_fault", "nothing", False),
        ("context_length", "nothing", False),
        ("content_policy", "nothing", False),
    ],
)
def test_what_shares_the_fate(failure: Failure, cools: str, *, goes_on: bool) -> None:
    assert (ACTIONS[failure].cools, ACTIONS[failure].goes_on) == (cools, goes_on)


def test_a_row_may_cool_something_else() -> None:
    per_day = classify(Signal(429, "RESOURCE_EXHAUSTED", GOOGLE_SAYS, body=PER_DAY))
    assert per_day.action.cools == "target"


OWN: list[Rule] = [
    UserRule(failure="overloaded", statuses=(400,), pattern="try later").as_rule("own_1"),
    UserRule(failure="forbidden", error_types=("content_filter",), cool_s=0).as_rule("own_2"),
    UserRule(failure="rate_limited", statuses=(418,), cool_s=7200).as_rule("own_3"),
    UserRule(failure="server_error", statuses=(599,), cool_s=20).as_rule("own_4"),
]


@pytest.mark.parametrize(
    ("signal", "failure", "rule", "cooling"),
    [
        pytest.param(
            said(400, "Please TRY LATER"),
            "overloaded",
            "own_1",
            ("target", 0.0, 600.0),
            id="words of one's own, in any case",
        ),
        pytest.param(
            said(400, "no", "content_filter"),
            "forbidden",
            "own_2",
            ("nothing", 0.0, 0.0),
            id="another provider may be asked what one filters, and nothing cools",
        ),
        pytest.param(
            Signal(418),
            "rate_limited",
            "own_3",
            ("target", 7200.0, 7200.0),
            id="longer than the class would",
        ),
        pytest.param(
            Signal(599),
            "server_error",
            "own_4",
            ("target", 20.0, 20.0),
            id="a class that cools nothing cools the target",
        ),
        pytest.param(
            Signal(401), "credential", "status_401", ("credential", 1800.0, 1800.0), id="the table"
        ),
    ],
)
def test_rows_of_the_configuration_come_first(
    signal: Signal, failure: Failure, rule: str, cooling: tuple[str, float, float]
) -> None:
    verdict = classify(signal, OWN)
    action = verdict.action
    assert (verdict.failure, verdict.rule) == (failure, rule)
    assert (action.cools, action.cool_s, action.max_cool_s) == cooling


def test_only_the_beginning_of_a_long_text_is_searched() -> None:
    long = "model:" * 100_000 + " is overloaded"
    assert classify(said(400, long)).failure == "caller_fault"


def test_rules_may_ask_for_a_wire() -> None:
    rule = Rule(name="own", failure="late", wires=frozenset({"gemini"}))
    assert [classify(Signal(500, wire=w), [rule]).rule for w in ("gemini", "chat")] == [
        "own",
        "other_status",
    ]


def test_a_configuration_may_say_how_long_a_class_cools() -> None:
    actions = actions_with({"rate_limited": Cooling(max_s=7200), "quota": Cooling(max_s=60)})
    limited, quota = classify(Signal(429), (), actions), classify(Signal(402), (), actions)
    assert (limited.action.cool_s, limited.action.max_cool_s) == (5.0, 7200)
    assert (quota.action.cool_s, quota.action.max_cool_s) == (60, 60)
    assert classify(Signal(401), (), actions).action == ACTIONS["credential"]

"""The rows that tell one failure from another; the first that fits is right.

Words come before statuses: relays send 400 for an overload and 503 for an unknown model. A row
with words names where they were seen, as repository and thread.
"""

import re
from typing import Final

from proxy.routing.signals import Rule


def _said(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_NOT_THERE: Final = frozenset(
    {"connect_timeout", "connect_refused", "connect_failed", "dns", "tls"}
)
_NO_WAY: Final = frozenset(  # an outbound proxy is not there or says no, or a CA's file is gone
    {
        "proxy_connect_timeout",
        "proxy_connect_refused",
        "proxy_connect_failed",
        "proxy_dns",
        "proxy_refused",
        "ca_file",
    }
)
_CONNECTION: Final = (
    Rule(
        name="no_connection",
        failure="unreachable",
        codes=_NOT_THERE | _NO_WAY,
    ),
    Rule(  # the host is there: another key, or the same one again, may do
        name="cut_before_head",
        failure="unreachable",
        codes=frozenset({"closed_before_head", "reset_before_head", "write_failed"}),
        cools="nothing",
    ),
    Rule(name="timeout", failure="late", codes=frozenset({"timeout"})),
)

_REQUEST: Final = (
    Rule(  # songquanpeng/one-api#1692 (403); google-gemini/gemini-cli#24641 (400)
        name="region",
        failure="forbidden_region",
        pattern=_said(
            "unsupported_country_region_territory",
            "country, region, or territory not supported",
            "user location is not supported",
        ),
    ),
    Rule(  # anomalyco/opencode#49099 (codes); theopenco/llmgateway#1785 (403);
        # NousResearch/hermes-agent#41110 (500) and #115233; alvinunreal/oh-my-opencode-slim#1135
        name="content_policy",
        failure="content_policy",
        pattern=_said(
            r"\bcontent_(?:filter|policy_violation)\b",
            r"\b(?:cyber_policy|new_sensitive|ResponsibleAIPolicyViolation)\b",
            "content management policy",
            "content filtering policy",
            "content violates usage guidelines",
            "content exists risk",
            "flagged for possible",
        ),
    ),
    Rule(  # neulab/prompt2model#353; entropy-research/Devon#88; 0xBakeer/inference-atlas#186
        name="context_length",
        failure="context_length",
        statuses=frozenset({200, 400, 413, 422}),
        pattern=_said(
            r"context_length_exceeded|\bmodel_context_window_exceeded\b",
            r"prompt (?:is )?too long",
            r"maximum context length",
            r"exceeds? (?:the )?(?:available |model'?s )?(?:context|max_)",
            r"input token count .{0,40}exceeds",
        ),
    ),
)

_QUOTA: Final = (
    Rule(  # dcdpr/jp#1061; google-gemini/gemini-cli#2047: of one model, so the others go on
        name="quota_per_day",
        failure="quota",
        statuses=frozenset({429}),
        pattern=_said("PerDay", r"\bper day\b", r"\bdaily (?:limit|quota)"),
        cools="target",
    ),
    Rule(  # diegosouzapw/OmniRoute#9504: Google says "current quota" of a minute, too
        name="google_rate_limit",
        failure="rate_limited",
        statuses=frozenset({429}),
        pattern=_said("RESOURCE_EXHAUSTED", r"generativelanguage\.googleapis"),
    ),
    Rule(  # anthropics/claude-code#66314 and #38035 (400); james-6-23/codex2api#9 (429)
        name="quota",
        failure="quota",
        pattern=_said(
            r"insufficient_(?:user_)?quota|billing_(?:error|hard_limit)",
            "credit balance is too low",
            r"usage[ _]limit(?:[ _]has been)?[ _]reached",
            r"reached your (?:specified )?(?:api )?usage limit",
            "exceeded your current quota",
            r"insufficient (?:balance|credits?|funds|quota)",
            "额度不足|额度已用尽|余额不足",
        ),
    ),
)

_ACCESS: Final = (
    Rule(  # anthropics/claude-code#39948: the key goes on without the long context
        name="long_context_not_bought",
        failure="model_forbidden",
        statuses=frozenset({429}),
        pattern=_said("extra usage is required for long context"),
        cool_s=0,
    ),
    Rule(  # anthropics/claude-code#19028 (400) and #65714 (403)
        name="key_named",
        failure="credential",
        statuses=frozenset({400, 403}),
        pattern=_said(
            r"API key (?:not valid|not found|expired)|API_KEY_INVALID",
            r"(?:invalid|incorrect)[ _](?:x-)?api[ _-]key",
            "organization has been disabled",
            r"OAuth (?:authentication|token) .{0,40}(?:not allowed|expired|revoked)",
        ),
    ),
    Rule(
        name="key_type",
        failure="credential",
        error_types=frozenset({"authentication_error", "invalid_api_key", "UNAUTHENTICATED"}),
    ),
    Rule(
        name="model_access",
        failure="model_forbidden",
        statuses=frozenset({400, 401, 403, 404}),
        pattern=_said(
            r"(?:no|not have|not allowed(?: to)?) access (?:to )?(?:the |this )?model",
            r"\bmodel_not_allowed\b",
        ),
    ),
    Rule(  # QuantumNous/new-api#6310 and #6915: the relay's own upstreams may come back
        name="no_channel",
        failure="model_missing",
        pattern=_said("no available channel", "无可用渠道"),
        cool_s=60,
    ),
    Rule(  # farion1231/cc-switch#6821; openai/codex#17642; api7/aisix#371 (all 400)
        name="model_named",
        failure="model_missing",
        pattern=_said(
            r"\b(?:model_not_found|DeploymentNotFound|invalid_model|unsupported_model)\b",
            r"\b(?:no such|unknown|not supported) model\b",
            r"\bmodels?\b[\s:'\"`]{0,3}[\w./:@\[\]-]{0,80}[\s'\"`]{0,3}(?:is |was |has been )?"
            r"(?:not found|does not exist|not exists?|not supported|unavailable|not available"
            r"|retired|deprecated)\b",
            r"supported (?:api )?model names? (?:is|are)",
            "模型不存在",
        ),
    ),
)

_LOAD: Final = (
    Rule(  # farion1231/cc-switch#2140 (400) and #2289; Wei-Shaw/sub2api#5652
        name="load_named",
        failure="overloaded",
        pattern=_said(
            r"\boverloaded(?:_error)?\b|server_is_overloaded",
            r"\b(?:is|are) at capacity\b",
            r"(?:temporarily|currently) (?:unavailable|overloaded)",
            r"server (?:is )?busy",
            "访问量过大|负载过高|负载已饱和",
        ),
    ),
    Rule(name="load_type", failure="overloaded", error_types=frozenset({"UNAVAILABLE"})),
    Rule(
        name="rate_type",
        failure="rate_limited",
        error_types=frozenset({"rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED"}),
    ),
    Rule(  # ENTERPILOT/GoModel#605 and #607
        name="upstream_of_theirs",
        failure="transient",
        statuses=frozenset({400}),
        pattern=_said(r"\bupstream\b.{0,40}(?:failed|error|unavailable|timed? ?out)"),
    ),
    Rule(  # no API answers in HTML: something in between did, and not about the request
        name="html_page",
        failure="server_error",
        statuses=frozenset({400, 405, 406, 411, 414, 415, 422, 501}),
        pattern=_said(r"<(?:!doctype html|html)\b"),
    ),
)

_STATUS: Final = (
    Rule(name="status_401", failure="credential", statuses=frozenset({401})),
    Rule(name="status_402", failure="quota", statuses=frozenset({402})),
    Rule(name="status_403", failure="forbidden", statuses=frozenset({403})),
    Rule(
        name="status_404_model",
        failure="model_missing",
        statuses=frozenset({404}),
        pattern=_said("model"),
    ),
    Rule(
        name="status_404_other",
        failure="caller_fault",
        statuses=frozenset({404}),
        is_own_words=True,
    ),
    Rule(  # not of this wire: a wrong base URL, which another provider need not have
        name="status_404_strange",
        failure="model_missing",
        statuses=frozenset({404}),
    ),
    Rule(name="status_410", failure="model_missing", statuses=frozenset({410})),
    Rule(name="status_429", failure="rate_limited", statuses=frozenset({429})),
    Rule(name="status_451", failure="forbidden_region", statuses=frozenset({451})),
    Rule(name="status_503_529", failure="overloaded", statuses=frozenset({503, 529})),
    Rule(name="status_of_the_moment", failure="transient", statuses=frozenset({408, 409, 425})),
    Rule(  # Cloudflare cannot reach the host behind it: no key of that host can
        name="edge_without_host",
        failure="unreachable",
        statuses=frozenset({521, 522, 523, 525, 526, 530}),
    ),
    Rule(name="edge_timeout", failure="late", statuses=frozenset({524})),
    Rule(
        name="status_of_the_caller",
        failure="caller_fault",
        statuses=frozenset({400, 405, 406, 411, 413, 414, 415, 422, 501}),
    ),
)

RULES: Final = (*_CONNECTION, *_REQUEST, *_QUOTA, *_ACCESS, *_LOAD, *_STATUS)
"""Every row, in order."""

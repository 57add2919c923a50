"""Which queue, which provider, which session."""

import pytest

from proxy.canonical import Session
from proxy.routing.implied_session import implied_session
from proxy.routing.rules import Rule, Selection, Traits, Unknown, first_match, selection


def traits(**given: object) -> Traits:
    known: dict[str, object] = {"app": "claude", "headers": {}}
    return Traits(**(known | given))


LONG = Rule(name="long", queue="wide", min_tokens=200_000)
SMALL = Rule(name="small", queue="cheap", models=("*haiku*", "*-mini"))
TEAM = Rule(name="team", queue="paid", client_keys=("team-*",), apps=("claude", "codex"))
TAGGED = Rule(name="tagged", queue="paid", headers=(("x-tier", "gold*"), ("x-env", "*")))
SHORT = Rule(name="short", queue="quick", max_tokens=1000, apps=("gemini",))
REST = Rule(name="rest", queue="all")


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        pytest.param(traits(), None, id="nothing fits"),
        pytest.param(traits(prompt_tokens=200_000), LONG, id="a long prompt"),
        pytest.param(traits(prompt_tokens=199_999), None, id="a token less is not long"),
        pytest.param(traits(model="claude-haiku-5-5"), SMALL, id="one of the patterns"),
        pytest.param(traits(model="GPT-5-mini"), SMALL, id="whatever the case"),
        pytest.param(
            traits(model="x-haiku", prompt_tokens=300_000), LONG, id="the first one that fits wins"
        ),
        pytest.param(traits(client_key="team-a"), TEAM, id="the key of a client"),
        pytest.param(traits(client_key="team-a", app="openai"), None, id="all conditions must fit"),
        pytest.param(
            traits(headers={b"x-tier": b"Gold-2", b"x-env": b""}), TAGGED, id="all its headers"
        ),
        pytest.param(traits(headers={b"x-tier": b"gold"}), None, id="a header that is missing"),
        pytest.param(traits(app="gemini", prompt_tokens=1000), SHORT, id="a short prompt"),
        pytest.param(traits(app="gemini"), None, id="a size that is not known fits no bound"),
    ],
)
def test_first_match(asked: Traits, rule: Rule | None) -> None:
    assert first_match((LONG, SMALL, TEAM, TAGGED, SHORT), asked) == rule


def test_a_rule_without_conditions_fits_everything() -> None:
    assert first_match((REST, LONG), traits(prompt_tokens=10**6)) == REST


PROVIDERS = ("relay", "anthropic")
ACCOUNTS = ("relay/team", "gone/team")


@pytest.mark.parametrize(
    ("model", "header", "expected"),
    [
        pytest.param("m", None, Selection(None, "m"), id="nobody is named"),
        pytest.param("relay/m", None, Selection("relay", "m"), id="a prefix names a provider"),
        pytest.param("relay/a/m", None, Selection("relay", "a/m"), id="the rest keeps its slash"),
        pytest.param("z-ai/glm", None, Selection(None, "z-ai/glm"), id="a vendor is no provider"),
        pytest.param("relay/", None, Selection(None, "relay/"), id="a prefix of nothing is none"),
        pytest.param("m", b" relay ", Selection("relay", "m"), id="a header names one"),
        pytest.param("relay/m", b"relay", Selection("relay", "m"), id="both agree"),
        pytest.param(None, b"relay", Selection("relay", None), id="without a model"),
        pytest.param(
            "m",
            b"realy",
            Unknown("X-Provider-Name asks for 'realy', which is not one of: anthropic, relay."),
            id="a header must name one that is there",
        ),
        pytest.param(
            "anthropic/m",
            b"relay",
            Unknown("X-Provider-Name asks for relay, and the model for anthropic."),
            id="header and prefix must not differ",
        ),
        pytest.param(
            "relay/m", b"relay/team", Selection("relay", "m", "team"), id="a header names a key too"
        ),
        pytest.param(
            "m",
            b"relay/mine",
            Unknown(
                "X-Provider-Name asks for 'relay/mine', which is not one of: anthropic, relay."
            ),
            id="a key that is not there",
        ),
        pytest.param(
            "m",
            b"gone/team",
            Unknown("X-Provider-Name asks for 'gone/team', which is not one of: anthropic, relay."),
            id="a key of a provider that is not there",
        ),
    ],
)
def test_selection(model: str | None, header: bytes | None, expected: Selection | Unknown) -> None:
    headers = {} if header is None else {b"x-provider-name": header}
    assert selection(model, headers, PROVIDERS, ACCOUNTS) == expected


KEY = b"of this installation"
BILLING = b"x-anthropic-billing-header: cc_version=2.1.329.abc; cch=1"


def implied(system: list[bytes], first: list[bytes], key: bytes = KEY) -> Session | None:
    return implied_session(key, system, first)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(implied([b"s"], [b"u"]), implied([b"s"], [b"u"]), True, id="the same texts"),
        pytest.param(implied([b"s"], [b"u"]), implied([b"s"], [b"v"]), False, id="other message"),
        pytest.param(implied([b"s"], [b"u"]), implied([b"t"], [b"u"]), False, id="other system"),
        pytest.param(implied([b"s"], [b"u"]), implied([b"s"], [b"u"], b"k"), False, id="other key"),
        pytest.param(
            implied([BILLING, b"s"], [b"u"]),
            implied([b"s"], [b"u"]),
            True,
            id="the billing block of Claude Code does not count",
        ),
        pytest.param(
            implied([b"a", b"b"], [b"c"]), implied([b"a"], [b"b", b"c"]), False, id="what is where"
        ),
        pytest.param(
            implied([b"ab", b"c"], [b"u"]),
            implied([b"a", b"bc"], [b"u"]),
            False,
            id="cut elsewhere",
        ),
    ],
)
def test_implied_session(one: Session, other: Session, same: bool) -> None:
    assert (one == other) is same


def test_no_first_message_is_no_session() -> None:
    assert implied([b"s"], []) is None


def test_an_implied_session_says_nothing_of_the_prompt() -> None:
    session = implied([b"s"], [b"u"])
    assert session is not None
    assert len(session.id) == 32
    assert session.source == "hash of system prompt and first message"

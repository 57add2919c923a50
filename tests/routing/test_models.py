"""What names of models say, and what becomes of them on the way to a provider."""

import pytest

from proxy.routing.globs import carried, filled, matches_any
from proxy.routing.models import Tier, downgraded, family, tier
from proxy.routing.renaming import Named, Names, mismatch, named


@pytest.mark.parametrize(
    ("pattern", "text", "texts"),
    [
        pytest.param("claude-*", "claude-opus-5-5", ("opus-5-5",), id="a star carries its text"),
        pytest.param("*-*", "a-b-c", ("a", "b-c"), id="the first star takes the least"),
        pytest.param("claude-*", "gpt-5", None, id="no match carries nothing"),
        pytest.param("Claude-*", "CLAUDE-x", ("x",), id="case does not count"),
        pytest.param("opus[1m]", "opus[1m]", (), id="brackets are only brackets"),
        pytest.param("opus[1m]", "opusm", None, id="and no set of characters"),
        pytest.param("a.c", "abc", None, id="a dot is only a dot"),
        pytest.param("*", "", ("",), id="a star may stand for nothing"),
    ],
)
def test_globs(pattern: str, text: str, texts: tuple[str, ...] | None) -> None:
    assert carried(pattern, text) == texts
    assert matches_any((pattern,), text) == (texts is not None)


@pytest.mark.parametrize(
    ("pattern", "texts", "text"),
    [
        pytest.param("x/*", ("a",), "x/a", id="the text takes the place of the star"),
        pytest.param("x", ("a",), "x", id="without a star it is dropped"),
        pytest.param("*-*", ("a",), "a-", id="a star too many stands for nothing"),
    ],
)
def test_filled(pattern: str, texts: tuple[str, ...], text: str) -> None:
    assert filled(pattern, texts) == text


@pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", id="a date is no family"),
        pytest.param("claude-sonnet-4-5@20250929", "claude-sonnet-4-5", id="nor one after an @"),
        pytest.param("gpt-5-2025-08-07", "gpt-5", id="nor one with hyphens"),
        pytest.param("claude-3-5-sonnet-latest", "claude-3-5-sonnet", id="nor is latest"),
        pytest.param(
            "gemini-2.5-pro-preview-05-20", "gemini-2.5-pro-preview", id="nor a short one"
        ),
        pytest.param("gemini-2.0-flash-001", "gemini-2.0-flash", id="nor a revision"),
        pytest.param("claude-opus-5-5[1m]", "claude-opus-5-5", id="a wide window is none"),
        pytest.param(
            "claude-sonnet-4-5-20250929-thinking", "claude-sonnet-4-5", id="thinking is none"
        ),
        pytest.param("gpt-5-high", "gpt-5", id="an effort is none"),
        pytest.param("o4-mini-high", "o4-mini", id="nor of a small one"),
        pytest.param("gpt-5.1-codex-max", "gpt-5.1-codex-max", id="max is a model"),
        pytest.param("mistral-medium-latest", "mistral-medium", id="medium can be a model"),
        pytest.param("Claude-Opus-5-5", "claude-opus-5-5", id="case does not count"),
        pytest.param("anthropic/claude-opus-5-5", "claude-opus-5-5", id="nor where it is"),
        pytest.param(
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-sonnet-4-5",
            id="a host's revision and a date",
        ),
        pytest.param("claude-opus-5-5", "claude-opus-5-5", id="a version stays"),
        pytest.param("claude-opus-4-1", "claude-opus-4-1", id="a version of two digits stays"),
        pytest.param("latest", "latest", id="something always stays"),
        pytest.param("", "", id="nothing stays nothing"),
    ],
)
def test_family(model: str, name: str) -> None:
    assert family(model) == name
    assert family(name) == name


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-haiku-5-5", "haiku"),
        ("claude-3-5-sonnet-20241022", "sonnet"),
        ("opus", "opus"),
        ("claude-fable-5", "fable"),
        ("claude-2.1", "sonnet"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "opus"),
        ("gpt-5-nano", "small"),
        ("gpt-5-mini", "middle"),
        ("gpt-5.1-codex", "big"),
        ("gpt-5.1-codex-max", "big"),
        ("gemini-3.5-flash-lite", "small"),
        ("gemini-3.8-flash", "middle"),
        ("gemini-3-pro-preview", "big"),
        ("kimi-k2", "big"),
    ],
)
def test_tier(model: str, expected: Tier) -> None:
    assert tier(model) == expected


@pytest.mark.parametrize(
    ("sent", "answered", "lesser"),
    [
        pytest.param("gpt-5", "gpt-5-2025-08-07", False, id="a date is no difference"),
        pytest.param("claude-opus-5-5", "claude-sonnet-5-5", True, id="a lower tier is less"),
        pytest.param("claude-haiku-5-5", "claude-sonnet-4", False, id="a higher tier is not"),
        pytest.param("claude-sonnet-4-5", "claude-sonnet-4", True, id="an older one is less"),
        pytest.param("claude-sonnet-4", "claude-sonnet-4-5", False, id="a newer one is not"),
        pytest.param("gpt-5", "gpt-5-mini", True, id="a small one is less"),
        pytest.param("gpt-5-pro", "gpt-5", True, id="the plain one is less than pro"),
        pytest.param("gpt-5", "gpt-4o", True, id="an older one with a letter is less"),
        pytest.param("claude-opus-5-5", "glm-4.6", True, id="another maker's is another"),
        pytest.param("o3", "gpt-4.1", True, id="so is another line of one maker"),
        pytest.param("my-deployment", "gpt-5", False, id="a name of one's own says nothing"),
        pytest.param("gpt-5", "my-deployment", False, id="in either place"),
        pytest.param("deepseek-chat", "deepseek-v3.2", False, id="no version cannot be older"),
        pytest.param("gemini-flash-latest", "models/gemini-3.8-flash", False, id="an alias"),
        pytest.param(
            "claude-opus-5-5[1m]", "anthropic/claude-opus-5-5-20260101", False, id="all marks"
        ),
        pytest.param(
            "claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-v1:0", False, id="of one host"
        ),
    ],
)
def test_downgraded(sent: str, answered: str, lesser: bool) -> None:
    assert downgraded(sent, answered) is lesser


NAMES = Names(
    renames=(("claude-opus-*", "anthropic/claude-opus-*"), ("gpt-5", "gpt-5.4")),
    tiers={"haiku": "glm-air", "middle": "glm", "small": "glm-tiny"},
)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        pytest.param(
            "claude-opus-5-5",
            Named("anthropic/claude-opus-5-5", "models claude-opus-*"),
            id="a pattern comes first and carries the rest",
        ),
        pytest.param("gpt-5", Named("gpt-5.4", "models gpt-5"), id="a name as it is"),
        pytest.param("claude-haiku-5-5", Named("glm-air", "tiers haiku"), id="its own tier"),
        pytest.param("claude-sonnet-5-5", Named("glm", "tiers middle"), id="the tier in general"),
        pytest.param("gpt-5-nano", Named("glm-tiny", "tiers small"), id="of another maker"),
        pytest.param("gpt-6", Named("gpt-6"), id="no rule leaves it"),
        pytest.param("kimi-k2[1m]", Named("kimi-k2"), id="the mark of a wide window stays here"),
    ],
)
def test_named(model: str, expected: Named) -> None:
    assert named(NAMES, model) == expected


@pytest.mark.parametrize(
    ("pattern", "replacement", "wrong"),
    [
        ("a-*", "b-*", None),
        ("a-*", "b", None),
        ("a", "b-*", "1 * in the replacement and 0 in the pattern"),
        ("a", "", "an empty name"),
    ],
)
def test_mismatch(pattern: str, replacement: str, wrong: str | None) -> None:
    assert mismatch(pattern, replacement) == wrong

"""Which family a model is of, whatever stands around its name."""

import pytest

from proxy.counting.families import FAMILIES, family_of

CLAUDE, NEWER_CLAUDE, GEMINI, GPT, OTHERS = FAMILIES


@pytest.mark.parametrize(
    ("family", "models"),
    [
        pytest.param(
            CLAUDE,
            """claude-instant-1.2 claude-2.1 claude-3-5-sonnet-20241022 claude-3.7-sonnet
            claude-sonnet-4-20250514 claude-opus-4-5-20251101 claude-haiku-4-5 claude-sonnet-4.6
            claude-opus-4-0 claude-opus-4@20250514 us.anthropic.claude-sonnet-4-20250514-v1:0
            anthropic.claude-v2 anthropic/claude-4.5-sonnet claude-4-opus Claude-Sonnet-4-5""",
            id="Claude up to 4.6",
        ),
        pytest.param(
            NEWER_CLAUDE,
            """claude-opus-4-7 claude-opus-4.8 claude-opus-4-10 claude-opus-5-5 claude-sonnet-5
            claude-fable-5 claude-mythos-preview global.anthropic.claude-opus-4-7-v1:0 claude-next
            claude-haiku-5-20261001 claude-opus-5-20260801""",
            id="newer Claude, and any unknown one",
        ),
        pytest.param(GEMINI, "gemini-3.8-flash google/gemini-4-argon gemma-4-27b", id="Gemini"),
        pytest.param(
            GPT,
            "gpt-6-astra gpt-4o chatgpt-4o-latest o3 openai/o4-mini codex-mini-latest gpt-oss-120b",
            id="OpenAI",
        ),
        pytest.param(
            OTHERS, "glm-5 deepseek-v4 qwen3-coder kimi-k3 llama-4 phi-o365 foo3", id="all others"
        ),
    ],
)
def test_the_name_tells_the_family(family: object, models: str) -> None:
    assert [model for model in models.split() if family_of(model) is not family] == []


def test_no_name_is_a_name() -> None:
    assert family_of("") is OTHERS

"""Which policy counts for a model."""

import pytest

from analysis.caches import POLICIES, policy_of


@pytest.mark.parametrize(
    ("model", "min_tokens", "ttl_s"),
    [
        pytest.param("claude-opus-5-5", 512, 300, id="a new one"),
        pytest.param("claude-opus-4-6-20260201", 4096, 300, id="a dated name"),
        pytest.param("anthropic/claude-sonnet-4-5", 1024, 300, id="with its maker"),
        pytest.param("gpt-5.6-codex", 1024, 1800, id="explicit breakpoints"),
        pytest.param("gpt-5.2", 1024, 3600, id="before them"),
        pytest.param("gemini-3.5-pro", 4096, None, id="no promise"),
        pytest.param("some-model", 1024, 300, id="what nobody knows"),
    ],
)
def test_the_first_that_fits(model: str, min_tokens: int, ttl_s: int | None) -> None:
    found = policy_of(model)
    assert (found.min_tokens, found.ttl_s) == (min_tokens, ttl_s)


def test_the_last_fits_all() -> None:
    assert POLICIES[-1].match == ["*"]

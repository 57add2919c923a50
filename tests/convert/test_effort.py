"""Words and tokens for how much to think."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.request import Effort, Reasoning, Request
from proxy.convert.effort import with_effort, with_thinking_suffix

EFFORTS: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


@pytest.mark.parametrize(
    ("said", "limit", "meant"),
    [
        pytest.param((None, None), 100, (None, None), id="nothing said is nothing meant"),
        pytest.param(("none", None), None, ("none", 0), id="none is off"),
        pytest.param(("medium", None), None, ("medium", 8192), id="an effort has a budget"),
        pytest.param(("high", None), 4096, ("high", 4095), id="below the limit"),
        pytest.param((None, 0), None, ("none", 0), id="off is none"),
        pytest.param((None, -1), 100, (None, -1), id="what the model decides stays open"),
        pytest.param((None, 31999), 32000, ("xhigh", 31999), id="the nearest effort"),
        pytest.param((None, 10000), None, ("medium", 10000), id="nearest by ratio"),
        pytest.param((None, 50000), 2000, ("max", 1999), id="the effort of what was asked for"),
        pytest.param(("low", 30000), None, ("low", 30000), id="both said are both meant"),
        pytest.param(("low", None), 0, ("low", 0), id="no room, no budget"),
    ],
)
def test_with_effort(
    said: tuple[Effort | None, int | None],
    limit: int | None,
    meant: tuple[Effort | None, int | None],
) -> None:
    effort, budget = said
    told = with_effort(Reasoning(effort=effort, budget_tokens=budget, shown=True), limit)
    assert told == Reasoning(effort=meant[0], budget_tokens=meant[1], shown=True)


@pytest.mark.parametrize("effort", EFFORTS)
def test_an_effort_survives_its_budget(effort: Effort) -> None:
    budget = with_effort(Reasoning(effort=effort), None).budget_tokens
    assert with_effort(Reasoning(budget_tokens=budget), None).effort == effort


@given(
    st.none() | st.sampled_from(EFFORTS),
    st.none() | st.integers(-1, 200_000),
    st.none() | st.integers(0, 100_000),
)
def test_a_second_time_changes_nothing(
    effort: Effort | None, budget: int | None, limit: int | None
) -> None:
    once = with_effort(Reasoning(effort=effort, budget_tokens=budget), limit)
    assert with_effort(once, limit) == once


@pytest.mark.parametrize(
    ("model", "said", "sent", "meant"),
    [
        pytest.param(
            "claude-x-thinking",
            Reasoning(),
            "claude-x",
            Reasoning(budget_tokens=30_000),
            id="the suffix turns thinking on",
        ),
        pytest.param(
            "claude-x-thinking",
            Reasoning(effort="low"),
            "claude-x",
            Reasoning(effort="low"),
            id="what was said stays",
        ),
        pytest.param("claude-x", Reasoning(), "claude-x", Reasoning(), id="no suffix, no change"),
        pytest.param(
            "kimi-thinking",
            Reasoning(),
            "kimi-thinking",
            Reasoning(),
            id="a model that is called so keeps its name",
        ),
    ],
)
def test_with_thinking_suffix(model: str, said: Reasoning, sent: str, meant: Reasoning) -> None:
    request = Request(model=model, turns=(), reasoning=said)
    assert with_thinking_suffix(request) == Request(model=sent, turns=(), reasoning=meant)

"""What the name of a model says besides the model."""

import msgspec
import pytest

from proxy.canonical.request import Reasoning, Request
from proxy.convert.marker import without_markers

SUFFIXED = Reasoning(budget_tokens=30_000)


@pytest.mark.parametrize(
    ("name", "asked_for", "expected"),
    [
        pytest.param("gpt-6", None, {"model": "gpt-6"}, id="nothing"),
        pytest.param("gpt-6[1m]", None, {"model": "gpt-6", "long_context": True}, id="any model"),
        pytest.param(
            "claude-sonnet-4-5[1M]",
            None,
            {"model": "claude-sonnet-4-5", "long_context": True},
            id="in capitals",
        ),
        pytest.param(
            "claude-sonnet-4-5-thinking[1m]",
            None,
            {"model": "claude-sonnet-4-5", "long_context": True, "reasoning": SUFFIXED},
            id="both markers",
        ),
        pytest.param("a[1m]b", None, {"model": "a[1m]b"}, id="not at the end"),
        pytest.param(
            "claude-x[1m]", "glm-5", {"model": "glm-5", "long_context": True}, id="another model"
        ),
        pytest.param(
            "gpt-6",
            "claude-x-thinking[1m]",
            {"model": "claude-x-thinking", "long_context": True},
            id="a mark on what is configured, whose name is left alone otherwise",
        ),
    ],
)
def test_markers(name: str, asked_for: str | None, expected: dict[str, object]) -> None:
    asked = Request(model=name, turns=())
    assert without_markers(asked, asked_for) == msgspec.structs.replace(asked, **expected)

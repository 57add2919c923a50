"""What is allowed, but may not be what was meant."""

from pathlib import Path

import pytest

from tests.config.files import PROVIDERS, QUEUES, loaded


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(
            f'{QUEUES}cluade = ["relay"]',
            'queues.cluade: no app has that name, and no rule leads there (did you mean "claude"?)',
            id="a queue that nobody comes to",
        ),
        pytest.param(
            f'{QUEUES}[[rules]]\nname = "a"\nqueue = "claude"\napps = ["codex"]\nmodels = ["x"]',
            "rules[0]: what no rule fits of codex is refused: there is no queue codex",
            id="an app that is served at times",
        ),
        pytest.param(
            'enabled = false\n[queues]\nclaude = ["main"]\n[[activations]]\nprovider = "relay"\n'
            'model = "x"\nat = ["08:00"]\nmax_usd = 1',
            "activations[0]: does nothing: relay is disabled",
            id="an activation of what is switched off",
        ),
    ],
)
def test_what_is_allowed_but_unwise(file: Path, text: str, warning: str) -> None:
    assert loaded(file, f"{PROVIDERS}{text}").warnings == (f"{file}: {warning}",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '[queues]\nall = ["main"]\n[[rules]]\nname = "a"\nqueue = "all"',
            id="one queue for all, by a rule",
        ),
        pytest.param(
            f'{QUEUES}[[rules]]\nname = "a"\nqueue = "claude"\napps = ["codex"]',
            id="an app that is always served by a rule",
        ),
    ],
)
def test_what_is_wise(file: Path, text: str) -> None:
    assert loaded(file, f"{PROVIDERS}{text}").warnings == ()

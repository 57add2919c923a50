"""What is read out of texts that others wrote: a program's name, a cost."""

import pytest

from proxy.record.agent import Program, program_of
from proxy.record.bill import Bill, billed


@pytest.mark.parametrize(
    ("user_agent", "program"),
    [
        ("claude-cli/2.1.329 (external, sdk-cli)", Program("claude-cli", "2.1.329")),
        ("codex_exec/0.140.0 (Debian 12; x86_64)", Program("codex_exec", "0.140.0")),
        ("GeminiCLI/v0.49.0/gemini-3 (linux; x64)", Program("GeminiCLI", "0.49.0")),
        ("OpenAI/Python 2.7.1", Program("OpenAI/Python", "2.7.1")),
        ("curl/8.5.0", Program("curl", "8.5.0")),
        ("someone", Program()),
        ("", Program()),
        (None, Program()),
        ("x/" + "1" * 500, Program("x", "1" * 100)),
    ],
)
def test_a_program(user_agent: str | None, program: Program) -> None:
    assert program_of(user_agent) == program


@pytest.mark.parametrize(
    ("usage_raw", "bill"),
    [
        pytest.param(None, Bill(), id="no usage"),
        pytest.param('{"prompt_tokens":1}', Bill(), id="usage without a cost"),
        pytest.param('{"cost":0}', Bill(0.0), id="a cost of zero is told"),
        pytest.param('{"cost":null}', Bill(), id="a cost that is not known"),
        pytest.param('{"cost":0.5,"currency":"EUR"}', Bill(0.5, "EUR"), id="and its currency"),
        pytest.param(
            '{"message_start":{"input_tokens":1},"message_delta":{"cost":0.25}}',
            Bill(0.25),
            id="in the last event of a stream",
        ),
        pytest.param('{"cost":"free"}', Bill(), id="no number"),
        pytest.param('{"cost":', Bill(), id="no JSON"),
    ],
)
def test_a_bill(usage_raw: str | None, bill: Bill) -> None:
    assert billed(usage_raw) == bill

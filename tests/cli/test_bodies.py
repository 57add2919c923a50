"""`pointsman ledger bodies` gives back what was stored."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from proxy.cli.main import app
from proxy.ledger.bodies.segment import Segment
from proxy.ledger.folder import folder_at
from proxy.ledger.views import prepare
from proxy.record.bodies import Body
from tests.ledger.entries import request_id

STREAM = b"event: ping\ndata: {}\n\n\x1b[2J"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    prepare(tmp_path)
    segment = Segment(folder_at(tmp_path), "host-1-1-000000", b"secret")
    asked = b'{"model":"m","text":"h\xc3\xa9"}'
    segment.add(request_id(1), Body("client_request", None, 99_999, 99_971, asked), 1)
    for number in (1, 2):
        segment.add(request_id(1), Body("provider_answer", number, 25, 0, STREAM), 1)
    segment.add(request_id(2), Body("client_request", None, 5, 0, b"other"), 1)
    segment.close()
    return tmp_path


def run(ledger: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["ledger", "bodies", *words, "--ledger", str(ledger)])
    return result.exit_code, result.output


def test_all_of_a_request_for_a_person(ledger: Path) -> None:
    code, text = run(ledger, request_id(1).upper())
    assert code == 0
    stream = "event: ping\ndata: {}\n\n\N{REPLACEMENT CHARACTER}[2J\n"
    assert text == (
        "# client_request: 99,999 bytes, of which the last 99,971 were not kept\n"
        '{\n  "model": "m",\n  "text": "hé"\n}\n'
        f"# provider_answer of attempt 1: 25 bytes\n{stream}"
        f"# provider_answer of attempt 2: 25 bytes\n{stream}"
    )


def test_one_byte_for_byte(ledger: Path) -> None:
    words = ["ledger", "bodies", request_id(1), "--attempt", "2", "--raw", "--ledger", str(ledger)]
    result = CliRunner().invoke(app, words)
    assert result.stdout_bytes == STREAM


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            [request_id(1), "--raw"],
            "there are several: say which one with --which and --attempt: "
            "client_request, provider_answer 1, provider_answer 2\n",
            id="several are meant",
        ),
        pytest.param(
            [request_id(3)],
            f"no such body of {request_id(3)} is stored: [ledger] bodies says of which requests "
            "they are, and keep_bodies_days for how long\n",
            id="none is there",
        ),
    ],
)
def test_what_cannot_be_shown(ledger: Path, words: list[str], said: str) -> None:
    assert run(ledger, *words) == (1, said)

"""Whatever stands in a line, each table finds its own rows, as the whole line has them."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.ledger.apart import KEYS, Apart
from proxy.ledger.line import framed

TEXT = st.text(max_size=12) | st.sampled_from(
    ['","attempts":[', '{"request":{', "]},", "\\", '"events":[]}\n', ',"losses":[{"']
)
ROW = st.dictionaries(st.sampled_from(["id", "text", "why"]), TEXT | st.none(), max_size=3)
ROWS = st.lists(ROW, max_size=2)
LINES = st.fixed_dictionaries(
    {}, optional={"request": ROW, "attempts": ROWS, "losses": ROWS, "events": ROWS}
)


def found(folder: Path, raw: bytes) -> dict[str, list[object]]:
    with Apart(folder, "journal") as tables:
        tables.write(raw)
        tables.close()
        lines = {key: path.read_bytes().splitlines() for key, path in tables.paths.items()}
    assert list(folder.iterdir()) == []
    return {key: [msgspec.json.decode(one) for one in own] for key, own in lines.items()}


@given(LINES)
def test_each_table_gets_its_own(
    tmp_path_factory: pytest.TempPathFactory, line: dict[str, object]
) -> None:
    line = {key: line[key] for key in KEYS if key in line}  # in the order of whoever writes
    raw = framed(msgspec.json.encode(line)) if line else b'{"crc":"00000000"}\n'
    got = found(tmp_path_factory.mktemp("apart"), raw)
    if not line:
        assert all(own == [{"crc": "00000000"}] for own in got.values())
        return
    for key in KEYS:
        has_rows = bool(line.get(key)) or (key == "request" and key in line)
        assert got[key] == ([{key: line[key]}] if has_rows else [])


def test_a_line_of_another_order_goes_to_every_table(tmp_path: Path) -> None:
    raw = b'{"crc":"00000000", "request": {"request_id":"x"}}\n'
    got = found(tmp_path, raw)
    assert {key: len(own) for key, own in got.items()} == dict.fromkeys(KEYS, 1)

"""Ledgers of runs that happened: the real proxy, fake providers with caches, virtual time."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from analysis import Ledger
from analysis.schemas import SCHEMAS
from fixtures.replay.virtual import run
from proxy.ledger.line import Ended
from proxy.ledger.lineage import Lineage
from tests.analysis.ledgers import Row, frame, ledger_of
from tests.fixtures.replay.scenarios import scenario

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # the ledger's times are UTC without saying so


def lived(folder: Path, text: str) -> Ledger:
    """Play a scenario, and return its ledger as the converter would have written it."""
    folder.mkdir()
    entries = run(scenario(folder, text)).history.entries
    asked = [one.request for one in entries]
    ended = (
        Ended(one.request_id, one.received_us, one.app, one.client_key, one.prefix_chain)
        for one in asked
    )
    parents = {one.request_id: msgspec.to_builtins(one) for one in Lineage().parents(ended)}
    requests = [_row("requests", one) | parents.get(one.request_id, {}) for one in asked]
    attempts = [_row("attempts", row) for one in entries for row in one.attempts]
    return ledger_of(
        folder, requests=frame("requests", requests), attempts=frame("attempts", attempts)
    )


def _row(grain: str, row: msgspec.Struct) -> Row:
    made: Row = {"id": None}  # the row has one already
    for name, value in msgspec.structs.asdict(row).items():
        if name.endswith("_us") and (moment := name.removesuffix("_us") + "_at") in SCHEMAS[grain]:
            made[moment] = None if value is None else _EPOCH + timedelta(microseconds=value)
        elif name in SCHEMAS[grain]:
            made[name] = value
    return made

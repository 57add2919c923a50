"""What a scrape is answered: read by the official parser, and equal to what the rows say."""

from collections import Counter

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.commands import LedgerState
from tests.asgi import CLIENT_KEY, proxy, two
from tests.cli.test_control import STATUS
from tests.endpoints.test_control import BODY, PATH

pytestmark = pytest.mark.anyio


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """Return each sample by its name and the values of its labels, in the order of their names."""
    return {
        (one.name.removeprefix("pointsman_"), *dict(sorted(one.labels.items())).values()): one.value
        for family in text_string_to_metric_families(text.decode())
        for one in family.samples
    }


async def test_figures_are_those_of_the_rows() -> None:
    with proxy(*two("status:529", "ok")) as here:
        for number in range(3):
            message = {"role": "user", "content": f"hello {number}"}
            assert (await here.call(PATH, {**BODY, "messages": [message]})).status == 200
        seen = await here.call("/metrics", method="GET")
        rows = [attempt for entry in here.rows.entries for attempt in entry.attempts]
    assert (seen.status, seen.headers[b"content-type"][:16]) == (200, b"text/plain; vers")
    found = samples(seen.body)
    assert found["requests_total", "whole"] == 3
    ended = Counter((one.outcome, one.provider) for one in rows)
    assert {key[1:]: n for key, n in found.items() if key[0] == "attempts_total"} == ended
    assert {provider for _, provider in ended} == {"main", "relay"}
    output = sum(one.output_tokens or 0 for one in rows if one.provider == "relay")
    assert found["tokens_total", "output", "relay"] == output > 0
    assert found["app_served", "claude"] == 1
    assert found["breaker_open", "key", "main"] in (0, 1)
    assert found["ledger_lost_total", "dropped"] == 0
    assert found["requests_active",] == 0


async def test_a_scrape_wants_a_key_where_everybody_does_and_holds_none() -> None:
    with proxy(*two("ok"), client_keys={"me": CLIENT_KEY}) as here:
        seen = await here.call("/metrics", method="GET", headers={"authorization": "Bearer no"})
        assert seen.status == 401
        seen = await here.call("/metrics", method="GET")
    assert seen.status == 200
    assert CLIENT_KEY.encode() not in seen.body
    assert b"key-of-" not in seen.body


def test_a_hindered_ledger_is_a_figure() -> None:
    from proxy.endpoints import metrics  # noqa: PLC0415  # as the endpoint does

    state = LedgerState(folder="/x", dropped=4, waiting=2, hindered_since_us=1)
    status = msgspec.structs.replace(STATUS, ledger=state)
    found = samples(metrics.text(status))
    assert found["ledger_lost_total", "dropped"] == 4
    assert (found["ledger_hindered",], found["ledger_waiting_rows",]) == (1, 2)

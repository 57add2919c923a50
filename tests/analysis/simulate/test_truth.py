"""Validators: what a simulation says of a policy is what that policy came to when it was played.

The same sessions are played by the real proxy under each policy, against fake providers whose
caches forget and need a least size; of the ledger of one run the others are foretold.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from analysis import Ledger
from analysis.errors import Uncalibrated
from analysis.prices.frame import with_prices
from analysis.simulate import AS_IT_WAS, Wish, simulate
from proxy.price_list import LIST_PRICES
from tests.analysis.ledgers import ledger_of
from tests.analysis.simulate.lived import lived

_PROVIDERS = ("main", "relay", "third")
_PLAYED = {
    "sticky": 'policy = "priority"\nsticky = true',
    "round_robin": 'policy = "round_robin"\nsticky = false',
    "random": 'policy = "random"\nsticky = false',
}
SAVED = "sticky saves of input (list)"


def sessions(policy: str, evicted: float, requests: int, think: str) -> str:
    providers = "".join(
        f'[providers.{name}]\nlatency = {{ first = "lognormal:700ms:0.5", gap = "20ms" }}\n'
        f"cache = {{ min_tokens = 1024, evicted = {evicted} }}\n"
        for name in _PROVIDERS
    )
    return f"""
schema = 1
[scenario]
title = "sessions"
[workload]
kind = "closed"
requests = {requests}
sessions = 24
events = 2
tokens = 400
system_tokens = 4000
token_scale = 20
think = "{think}"
{providers}
[proxy.queues.claude]
targets = ["main", "relay", "third"]
{_PLAYED[policy]}
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ledger]:
    folder = tmp_path_factory.mktemp("played")
    return {
        name: lived(folder / name, sessions(name, 0.0, 360, "exponential:100s")) for name in _PLAYED
    }


def input_cost(ledger: Ledger) -> float:
    with_prices(ledger, LIST_PRICES)
    return float(
        ledger.ask("cost_by_day")
        .select("fresh_input", "cache_reads", "cache_writes")
        .sum()
        .sum_horizontal()[0]
    )


def saved(frame: pl.DataFrame, policy: str, what: str = SAVED) -> tuple[float, float, float]:
    row = frame.filter((pl.col("policy") == policy) & (pl.col("what") == what))
    return row["value"][0], row["lo"][0], row["hi"][0]


@pytest.mark.parametrize("logged", ["round_robin", "random"])
@pytest.mark.parametrize("policy", ["round_robin", "random"])
def test_it_recovers_the_truth(played: Mapping[str, Ledger], logged: str, policy: str) -> None:
    truth = 1 - input_cost(played["sticky"]) / input_cost(played[policy])
    found = simulate(played[logged], wish=Wish(policies=("round_robin", "random")))
    value, lo, hi = saved(found.result, policy)
    assert abs(value - truth) < 0.02
    assert lo < truth < hi


def test_a_log_of_one_place_tells_what_dealing_out_would_cost(played: Mapping[str, Ledger]) -> None:
    truth = 1 - input_cost(played["sticky"]) / input_cost(played["round_robin"])
    found = simulate(played["sticky"], wish=Wish(policies=("round_robin",), among=3))
    value, lo, hi = saved(found.result, "round_robin", f"{SAVED}, band")
    assert abs(value - truth) < 0.05  # whose turn it was is not in that log
    assert lo < truth < hi


def test_what_was_is_foretold_to_the_cent(played: Mapping[str, Ledger]) -> None:
    ledger = played["random"]
    found = simulate(ledger, wish=Wish(policies=(AS_IT_WAS,)))
    row = found.result.filter(
        (pl.col("policy") == AS_IT_WAS) & (pl.col("what") == "input cost (list)")
    )
    assert row["value"][0] == pytest.approx(input_cost(ledger), rel=1e-3)
    bias = found.calibration.filter(pl.col("what") == "bias of reads")
    assert bias["value"].abs().max() < 0.01


def test_caches_that_forget_are_found_out(tmp_path: Path) -> None:
    text = sessions("random", 0.2, 960, "20s")
    found = simulate(lived(tmp_path / "forgets", text), wish=Wish(anyway=True))
    evicted = found.calibration.filter(pl.col("what") == "evicted")["value"]
    assert all(abs(one - 0.2) < 0.08 for one in evicted)


def test_a_model_that_is_off_publishes_nothing(
    played: Mapping[str, Ledger], tmp_path: Path
) -> None:
    """Half of the sessions find nothing in the cache, and the other half everything."""
    ledger = played["round_robin"]
    requests, attempts = ledger.requests(), ledger.attempts()
    names = requests["session_id"].unique().sort()[::2]
    cold = requests.filter(pl.col("session_id").is_in(names.to_list()))["request_id"].to_list()
    read = pl.when(pl.col("request_id").is_in(cold)).then(0).otherwise(pl.col("cache_read_tokens"))
    changed = attempts.with_columns(cache_read_tokens=read.cast(pl.Int64))
    with ledger_of(tmp_path, requests=requests, attempts=changed) as odd:
        with pytest.raises(Uncalibrated, match="off by more than 5%"):
            simulate(odd)
        found = simulate(odd, wish=Wish(anyway=True))
    assert found.doubt is not None
    assert found.result["method"].str.ends_with("NOT CALIBRATED").all()

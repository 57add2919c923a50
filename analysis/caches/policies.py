"""Reads `policies.toml`, and gives queries the policy of each model in a ledger."""

import json
import tomllib
from datetime import date
from importlib import resources
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from analysis.load import Ledger
from analysis.selection import ALL, Selection
from proxy.routing.globs import matches_any


class CachePolicy(BaseModel):
    """How the cache of some models behaves; fields as the file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: Annotated[list[str], Field(min_length=1)]
    min_tokens: Annotated[int, Field(ge=1)]
    ttl_s: Annotated[int | None, Field(ge=1)] = None
    evidence: Literal["documented", "measured", "assumed"]
    source: str
    read: date


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    policy: list[CachePolicy]


_TEXT: Final = resources.files("analysis.caches").joinpath("policies.toml").read_text("utf-8")
POLICIES: Final = tuple(_File.model_validate(tomllib.loads(_TEXT)).policy)
"""The first that fits a model counts; the last fits all."""


def policy_of(model: str) -> CachePolicy:
    """Return the policy that counts for a model, as it was sent."""
    name = model.rpartition("/")[2]
    return next(one for one in POLICIES if matches_any(one.match, name))


def with_policies(ledger: Ledger, selection: Selection = ALL) -> None:
    """Put the policy of every model in a selection where queries find it: `cache_policy`."""
    models = ledger.ask("sold", selection)["model"].unique().sort()
    rows = [
        {"model": model, "min_tokens": policy.min_tokens, "ttl_s": policy.ttl_s}
        for model, policy in ((model, policy_of(model)) for model in models)
    ]
    shape = '[{"model": "VARCHAR", "min_tokens": "BIGINT", "ttl_s": "BIGINT"}]'
    ledger.connection.execute(
        "CREATE OR REPLACE TEMP TABLE cache_policy AS "
        "SELECT row.* FROM (SELECT unnest(from_json(?, ?)) AS row)",
        [json.dumps(rows), shape],
    )

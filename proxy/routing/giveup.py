"""What to tell the client when no provider is left.

Source of the choice of statuses: `facts/clients.md` section 8 and trap 3: what makes each CLI try
again later and what makes it stop, measured 2026-11.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.routing.types import Failure, Outcome

LASTING: frozenset[Failure] = frozenset({"credential", "forbidden", "quota", "model_missing"})
"""Asking again would not help: somebody has to mend the configuration first."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of our own; `retry` is false where asking again is no use."""

    status: int
    message: str
    retry: bool
    retry_after_s: float | None = None


def give_up(history: Sequence[Outcome], model: str | None) -> Refusal:
    """Return what to say after `history`, in which every attempt failed."""
    if not history:
        return Refusal(503, "There was no time left to ask a provider.", retry=True)
    failures = {outcome.failure for outcome in history}
    said = "; ".join(_describe(outcome) for outcome in history)
    if failures == {"model_missing"}:
        return Refusal(404, f"No provider knows the model {model}: {said}.", retry=False)
    if failures <= LASTING:
        wanted = "check their keys and models in the configuration of pointsman"
        return Refusal(502, f"No provider could answer: {said}; {wanted}.", retry=False)
    waits = [o.retry_after_s for o in history if o.retry_after_s is not None]
    return Refusal(
        503,
        f"No provider could answer: {said}. Try again later.",
        retry=True,
        retry_after_s=min(waits, default=None),
    )


def _describe(outcome: Outcome) -> str:
    """Say who failed and why in our own words: providers may echo keys in theirs."""
    name = f"{outcome.target.provider.name}/{outcome.target.credential.label}"
    why = (outcome.failure or "unknown").replace("_", " ")
    return f"{name}: {why}" + (f" (status {outcome.status})" if outcome.status else "")

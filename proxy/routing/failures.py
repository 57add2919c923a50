"""From what was seen of a failure to what it was and what follows.

Sources: `facts/gateways.md` section 4, `facts/existing-systems.md` sections 1.2, 7 and 8; of each
row of the table, beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from proxy.routing.failure_table import RULES
from proxy.routing.signals import Rule, Signal
from proxy.routing.types import Action, Failure, Scope

MINUTE_S, HOUR_S = 60.0, 3600.0

ACTIONS: Mapping[Failure, Action] = MappingProxyType(
    {
        # The whole host: another key of it is at the other end of the same wire.
        "unreachable": Action(cools="provider", again=True),
        "late": Action(),  # nobody waits out the same silence twice
        "stream_fault": Action(again=True),
        "transient": Action(again=True),
        "server_error": Action(again=True),
        # One 529 alone cools nothing: leaving a warm cache costs more than asking again.
        "overloaded": Action(cools="target", max_cool_s=10 * MINUTE_S, again=True),
        # Hints of 137 to 156 hours outlived their quota: router-for-me/CLIProxyAPI#4724 and #5277.
        # Asking once an hour costs one refusal.
        "rate_limited": Action(
            cools="target", cool_s=5.0, max_cool_s=HOUR_S, again=True, counts_as="refusal"
        ),
        # The longest window whose end is believed is the 5 hours of subscriptions.
        "quota": Action(
            cools="credential",
            cool_s=30 * MINUTE_S,
            max_cool_s=6 * HOUR_S,
            counts_as="refusal",
        ),
        "credential": Action(
            cools="credential",
            cool_s=30 * MINUTE_S,
            max_cool_s=30 * MINUTE_S,
            counts_as="refusal",
        ),
        # Shorter: a firewall before the provider says 403 of one request, too.
        "forbidden": Action(
            cools="credential",
            cool_s=5 * MINUTE_S,
            max_cool_s=30 * MINUTE_S,
            counts_as="refusal",
        ),
        "forbidden_region": Action(
            cools="provider",
            cool_s=30 * MINUTE_S,
            max_cool_s=30 * MINUTE_S,
            counts_as="refusal",
        ),
        "model_missing": Action(
            cools="target", cool_s=5 * MINUTE_S, max_cool_s=HOUR_S, counts_as="refusal"
        ),
        "model_forbidden": Action(
            cools="target", cool_s=30 * MINUTE_S, max_cool_s=HOUR_S, counts_as="refusal"
        ),
        "caller_fault": Action(goes_on=False, counts_as="neutral"),
        "context_length": Action(goes_on=False, counts_as="neutral"),
        "content_policy": Action(goes_on=False, counts_as="neutral"),
        "client_left": Action(goes_on=False, counts_as="neutral"),
    }
)
"""What follows from each class of failure, where its rule does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Cooling:
    """How long a class cools, as a configuration says it; `None` leaves it as it is."""

    first_s: float | None = None
    max_s: float | None = None


def actions_with(changes: Mapping[Failure, Cooling]) -> Mapping[Failure, Action]:
    """Return what follows from each class, cooling as `changes` say."""
    changed = {failure: _cooling(ACTIONS[failure], change) for failure, change in changes.items()}
    return MappingProxyType({**ACTIONS, **changed})


def _cooling(action: Action, change: Cooling) -> Action:
    max_s = action.max_cool_s if change.max_s is None else change.max_s
    first_s = action.cool_s if change.first_s is None else change.first_s
    return replace(action, cool_s=min(first_s, max_s), max_cool_s=max_s)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failure was, what follows, and the name of the row that said so."""

    failure: Failure
    action: Action
    rule: str


def classify(
    signal: Signal,
    own: Sequence[Rule] = (),
    actions: Mapping[Failure, Action] = ACTIONS,
) -> Verdict:
    """Return what `signal` means; the provider's `own` rows come before the table's.

    Always an answer: no head is `unreachable`, a 2xx that is no answer a `stream_fault`, and a
    status that no row knows a `server_error`.
    """
    rule = next((rule for rule in (*own, *RULES) if rule.fits(signal)), None)
    if rule is None:
        failure, name = _by_status(signal)
        return Verdict(failure, actions[failure], name)
    return Verdict(rule.failure, _action(rule, actions[rule.failure]), rule.name)


def _by_status(signal: Signal) -> tuple[Failure, str]:
    if signal.status is None:
        return "unreachable", "no_head"
    if 200 <= signal.status < 300:  # noqa: PLR2004  # HTTP's border
        return "stream_fault", "broken_stream" if signal.streamed else "no_answer"
    return "server_error", "other_status"


def _action(rule: Rule, action: Action) -> Action:
    if rule.cools is not None:
        action = replace(action, cools=rule.cools)
    if rule.cool_s is None:
        return action
    if rule.cool_s == 0:
        return replace(action, cools="nothing", cool_s=0.0, max_cool_s=0.0)
    cools: Scope = "target" if action.cools == "nothing" else action.cools
    longest_s = max(rule.cool_s, action.max_cool_s)
    return replace(action, cools=cools, cool_s=rule.cool_s, max_cool_s=longest_s)

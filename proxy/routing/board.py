"""The health of everything a request can be sent to, as one immutable value.

A target has up to three keys: its provider, its credential, and the credential with the model.
Each failure is written where it belongs: a host that cannot be reached to the provider, an
overload to the model, a refused key to the credential. Keys are made of names in the
configuration, so that what was learnt outlives a reload and a restart.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import msgspec

from proxy.routing import health as fold
from proxy.routing.failover import action_after
from proxy.routing.health import Admission, Badge, BreakerRules, Fault, Health
from proxy.routing.types import Action, Outcome, Target

MAX_KEYS = 4096  # models are named by clients
MAX_MODEL_CHARS = 200
KEPT_S = 24 * 3600.0  # of what is healthy

_HEALTHY = Health()
_decoder: msgspec.json.Decoder["Board"]


class Board(msgspec.Struct, frozen=True):
    """What is known of each key; one that is not there is healthy."""

    keys: Mapping[str, Health] = {}


@dataclass(frozen=True)
class Keys:
    """The keys of one target; without a model, `target` is the credential's."""

    provider: str
    credential: str
    target: str

    @cached_property
    def each(self) -> tuple[str, ...]:
        """All of them, the widest first, each once."""
        return tuple(dict.fromkeys((self.provider, self.credential, self.target)))


def keys_of(target: Target) -> Keys:
    """Return the keys of `target`."""
    return _keys(target.provider.name, target.account, target.model)


@lru_cache(maxsize=MAX_KEYS)  # asked ten times for a request
def _keys(provider: str, account: str, model: str | None) -> Keys:
    return Keys(
        provider, account, account if model is None else f"{account}/{model[:MAX_MODEL_CHARS]}"
    )


def account_of(name: str) -> str:
    """Return the account in the id of a target or a credential."""
    return "/".join(name.split("/", 2)[:2])


def admits(board: Board, target: Target, now_us: int) -> Admission:
    """Return whether a request may go to `target`: all its keys have to say so.

    Of several that say no, the one that says so longest is right.
    """
    found = (_admits(board, key, now_us) for key in keys_of(target).each)
    said = [admission for admission in found if admission is not fold.YES]
    if not said:
        return fold.YES
    against = [admission for admission in said if admission.state == "no"]
    if against:
        return max(against, key=lambda admission: admission.until_us or 0)
    return next((admission for admission in said if admission.state == "probe"), fold.YES)


def admissions(board: Board, targets: Iterable[Target], now_us: int) -> dict[str, Admission]:
    """Return whether a request may go to each of `targets`, by the id of the target."""
    return {target.id: admits(board, target, now_us) for target in targets}


def granted(
    board: Board, target: Target, attempt_id: str, rules: BreakerRules, now_us: int
) -> Board:
    """Let `attempt_id` be the probe of each key of `target` that wants one.

    Call it before every attempt that was admitted; where no probe is wanted, it changes nothing.
    """
    wanting = [key for key in keys_of(target).each if _admits(board, key, now_us).state == "probe"]
    return _changed(board, wanting, lambda health: fold.granted(health, attempt_id, rules, now_us))


def after(board: Board, outcome: Outcome, rules: BreakerRules, now_us: int) -> Board:
    """Return what is known after `outcome`.

    Of a stream, tell the success at its commit, so that a probe does not last as long as an
    answer; and tell the failure as well if it breaks off later.
    """
    keys, attempt_id = keys_of(outcome.target), outcome.attempt_id
    if outcome.failure is None:
        return _changed(
            board, keys.each, lambda health: fold.succeeded(health, attempt_id, rules, now_us)
        )
    action = action_after(outcome)
    fault = Fault(
        failure=outcome.failure,
        now_us=now_us,
        attempt_id=attempt_id,
        asked_s=outcome.retry_after_s,
        first_s=action.cool_s,
        max_s=action.max_cool_s,
    )
    counted = _concerned(keys, action)
    match action.counts_as:
        case "fault":
            board = _changed(board, counted, lambda health: fold.faulted(health, fault, rules))
        case "refusal":
            board = _changed(board, counted, lambda health: fold.refused(health, fault, rules))
        case "neutral":
            counted = ()
    others = [key for key in keys.each if key not in counted and key in board.keys]
    return _changed(board, others, lambda health: fold.released(health, attempt_id))


def is_probe(board: Board, target: Target, attempt_id: str) -> bool:
    """Say whether `attempt_id` is the probe of any key of `target`."""
    found = (board.keys.get(key, _HEALTHY).probe for key in keys_of(target).each)
    return any(probe is not None and probe.attempt_id == attempt_id for probe in found)


def badge(board: Board, target: Target) -> Badge:
    """Return the badge of the worst of the keys of `target`."""
    found = (board.keys.get(key, _HEALTHY) for key in keys_of(target).each)
    return fold.badge(max(found, key=lambda health: health.streak))


def reset(board: Board, key: str) -> Board:
    """Forget `key` and what is below it: a provider's credentials, a credential's models."""
    return Board({k: health for k, health in board.keys.items() if not is_at(k, key)})


def pruned(board: Board, ids: Collection[str], now_us: int) -> Board:
    """Return `board` without what is not configured, or was healthy for a day.

    Args:
        board: As it was kept.
        ids: Each credential that is configured, as `provider/label`.
        now_us: UTC microseconds since 1970.
    """
    providers = {name.partition("/")[0] for name in ids}
    return Board(
        {
            key: health
            for key, health in board.keys.items()
            if (key in providers or account_of(key) in ids) and not _is_idle(health, now_us)
        }
    )


def restarted(board: Board) -> Board:
    """Return `board` as a new process finds it: no probe is out."""
    return _changed(board, board.keys, lambda health: msgspec.structs.replace(health, probe=None))


def abandoned(board: Board, attempt_ids: Collection[str]) -> Board:
    """Return `board` without the probes that are `attempt_ids`: nobody will tell of them."""
    lost = [
        key
        for key, health in board.keys.items()
        if health.probe is not None and health.probe.attempt_id in attempt_ids
    ]
    return _changed(board, lost, lambda health: msgspec.structs.replace(health, probe=None))


def is_at(key: str, place: str) -> bool:
    """Say whether `key` is `place` or below it."""
    return key == place or key.startswith(f"{place}/")


def encoded(board: Board) -> bytes:
    """Return `board` as JSON."""
    return msgspec.json.encode(board)


def decoded(data: bytes) -> Board:
    """Return what `encoded` was given.

    Raises:
        msgspec.DecodeError: It is something else.
    """
    return _decoder.decode(data)


def _admits(board: Board, key: str, now_us: int) -> Admission:
    health = board.keys.get(key)
    if health is None or (health.open_until_us is None and health.cool_until_us is None):
        return fold.YES  # as nearly always
    admission = fold.admits(health, now_us)
    if admission is fold.YES:
        return admission
    return Admission(admission.state, admission.why, admission.until_us, admission.failure, key)


def _concerned(keys: Keys, action: Action) -> tuple[str, ...]:
    """Return where a failure is written: a fault of no narrower place, to credential and model."""
    match action.cools:
        case "provider":
            return (keys.provider,)
        case "credential":
            return (keys.credential,)
        case "target":
            return (keys.target,)
        case "nothing":
            return tuple(dict.fromkeys((keys.credential, keys.target)))


def _changed(board: Board, keys: Iterable[str], change: Callable[[Health], Health]) -> Board:
    changed = {}
    for key in keys:
        before = board.keys.get(key, _HEALTHY)
        after = change(before)
        if after is not before:
            changed[key] = after
    if not changed:
        return board
    merged = {**board.keys, **changed}
    if len(merged) > MAX_KEYS:
        oldest = sorted(merged, key=lambda key: merged[key].changed_us or 0)
        for key in oldest[: len(merged) - MAX_KEYS]:
            del merged[key]
    return Board(merged)


def _is_idle(health: Health, now_us: int) -> bool:
    is_old = health.changed_us is None or now_us - health.changed_us > KEPT_S * 1e6
    return is_old and fold.admits(health, now_us) == fold.YES


_decoder = msgspec.json.Decoder(Board)

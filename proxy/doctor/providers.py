"""What the providers said when they were asked: see `reach`."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from proxy.doctor.finding import Finding
from proxy.doctor.reach import Layer, Reached, reached
from proxy.routing.globs import matches_any
from proxy.routing.network import Network

_MEND: Final[dict[Layer, str]] = {
    "name": "pointsman providers edit {name} base_url=…",
    "connection": "pointsman providers edit {name} base_url=…",
    "key": "pointsman providers edit {name} key=…",
}
_SKEW_S: Final = 30.0
_AT_ONCE: Final = 16


def ask(network: Network, now_s: float) -> tuple[Reached, ...]:
    """Return how far each key of each provider that is in a queue gets, asked all at once."""
    used = {
        one.account for queue in network.queues.values() for one in queue.candidates if one.enabled
    }
    chosen = [
        (network.providers[account.partition("/")[0]], credential)
        for account, credential in network.credentials.items()
        if account in used
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return tuple(pool.map(lambda one: reached(one[0], one[1], now_s), chosen))


def findings(network: Network, found: Sequence[Reached]) -> Iterator[Finding]:
    """Return what `found` comes to."""
    for one in found:
        yield _of(one)
        if one.models is not None:
            yield from _models(network, one)
    skews = [one.ahead_s for one in found if one.ahead_s is not None]
    if skews and min(abs(skew) for skew in skews) > _SKEW_S:
        says = f"this machine's clock is {abs(skews[0]):.0f} s off the providers'"
        yield Finding(level="warning", about="clock", says=says, mend="timedatectl set-ntp true")


def _of(one: Reached) -> Finding:
    about = f"provider {one.provider}/{one.label}"
    if one.failed is None:
        says = f"answers in {one.took_ms:.0f} ms, {len(one.models or ())} models"
        return Finding(level="ok", about=about, says=says)
    if one.failed == "list":
        says = f"answers in {one.took_ms:.0f} ms; {one.why}, so models cannot be checked"
        return Finding(level="note", about=about, says=says)
    mend = _MEND.get(one.failed, "").format(name=one.provider) or None
    return Finding(level="problem", about=about, says=f"{one.failed}: {one.why}", mend=mend)


def _models(network: Network, one: Reached) -> Iterator[Finding]:
    """Name models that a queue sends there and that the list does not have."""
    offered = {model.id for model in one.models or ()}
    for queue in network.queues.values():
        for candidate in queue.candidates:
            is_its = candidate.account == f"{one.provider}/{one.label}"
            if is_its and candidate.model is not None and candidate.model not in offered:
                yield Finding(
                    level="warning",
                    about=f"provider {one.provider}/{one.label}",
                    says=f"queue {queue.name} asks for {candidate.model}, which it does not list",
                    mend=f"pointsman providers discover {one.provider}",
                )


def chosen(models: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Return the models that a pattern fits; all, if there are none."""
    return [one for one in models if not patterns or matches_any(tuple(patterns), one)]

"""What each event changes in what is known: pure."""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from proxy.routing import board as boards
from proxy.routing.latency import observed
from proxy.routing.pins import PinRules
from proxy.routing.quotas import is_of_key, merged
from proxy.routing.types import Outcome
from proxy.steering.events import (
    Activated,
    Began,
    Content,
    Cost,
    Counted,
    Event,
    Gone,
    Ground,
    Heard,
    Learned,
    Over,
    Reset,
    Stayed,
    Switched,
    Used,
)
from proxy.steering.memory import Memory, Mix, Switch, Tally, forgotten

MAX_TARGETS: Final = 1024  # models are named by clients
Kept = TypeVar("Kept")


def after(memory: Memory, event: Event, here: Ground) -> Memory:
    """Return what is known after `event`; the same object if it says nothing new."""
    match event:
        case Counted():
            turns = {**memory.turns, event.queue: memory.turns.get(event.queue, 0) + 1}
            return msgspec.structs.replace(memory, turns=turns)
        case Stayed():
            return _stayed(memory, event, here)
        case Over() | Gone():
            return memory  # what they held is not remembered here: see `proxy.steering.replica`
        case Activated() | Switched() | Reset():
            return _ordered(memory, event)
        case of_target:
            return _of_target(memory, of_target, here)


def _ordered(memory: Memory, event: Activated | Switched | Reset) -> Memory:
    match event:
        case Activated():
            return _activated(memory, event)
        case Switched():
            return _switched(memory, event)
        case Reset():
            return forgotten(memory, event.key)


def _of_target(
    memory: Memory, event: Began | Learned | Heard | Content | Used, here: Ground
) -> Memory:
    match event:
        case Began():
            return _granted(memory, event, here)
        case Learned():
            return _learned(memory, event, here)
        case Heard():
            return _heard(memory, event, here)
        case Content():
            return _timed(memory, event, here)
        case Used():
            return _used(memory, event, here)


def on_board(memory: Memory, board: boards.Board) -> Memory:
    """Return `memory` with another board."""
    return memory if board is memory.board else msgspec.structs.replace(memory, board=board)


def _granted(memory: Memory, event: Began, here: Ground) -> Memory:
    target = here.target(event.whom)
    if target is None or not event.probes:
        return memory
    rules = here.network.app(event.app).breaker
    board = boards.granted(memory.board, target, event.attempt_id, rules, event.at_us)
    return on_board(memory, board)


def _learned(memory: Memory, event: Learned, here: Ground) -> Memory:
    target = here.target(event.whom)
    if target is None:
        return memory  # it says nothing of the key or the address that a reload has put there
    outcome = Outcome(
        target,
        event.failure,
        retry_after_s=event.retry_after_s,
        action=event.action,
        attempt_id=event.attempt_id,
    )
    rules = here.network.app(event.app).breaker
    return on_board(memory, boards.after(memory.board, outcome, rules, event.at_us))


def _heard(memory: Memory, event: Heard, here: Ground) -> Memory:
    if here.target(event.whom) is None:
        return memory
    quotas = memory.quotas
    for place, is_keys in ((event.whom.account, True), (event.whom.id, False)):
        own = [quota for quota in event.quotas if is_of_key(quota) is is_keys]
        if own:
            held = merged(quotas.get(place, ()), own, event.at_us)
            quotas = _with(quotas, place, held)
    return msgspec.structs.replace(memory, quotas=quotas)


def _timed(memory: Memory, event: Content, here: Ground) -> Memory:
    name, before = event.whom.id, memory.latencies
    if here.target(event.whom) is None:
        return memory
    latency = observed(before.get(name), event.first_content_ms, event.at_us)
    return msgspec.structs.replace(memory, latencies=_with(before, name, latency))


def _stayed(memory: Memory, event: Stayed, here: Ground) -> Memory:
    queue = here.network.queues.get(event.queue)
    rules = PinRules() if queue is None else queue.pin_rules
    pins = memory.pins.after(event.served, rules, event.at_us)
    return msgspec.structs.replace(memory, pins=pins)


def _used(memory: Memory, event: Used, here: Ground) -> Memory:
    name, spent = event.whom.id, memory.spent
    before = memory.mixes.get(name, Mix())
    mix = before.after(event.usage)
    if mix != before and here.target(event.whom) is not None:
        memory = msgspec.structs.replace(memory, mixes=_with(memory.mixes, name, mix))
    for cost in event.costs:
        spent = {**spent, cost.budget: _added(spent.get(cost.budget), cost)}
    return memory if spent is memory.spent else msgspec.structs.replace(memory, spent=spent)


def _added(before: Tally | None, cost: Cost) -> Tally:
    """Return the tally with one more cost; of two periods the later one is told."""
    if before is None or before.begins_us < cost.begins_us:
        before = Tally(cost.begins_us)
    if cost.begins_us < before.begins_us:
        return before
    usd = before.usd if cost.usd is None else (before.usd or 0.0) + cost.usd
    return Tally(before.begins_us, before.tokens + cost.tokens, usd)


def _activated(memory: Memory, event: Activated) -> Memory:
    before, progress = memory.activations.get(event.name), event.progress
    tried = (progress.slot_us, progress.tries)
    if event.claims and before is not None and (before.slot_us, before.tries) >= tried:
        return memory
    activations = {**memory.activations, event.name: progress}
    return msgspec.structs.replace(memory, activations=activations)


def _switched(memory: Memory, event: Switched) -> Memory:
    switches = {name: one for name, one in memory.switches.items() if name != event.app}
    if event.provider is not None:
        switches[event.app] = Switch(event.provider, event.at_us, event.until_us)
    return msgspec.structs.replace(memory, switches=switches)


def _with(known: Mapping[str, Kept], name: str, value: Kept) -> dict[str, Kept]:
    """Return `known` with `value`, the newest at the end, without the oldest beyond the bound."""
    others = {key: one for key, one in known.items() if key != name}
    for oldest in [*others][: max(0, len(others) + 1 - MAX_TARGETS)]:
        del others[oldest]
    return {**others, name: value}

"""What routing has learnt, as one immutable value: it outlives a reload, and as JSON a restart."""

from collections.abc import Iterator, Mapping

import msgspec

from proxy.canonical import Usage
from proxy.happened import Happened
from proxy.routing import board as boards
from proxy.routing.activating import Progress
from proxy.routing.board import Board
from proxy.routing.latency import Latency
from proxy.routing.network import Network
from proxy.routing.pins import Pins
from proxy.routing.quotas import Quota, merged

VERSION = 1
_FADING = 0.95  # twenty answers ago counts a third


class Switch(msgspec.Struct, frozen=True):
    """A person wants `provider` to be asked first; until when, `None` for good."""

    provider: str
    since_us: int
    until_us: int | None = None

    def holds(self, now_us: int) -> bool:
        """Say whether it is still to be heeded."""
        return self.until_us is None or now_us < self.until_us


def switch_changes(
    app: str, before: Switch | None, after: Switch | None, now_us: int
) -> Iterator[Happened]:
    """Yield what a person has changed; `before` is what held until then."""
    if after is not None:
        yield Happened(
            kind="provider_switched",
            at_us=now_us,
            app=app,
            provider=after.provider,
            until_us=after.until_us,
        )
    elif before is not None:
        yield Happened(kind="switch_ended", at_us=now_us, app=app, provider=before.provider)


class Tally(msgspec.Struct, frozen=True):
    """What was spent in the period that began at `begins_us`; `usd` where prices are known."""

    begins_us: int
    tokens: int = 0
    usd: float | None = None


class Mix(msgspec.Struct, frozen=True):
    """Tokens of lately, the newest weighing most: what comes from the cache, what goes out."""

    prompt: float = 0.0
    cached: float = 0.0
    output: float = 0.0

    def after(self, usage: Usage) -> "Mix":
        """Return it with one more answer; where counts are missing it says nothing new."""
        if usage.prompt is None or usage.cache_read is None:
            return self
        return Mix(
            self.prompt * _FADING + usage.prompt,
            self.cached * _FADING + usage.cache_read,
            self.output * _FADING + (usage.output or 0),
        )


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Keys are ids that the configuration gives: see `proxy.routing.board` and `candidates`."""

    version: int = VERSION
    board: Board = Board()
    pins: Pins = Pins()
    latencies: Mapping[str, Latency] = {}
    mixes: Mapping[str, Mix] = {}
    quotas: Mapping[str, tuple[Quota, ...]] = {}
    spent: Mapping[str, Tally] = {}  # by id of budget
    switches: Mapping[str, Switch] = {}  # by app
    turns: Mapping[str, int] = {}  # requests so far, by queue
    activations: Mapping[str, Progress] = {}  # by key and model


_decoder = msgspec.json.Decoder(Memory)


def encoded(memory: Memory) -> bytes:
    """Return `memory` as JSON."""
    return msgspec.json.encode(memory)


def decoded(data: bytes) -> Memory | None:
    """Return what `encoded` was given; `None` if it is something else, or of another version."""
    try:
        memory = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return memory if memory.version == VERSION else None


def restarted(memory: Memory, network: Network, now_us: int) -> Memory:
    """Return `memory` as a new process finds it: no probe is out."""
    board = boards.restarted(memory.board)
    return kept(msgspec.structs.replace(memory, board=board), network, now_us)


def forgotten(memory: Memory, key: str) -> Memory:
    """Return `memory` without what bars `key`, a provider, a credential or a target.

    With it goes what is below it: breakers, cooldowns and quotas.
    """
    quotas = {name: one for name, one in memory.quotas.items() if not boards.is_at(name, key)}
    board = boards.reset(memory.board, key)
    if len(board.keys) == len(memory.board.keys) and len(quotas) == len(memory.quotas):
        return memory
    return msgspec.structs.replace(memory, board=board, quotas=quotas)


def kept(memory: Memory, network: Network, now_us: int) -> Memory:
    """Return `memory` without what `network` no longer has, and what is over."""
    accounts = set(network.credentials)
    quotas = {
        name: left
        for name, quotas in memory.quotas.items()
        if boards.account_of(name) in accounts and (left := merged((), quotas, now_us))
    }
    switches = {
        app: switch
        for app, switch in memory.switches.items()
        if switch.holds(now_us) and switch.provider in network.providers
    }
    rules = next((queue.pin_rules for queue in network.queues.values()), None)
    return msgspec.structs.replace(
        memory,
        board=boards.pruned(memory.board, accounts, now_us),
        pins=memory.pins if rules is None else memory.pins.pruned(rules, now_us),
        latencies={
            n: one for n, one in memory.latencies.items() if boards.account_of(n) in accounts
        },
        mixes={n: one for n, one in memory.mixes.items() if boards.account_of(n) in accounts},
        quotas=quotas,
        switches=switches,
        activations={
            name: one
            for name, one in memory.activations.items()
            if boards.account_of(name) in accounts
        },
    )

"""A list of models: what all providers of a queue offer, in the words of the client's wire."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from msgspec.structs import replace

from proxy.canonical.models import Model
from proxy.exchange.errand import Errand
from proxy.exchange.job import Job
from proxy.exchange.passage import JSON, Straight
from proxy.exchange.watched import sent
from proxy.routing.failures import classify
from proxy.routing.types import Outcome, Target
from proxy.upstream import Order
from proxy.upstream.address import address
from proxy.upstream.headers import across
from proxy.upstream.manner import in_manner
from proxy.wires import CODECS, WIRES

PATIENCE_S: Final = 20.0  # a person waits for a list
OF_ONE_KEY: Final = frozenset({"credential", "forbidden", "quota", "rate_limited"})
_ALL: Final = "models"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one provider said: its models, or how each attempt at it failed."""

    models: tuple[Model, ...] | None
    history: tuple[Outcome, ...] = ()


def speaks_for_itself(job: Job) -> bool:
    """Say whether one provider alone has the whole answer: then its bytes pass untouched."""
    wire, targets = job.call.route.wire.name, _targets(job)
    names = {target.provider.name for target in targets}
    return len(names) == 1 and wire in targets[0].provider.wires


async def listed(job: Job) -> Sequence[Outcome]:
    """Ask every provider at once and answer with all models; what failed, if nobody answered."""
    by_provider: dict[str, list[Target]] = {}
    for target in _targets(job):
        by_provider.setdefault(target.provider.name, []).append(target)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_offer(job, targets)) for targets in by_provider.values()]
    offers = [task.result() for task in asked]
    if all(offer.models is None for offer in offers):
        return [outcome for offer in offers for outcome in offer.history]
    merged: dict[str, Model] = {}
    for offer in offers:
        for model in offer.models or ():
            merged.setdefault(model.id, model)
    await _tell(job, merged)
    return ()


def _targets(job: Job) -> tuple[Target, ...]:
    """Return everybody whom the queue names, whether or not they may be asked for an answer."""
    candidates = (one for one in job.queue.candidates if one.enabled)
    return tuple(job.network.target(candidate) for candidate in candidates)


async def _offer(job: Job, targets: Sequence[Target]) -> Offer:
    """Ask one provider, with each of its keys until one is taken."""
    history: list[Outcome] = []
    for target in targets:
        errand = _errand(job, target)
        async with sent(job, errand) as tried:
            outcome = await tried.until_content()
            models = CODECS[errand.wire.name].models.read(tried.attempt.ready)
            if outcome.failure is None and models is not None:
                tried.attempt.row.ended("whole")
                return Offer(models)
            tried.attempt.row.ended("malformed", "not_a_list")  # unless it is known how it failed
        history.append(replace(outcome, failure=outcome.failure or "stream_fault"))
        if outcome.failure not in OF_ONE_KEY:
            break
    return Offer(None, tuple(history))


def _errand(job: Job, target: Target) -> Errand:
    call, provider = job.call, target.provider
    own = call.route.wire.name
    wire = WIRES[own if own in provider.wires else provider.wires[0]]
    lists = CODECS[wire.name].models
    credentials = wire.credentials(target.credential.secret)
    headers = across(call.headers, lists.headers, provider.headers, credentials)
    url = address(provider.base_url, lists.path, lists.raw_query)
    limits = job.network.limits(call.route.app, target)
    order = Order(provider.name, "GET", url, headers, b"", limits.connect_s)
    return Errand(
        target=target,
        order=in_manner(order, provider, target.credential, credentials),
        judge=classify,
        wire=wire,
        passage=Straight(wire, job.reading),
        ask=job.ask,
        model=None,
        generates=False,
        limits=limits,
        deadline_us=min(job.deadline_us, job.world.tick_us() + round(PATIENCE_S * 1e6)),
    )


async def _tell(job: Job, models: Mapping[str, Model]) -> None:
    """Answer with all of `models`, or with the one that the path names."""
    route, lists = job.call.route, CODECS[job.call.route.wire.name].models
    _, _, name = job.call.location.path.partition(f"/{_ALL}/")
    if not name:
        job.recorder.ended("whole")
        await job.client.whole(200, [JSON], lists.write(tuple(models.values())))
        return
    model = models.get(unquote(name))
    if model is None:
        message = f"No provider offers the model {unquote(name)}."
        job.recorder.ended("rejected", message)
        await job.client.refuse(route.wire, 404, message)
        return
    job.recorder.ended("whole")
    await job.client.whole(200, [JSON], lists.write_one(model))

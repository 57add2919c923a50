"""The section `[providers]`, each as what its candidates in all queues have in common."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from proxy.codec import Dialect
from proxy.config.manner import headers_of, manner_of
from proxy.config.problems import Key, dotted, one_of, quoted
from proxy.config.provider_tables import FailureTable, LimitChangeTable, ProviderTable
from proxy.config.sections import Sections
from proxy.config.server_tables import ServerTable
from proxy.config.settings import Listen
from proxy.config.tables import Around, AttemptSecondsTable
from proxy.config.variables import expanded_if_set
from proxy.routing.budgets import Budget
from proxy.routing.candidates import Candidate
from proxy.routing.network import LimitChange
from proxy.routing.renaming import Names
from proxy.routing.seats import Seats
from proxy.routing.signals import Rule, UserRule
from proxy.routing.types import Credential, Provider
from proxy.routing.windows import Schedule, read_window


@dataclass(frozen=True, slots=True)
class Upstream:
    """One provider of the file; `candidates` are one for each of its keys, in no queue yet."""

    provider: Provider
    credentials: tuple[Credential, ...]
    candidates: tuple[Candidate, ...]
    limit_changes: tuple[LimitChange, ...]
    failures: tuple[Rule, ...]

    @property
    def enabled(self) -> bool:
        """Whether it may be asked."""
        return all(candidate.enabled for candidate in self.candidates)


Upstreams = Mapping[str, Upstream | None]
"""By the names in the file; `None` for one that is wrong."""


def upstreams(sections: Sections, server: ServerTable | None) -> Upstreams:
    """Return every provider of the file."""
    around = Around(sections.env, listen=_listening(sections, server), folder=sections.folder)
    raw = sections.named("providers")
    return {name: _upstream(sections, name, table, around) for name, table in raw.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """What the file says about where to ask: a provider, maybe one of its keys, maybe a model."""

    key: Key  # of the table, or of the name that stands for one
    name: Key  # of the name
    provider: str
    label: str | None
    model: str | None


def candidates_at(sections: Sections, place: Place, known: Upstreams) -> tuple[Candidate, ...]:
    """Return the candidates at `place`; none if it is wrong, and why is noted."""
    if place.provider not in known:
        none = f"a provider; there is none yet, write [{dotted(('providers', place.provider))}]"
        want = one_of([dotted((name,)) for name in known], place.provider) if known else none
        sections.note(place.name, quoted(place.provider), want)
        return ()
    upstream = known[place.provider]
    if upstream is None:
        return ()
    found = tuple(
        replace(one, model=place.model)
        for one in upstream.candidates
        if place.label in {None, one.credential}
    )
    if not found:
        labels = [credential.label for credential in upstream.credentials]
        sections.note((*place.key, "key"), quoted(place.label or ""), one_of(labels, place.label))
        return ()
    if not found[0].has_model:
        want = f"a model that fits [{dotted(('providers', place.provider))}] models"
        sections.note((*place.key, "model"), quoted(place.model or ""), want)
        return ()
    return found


def _listening(sections: Sections, server: ServerTable | None) -> Listen | None:
    if server is None:
        return None
    port = sections.listen.port
    return Listen(server.host, server.port if port is None else port)


def _upstream(sections: Sections, name: str, raw: object, around: Around) -> Upstream | None:
    key = ("providers", name)
    sections.label(key, name)
    if isinstance(raw, dict) and raw.get("enabled") is False:
        around = replace(around, is_used=False)
    table = sections.table(ProviderTable, key, raw, around)
    if table is None:
        return None
    texts = table.keys if table.key is None else {"default": table.key}
    sections.key_texts.extend(texts.values())
    env = sections.env
    return Upstream(
        Provider(
            name,
            table.base_url,
            tuple(table.wires),
            headers_of(table, env),
            _dialect(table),
            table.price_factor,
            manner_of(table, env, sections.folder),
        ),
        tuple(Credential(label, expanded_if_set(text, env)) for label, text in texts.items()),
        tuple(_candidate(name, label, table) for label in texts),
        tuple(_limit_change(change) for change in table.limits),
        tuple(_failure(name, no, failure) for no, failure in enumerate(table.failures)),
    )


def _candidate(name: str, label: str, table: ProviderTable) -> Candidate:
    windows = tuple(read_window(text) for text in table.windows)
    seats = None
    if table.max_in_flight is not None:
        seats = Seats(table.max_in_flight, table.max_wait_s or 0.0)
    return Candidate(
        provider=name,
        credential=label,
        names=Names(tuple(table.rename.items()), table.tiers),
        wires=tuple(table.wires),
        models=tuple(table.models or ()),
        enabled=table.enabled,
        schedule=Schedule(windows, table.zone),
        budgets=tuple(_budgets(name, table)),
        seats=seats,
    )


def _budgets(name: str, table: ProviderTable) -> Iterator[Budget]:
    limits = table.budget
    zone = table.zone
    if limits.daily_usd is not None or limits.daily_tokens is not None:
        yield Budget(
            owner=name, per="day", usd=limits.daily_usd, tokens=limits.daily_tokens, zone=zone
        )
    if limits.monthly_usd is not None or limits.monthly_tokens is not None:
        yield Budget(
            owner=name, per="month", usd=limits.monthly_usd, tokens=limits.monthly_tokens, zone=zone
        )


def _limit_change(table: LimitChangeTable) -> LimitChange:
    return LimitChange(tuple(table.models or ()), table.given(*AttemptSecondsTable.model_fields))


def _failure(name: str, no: int, table: FailureTable) -> Rule:
    """Return the row under its key, by which it is found in the file."""
    rule = UserRule(
        failure=table.is_,
        statuses=tuple(table.status or ()),
        error_types=tuple(table.type or ()),
        pattern=table.pattern,
        cool_s=table.cool_s,
    )
    return rule.as_rule(dotted(("providers", name, "failures", no)))


def _dialect(table: ProviderTable) -> Dialect:
    return Dialect(
        reasoning_content=table.reasoning_content,
        cache_breakpoints=table.cache_breakpoints,
        sampling=table.sampling,
        max_output_tokens=tuple(table.max_output_tokens.items()),
        max_tokens_key=table.max_tokens_key,
        json_schemas=table.json_schemas,
        web_search=table.web_search,
    )

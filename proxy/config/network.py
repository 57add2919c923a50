"""What the file says of routing, put together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from proxy.config.problems import unknown
from proxy.config.providers import Upstreams
from proxy.config.queues import queues
from proxy.config.routing_tables import APPS, BreakerTable, CoolingTable, LimitsTable
from proxy.config.rules import rules
from proxy.config.sections import Sections
from proxy.config.server_tables import ServerTable
from proxy.config.settings import LIMITS
from proxy.config.tables import SecondsTable, not_above
from proxy.routing.failures import ACTIONS, Cooling, actions_with
from proxy.routing.health import BREAKER_RULES, BreakerRules
from proxy.routing.network import MAX_ATTEMPTS, AppRules, Network
from proxy.routing.types import Action, App, Backoff, Failure

COOLING: Final[Mapping[str, Failure]] = {
    failure: failure for failure, action in ACTIONS.items() if action.counts_as != "neutral"
}
"""The classes of failure that can cool anything."""


def network(sections: Sections, server: ServerTable | None, known: Upstreams) -> Network:
    """Return the network; of use only if no problem was noted.

    Args:
        sections: The file.
        server: Its `[server]`, `None` if that is wrong.
        known: Its providers.
    """
    found = [upstream for upstream in known.values() if upstream is not None]
    read = queues(sections, known)
    return Network(
        providers={one.provider.name: one.provider for one in found},
        credentials={
            f"{one.provider.name}/{credential.label}": credential
            for one in found
            for credential in one.credentials
        },
        queues=read,
        rules=rules(sections, server),
        apps=_apps(sections),
        actions=_actions(sections),
        failures={one.provider.name: one.failures for one in found if one.failures},
        limit_changes={one.provider.name: one.limit_changes for one in found if one.limit_changes},
    )


def _apps(sections: Sections) -> dict[App, AppRules]:
    """Return the rules of every app, with its defaults where the file is silent."""
    limits = sections.by_app("limits", LimitsTable)
    breakers = sections.by_app("breaker", BreakerTable)
    return {
        app: replace(
            _app(app, limits.get(app, LimitsTable())),
            breaker=_breaker(sections, app, breakers.get(app, BreakerTable())),
        )
        for app in APPS
    }


def _app(app: App, table: LimitsTable) -> AppRules:
    backoff = Backoff()
    return AppRules(
        limits=replace(LIMITS[app], **table.given(*SecondsTable.model_fields)),
        backoff=replace(
            backoff,
            repeats=backoff.repeats if table.max_repeats is None else table.max_repeats,
            max_wait_s=backoff.max_wait_s if table.max_wait_s is None else table.max_wait_s,
        ),
        max_attempts=MAX_ATTEMPTS[app] if table.max_attempts is None else table.max_attempts,
    )


def _breaker(sections: Sections, app: App, table: BreakerTable) -> BreakerRules:
    rules = replace(BREAKER_RULES[app], **table.given())
    found = (rules.open_s, rules.max_open_s)
    sections.problems += not_above(("breaker", app), table, ("open_s", "max_open_s"), found)
    return rules


def _actions(sections: Sections) -> Mapping[Failure, Action]:
    """Return what follows from each class of failure."""
    changes: dict[Failure, Cooling] = {}
    for name, raw in sections.named("cooling").items():
        key = ("cooling", name)
        if name not in COOLING:
            sections.problems.append(unknown(key, COOLING))
            continue
        table = sections.table(CoolingTable, key, raw)
        if table is None:
            continue
        changes[COOLING[name]] = change = Cooling(table.first_s, table.max_s)
        action = ACTIONS[COOLING[name]]
        first_s = action.cool_s if change.first_s is None else change.first_s
        max_s = action.max_cool_s if change.max_s is None else change.max_s
        sections.problems += not_above(key, table, ("first_s", "max_s"), (first_s, max_s))
    return actions_with(changes)

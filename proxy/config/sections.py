"""The sections of a configuration file, checked one after the other, none stopping the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from proxy.config.ledger_tables import LedgerTable
from proxy.config.problems import Key, Problem, Wrong, dotted, shown, table_of, unknown
from proxy.config.routing_tables import APPS
from proxy.config.server_tables import RoutingTable, ServerTable
from proxy.config.settings import Listen
from proxy.config.tables import Around
from proxy.config.values import label
from proxy.config.variables import has_variable
from proxy.ledger.lake.address import catalog_at
from proxy.routing.types import App
from proxy.sharing.state import state_at

SECTIONS: Final = (
    "server",
    "ledger",
    "routing",
    "providers",
    "queues",
    "pins",
    "rules",
    "limits",
    "breaker",
    "cooling",
    "activations",
    "pricing",
)
Table = TypeVar("Table", bound=BaseModel)


@dataclass
class Sections:
    """One file being read; `problems` and `warnings` grow with what is asked for."""

    raw: Mapping[str, object]
    env: Mapping[str, str]
    listen: Listen  # instead of what the file says
    folder: Path = Path()  # of the file
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # each begins with its key
    key_texts: list[str] = field(default_factory=list)  # as typed; may be secret

    def unknown(self) -> None:
        """Note the sections that do not exist."""
        self.problems += [unknown((name,), SECTIONS) for name in self.raw if name not in SECTIONS]

    def server(self) -> ServerTable | None:
        """Return `[server]`, listening where it was asked to."""
        raw = self.raw.get("server", {})
        if isinstance(raw, dict) and self.listen.host is not None:
            raw = {**raw, "host": self.listen.host}
        server = self.table(ServerTable, ("server",), raw, Around(self.env))
        if server is not None:
            self.key_texts.extend(server.client_keys.values())
        return server

    def ledger(self) -> LedgerTable | None:
        """Return `[ledger]`."""
        raw = self.raw.get("ledger", {})
        ledger = self.table(LedgerTable, ("ledger",), raw, Around(self.env))
        if ledger is not None and ledger.url is not None:
            self.key_texts += [ledger.url] if _has_password(ledger.url) else []
        return ledger

    def routing(self) -> RoutingTable | None:
        """Return `[routing]`."""
        raw = self.raw.get("routing", {})
        routing = self.table(RoutingTable, ("routing",), raw, Around(self.env))
        state = None if routing is None else routing.state
        if state is not None and not has_variable(state) and state_at(state).password is not None:
            self.key_texts.append(state)
        return routing

    def note(self, key: Key, found: str, want: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(key, found, want))

    def warn(self, key: Key, text: str) -> None:
        """Note what is allowed but unwise."""
        self.warnings.append(f"{dotted(key)}: {text}")

    def label(self, key: Key, name: str) -> None:
        """Note a problem if `name` cannot be one."""
        try:
            label(name)
        except Wrong as wrong:
            self.note(key, wrong.found, wrong.want)

    def table(
        self, shape: type[Table], at: Key, raw: object, around: Around | None = None
    ) -> Table | None:
        """Return `raw` as a table of `shape`; `None` if that cannot be, and why is noted."""
        table, problems = table_of(shape, at, raw, around)
        self.problems += problems
        return table

    def named(self, section: str) -> Mapping[str, object]:
        """Return a section whose keys the user chose."""
        raw = self.raw.get(section, {})
        if isinstance(raw, dict):
            return raw
        self.note((section,), shown(raw), f"a table, as in [{section}]")
        return {}

    def listed(self, section: str) -> list[object]:
        """Return a section of many tables."""
        raw = self.raw.get(section, [])
        if isinstance(raw, list):
            return raw
        self.note((section,), shown(raw), f"tables, each as in [[{section}]]")
        return []

    def by_app(self, section: str, shape: type[Table]) -> dict[App, Table]:
        """Return the tables of a section by app, without what is no app."""
        raw = self.named(section)
        self.problems += [unknown((section, name), APPS) for name in raw if name not in APPS]
        read = {app: self.table(shape, (section, app), raw[app]) for app in APPS if app in raw}
        return {app: table for app, table in read.items() if table is not None}


def _has_password(url: str) -> bool:
    return not has_variable(url) and catalog_at(url).password is not None

"""The sections of a configuration file, checked one after the other, none stopping the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar, get_args

import platformdirs
from pydantic import BaseModel

from proxy.codec import Dialect
from proxy.config.problems import (
    Key,
    Problem,
    Wrong,
    dotted,
    one_of,
    quoted,
    shown,
    table_of,
    unknown,
)
from proxy.config.settings import LIMITS, Listen
from proxy.config.tables import Around, LedgerTable, LimitsTable, ProviderTable, ServerTable
from proxy.config.values import label
from proxy.config.variables import expanded
from proxy.routing.types import App, Credential, Limits, Provider, Target

SECTIONS: Final = ("server", "ledger", "providers", "queues", "limits")
APPS: Final[tuple[App, ...]] = get_args(App)
Table = TypeVar("Table", bound=BaseModel)


@dataclass
class Sections:
    """One file being read; `problems` grows with each section that is asked for."""

    raw: Mapping[str, object]
    env: Mapping[str, str]
    listen: Listen  # instead of what the file says
    problems: list[Problem] = field(default_factory=list)
    key_texts: list[str] = field(default_factory=list)  # as typed; may be secret

    def unknown(self) -> None:
        """Note the sections that do not exist."""
        self.problems += [unknown((name,), SECTIONS) for name in self.raw if name not in SECTIONS]

    def server(self) -> ServerTable | None:
        """Return `[server]`, listening where it was asked to."""
        raw = self.raw.get("server", {})
        if isinstance(raw, dict) and self.listen.host is not None:
            raw = {**raw, "host": self.listen.host}
        server = self._table(ServerTable, ("server",), raw, Around(self.env))
        if server is not None:
            self.key_texts.extend(server.client_keys.values())
        return server

    def ledger(self) -> Path | None:
        """Return the ledger's folder; a relative one is relative to the file's folder."""
        table = self._table(LedgerTable, ("ledger",), self.raw.get("ledger", {}))
        if table is None:
            return None
        if table.folder is None:
            return platformdirs.user_data_path("pointsman", appauthor=False) / "ledger"
        return Path(table.folder).expanduser()

    def targets(self, server: ServerTable | None) -> dict[str, tuple[Target, ...]]:
        """Return the targets of every provider by its name; of a disabled or wrong one, none."""
        around = Around(self.env, listen=self._listening(server))
        return {
            name: self._provider(name, raw, around)
            for name, raw in self._named("providers").items()
        }

    def queues(self, targets: Mapping[str, tuple[Target, ...]]) -> dict[App, tuple[Target, ...]]:
        """Return each app's queue, made of the `targets` of the providers it names."""
        raw = self._named("queues")
        if not raw and isinstance(self.raw.get("queues", {}), dict):
            want = 'at least one queue, as in claude = ["main"]'
            self.problems.append(Problem(("queues",), "no providers", want))
        return {
            app: tuple(t for name in self._queue(app, names) for t in targets.get(name, ()))
            for app, names in self._by_app("queues", raw).items()
        }

    def limits(self) -> dict[App, Limits]:
        """Return the limits of every app, with its defaults where the file is silent."""
        limits = dict(LIMITS)
        for app, raw in self._by_app("limits", self._named("limits")).items():
            table = self._table(LimitsTable, ("limits", app), raw)
            if table is not None:
                limits[app] = replace(limits[app], **table.model_dump(exclude_none=True))
        return limits

    def _listening(self, server: ServerTable | None) -> Listen | None:
        if server is None:
            return None
        return Listen(server.host, server.port if self.listen.port is None else self.listen.port)

    def _provider(self, name: str, raw: object, around: Around) -> tuple[Target, ...]:
        key = ("providers", name)
        try:
            label(name)
        except Wrong as wrong:
            self.problems.append(Problem(key, wrong.found, wrong.want))
        if _is_disabled(raw):
            around = replace(around, is_used=False)
        table = self._table(ProviderTable, key, raw, around)
        if table is None:
            return ()
        texts = table.keys if table.key is None else {"default": table.key}
        self.key_texts.extend(texts.values())
        return _expand(name, table, texts, self.env) if table.enabled else ()

    def _queue(self, app: App, raw: object) -> Sequence[str]:
        """Return the names in a queue, noting what is wrong with it."""
        key = ("queues", app)
        if not isinstance(raw, list) or not raw:
            want = 'a list of at least one provider, as in ["main"]'
            self.problems.append(Problem(key, shown(raw), want))
            return ()
        known = self.raw.get("providers", {})
        providers: Mapping[str, object] = known if isinstance(known, dict) else {}
        names = [name for name in raw if isinstance(name, str)]
        found = [_strange(key, no, raw, providers) for no in range(len(raw))]
        self.problems += [problem for problem in found if problem is not None]
        if not any(found) and all(_is_disabled(providers[name]) for name in names):
            self.problems.append(Problem(key, "disabled providers only", "one that is enabled"))
        return names

    def _table(
        self, shape: type[Table], at: Key, raw: object, around: Around | None = None
    ) -> Table | None:
        table, problems = table_of(shape, at, raw, around)
        self.problems += problems
        return table

    def _named(self, section: str) -> Mapping[str, object]:
        """Return a section whose keys the user chose."""
        raw = self.raw.get(section, {})
        if isinstance(raw, dict):
            return raw
        self.problems.append(Problem((section,), shown(raw), f"a table, as in [{section}]"))
        return {}

    def _by_app(self, section: str, raw: Mapping[str, object]) -> dict[App, object]:
        """Return `raw` without what is no app, in the order of the file."""
        self.problems += [unknown((section, name), APPS) for name in raw if name not in APPS]
        return {app: raw[app] for name in raw for app in APPS if app == name}


def _strange(
    key: Key, no: int, names: Sequence[object], providers: Mapping[str, object]
) -> Problem | None:
    """Return what is wrong with one name in a queue."""
    name = names[no]
    if not isinstance(name, str):
        return Problem((*key, no), shown(name), "the name of a provider")
    if name not in providers:
        none = f"a provider; there is none yet, write [{dotted(('providers', name))}]"
        names_there = [dotted((there,)) for there in providers]
        return Problem((*key, no), quoted(name), one_of(names_there, name) if providers else none)
    if name in names[:no]:
        return Problem((*key, no), f"{quoted(name)} twice", "each provider once")
    return None


def _is_disabled(raw: object) -> bool:
    return isinstance(raw, dict) and raw.get("enabled") is False


def _expand(
    name: str, table: ProviderTable, texts: Mapping[str, str], env: Mapping[str, str]
) -> tuple[Target, ...]:
    """Return a target for each key of an enabled provider, in their order."""
    headers = tuple((header, expanded(text, env)) for header, text in table.headers.items())
    provider = Provider(name, table.base_url, tuple(table.wires), headers, _dialect(table))
    return tuple(
        Target(provider, Credential(label, expanded(text, env))) for label, text in texts.items()
    )


def _dialect(table: ProviderTable) -> Dialect:
    return Dialect(
        reasoning_content=table.reasoning_content,
        cache_breakpoints=table.cache_breakpoints,
        sampling=table.sampling,
        max_output_tokens=tuple(table.max_output_tokens.items()),
        max_tokens_key=table.max_tokens_key,
        json_schemas=table.json_schemas,
    )

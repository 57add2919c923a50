"""CC Switch's dump of its database, read; and rows to add to it, written: INSERT and nothing else.

A dump is run in a database in memory, where only the rows of three tables may be put: SQLite
itself reads the SQL, and nothing else of it takes effect.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from proxy.formats.cc_switch_app import API_FORMATS, APPS, found_in, provider_of, settings_for
from proxy.formats.collecting import Collector
from proxy.formats.document import parsed_json
from proxy.formats.headers import headers_of
from proxy.formats.leaving import Exit, leaving
from proxy.formats.setup import (
    App,
    Loss,
    Malformed,
    Provider,
    Read,
    Secret,
    Setting,
    Setup,
    Target,
    Written,
)
from proxy.formats.sql_statements import Statement, statements
from proxy.formats.table import Table

_TABLE: Final = "providers"
_MADE: Final = """CREATE TABLE providers (
id, app_type, name, settings_config, website_url, category, created_at, sort_index, notes, icon,
icon_color, meta, is_current, in_failover_queue)"""
_ALLOWED: Final = {
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_INDEX,  # of its primary key
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_UPDATE,  # of the list of tables
}
_TABLES: Final = {None, "", _TABLE, "sqlite_master"}
_MOST_STEPS: Final = 10_000_000
_OF_META: Final = {
    "isFullUrl": "not carried: /v1 and the like are added where the address has none",
    "apiKeyField": "not carried: the key goes where its wire has it",
    "promptCacheKey": "not carried: a session stays where its cache is",
    "impersonateClaudeCode": "not carried: a client is shown as what it is",
    "maxOutputTokens": "not carried: see providers.NAME max_output_tokens",
    "custom_endpoints": "not carried: a provider has one address here",
    "usage_script": "not carried: no script is run here",
}
_ADVICE: Final = (
    "With CC Switch closed: sqlite3 ~/.cc-switch/cc-switch.db < FILE",
    "Its own import would put a file in the place of the whole database; it refuses this one.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of `providers`, and the line of its statement."""

    line: int
    app: str
    name: str
    settings: str
    meta: str
    order: tuple[bool, int]
    is_current: bool
    is_queued: bool
    is_official: bool


def read(text: str) -> Read:
    """Return what a dump comes to.

    Raises:
        Malformed: SQLite cannot read it, or a row has something else in it than a provider.
    """
    collector = Collector()
    found = list(statements(text.removeprefix("\ufeff")))
    _tell_of_others(found, collector)
    by_app: dict[str, list[_Row]] = {}
    about = [one for one in found if one.table == _TABLE]
    if not about:
        raise Malformed("the whole file", None, "found no row of providers, want CC Switch's dump")
    for row in _rows(about):
        by_app.setdefault(row.app, []).append(row)
    for app, rows in by_app.items():
        if app not in APPS:
            what = f"not carried: {len(rows)} providers of a client that is not served here"
            collector.losses.append(Loss(f"providers of {app}", rows[0].line, what))
            continue
        _app(APPS[app], rows, collector)
    return collector.read()


def write(setup: Setup) -> Written:
    """Return rows for the providers of each CLI's queue; those that are there stay as they are."""
    found = leaving(setup, (*APPS.values(),))
    lines = [
        "-- Providers for CC Switch. Adds rows, and changes or deletes none.",
        *(f"-- {line}" for line in _ADVICE),
        "BEGIN TRANSACTION;",
        *(_insert(no, one) for no, one in enumerate(found.exits)),
        "COMMIT;",
        "",
    ]
    return Written("\n".join(lines), found.losses, _ADVICE)


def _insert(no: int, one: Exit) -> str:
    config = settings_for(one.app, one.provider, one.key, one.name)
    meta = {}
    if one.app == "claude" and one.wire != "anthropic":
        meta["apiFormat"] = next(name for name, wire in API_FORMATS.items() if wire == one.wire)
    values: dict[str, str | int] = {
        "id": f"pointsman-{one.name}",
        "app_type": one.app,
        "name": one.name,
        "settings_config": json.dumps(config, ensure_ascii=False),
        "website_url": one.provider.base_url,
        "category": "custom",
        "sort_index": no,
        "meta": json.dumps(meta),
        "is_current": 0,
        "in_failover_queue": 1,
    }
    columns, spelt = ", ".join(values), ", ".join(_literal(value) for value in values.values())
    return f"INSERT OR IGNORE INTO providers ({columns}) VALUES ({spelt});"  # noqa: S608  # for a person to run: quoted below


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _rows(found: Sequence[Statement]) -> Iterator[_Row]:
    """Yield the rows of `providers`, in the order of the file."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as base:
        base.row_factory = sqlite3.Row
        base.set_authorizer(_allows)
        base.set_progress_handler(lambda: 1, _MOST_STEPS)
        if all(one.verb != "CREATE" for one in found):
            base.execute(_MADE)
        for one in found:
            before = base.total_changes
            try:
                base.execute(one.text)
            except (sqlite3.Error, sqlite3.Warning) as error:
                at = f"{one.verb} {_TABLE}"
                raise Malformed(at, one.line, f"SQLite does not take it: {error}") from error
            added = 0 if one.verb == "CREATE" else base.total_changes - before
            newest = "SELECT * FROM providers ORDER BY rowid DESC LIMIT ?"
            for row in reversed(base.execute(newest, (added,)).fetchall()):
                yield _row(one.line, dict(row))


def _allows(action: int, table: str | None, *_: object) -> int:
    inner = table is not None and table.startswith("sqlite_autoindex_")
    if action in _ALLOWED and (table in _TABLES or inner):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _row(line: int, row: Mapping[str, object]) -> _Row:
    def text(name: str) -> str:
        found = row.get(name)
        if isinstance(found, str):
            return found
        raise Malformed(f"providers.{name}", line, "found something else, want a text")

    sort = row.get("sort_index")
    return _Row(
        line=line,
        app=text("app_type"),
        name=text("name"),
        settings=text("settings_config"),
        meta=text("meta") if row.get("meta") else "{}",
        order=(sort is None, sort if isinstance(sort, int) else 0),
        is_current=bool(row.get("is_current")),
        is_queued=bool(row.get("in_failover_queue")),
        is_official=row.get("category") == "official",
    )


def _app(app: App, rows: Sequence[_Row], collector: Collector) -> None:
    """Add the providers of an app; its queue has the current one first, as at its failover."""
    for row in sorted(rows, key=lambda row: (not row.is_current, row.order)):
        provider = _provider(app, row, collector)
        if provider is None:
            continue
        name = collector.provider(provider)
        if row.is_queued or row.is_current:
            collector.asked(app, Target(name))


def _provider(app: App, row: _Row, collector: Collector) -> Provider | None:
    at = f"providers[{row.name}]"
    losses = [] if row.is_official else collector.losses
    found = None
    if not row.is_official:
        found = found_in(app, parsed_json(row.settings, f"{at}.settings_config", row.line), losses)
    if found is None or found.url is None:
        what = "not carried: it has no address, but the CLI's own login, which stays there"
        collector.losses.append(Loss(at, row.line, what))
        return None
    meta = Table(parsed_json(row.meta, f"{at}.meta", row.line), losses)
    settings, headers = _settings(meta), _headers(meta, losses)
    wire = API_FORMATS.get(meta.text("apiFormat") or "", found.wire)
    meta.lose_each(_OF_META)
    meta.ignore("endpointAutoSelect", "pricingModelSource", "providerType")
    meta.finish()
    return provider_of(row.name, replace(found, wire=wire), settings, headers)


def _settings(meta: Table) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    factor = meta.number("costMultiplier")
    if factor is not None and factor > 0 and factor != 1:
        settings["price_factor"] = factor
    limits = {
        "daily_usd": meta.number("limitDailyUsd"),
        "monthly_usd": meta.number("limitMonthlyUsd"),
    }
    budget = {name: usd for name, usd in limits.items() if usd is not None and usd > 0}
    if budget:
        settings["budget"] = budget
    return settings


def _headers(meta: Table, losses: list[Loss]) -> dict[str, Secret]:
    overrides = meta.table("localProxyRequestOverrides")
    found: dict[str, Secret] = {}
    if overrides is not None:
        found = headers_of(overrides.pairs("headers"), "literal", losses)
        overrides.lose("body", "not carried: bodies pass as they are")
        overrides.finish()
    agent = meta.text("customUserAgent")
    return found if agent is None else {"user-agent": agent, **found}


def _tell_of_others(found: Sequence[Statement], collector: Collector) -> None:
    """Tell of the other tables that have rows: once for each."""
    rows: dict[str, tuple[int, int]] = {}
    for one in found:
        if one.verb in ("INSERT", "REPLACE") and one.table != _TABLE:
            line, count = rows.get(one.table, (one.line, 0))
            rows[one.table] = (line, count + 1)
    for table, (line, count) in rows.items():
        what = f"not carried: {count} rows or more, of nothing that a provider is"
        collector.losses.append(Loss(table, line, what))

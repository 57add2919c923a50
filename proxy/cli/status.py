"""`pointsman status`: where requests go, how every target is doing, and what is wrong."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from proxy.cli.asking import place
from proxy.cli.tables import UNKNOWN, cell, printed, safe, span
from proxy.commands import STATUS, LedgerState, SharingState, Status
from proxy.ledger.writing import MIB
from proxy.routing.health import Badge, BreakerState
from proxy.steering.standing import Standing
from proxy.steering.view import AppView, QuotaView, TargetView

_BADGES: Final[dict[Badge, str]] = {"healthy": "green", "degraded": "yellow", "unhealthy": "red"}
_BREAKERS: Final[dict[BreakerState, str]] = {"closed": "", "half_open": "yellow", "open": "red"}
_NUMBERS: Final = {"first\ncontent", "in\nflight", "pins"}
_COLUMNS: Final = ("app", "target", "health", "breaker", "first\ncontent", "in\nflight", "pins")
_WHOLE: Final = {"target", "breaker"}  # a name or a time in two halves is hard to read
_SEEN: Final = {"breaker_open", "cooling", "probing"}  # the column of breakers tells them


def show(config: Path | None, url: str | None, *, as_json: bool) -> None:
    """Print how the proxy is.

    Raises:
        ControlError: It is not there.
    """
    where = place(config, url)
    status = where.get(STATUS, Status)
    if as_json:
        typer.echo(msgspec.json.encode(status))
        return
    up = span(status.uptime_s)
    typer.echo(
        f"pointsman {status.version} on {where.url}, up {up}{_crew(status.sharing)}: "
        f"{status.active} under way, {status.total} served"
    )
    for app in status.apps:
        typer.echo(safe(headline(app)))
    for line in problems(status):
        typer.secho(line, fg="red")
    printed(table(status.apps))


def headline(app: AppView) -> str:
    """Return in a line who is asked first for an app, and by what rule."""
    sticky = "sticky" if app.sticky else "not sticky"
    words = f"  {app.app:<7} → {app.target or 'nobody'} ({app.policy}, {sticky}"
    if app.propensity is not None and app.propensity < 1:
        words += f", with probability {app.propensity:.2f}"
    if app.switch is not None:
        left_s = app.switch.left_s
        words += f"; switched to {app.switch.provider}"
        words += "" if left_s is None else f" for {span(left_s)}"
    if app.target is None and app.soonest_s is not None:
        words += f"; the first is back in {span(app.soonest_s)}"
    return words + ")"


def problems(status: Status) -> Iterable[str]:
    """Return in lines what a person should look after."""
    yield from _of_workers(status)
    if status.config.last_error is not None:
        yield "config: refused, the last good one stays in force:"
        yield from (f"  {safe(line)}" for line in status.config.last_error.splitlines())
    for name in status.config.needs_restart:
        yield f"config: {name} is not in force before a restart"
    if status.routing.problem is not None:
        yield f"routing: {safe(status.routing.problem)}"
    yield from ledger_problems(status.ledger)


def ledger_problems(ledger: LedgerState) -> Iterable[str]:
    """Return in lines what is wrong with writing the ledger."""
    why = safe(ledger.last_error or UNKNOWN)
    if ledger.hindered_since_us is not None:
        since = datetime.fromtimestamp(ledger.hindered_since_us // 1_000_000, UTC)
        yield f"ledger: cannot be written since {since:%Y-%m-%d %H:%M:%S} UTC ({why}): make room"
        kept = f"{ledger.ballast_bytes / MIB:.1f} of {ledger.ballast_of_bytes / MIB:.0f} MiB"
        yield f"  {kept} of ballast are left, and {ledger.waiting} requests wait in memory"
    elif ledger.ballast_bytes < ledger.ballast_of_bytes:
        wanted = f"{ledger.ballast_of_bytes / MIB:.0f} MiB"
        yield f"ledger: has no ballast of {wanted} for a full disk: there is too little room for it"
    if ledger.bodies_dropped or ledger.bodies_error is not None:
        why_not = safe(ledger.bodies_error or UNKNOWN)
        yield f"ledger: bodies of {ledger.bodies_dropped} requests are not stored ({why_not})"
    if ledger.refused:
        yield f"ledger: {ledger.refused} requests were refused, as [ledger] on_full says"
    if ledger.dropped or (ledger.last_error is not None and ledger.hindered_since_us is None):
        yield f"ledger: {ledger.dropped} requests are not in it ({why})"


def _crew(sharing: SharingState | None) -> str:
    """Return how many serve together, if it is not one alone."""
    if sharing is None:
        return ""
    hosts = {one.host for one in sharing.workers}
    on = f" on {len(hosts)} hosts" if len(hosts) > 1 else ""
    return f", {len(sharing.workers)} workers{on}"


def _of_workers(status: Status) -> Iterable[str]:
    sharing = status.sharing
    if sharing is None:
        return
    if sharing.problem is not None:
        yield f"workers: {safe(sharing.problem)}; what follows is of PID {sharing.pid} alone"
    for number, one in enumerate(sharing.workers):
        name = safe(f"workers: PID {one.pid} on {one.host}")
        if number in sharing.silent:
            yield f"{name} does not answer: what is said of it is some seconds old"
        if one.config.hash != status.config_hash:
            yield f"{name} has another configuration in force ({one.config.hash})"


def table(apps: Iterable[AppView]) -> Table:
    """Return a row for each target in each app's queue, and one for each model not well."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        side: Literal["left", "right"] = "right" if name in _NUMBERS else "left"
        made.add_column(name, justify=side, overflow="fold", no_wrap=name in _WHOLE)
    for app in apps:
        for number, target in enumerate(app.targets):
            made.add_row(Text(app.app if number == 0 else ""), *_cells(target))
            others = (one for one in target.parts if one.key.count("/") > 1)
            for part in (one for one in others if one.key != target.id):
                made.add_row("", cell(f"    {part.key}"), badge(part), breaker(part))
    return made


def badge(health: Standing) -> Text:
    """Return a badge in its colour."""
    return Text(health.badge, style=_BADGES[health.badge])


def breaker(health: Standing) -> Text:
    """Return the state of a breaker in its colour, and the time left of it and of a cooldown."""
    words = health.breaker.replace("_", "-")
    if health.open_s is not None:
        words += f" {span(health.open_s)}"
    if health.probing:
        words += ", probing"
    if health.cooling_s is not None:
        words += f", cooling {span(health.cooling_s)}"
    style = _BREAKERS[health.breaker] or ("" if health.cooling_s is None else "yellow")
    return Text(words, style=style)


def quotas(found: Iterable[QuotaView]) -> Text:
    """Return how much of each quota is used."""
    return cell(", ".join(f"{one.used:.0%} of {one.name}" for one in found))


def _cells(target: TargetView) -> list[Text]:
    mark = "→ " if target.rank == 0 else "  "
    name = f"{mark}{target.id}{' (backup)' if target.backup else ''}"
    ms = target.first_content_ms
    told = Text(safe(name))
    for remark in _remarks(target):
        told.append(f"\n    {safe(remark)}", style="dim")
    return [
        told,
        badge(target.health),
        breaker(target.health),
        Text(UNKNOWN if ms is None else f"{ms:.0f} ms"),
        Text(str(target.in_flight)),
        Text(f"{target.pins} ({target.away} away)" if target.away else str(target.pins)),
    ]


def _used(target: TargetView) -> Iterable[str]:
    for quota in target.quotas:
        yield f"{quota.used:.0%} of {quota.name}"
    for budget in target.budgets:
        if budget.of_usd is not None:
            spent = UNKNOWN if budget.usd is None else f"{budget.usd:.2f}"
            yield f"{spent} of {budget.of_usd:.2f} USD ({budget.id})"
        if budget.of_tokens is not None:
            yield f"{budget.tokens} of {budget.of_tokens} tokens ({budget.id})"


def _remarks(target: TargetView) -> Iterable[str]:
    """Return what there is to say besides, each for a line of its own."""
    bar = target.bar
    if bar is not None and bar.by not in _SEEN:
        words = bar.by.replace("_", " ") + (f" ({bar.why})" if bar.why else "")
        yield words if bar.left_s is None else f"{words}, back in {span(bar.left_s)}"
    if not target.health.is_well and target.health.failure is not None:
        yield f"last failure: {target.health.failure}"
    yield from _used(target)

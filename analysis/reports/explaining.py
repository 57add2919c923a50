"""`pointsman explain`: one request as lines for a person, or as JSON."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

import msgspec
import typer

from analysis.prices.parts import parts
from analysis.reports import writing
from analysis.reports.explain import Explained, Row, explained
from analysis.reports.showing import Places, frames, pricing_of, reading, zone_named
from proxy.cli.tables import UNKNOWN, safe
from proxy.routing.decision import Decision

_MS_US: Final = 1000
_S_US: Final = 1_000_000
_HELD: Final = {
    "whole": "until it was whole",
    "dropped": "it broke off, and nothing of it went out",
    "too_long": "until it was longer than may be held",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How it is shown: as lines, as JSON, or as a page, which goes into a file if one is named."""

    as_json: bool = False
    as_page: bool = False
    file: Path | None = None


def show(request_id: str, places: Places, timezone: str | None, form: Form) -> None:
    """Print what is known of a request.

    Raises:
        AnalysisError: There is none of that id, it is no id, or the file cannot be written.
        SetupError: The configuration or the ledger cannot be read.
    """
    zone, pricing = zone_named(timezone), pricing_of(places)
    if form.as_page or form.file is not None:
        with frames():
            from analysis.reports import explained_page  # noqa: PLC0415  # it waits for Plotly
    if form.file is not None:
        writing.refuse(form.file)
    with reading(places) as source:
        found = explained(source, request_id, pricing)
    if form.as_json:
        typer.echo(json_of(found))
        return
    if form.as_page or form.file is not None:
        text = explained_page.page(found, list(lines(found, zone)))
        if form.file is None:
            typer.echo(text, nl=False)
        else:
            writing.write(form.file, text)
            typer.echo(str(form.file))
        return
    for line in lines(found, zone):
        typer.echo(safe(line))


def json_of(found: Explained) -> bytes:
    """Return everything known."""
    decision = found.request["decision"]
    plain = {
        **found.request,
        "decision": None if decision is None else msgspec.Raw(decision.encode()),
    }
    attempts = [
        {**attempt, "parts": [asdict(part) for part in parts(attempt)]}
        for attempt in found.attempts
    ]
    return msgspec.json.encode({"request": plain, "attempts": attempts})


def lines(found: Explained, zone: tzinfo | None) -> Iterator[str]:
    """Return what happened, why, and what it cost; times in `zone`, or in the system's."""
    yield from _request_lines(found.request, zone)
    yield from _decision_lines(found.request, zone)
    yield "attempts"
    for attempt in found.attempts:
        yield from _attempt_lines(attempt, found.request["received_at"])
    if not found.attempts:
        yield "  none"
    yield "price"
    for attempt in found.attempts:
        yield from _price_lines(attempt)


def _request_lines(request: Row, zone: tzinfo | None) -> Iterator[str]:
    yield f"request {request['request_id']}"
    yield f"  received   {_local(request['received_at'], zone)}"
    yield f"  asked      {_told(request, 'app')}, {_told(request, 'model_requested')}"
    yield f"  session    {_told(request, 'session_id')}"
    status = "" if request["status"] is None else f" {request['status']}"
    yield f"  ended      {request['outcome']}{status}, after {_span(request['total_us'])}"
    yield f"  content    first after {_span(request['first_content_us'])}"
    if request["error_message"]:
        yield f"  told       {request['error_message']}"


def _decision_lines(request: Row, zone: tzinfo | None) -> Iterator[str]:
    yield "decision"
    text = request["decision"]
    if text is None:
        yield "  none is known"
        return
    try:
        made = msgspec.json.decode(text, type=Decision)
    except msgspec.MsgspecError:  # of another version: better as it is than not at all
        yield f"  {text}"
        return
    rule = f", by the rule {request['route_rule']}" if request["route_rule"] else ""
    yield f"  queue      {made.queue}{rule}; policy {made.policy}"
    yield f"  pin        {made.pin.state}{_because(made.pin.why)}"
    for number, one in enumerate(made.chosen, 1):
        score = "" if one.score is None else f" (score {one.score:.4g})"
        yield f"  {number:>2}. {one.id}{' (backup)' if one.backup else ''}{score}"
    for skipped in made.skipped:
        by = skipped.by.replace("_", " ")
        yield f"  not {skipped.id}, {by}{_because(skipped.why)}{_until(skipped.until_us, zone)}"
    if made.sentence:
        yield f"  {made.sentence}"


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _attempt_lines(attempt: Row, received_at: datetime) -> Iterator[str]:
    began_us = round((attempt["started_at"] - received_at).total_seconds() * _S_US)
    target = "/".join(
        attempt[name] for name in ("provider", "credential", "model_sent") if attempt[name]
    )
    status = "" if attempt["status"] is None else f" {attempt['status']}"
    head = f"  {attempt['attempt_no']}. after {_span(began_us)}"
    yield f"{head}: {target} ({_told(attempt, 'reason')})"
    first = attempt["first_content_us"]
    content = "" if first is None else f", first content after {_span(first)}"
    yield f"     {attempt['outcome']}{status} after {_span(attempt['total_us'])}{content}"
    if attempt["held"]:
        yield f"     held back: {_HELD.get(attempt['held'], attempt['held'])}"
    if attempt["failure"]:
        rule = f", by the rule {attempt['rule']}" if attempt["rule"] else ""
        yield f"     {attempt['failure']}{rule}"
    for name in ("error_message", "mended"):
        if attempt[name]:
            yield f"     {name.replace('_', ' ')}: {attempt[name]}"


def _price_lines(attempt: Row) -> Iterator[str]:
    head = f"  {attempt['attempt_no']}. {attempt['provider']}"
    if attempt["prompt_tokens"] is None:
        yield f"{head}: tokens were not counted"
        return
    if attempt["list_usd"] is None and attempt["paid_usd"] is None:
        model = _told(attempt, "model_sent")
        yield f"{head}: {model} has no price, or its counts contradict each other"
        return
    yield f"{head}: prices from {attempt['price_source']}, USD by the list and as paid"
    for part in parts(attempt):
        at = "" if part.list_price is None else f" at {part.list_price:,.4g} a million"
        counted = f"     {part.what:<15}{part.tokens:>12,}{at:<22}"
        yield f"{counted}{_usd(part.list_usd)}{_usd(part.paid_usd)}"
    yield f"     {'total':<49}{_usd(attempt['list_usd'])}{_usd(attempt['paid_usd'])}"


def _told(row: Row, name: str) -> str:
    return UNKNOWN if row[name] is None else str(row[name])


def _usd(usd: float | None) -> str:
    return f"{UNKNOWN if usd is None else format(usd, ',.6f'):>14}"


def _span(us: int | None) -> str:
    if us is None:
        return UNKNOWN
    return f"{us / _MS_US:,.0f} ms" if us < _S_US else f"{us / _S_US:,.2f} s"


def _local(moment: datetime, zone: tzinfo | None) -> str:
    return moment.replace(tzinfo=UTC).astimezone(zone).isoformat(sep=" ", timespec="milliseconds")


def _until(us: int | None, zone: tzinfo | None) -> str:
    if us is None:
        return ""
    return f", until {datetime.fromtimestamp(us / _S_US, UTC).astimezone(zone):%H:%M:%S}"

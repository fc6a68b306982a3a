"""How the command line shows what it found: tables for people, in China's time, or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from consumers.readmodel.views import (
    CaseEntry,
    CaseView,
    ClockView,
    DeliveryView,
    HandoffView,
    MirrorView,
    PackageView,
    Quarantined,
    RawRecord,
    to_json,
)
from infra.cli.tables import china_time, new_table
from schemas.catalogue import BY_NAME

View = TypeVar("View")

_COLOURS = {"breached": "red", "met-late": "yellow", "met": "green", "paused": "cyan"}


def show(view: View, page: Callable[[View], RenderableType], *, as_json: bool) -> None:
    """Prints `view` as JSON, or as the page for people."""
    if as_json:
        typer.echo(to_json(view).decode())
    else:
        Console().print(page(view))


def case_page(case: CaseView, now: datetime) -> RenderableType:
    """A whole case as of `now`."""
    where = case.standing
    head = Text.assemble(
        (f"{case.case.unit}  {case.case.number}", "bold"),
        f"\n{case.case.id}\n{where.field}  {where.offence or ''}\n",
        f"forward: {where.state}",
        f"   reverse: {where.reverse_state}" if where.reverse_state else "",
        *(f"   {track}: {state}" for track, state in where.side_tracks.items()),
        *(f"\n{one.name}: {one.state}   {one.reverse_state or ''}".rstrip() for one in where.parties),
    )
    parts: list[RenderableType] = [head, _events(case.events)]
    if case.packages:
        parts.append(_packages(case.packages))
    if case.handoffs:
        parts.append(_handoffs(case.handoffs))
    if case.clocks:
        parts.append(clocks_page(case.clocks, now))
    if case.mirrors:
        parts.append(_mirrors(case.mirrors))
    return Group(*parts)


def clocks_page(clocks: Sequence[ClockView], now: datetime) -> RenderableType:
    """Statutory clocks with their basis, as of `now`."""
    if not clocks:
        return "No clock to show."
    table = new_table("due", "state", "holder", "duty and basis", "case", title="clocks")
    for clock in clocks:
        state = Text(clock.state, style=_COLOURS.get(clock.state, ""))
        duty = f"{clock.rule} {clock.duty_zh} — {clock.duty_en}\n{clock.basis} [{clock.mark}]"
        duty += "".join(f"\n未决 {one.zh}\nopen {one.en}" for one in clock.open_points)
        case = Text(f"{clock.case.unit}\n{clock.case.number}")
        table.add_row(_due(clock), Text.assemble(state, _remarks(clock, now)), clock.holder, Text(duty), case)
    return table


def deliveries_page(found: Sequence[DeliveryView]) -> RenderableType:
    """Deliveries and how far they have come."""
    if not found:
        return "No delivery to show."
    table = new_table("when", "event", "to", "number", "state", title="deliveries")
    for one in found:
        event = Text(f"{one.event.source}/{one.event.id}\n{one.type}")
        came = one.progress
        state = Text(f"{came.state}\n{came.answer}".strip())
        table.add_row(
            china_time(one.recorded_at), event, came.unit, "" if came.seq is None else str(came.seq), state
        )
    return table


def quarantine_page(found: Sequence[Quarantined]) -> RenderableType:
    """Records that were not applied."""
    if not found:
        return "Nothing is in quarantine."
    table = new_table("when", "record", "from", "kind", "reason", title="quarantine")
    for one in found:
        event = f"\n{one.event.source}/{one.event.id}" if one.event else ""
        place = Text(f"{one.topic}/{one.partition}/{one.offset}{event}")
        back = f"\nreturned: {one.returned_reason}" if one.returned_reason else ""
        why = Text(f"{one.reason}\n{one.detail}{back}")
        table.add_row(china_time(one.recorded_at), place, one.owner, one.kind, why)
    return table


def record_page(record: RawRecord) -> RenderableType:
    """A record with its bytes: what is no UTF-8 is shown in hexadecimal."""
    about = record.about
    table = new_table("header", "value")
    for name, value in record.headers:
        table.add_row(Text(name), Text(_readable(value)))
    head = (
        f"{about.topic}/{about.partition}/{about.offset}   {about.kind}, from {about.owner}\n"
        f"{about.reason}: {about.detail}"
    )
    raw = f"key    {_readable(record.key)}\nvalue  {_readable(record.value)}"
    return Group(Text(head), table, Text(raw))


def _events(entries: Iterable[CaseEntry]) -> Table:
    table = new_table("happened", "event", "said by", "went to", title="events")
    for entry in entries:
        event = entry.event
        known = BY_NAME.get(event.type)
        what = Text.assemble((event.type, "bold"), f"\n{known.zh if known else ''}\n{event.id}")
        for flag in entry.flags:
            what.append(f"\n! {flag.code}: {flag.detail}", style="yellow")
        to = "\n".join(f"{d.unit} ({d.delivery}) {d.basis}" for d in entry.deliveries)
        when = f"{china_time(event.time)}\n{event.precision if event.precision != 'second' else ''}"
        table.add_row(when, what, event.source, Text(to))
    return table


def _mirrors(mirrors: Iterable[MirrorView]) -> Table:
    table = new_table("copied", "opinion", "to", "state", "why", title="mirrored opinions")
    for mirror in mirrors:
        state = " ".join(part for part in (mirror.state, mirror.clue_no, mirror.reason) if part)
        opinion = Text(f"{mirror.opinion.source}/{mirror.opinion.id}")
        table.add_row(china_time(mirror.copied_at), opinion, mirror.unit, Text(state), Text(mirror.why))
    return table


def _packages(packages: Iterable[PackageView]) -> Table:
    table = new_table("letter", "document", "brought by", "basis", title="transfer packages")
    for package in packages:
        for one in package.documents:
            by = (
                Text("missing", style="red")
                if one.supplied_by is None
                else Text(f"{one.supplied_by.source}/{one.supplied_by.id}")
            )
            letter = Text(f"{package.letter.source}/{package.letter.id}")
            table.add_row(letter, Text(f"{one.zh} — {one.en}"), by, Text(one.basis))
    return table


def _handoffs(handoffs: Iterable[HandoffView]) -> Table:
    table = new_table("event", "went to", "how", title="outside the district")
    for one in handoffs:
        how = "on the bus" if one.on_the_bus else Text("not on the bus: sent by the sender", style="yellow")
        table.add_row(Text(f"{one.type}\n{one.event.source}/{one.event.id}"), Text(one.organ), how)
    return table


def _due(clock: ClockView) -> str:
    if clock.due_to is None:
        return "not known"
    if clock.due_from in (None, clock.due_to):
        return china_time(clock.due_to)
    return f"{china_time(clock.due_from)}\nto {china_time(clock.due_to)}"


def _remarks(clock: ClockView, now: datetime) -> str:
    overdue = now - clock.due_to if clock.state == "breached" and clock.due_to else None
    remarks = [
        "provisional" if clock.provisional else "",
        "" if clock.certain else "not certain",
        "start assumed" if clock.assumed_start else "",
        "reported late" if clock.reported_late else "",
        "breach withdrawn" if clock.breach_withdrawn else "",
        f"over by {_duration(timedelta(seconds=clock.overrun_seconds))}" if clock.overrun_seconds else "",
        f"overdue by {_duration(overdue)}" if overdue else "",
    ]
    return "".join(f"\n{remark}" for remark in remarks if remark)


def _duration(span: timedelta) -> str:
    hours = span // timedelta(hours=1)
    return (
        f"{hours // 24} days {hours % 24} h"
        if hours >= 24
        else f"{hours} h {span // timedelta(minutes=1) % 60} min"
    )


def _readable(raw: bytes | None) -> str:
    if raw is None:
        return "(null)"
    text = raw.decode(errors="replace")
    return text if text.isprintable() and "\ufffd" not in text else raw.hex(" ")

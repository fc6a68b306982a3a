"""What the case page and the search for cases ask the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select, true, union

from consumers.console.case.timeline import Receipt, Receipts
from consumers.readmodel import scope
from consumers.readmodel.rows import QUARANTINE_COLUMNS, quarantined
from consumers.readmodel.views import Quarantined
from infra.tables import cases, events, feed_entries, feed_positions, feeds, quarantine

MOST_FOUND = 50
_LOOKED_THROUGH = 400
"""Deliveries, and cases that begin as asked, among which a unit's search looks: more would take seconds."""


@dataclass(frozen=True, slots=True)
class Found:
    """A case in a list. The state is the case's own for who sees every unit's, otherwise None: see readmodel."""

    id: UUID
    unit: str
    number: str
    field: str
    offence: str | None
    state: str | None
    reverse_state: str | None
    events: int | None
    opened_at: datetime
    updated_at: datetime | None


def receipts(connection: Connection, unit: str | None, case_id: UUID) -> Receipts:
    """How far the deliveries of a case have come: of those that `unit` received, and of all that it said."""
    entry, position = feed_entries.c, feed_positions.c
    same = and_(events.c.partition == entry.partition, events.c.log_offset == entry.log_offset)
    numbered = and_(
        position.unit == entry.unit,
        position.partition == entry.partition,
        position.log_offset == entry.log_offset,
        position.n == entry.n,
    )
    joined = feed_entries.join(events, same).outerjoin(feed_positions, numbered)
    rows = (
        select(
            entry.partition,
            entry.log_offset,
            entry.unit,
            position.seq,
            func.coalesce(position.seq <= feeds.c.published, False),
            func.coalesce(position.seq <= feeds.c.acknowledged, False),
        )
        .select_from(joined.outerjoin(feeds, feeds.c.unit == entry.unit))
        .where(events.c.case_id == case_id, scope.deliveries_for(unit))
    )
    return {
        (partition, offset, to): Receipt(seq, published, acknowledged)
        for partition, offset, to, seq, published, acknowledged in connection.execute(rows)
    }


def held_back(connection: Connection, unit: str | None, case_id: UUID) -> list[Quarantined]:
    """Records of the case that were not applied; a unit's own only."""
    rows = select(*QUARANTINE_COLUMNS).where(quarantine.c.case_id == case_id, scope.quarantine_for(unit))
    return [quarantined(row) for row in connection.execute(rows.order_by(quarantine.c.recorded_at))]


def search(connection: Connection, unit: str | None, text: str) -> list[Found]:
    """Cases whose number begins with `text` and of which `unit` may see something; without `text` the latest.

    A unit is shown what it opened, what its last deliveries were about, and whatever else is among the first
    cases that begin so: a number that is typed to the end is found. Of a case it is told the number, the unit and
    the field here: the state would tell of events that were never delivered to it.
    """
    if unit is None:
        wanted = select(cases).order_by(cases.c.updated_at.desc()).limit(MOST_FOUND)
        return _found(connection, wanted.where(_begins(text)) if text else wanted, own=True)
    latest = cases.c.opened_at.desc()
    own = select(cases.c.case_id).where(cases.c.origin_unit == unit, _begins(text)).order_by(latest)
    parts = [own.limit(MOST_FOUND), select(cases.c.case_id).where(_delivered(unit), _begins(text))]
    if text:
        some = select(cases.c.case_id).where(_begins(text)).limit(_LOOKED_THROUGH).subquery()
        visible = exists().where(events.c.case_id == some.c.case_id, scope.events_for(unit)).correlate(some)
        parts.append(select(some.c.case_id).where(visible))
    either = union(*(part.subquery().select() for part in parts))
    return _found(
        connection,
        select(cases).where(cases.c.case_id.in_(either)).order_by(latest).limit(MOST_FOUND),
        own=False,
    )


def _delivered(unit: str) -> ColumnElement[bool]:
    """Cases of the unit's last deliveries."""
    position = feed_positions.c
    last = (
        select(position.partition, position.log_offset)
        .where(position.unit == unit)
        .order_by(position.seq.desc())
        .limit(_LOOKED_THROUGH)
        .subquery()
    )
    same = and_(events.c.partition == last.c.partition, events.c.log_offset == last.c.log_offset)
    return cases.c.case_id.in_(select(events.c.case_id).join(last, same))


def _begins(text: str) -> ColumnElement[bool]:
    """True for no text."""
    return cases.c.origin_case.startswith(text, autoescape=True) if text else true()


def _found(connection: Connection, wanted: Select[Any], *, own: bool) -> list[Found]:
    rows: Sequence[Any] = connection.execute(wanted).all()
    return [
        Found(
            id=row.case_id,
            unit=row.origin_unit,
            number=row.origin_case,
            field=row.field,
            offence=row.offence if own else None,
            state=row.state if own else None,
            reverse_state=row.reverse_state if own else None,
            events=row.events if own else None,
            opened_at=row.opened_at,
            updated_at=row.updated_at if own else None,
        )
        for row in rows
    ]

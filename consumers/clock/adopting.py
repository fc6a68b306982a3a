"""The clock process at a new edition of the calendar: each case with a date that may move is told, once, in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Row, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from consumers.casework.emission import bus_headers
from consumers.casework.records import pack_headers
from consumers.casework.store import RELAY_CHANNEL, raw_cursor
from consumers.handovers.concerns import CALENDAR_ADOPTED
from consumers.workdays import Edition
from infra.tables import cases, clocks, events, outbox
from schemas.codec import encode
from schemas.identity import derived_id
from schemas.units import BUS_UNIT


def adopt(engine: Engine, editions: Sequence[Edition], *, margin: timedelta) -> int:
    """Put into the outbox, for the last edition in use, what tells the cases of it; returns for how many. Blocks.

    A case is told if one of its clocks is provisional or spans a day that the edition changed. Said before,
    it is not said again: the id follows from the case and the calendar. Call it again and again: some cases were
    counted late, while workers were behind.

    An edition is in use `margin` after it is known by the database's clock. The broker's clock may be behind that
    one, and what is said must be appended after the edition is known, or it moves nothing.
    """
    with engine.begin() as connection:
        now: datetime = connection.execute(select(func.now())).scalar_one()
        known = [one for one in editions if one.known_from + margin <= now]
        if not known:
            return 0
        edition = known[-1]
        told = {_id_of(row.case_id, edition): row for row in connection.execute(concerned(edition))}
        said = connection.execute(_said(list(told))).scalars().all() if told else ()
        fresh = [(id_, row) for id_, row in told.items() if id_ not in said]
        for id_, row in fresh:
            connection.execute(_outbox_insert(id_, row, edition))
        if fresh:
            raw_cursor(connection).execute(f"NOTIFY {RELAY_CHANNEL}")
    return len(fresh)


def _id_of(case_id: UUID, edition: Edition) -> str:
    return str(derived_id(case_id.hex, edition.calendar.version, CALENDAR_ADOPTED))


def concerned(edition: Edition) -> Any:
    """Selects the cases that are told of an edition: with a provisional clock, or one over a changed day."""
    return (
        select(cases.c.case_id, cases.c.origin_unit, cases.c.origin_case, cases.c.field)
        .distinct()
        .join(clocks, cases.c.case_id == clocks.c.case_id)
        .where(or_(clocks.c.provisional, *_spanning(edition)))
        .order_by(cases.c.case_id)
    )


def _spanning(edition: Edition) -> list[ColumnElement[bool]]:
    """Clocks that run over a changed day, or end so near before it that their last day may have moved over it."""
    if not edition.changed:
        return []
    first, last = min(edition.changed), max(edition.changed)
    return [
        and_(
            func.coalesce(clocks.c.start_from, clocks.c.start_to) <= last + timedelta(days=1),
            clocks.c.due_to >= first - timedelta(days=1),
        )
    ]


def _said(ids: list[str]) -> Any:
    in_log = select(events.c.event_id).where(events.c.source == BUS_UNIT, events.c.event_id.in_(ids))
    return in_log.union(select(outbox.c.event_id).where(outbox.c.event_id.in_(ids)))


def _outbox_insert(id_: str, row: Row[Any], edition: Edition) -> Any:
    headers = bus_headers(
        event_id=id_,
        type_=CALENDAR_ADOPTED,
        case_id=row.case_id,
        origin_unit=row.origin_unit,
        origin_case=row.origin_case,
        field=row.field,
        time=edition.known_from,  # when it was to be known: the bytes must not depend on who says it
        causation="",
    )
    data = {
        "calendar": edition.calendar.version,
        "years": sorted(edition.published),
        "reason": edition.reason,
        "source": edition.source,
        "summary": None,
        "documents": [],
    }
    return (
        insert(outbox)
        .values(
            event_id=id_,
            case_id=row.case_id,
            headers=pack_headers(headers),
            value=encode(CALENDAR_ADOPTED, data),
            created_at=func.now(),
        )
        .on_conflict_do_nothing()
    )

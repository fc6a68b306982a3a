"""Exchanges between units as a list: an index over the log for each who sees them, grown when somebody asks.

Casework does not write it, so that applying an event costs nothing for it. It follows from `events` and
`feed_entries` alone: each unit's rows from what that unit said and what was delivered to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, and_, any_, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from consumers.casefile import CaseEvent, Identity
from consumers.readmodel import scope
from consumers.readmodel.rows import EVENT_COLUMNS, case_event
from consumers.readmodel.scope import Unit
from consumers.readmodel.standing import case_told_by
from consumers.readmodel.views import CaseName, EventName
from consumers.transfers.exchanges import TRACK_OF, Exchange, exchanges
from consumers.transfers.routing import CORRECTIONS
from infra.exchange_tables import exchange_progress
from infra.exchange_tables import exchanges as index
from infra.tables import cases, events, feed_entries, progress
from schemas.units import Register

MOST_LISTED = 50
_PAGE = 100
"""Events of a partition looked through in one transaction, which no server ends for its length then."""
LOOKS = 3
"""Pages that one request may look through; the rest is done in the background."""
_LOCK = 7_310_041
"""Key of the advisory lock under which the index grows, so that two who ask do not do the work twice."""
_TYPES = tuple(sorted({*TRACK_OF, *CORRECTIONS}))
_EVERYTHING = ""
"""The viewer of the rows for who sees every unit's events."""

_Heard = Mapping[Identity, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """An exchange in a list. `turn`: who has to act, as far as the reader may know."""

    case: CaseName
    field: str
    track: str
    number: str
    state: str
    waits: bool
    opener: str
    turn: tuple[str, ...]
    opened_at: datetime
    moved_at: datetime
    first: EventName


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which exchanges: of one track, of one case, waiting or over; `mine`: those in which `unit` has to act."""

    track: str = ""
    case: UUID | None = None
    waiting: bool = True
    mine: bool = False
    page: int = 1


def bring_up_to_date(engine: Engine, topic: str, register: Register, *, most: int | None = None) -> bool:
    """Looks through every event of the log `topic` that was applied since the last time, or `most` pages of them.

    Returns whether the index is up to date. Blocks, long only after a long time or at the very first.
    """
    looks = 0
    while _behind(engine, topic):
        if looks == most:
            return False
        _look_on(engine, topic, register)
        looks += 1
    return True


def listed(connection: Connection, unit: Unit, wanted: Wanted) -> list[Listed]:
    """One page of exchanges as `unit` sees them: those that wait oldest first, those that are over latest first."""
    order = index.c.opened_at if wanted.waiting else index.c.moved_at.desc()
    rows = (
        select(index, cases.c.origin_unit, cases.c.origin_case, cases.c.field)
        .select_from(index.join(cases, cases.c.case_id == index.c.case_id))
        .where(*_conditions(unit, wanted))
        .order_by(order, index.c.case_id, index.c.track, index.c.number)
        .limit(MOST_LISTED + 1)
        .offset((wanted.page - 1) * MOST_LISTED)
    )
    return [_listed(row) for row in connection.execute(rows)]


def count(connection: Connection, unit: Unit, wanted: Wanted, *, most: int) -> int:
    """How many there are, or `most`."""
    rows = select(index.c.case_id).where(*_conditions(unit, wanted)).limit(most)
    return connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


def exchanges_of(connection: Connection, unit: Unit, case_id: UUID, register: Register) -> list[Exchange]:
    """The exchanges of a case as `unit` sees them, from the events themselves."""
    told, heard = _told(connection, [case_id])
    return list(_seen_by(unit or _EVERYTHING, told.get(case_id, []), heard, register))


def _conditions(unit: Unit, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield scope.exchanges_for(unit)
    yield index.c.waits if wanted.waiting else ~index.c.waits
    if wanted.track:
        yield index.c.track == wanted.track
    if wanted.case is not None:
        yield index.c.case_id == wanted.case
    if wanted.mine and unit is not None:
        yield literal(unit) == any_(index.c.turn)


def _listed(row: Any) -> Listed:
    return Listed(
        case=CaseName(row.case_id, row.origin_unit, row.origin_case),
        field=row.field,
        track=row.track,
        number=row.number,
        state=row.state,
        waits=row.waits,
        opener=row.opener,
        turn=tuple(row.turn),
        opened_at=row.opened_at,
        moved_at=row.moved_at,
        first=EventName(row.first_source, row.first_id),
    )


def _behind(engine: Engine, topic: str) -> bool:
    with engine.connect() as connection:
        return connection.execute(_unread(topic).limit(1)).first() is not None


def _unread(topic: str) -> Any:
    """The partitions of the log of which events are applied that the index does not know: from where, up to where."""
    reached = func.coalesce(exchange_progress.c.next_offset, 0)
    same = exchange_progress.c.partition == progress.c.partition
    return (
        select(progress.c.partition, reached.label("reached"), progress.c.next_offset)
        .select_from(progress.outerjoin(exchange_progress, same))
        .where(progress.c.topic == topic, progress.c.next_offset > reached)
        .order_by(progress.c.partition)
    )


def _look_on(engine: Engine, topic: str, register: Register) -> None:
    """One page of every partition that has something new, in one transaction."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        touched: set[UUID] = set()
        for partition, reached, upto in connection.execute(_unread(topic)).all():
            rows = connection.execute(
                select(events.c.log_offset, events.c.case_id)
                .where(
                    events.c.partition == partition,
                    events.c.log_offset >= reached,
                    events.c.log_offset < upto,
                    events.c.type.in_(_TYPES),
                )
                .order_by(events.c.log_offset)
                .limit(_PAGE)
            ).all()
            touched |= {row.case_id for row in rows}
            _move(connection, partition, rows[-1].log_offset + 1 if len(rows) == _PAGE else upto)
        if touched:
            _renew(connection, sorted(touched), register)


def _move(connection: Connection, partition: int, upto: int) -> None:
    moved = upsert(exchange_progress).values(partition=partition, next_offset=upto)
    connection.execute(moved.on_conflict_do_update(index_elements=["partition"], set_={"next_offset": upto}))


def _renew(connection: Connection, case_ids: Sequence[UUID], register: Register) -> None:
    """The rows of these cases anew, from all of their events: a voided one may be among them."""
    told, heard = _told(connection, case_ids)
    connection.execute(delete(index).where(index.c.case_id.in_(case_ids)))
    rows = [
        _row(case_id, viewer, one)
        for case_id, of_case in told.items()
        for viewer in _viewers(of_case, heard)
        for one in _seen_by(viewer, of_case, heard, register)
    ]
    if rows:
        connection.execute(insert(index), rows)


def _row(case_id: UUID, viewer: str, one: Exchange) -> dict[str, object]:
    return {
        "case_id": case_id,
        "track": one.track,
        "number": one.number,
        "viewer": viewer,
        "state": one.state,
        "waits": one.waits,
        "opener": one.first.envelope.source,
        "turn": list(one.turn),
        "opened_at": one.first.envelope.time,
        "moved_at": one.moved.envelope.time,
        "first_source": one.first.envelope.source,
        "first_id": one.first.envelope.id,
    }


def _told(connection: Connection, case_ids: Sequence[UUID]) -> tuple[dict[UUID, list[CaseEvent]], _Heard]:
    """The events of these cases that an exchange follows from, and as what each was delivered to whom."""
    which = and_(events.c.case_id.in_(case_ids), events.c.type.in_(_TYPES))
    told: dict[UUID, list[CaseEvent]] = defaultdict(list)
    in_order = select(*EVENT_COLUMNS).where(which).order_by(events.c.partition, events.c.log_offset)
    for row in connection.execute(in_order):
        event = case_event(row)
        told[event.envelope.subject].append(event)
    same = and_(
        feed_entries.c.partition == events.c.partition, feed_entries.c.log_offset == events.c.log_offset
    )
    delivered = select(
        events.c.source, events.c.event_id, feed_entries.c.unit, feed_entries.c.delivery
    ).select_from(events.join(feed_entries, same))
    heard: dict[Identity, dict[str, str]] = defaultdict(dict)
    for source, event_id, unit, delivery in connection.execute(
        delivered.where(which).order_by(feed_entries.c.n)
    ):
        heard[source, event_id][unit] = delivery
    return told, heard


def _viewers(of_case: Iterable[CaseEvent], heard: _Heard) -> list[str]:
    known = {_EVERYTHING}
    for event in of_case:
        if event.type in TRACK_OF:
            known |= {event.envelope.source, *heard.get(event.identity, ())}
    return sorted(known)


def _seen_by(
    viewer: str, of_case: Sequence[CaseEvent], heard: _Heard, register: Register
) -> Iterator[Exchange]:
    """What follows from the events that the viewer said or got; of others' deliveries it knows those of its own."""
    everything = viewer == _EVERYTHING
    seen = [
        event
        for event in of_case
        if everything or viewer == event.envelope.source or viewer in heard.get(event.identity, ())
    ]
    if not seen:
        return
    known = {
        event.identity: {
            unit: as_what
            for unit, as_what in heard.get(event.identity, {}).items()
            if everything or viewer in (event.envelope.source, unit)
        }
        for event in seen
    }
    standing = case_told_by(seen).standing(*TRACK_OF)
    yield from exchanges(standing, known, register, midway=not everything)

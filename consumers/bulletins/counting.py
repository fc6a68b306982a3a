"""Keeping `counted_lines` up to date: an index over what casework applied, brought along by whoever looks at figures.

Casework does not write it, so that applying an event costs nothing for it. It follows from `events`, `cases` and
`clocks` alone: a case that any event touched is counted again as a whole, so doing it twice does no harm.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from consumers.bulletins.figures import COUNTED_TYPES, definitions_digest
from consumers.bulletins.lines import Limit, Line, lines_of, taken_back
from consumers.casefile import Case, CaseEvent, ClockKind, ClockState
from consumers.readmodel.rows import EVENT_COLUMNS, case_event
from consumers.readmodel.standing import case_told_by
from consumers.transfers.routing import CORRECTIONS
from infra.bulletin_tables import counted_lines, counted_sums, counting_progress
from infra.database import driver_connection
from infra.tables import cases, clocks, events, progress

CASES_AT_ONCE = 500
LOCK = 7_310_031
"""Key of the advisory lock under which lines are counted, so that two who count do not undo each other's sums."""
_TYPES = sorted(COUNTED_TYPES | CORRECTIONS)

Positions = Mapping[int, int]
"""By partition: events of the log before this offset."""


def bring_up_to_date(engine: Engine, topic: str) -> int:
    """Counts the cases that events of the log `topic` touched since the last time. Blocks; returns how many.

    Each transaction counts CASES_AT_ONCE of them. How far the index reaches is moved at the end: after a crash
    in the middle the same cases are counted again, to the same lines.
    """
    with engine.begin() as connection:
        _lock(connection)
        reached = positions(connection, topic)
        ids = touched(connection, reached)
    for start in range(0, len(ids), CASES_AT_ONCE):
        with engine.begin() as connection:
            _lock(connection)
            count(connection, ids[start : start + CASES_AT_ONCE])
    with engine.begin() as connection:
        _lock(connection)
        move(connection, reached)
    return len(ids)


def positions(connection: Connection, topic: str) -> Positions:
    """How far casework has applied each partition of the log."""
    rows = select(progress.c.partition, progress.c.next_offset).where(progress.c.topic == topic)
    return dict(connection.execute(rows).all())


def behind(connection: Connection, topic: str) -> int:
    """How many offsets of the log are applied but not counted yet."""
    counted = _reached(connection)
    return sum(
        offset - counted.get(partition, 0) for partition, offset in positions(connection, topic).items()
    )


def touched(connection: Connection, upto: Positions) -> list[UUID]:
    """The cases that have events before `upto` which are not counted yet."""
    counted = _reached(connection)
    found: set[UUID] = set()
    for partition, end in upto.items():
        rows = select(events.c.case_id).where(
            events.c.partition == partition,
            events.c.log_offset >= counted.get(partition, 0),
            events.c.log_offset < end,
        )
        found.update(connection.execute(rows.distinct()).scalars())
    return sorted(found)


def count(connection: Connection, ids: Sequence[UUID]) -> None:
    """Counts these cases as they stand in this transaction: writes what is new, removes what counts no longer."""
    before = _stored(connection, ids)
    after = {line for case, limits in _cases(connection, ids) for line in lines_of(case, limits)}
    _remove(connection, before - after)
    _add(connection, after - before)
    _add_up(connection, after - before, before - after)


def move(connection: Connection, upto: Positions) -> None:
    """Notes that everything before `upto` is counted by the figures as they are defined now."""
    for partition, offset in upto.items():
        row = {"partition": partition, "next_offset": offset, "definitions": definitions_digest()}
        moved = upsert(counting_progress).values(row)
        connection.execute(moved.on_conflict_do_update(index_elements=["partition"], set_=row))


def _lock(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _reached(connection: Connection) -> Positions:
    """How far the index reaches; nothing is counted yet where the figures meant something else."""
    column = counting_progress.c
    rows = select(column.partition, column.next_offset).where(column.definitions == definitions_digest())
    return dict(connection.execute(rows).all())


def _stored(connection: Connection, ids: Sequence[UUID]) -> set[Line]:
    column = counted_lines.c
    rows = select(column.figure, column.unit, column.field, column.day, column.case_id, column.about).where(
        column.case_id.in_(ids)
    )
    return {Line(*row) for row in connection.execute(rows)}


def _cases(connection: Connection, ids: Sequence[UUID]) -> Iterator[tuple[Case, list[Limit]]]:
    fields = dict(
        connection.execute(select(cases.c.case_id, cases.c.field).where(cases.c.case_id.in_(ids))).all()
    )
    limits: dict[UUID, list[Limit]] = defaultdict(list)
    for case_id, limit in _limits(connection, ids):
        limits[case_id].append(limit)
    told: dict[UUID, list[CaseEvent]] = defaultdict(list)
    wanted = select(*EVENT_COLUMNS).where(events.c.case_id.in_(ids), events.c.type.in_(_TYPES))
    for row in connection.execute(wanted.order_by(events.c.partition, events.c.log_offset)):
        event = case_event(row)
        told[event.envelope.subject].append(event)
    for case_id, said in told.items():
        case = case_told_by(said).having(field=fields[case_id], voided=taken_back(said))
        yield case, limits[case_id]


def _limits(connection: Connection, ids: Sequence[UUID]) -> Iterator[tuple[UUID, Limit]]:
    column = clocks.c
    rows = select(
        column.case_id, column.clock_id, column.rule, column.version, column.kind, column.holder,
        column.state, column.due_to,
    ).where(column.case_id.in_(ids))  # fmt: skip
    for row in connection.execute(rows):
        kind, state = ClockKind(row.kind), ClockState(row.state)
        yield row.case_id, Limit(row.clock_id, row.rule, row.version, kind, row.holder, state, row.due_to)


def _add(connection: Connection, lines: Iterable[Line]) -> None:
    copy = "COPY counted_lines (case_id, figure, unit, about, field, day) FROM STDIN"
    with driver_connection(connection).cursor().copy(copy) as rows:
        for line in lines:
            rows.write_row((line.case_id, line.figure, line.unit, line.about, line.field, line.day))


def _remove(connection: Connection, lines: Iterable[Line]) -> None:
    column = counted_lines.c
    for line in lines:
        same = (
            column.case_id == line.case_id, column.figure == line.figure, column.unit == line.unit,
            column.about == line.about,
        )  # fmt: skip
        connection.execute(delete(counted_lines).where(*same))


def _add_up(connection: Connection, added: Iterable[Line], removed: Iterable[Line]) -> None:
    changes: Counter[tuple[object, ...]] = Counter()
    for lines, change in ((added, 1), (removed, -1)):
        for line in lines:
            changes[line.day.replace(day=1), line.figure, line.unit, line.field] += change
    rows = [
        dict(zip(("month", "figure", "unit", "field", "count"), (*key, change), strict=True))
        for key, change in sorted(changes.items())
        if change
    ]
    if rows:
        summed = upsert(counted_sums)
        more = {"count": counted_sums.c.count + summed.excluded.count}
        key = ["month", "figure", "unit", "field"]
        connection.execute(summed.on_conflict_do_update(index_elements=key, set_=more), rows)

"""Issuing a bulletin: its lines are copied as they count at one position of the log, and never change again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, func, insert, select

from consumers.bulletins import counting
from consumers.bulletins.figures import definitions_digest
from consumers.bulletins.lines import Line
from consumers.bulletins.periods import Period, Stretch
from consumers.bulletins.sealing import Correction, Scope, corrections, digest
from consumers.bulletins.sums import sums_of
from infra.bulletin_tables import bulletin_lines, bulletins, counted_lines
from infra.database import COMPUTING, driver_connection
from infra.tables import events
from schemas.identity import derived_id
from schemas.units import Register

LINE_COLUMNS = ("figure", "unit", "field", "day", "case_id", "about")


class NotIssued(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """A bulletin that cannot be issued; the text says why, and so does `code`: no_district or not_over."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def bulletin_id(district: str, period: Period) -> UUID:
    """The id of the one bulletin of a district about a period."""
    return derived_id("bulletin", district, period.name)


def issue(
    engine: Engine, topic: str, register: Register, district: str, period: Period, *, by: str, now: datetime
) -> UUID:
    """Issues the bulletin of `district` about `period` and returns its id; if it was issued before, only that.

    It tells what casework had applied of the log `topic` when this began to write, and what has become of
    earlier bulletins of the same length since. `now` is aware. Blocks, for some seconds if there is much to
    count. Raises NotIssued.
    """
    units = tuple(sorted(unit.code for unit in register.units if unit.district == district))
    if not units:
        raise NotIssued("no_district", f"no unit of the register is in district {district!r}")
    if not period.over(now):
        raise NotIssued("not_over", f"{period.name} is not over: a bulletin tells of a whole period")
    counting.bring_up_to_date(engine, topic)
    wanted = bulletin_id(district, period)
    with _alone(engine) as connection:
        if not _is_there(connection, wanted):
            _write(connection, topic, (district, period, units), by, now)
    return wanted


def _write(
    connection: Connection, topic: str, about: tuple[str, Period, tuple[str, ...]], by: str, now: datetime
) -> None:
    upto = counting.positions(connection, topic)
    counting.count(connection, counting.touched(connection, upto))
    counting.move(connection, upto)
    district, period, units = about
    offsets = tuple(upto.get(partition, 0) for partition in range(max(upto, default=-1) + 1))
    scope = Scope(district, period, units, offsets, definitions_digest())
    lines = _counted(connection, period, units)
    changed = list(_since(connection, scope))
    identity = bulletin_id(district, period)
    _write_lines(connection, identity, lines, changed)
    added: Counter[tuple[str, str, str]] = Counter()
    for one in changed:
        added[str(one.regarding), one.line.figure, one.line.unit] += one.change
    connection.execute(
        insert(bulletins).values(
            bulletin_id=identity,
            district=district,
            span=period.stretch.value,
            first_day=period.first,
            units=list(units),
            positions=list(offsets),
            recorded_until=_recorded_until(connection, upto),
            definitions=scope.definitions,
            sums=json.dumps([tuple(one) for one in sums_of(lines)]),
            corrections=json.dumps([(*key, change) for key, change in sorted(added.items())]),
            digest=digest(scope, lines, changed),
            issued_by=by,
            issued_at=now,
        )
    )


def scope_of(row: Any) -> Scope:
    """The scope that a row of `bulletins` tells."""
    period = Period(Stretch(row.span), row.first_day)
    return Scope(row.district, period, tuple(row.units), tuple(row.positions), bytes(row.definitions))


def earlier(connection: Connection, scope: Scope) -> Sequence[Any]:
    """The bulletins about earlier periods of the same length, district and figures, the oldest first."""
    column = bulletins.c
    rows = select(bulletins).where(
        column.district == scope.district,
        column.span == scope.period.stretch.value,
        column.first_day < scope.period.first,
        column.definitions == scope.definitions,
    )
    return connection.execute(rows.order_by(column.first_day)).all()


def known(connection: Connection, issued: UUID, *, before: int | None = None) -> frozenset[Line]:
    """The lines of a bulletin as later ones have corrected them, or those issued before the `before`th."""
    column = bulletin_lines.c
    own = (column.bulletin_id == issued) & column.regarding.is_(None)
    rows = select(*(column[name] for name in LINE_COLUMNS)).where(own | (column.regarding == issued))
    if before is not None:
        told = select(bulletins.c.bulletin_id).where(bulletins.c.n < before)
        rows = rows.where(own | column.bulletin_id.in_(told))
    standing = rows.group_by(*(column[name] for name in LINE_COLUMNS)).having(func.sum(column.change) > 0)
    return frozenset(Line(*row) for row in connection.execute(standing))


def _since(connection: Connection, scope: Scope) -> Iterator[Correction]:
    for row in earlier(connection, scope):
        before = scope_of(row)
        now = frozenset(_counted(connection, before.period, before.units))
        yield from corrections(row.bulletin_id, known(connection, row.bulletin_id), now)


def _counted(connection: Connection, period: Period, units: Sequence[str]) -> list[Line]:
    column = counted_lines.c
    rows = select(*(column[name] for name in LINE_COLUMNS)).where(
        column.day >= period.first, column.day < period.end, column.unit.in_(units)
    )
    return [Line(*row) for row in connection.execute(rows)]


def _write_lines(
    connection: Connection, identity: UUID, lines: Sequence[Line], changed: Sequence[Correction]
) -> None:
    names = ("bulletin_id", "n", "regarding", "change", *LINE_COLUMNS)
    told: list[tuple[object, ...]] = [(None, 1, *line) for line in sorted(lines)]
    told += [(one.regarding, one.change, *one.line) for one in changed]
    copy = f"COPY bulletin_lines ({', '.join(names)}) FROM STDIN"
    with driver_connection(connection).cursor().copy(copy) as rows:
        for n, line in enumerate(told):
            rows.write_row((identity, n, *line))


def _recorded_until(connection: Connection, upto: counting.Positions) -> datetime | None:
    found: list[datetime] = []
    for partition, offset in upto.items():
        last = (
            select(events.c.recorded_at)
            .where(events.c.partition == partition, events.c.log_offset < offset)
            .order_by(events.c.log_offset.desc())
            .limit(1)
        )
        found += connection.execute(last).scalars()
    return max(found, default=None)


def _is_there(connection: Connection, wanted: UUID) -> bool:
    rows = select(bulletins.c.bulletin_id).where(bulletins.c.bulletin_id == wanted)
    return connection.execute(rows).first() is not None


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees one moment of the database, while nobody else counts."""
    with engine.connect() as connection:
        connection.execute(select(func.pg_advisory_lock(counting.LOCK)))
        connection.commit()  # only a snapshot that is taken after the lock sees what the last one counted
        try:
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                connection.execute(COMPUTING)
                yield connection
        finally:
            connection.rollback()
            connection.execute(select(func.pg_advisory_unlock(counting.LOCK)))
            connection.commit()

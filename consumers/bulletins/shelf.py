"""Bulletins as issued, and the figures as they are now: what pages, sheets and documents are made from. Reads only."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal, select, true

from consumers.bulletins.periods import Period, Stretch
from consumers.bulletins.sight import Sight
from consumers.bulletins.sums import Sum
from consumers.readmodel import scope
from consumers.readmodel.views import CaseName
from infra.bulletin_tables import bulletin_lines, bulletins, counted_lines, counted_sums
from infra.tables import cases, events

MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class Change:
    """By how much later reports change a number of an earlier bulletin."""

    bulletin_id: UUID
    figure: str
    unit: str
    change: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A bulletin. `recorded_until`: the append time of the last event that counts; None: the log was empty."""

    id: UUID
    district: str
    period: Period
    units: tuple[str, ...]
    positions: tuple[int, ...]
    recorded_until: datetime | None
    sums: tuple[Sum, ...]
    corrections: tuple[Change, ...]
    digest: bytes
    issued_by: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """Which of the lines to read: `limit` of them, behind the first `skip`."""

    skip: int
    limit: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One line behind a number. `case` None: the reader may see nothing of that case."""

    case: CaseName | None
    unit: str
    field: str
    day: date
    change: int
    about: str


@dataclass(frozen=True, slots=True)
class Which:
    """Which number: a figure of these units, in one field (empty: where none was named; None: in all).

    `regarding`: not the number itself, but how a bulletin changes that of this earlier one.
    """

    figure: str
    units: Collection[str]
    field: str | None = None
    regarding: UUID | None = None


def listed(connection: Connection, sight: Sight) -> list[Issued]:
    """The latest bulletins in which there is something to see, the latest period first."""
    rows = select(bulletins)
    if sight.units is not None:
        rows = rows.where(bulletins.c.units.overlap(sorted(sight.units)))
    rows = rows.order_by(bulletins.c.first_day.desc(), bulletins.c.n.desc()).limit(MOST_LISTED)
    return [_issued(row) for row in connection.execute(rows)]


def one(connection: Connection, bulletin_id: UUID, sight: Sight) -> Issued | None:
    """A bulletin; None if there is none of that id, or nothing to see in it."""
    row = connection.execute(select(bulletins).where(bulletins.c.bulletin_id == bulletin_id)).one_or_none()
    found = None if row is None else _issued(row)
    return found if found is not None and sight.sees_any(found.units) else None


def sums_now(connection: Connection, period: Period, units: Collection[str]) -> tuple[Sum, ...]:
    """The figures of a period as counted so far."""
    column = counted_sums.c
    rows = (
        select(column.figure, column.unit, column.field, func.sum(column.count))
        .where(column.month >= period.first, column.month < period.end, column.unit.in_(sorted(units)))
        .group_by(column.figure, column.unit, column.field)
        .having(func.sum(column.count) > 0)
    )
    return tuple(Sum(*row) for row in connection.execute(rows))


def lines_of(
    connection: Connection, bulletin_id: UUID, which: Which, unit: str | None, part: Part
) -> list[Counted]:
    """The lines behind a number of a bulletin; cases of which `unit` may see nothing are without their name."""
    column = bulletin_lines.c
    wanted = and_(
        column.bulletin_id == bulletin_id,
        column.regarding.is_not_distinct_from(which.regarding),
        _which(bulletin_lines, which),
    )
    return _lines(connection, bulletin_lines, wanted, unit, part)


def lines_now(
    connection: Connection, period: Period, which: Which, unit: str | None, part: Part
) -> list[Counted]:
    """The lines behind a number as counted so far."""
    column = counted_lines.c
    wanted = and_(column.day >= period.first, column.day < period.end, _which(counted_lines, which))
    return _lines(connection, counted_lines, wanted, unit, part)


def _which(table: Table, which: Which) -> ColumnElement[bool]:
    column = table.c
    field = true() if which.field is None else column.field == which.field
    return and_(column.figure == which.figure, column.unit.in_(sorted(which.units)), field)


def _lines(
    connection: Connection, table: Table, wanted: ColumnElement[bool], unit: str | None, part: Part
) -> list[Counted]:
    column = table.c
    change = column.change if "change" in column else literal(1)
    order = (
        (column.unit, column.n) if "n" in column else (column.unit, column.day, column.case_id, column.about)
    )
    here = (
        select(
            *(column[name] for name in ("case_id", "unit", "field", "day", "about")), change.label("change")
        )
        .where(wanted)
        .order_by(*order)
        .offset(part.skip)
        .limit(part.limit)
        .cte("here")
    )
    rows = select(here, cases.c.origin_unit, cases.c.origin_case, _seen(unit, here.c.case_id).label("seen"))
    joined = rows.select_from(here.outerjoin(cases, cases.c.case_id == here.c.case_id))
    return [_counted(row) for row in connection.execute(joined)]


def _seen(unit: str | None, case_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    if unit is None:
        return true()
    seen = select(events.c.log_offset).where(events.c.case_id == case_id, scope.events_for(unit))
    return seen.correlate_except(events).exists()


def _counted(row: Any) -> Counted:
    name = CaseName(row.case_id, row.origin_unit, row.origin_case) if row.seen else None
    return Counted(name, row.unit, row.field, row.day, row.change, row.about if row.seen else "")


def _issued(row: Any) -> Issued:
    return Issued(
        id=row.bulletin_id,
        district=row.district,
        period=Period(Stretch(row.span), row.first_day),
        units=tuple(row.units),
        positions=tuple(row.positions),
        recorded_until=row.recorded_until,
        sums=tuple(Sum(*told) for told in json.loads(row.sums)),
        corrections=tuple(Change(UUID(told[0]), *told[1:]) for told in json.loads(row.corrections)),
        digest=bytes(row.digest),
        issued_by=row.issued_by,
        issued_at=row.issued_at,
    )

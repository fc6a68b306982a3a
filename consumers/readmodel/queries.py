"""Cases, clocks and quarantine as a unit may see them. Reads only; what is foreign is not found."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from consumers.casefile import CaseEvent
from consumers.readmodel import scope
from consumers.readmodel.opening import keys_for, opened_event
from consumers.readmodel.rows import QUARANTINE_COLUMNS, quarantined, raw_record
from consumers.readmodel.scope import Unit
from consumers.readmodel.selecting import MOST_ROWS, applied_events, case_entries, clocks_where, mirrors_where
from consumers.readmodel.standing import handoff_views, package_views, standing
from consumers.readmodel.views import CaseName, CaseView, ClockView, Quarantined, RawRecord
from consumers.rulebook import Rulebook
from infra.tables import clocks, events, mirrors, quarantine
from infra.vault import opened_whole

OPEN = ("running", "paused", "breached")
"""States of a clock that somebody still has to do something about."""


def case_for(connection: Connection, unit: Unit, case_id: UUID, rulebook: Rulebook) -> CaseView | None:
    """The case as `unit` may see it; None if it may see nothing of it."""
    applied = applied_events(connection, unit, events.c.case_id == case_id)
    return case_of(connection, unit, applied, rulebook) if applied else None


def case_of(connection: Connection, unit: Unit, applied: list[CaseEvent], rulebook: Rulebook) -> CaseView:
    """The same for who has already read the case's events that `unit` may see, at least one."""
    origin = applied[0].envelope
    case_id = origin.subject
    entries = case_entries(connection, unit, events.c.case_id == case_id, applied)
    keys = keys_for(connection, applied)
    opened = [opened_event(event, keys) for event in applied]
    return CaseView(
        case=CaseName(case_id, origin.origin_unit, origin.origin_case),
        standing=standing(applied, opened, entries, rulebook.register),
        events=entries,
        clocks=clocks_where(connection, unit, clocks.c.case_id == case_id, rulebook),
        mirrors=mirrors_where(connection, unit, mirrors.c.case_id == case_id),
        packages=package_views(applied),
        handoffs=handoff_views(applied, rulebook.register),
    )


def clocks_for(
    connection: Connection, unit: Unit, rulebook: Rulebook, *, overdue: bool = False, limit: int = MOST_ROWS
) -> list[ClockView]:
    """Open clocks that `unit` may see, the most urgent first; with `overdue` only the breached ones.

    For an operator all units' clocks; to see those that one unit sees, pass that unit.
    """
    wanted = clocks.c.state == "breached" if overdue else clocks.c.state.in_(OPEN)
    return clocks_where(connection, unit, wanted, rulebook, limit=limit)


def quarantine_for(connection: Connection, unit: Unit, *, limit: int = MOST_ROWS) -> list[Quarantined]:
    """Records of `unit` that were not applied, the latest first."""
    rows = select(*QUARANTINE_COLUMNS).where(scope.quarantine_for(unit))
    latest = rows.order_by(quarantine.c.recorded_at.desc(), quarantine.c.log_offset.desc()).limit(limit)
    return [quarantined(row) for row in connection.execute(latest)]


def quarantined_record(connection: Connection, topic: str, partition: int, offset: int) -> RawRecord | None:
    """A quarantined record with its bytes. For operators: it may hold anything, from anybody."""
    key = (
        quarantine.c.topic == topic,
        quarantine.c.partition == partition,
        quarantine.c.log_offset == offset,
    )
    bytes_too = (*QUARANTINE_COLUMNS, quarantine.c.key, quarantine.c.value, quarantine.c.headers)
    row = connection.execute(select(*bytes_too).where(*key)).one_or_none()
    return None if row is None else raw_record(row, opened_whole(connection, row.value))

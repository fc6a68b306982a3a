"""What became of one event: where it stands, to whom it went, and what it moved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, or_, select

from consumers.explaining.stored import account_of_event
from consumers.readmodel.deliveries import progress_of
from consumers.readmodel.rows import AnyRow
from consumers.readmodel.scope import Unit
from consumers.readmodel.selecting import (
    Condition,
    applied_events,
    case_entries,
    clocks_where,
    mirrors_where,
    quarantined_where,
)
from consumers.readmodel.views import CaseEntry, EventTrace, Quarantined
from consumers.rulebook import Rulebook
from infra.tables import clocks, events, mirrors, quarantine, submissions


def event_for(
    connection: Connection, unit: Unit, source: str, event_id: str, rulebook: Rulebook
) -> EventTrace | None:
    """What became of the event (source, id); None if `unit` neither said it nor received it.

    Only the speaker is shown its quarantined records and whether the gateway holds it without receipt.
    """
    which = and_(events.c.source == source, events.c.event_id == event_id)
    entries = case_entries(connection, unit, which, applied_events(connection, unit, which))
    named = and_(quarantine.c.source == source, quarantine.c.event_id == event_id)
    refused = quarantined_where(connection, unit, named)
    submitted = _submitted(connection, source, event_id) if unit in (None, source) else None
    if not entries and not refused and submitted is None:
        return None
    return EventTrace(
        source=source,
        id=event_id,
        state=_state(entries, refused, submitted),
        received_at=None if submitted is None else submitted.received_at,
        entry=entries[0] if entries else None,
        progress=progress_of(connection, unit, which) if entries else [],
        clocks=clocks_where(
            connection, unit, and_(_in_case(entries, clocks.c.case_id), _moved(source, event_id)), rulebook
        ),
        mirrors=mirrors_where(
            connection, unit, and_(_in_case(entries, mirrors.c.case_id), _opinion(source, event_id))
        ),
        quarantined=refused,
        account=account_of_event(connection, unit, source, event_id, rulebook) if entries else None,
    )


def _in_case(entries: list[CaseEntry], column: Any) -> Condition:
    condition: Condition = column.in_([entry.event.case.id for entry in entries])
    return condition


def _moved(source: str, event_id: str) -> Condition:
    started = and_(clocks.c.started_source == source, clocks.c.started_id == event_id)
    stopped = and_(clocks.c.stopped_source == source, clocks.c.stopped_id == event_id)
    return or_(started, stopped)


def _opinion(source: str, event_id: str) -> Condition:
    return and_(mirrors.c.opinion_source == source, mirrors.c.opinion_id == event_id)


def _state(entries: list[CaseEntry], refused: list[Quarantined], submitted: AnyRow | None) -> str:
    if entries:
        return "applied"
    if refused:
        return refused[0].kind
    return "pending" if submitted is not None and submitted.topic is not None else "unknown"


def _submitted(connection: Connection, source: str, event_id: str) -> AnyRow | None:
    wanted = select(submissions).where(submissions.c.source == source, submissions.c.event_id == event_id)
    return connection.execute(wanted).one_or_none()

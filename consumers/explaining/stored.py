"""Accounts of events in the database: each at its own place in the log, from its case's events. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from consumers.casefile import CaseEvent
from consumers.casework.fold import refold
from consumers.casework.records import stored_event
from consumers.casework.store import stored_events
from consumers.explaining.account import Account
from consumers.explaining.explain import explain
from consumers.explaining.rule_sets import rule_set
from consumers.explaining.seen import part_of, seen_by
from consumers.rulebook import Rulebook
from infra.tables import events, feed_entries


def account_of_event(
    connection: Connection, unit: str | None, source: str, event_id: str, rulebook: Rulebook
) -> Account | None:
    """The account of an applied event as `unit` may see it, None being an operator; None if it sees nothing of it.

    It is made anew from the events of the case up to this one, by the rules of `rulebook`: a database that was
    built again gives the same account.
    """
    told = _up_to(connection, source, event_id)
    if not told:
        return None
    account, _ = explain(refold(told[:-1], rulebook), told[-1], rulebook, rule_set(rulebook))
    if unit is None:
        return account
    visible = visible_to(connection, unit, told)
    if not visible or visible[-1] is not told[-1]:
        return None
    return seen_by(unit, account, part_of(visible, rulebook), visible, rulebook)


def _up_to(connection: Connection, source: str, event_id: str) -> list[CaseEvent]:
    """The events of the case of this event, in the order of the log, up to the event itself; empty if it is unknown."""
    named = select(events.c.case_id, events.c.log_offset).where(
        events.c.source == source, events.c.event_id == event_id
    )
    row = connection.execute(named).one_or_none()
    if row is None:
        return []
    stored = stored_events(connection, [row.case_id])[row.case_id]
    return [stored_event(one) for one in stored if one["log_offset"] <= row.log_offset]


def visible_to(connection: Connection, unit: str, told: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Those of the events of one case that `unit` said or received."""
    received = _received(connection, unit, told)
    return [
        event
        for event in told
        if event.envelope.source == unit or (event.partition, event.offset) in received
    ]


def _received(connection: Connection, unit: str, told: Iterable[CaseEvent]) -> set[tuple[int, int]]:
    entry = feed_entries.c
    partitions = {event.partition for event in told}
    offsets = [event.offset for event in told]
    rows = select(entry.partition, entry.log_offset).where(
        entry.partition.in_(partitions), entry.log_offset.in_(offsets), entry.unit == unit
    )
    return {(partition, offset) for partition, offset in connection.execute(rows)}


_CASES_AT_ONCE = 200


def cases_since(connection: Connection, since: datetime | None) -> Iterator[list[CaseEvent]]:
    """All events of every case that the log had an event of at or after `since`, case by case, oldest case first."""
    touched = select(events.c.case_id).group_by(events.c.case_id)
    if since is not None:
        touched = touched.having(func.max(events.c.recorded_at) >= since)
    ordered = touched.order_by(func.min(events.c.recorded_at), events.c.case_id)
    wanted = list(connection.execute(ordered).scalars())
    for start in range(0, len(wanted), _CASES_AT_ONCE):
        some = wanted[start : start + _CASES_AT_ONCE]
        stored = stored_events(connection, some)
        yield from ([stored_event(row) for row in stored[case_id]] for case_id in some)

"""What the pages of exchanges show besides the exchange itself: the clock, the age, what was said, the case meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Connection, exists, select

from consumers.console import auditing
from consumers.console.access import may
from consumers.console.case.page import REVEALED_FOR
from consumers.console.clocklines import ClockLine, clock_lines
from consumers.console.desk import Visit
from consumers.console.payloads import Line
from consumers.console.payloads import lines as told_by
from consumers.handovers import duties
from consumers.handovers.statutes import STATUTES
from consumers.readmodel import scope
from consumers.readmodel.exchanges import Listed
from consumers.readmodel.http import parse_case
from consumers.readmodel.selecting import applied_events, case_entries, clocks_where
from consumers.readmodel.views import CaseEntry, CaseName
from consumers.rulebook import Rulebook
from consumers.transfers.exchanges import Exchange
from infra.tables import cases, clocks, events
from schemas.spans import CHINA

_DUTIES = (duties.ANSWER_CONSULTATION, duties.CLEAR_OBSTACLE)
_RULES = tuple(sorted({row.code for row in STATUTES if row.duty in _DUTIES}))


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """An exchange in the list. `days` since it was opened; `clock` is the limit that its first event started."""

    listed: Listed
    days: int
    clock: ClockLine | None
    address: str


@dataclass(frozen=True, slots=True)
class Item:
    """One event of an exchange, with its fields in words."""

    entry: CaseEntry
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class CaseMeant:
    """A case that a form names."""

    name: CaseName
    field: str


def lines(
    connection: Connection, unit: str | None, found: Sequence[Listed], now: datetime, rulebook: Rulebook
) -> list[ExchangeLine]:
    """The exchanges as lines, with their clocks as far as `unit` sees them."""
    running = _clocks(connection, unit, {one.case.id for one in found}, now, rulebook)
    return [
        ExchangeLine(
            one,
            max(0, (now - one.opened_at).days),
            running.get((one.first.source, one.first.id)),
            address(one.case.id, one.track, one.number),
        )
        for one in found
    ]


def line(
    connection: Connection, unit: str | None, one: Exchange, now: datetime, rulebook: Rulebook
) -> ClockLine | None:
    """The clock of one exchange."""
    running = _clocks(connection, unit, {one.first.envelope.subject}, now, rulebook)
    return running.get(one.first.identity)


def _clocks(
    connection: Connection, unit: str | None, case_ids: set[UUID], now: datetime, rulebook: Rulebook
) -> Mapping[tuple[str, str], ClockLine]:
    which = clocks.c.case_id.in_(case_ids) & clocks.c.rule.in_(_RULES)
    told = clock_lines(clocks_where(connection, unit, which, rulebook), now, rulebook.calendar.at(now))
    return {(one.clock.started_by.source, one.clock.started_by.id): one for one in told}


def items(visit: Visit, connection: Connection, one: Exchange) -> list[Item]:
    """The events of the exchange as the visitor sees them: cut to the unit's view, and masked unless revealed."""
    since, case = visit.now - REVEALED_FOR, one.first.envelope.subject
    revealed = may(visit.who.role, "case_reveal") and auditing.revealed(
        connection, visit.who, case, since=since
    )
    of_it = {event.identity for event in one.events}
    applied = [
        event
        for event in applied_events(connection, visit.unit, events.c.case_id == case)
        if event.identity in of_it
    ]
    entries = case_entries(connection, visit.unit, events.c.case_id == case, applied)
    return [Item(entry, told_by(entry.event.type, entry.event.data, revealed=revealed)) for entry in entries]


def case_named(connection: Connection, unit: str, text: str) -> CaseMeant | None:
    """The case that `unit` means by an id, by `unit:number` or by its number, if it may see something of it."""
    plain = text.strip()
    try:
        wanted = cases.c.case_id == parse_case(plain)
    except ValueError:
        wanted = cases.c.origin_case == plain
    mine = exists().where(events.c.case_id == cases.c.case_id, scope.events_for(unit)).correlate(cases)
    found = connection.execute(select(cases).where(wanted, mine).limit(2)).all()
    if len(found) != 1:
        return None
    [row] = found
    return CaseMeant(CaseName(row.case_id, row.origin_unit, row.origin_case), row.field)


def address(case: UUID, track: str, number: str) -> str:
    """Where the page of an exchange lies."""
    return f"/exchanges/{case}/{track}?{urlencode({'number': number})}"


def stamp(now: datetime) -> str:
    """The time of what a form says: it stands in the form, so a form that is sent twice says one event."""
    return now.isoformat(timespec="seconds")


def suggested_number(now: datetime) -> str:
    """A number for a new exchange that the unit may replace by its own."""
    return f"{now.astimezone(CHINA):%Y%m%d-%H%M%S}"

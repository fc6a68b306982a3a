"""The page of the working desk."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter, itemgetter
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from consumers.console.access import OF_A_UNIT
from consumers.console.clocklines import clock_lines
from consumers.console.desk import Console, CurrentVisit, Decided, UndecidedError, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.notices.board import unread
from consumers.console.rendering import page
from consumers.console.today import queries
from consumers.console.today.ranking import by_time_left
from consumers.monitoring.silence import Hearing
from consumers.readmodel.exchanges import LOOKS, Wanted, bring_up_to_date, count
from consumers.readmodel.mirrors import mirror_of

_unit = attrgetter("unit")


def router(console: Console) -> APIRouter:
    """The routes of the working desk."""
    routes = APIRouter()

    @routes.get("/today")
    def today(visit: CurrentVisit, said: bool = False) -> Response:
        return _page(console, visit, said=said)

    @routes.post("/mirrors/{mirror}")
    def mirror_decide(
        visit: CurrentVisit, mirror: UUID, *,
        decision: Text = "", time: Text = "", reason: Text = "", clue_no: Text = "",
    ) -> Response:  # fmt: skip
        decided = Decided(decision == "accept", time, reason.strip(), clue_no.strip(), visit.who.name)
        _check(console, visit, mirror, decision)
        try:
            _decide(console, visit, mirror, decided)
        except UndecidedError as error:
            return _page(console, visit, problem=error.words)
        return RedirectResponse("/today?said=true#mirrors", 303)

    return routes


def _check(console: Console, visit: Visit, mirror: UUID, decision: str) -> None:
    """Raises RefusedError for a mirror that is not the visitor's to decide on, or what no button says."""
    with console.engine.connect() as connection:
        work = mirror_of(connection, visit.unit or "", mirror)
    if work is None or work.mirror.unit != visit.unit:
        raise RefusedError(404, "error.not_found")
    if decision not in ("accept", "dismiss"):
        raise RefusedError(400, "error.address")


def _decide(console: Console, visit: Visit, mirror: UUID, decided: Decided) -> None:
    if not decided.accept and not decided.reason:
        raise UndecidedError("mirror.no_reason")
    if console.deciding is None:
        raise UndecidedError("mirror.busy")
    console.deciding.decide(visit.unit or "", mirror, decided)


def _page(console: Console, visit: Visit, *, said: bool = False, problem: str = "") -> Response:
    calendar, now, unit = console.rulebook.calendar.at(visit.now), visit.now, visit.unit
    register = console.rulebook.register
    bring_up_to_date(console.engine, console.options.log_topic, register, most=LOOKS)
    turn = Wanted(mine=unit is not None)
    silent = None if unit is not None else _silent(console, now)
    with console.engine.connect() as connection:
        counted = queries.counts(connection, unit, now, calendar)
        soon = queries.pressing(connection, unit, now, calendar)
        late = queries.overdue(connection, unit, now)
        waiting, mirrors = queries.open_mirrors(connection, unit)
        held, latest_held = queries.held_back(connection, unit, now)
        troubles = queries.feed_troubles(connection, unit, now)
        failing = queries.failing(connection, unit)
        exchanges = count(connection, unit, turn, most=queries.MOST_COUNTED)
        units = {*map(_unit, troubles), *map(_unit, failing), *map(itemgetter(0), silent or ())}
        limits = queries.next_limits(connection, units, now)
        notices = 0 if unit is None else unread(connection, unit, register)
    return page(
        console,
        visit,
        "today.html",
        status=400 if problem else 200,
        said=said,
        problem=problem,
        decided_at=_stamp(now),
        counted=counted,
        soon=clock_lines(soon, now, calendar),
        late=clock_lines(late, now, calendar),
        waiting=waiting,
        mirrors=mirrors,
        held=held,
        latest_held=latest_held,
        troubles=by_time_left(troubles, _unit, limits),
        failing=by_time_left(failing, _unit, limits),
        silent=None if silent is None else by_time_left(silent, itemgetter(0), limits),
        limits=limits,
        exchanges=exchanges,
        notices=notices,
        of_unit=visit.who.role in OF_A_UNIT,
    )


def _silent(console: Console, now: datetime) -> list[tuple[str, datetime | None]]:
    """Units that have been silent for longer than ever, and when each was last heard."""
    heard = console.hearings.look(now)
    return [(unit, last) for unit, (state, last) in heard.items() if state is Hearing.SILENT]


def _stamp(now: datetime) -> str:
    """The time of a decision on this page: it stands in the form, so a form that is sent twice says one event."""
    return now.isoformat(timespec="seconds")

"""Issuing a bulletin, contesting a number of one's own, and answering a contest."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from consumers.bulletins import shelf
from consumers.bulletins.contests import NotContested, answer, contest, contest_of
from consumers.bulletins.issuing import NotIssued, issue
from consumers.bulletins.periods import PeriodError, parse_period
from consumers.bulletins.sight import Sight, sight_of
from consumers.console.bulletins.page import found, may_answer, show_list, show_one
from consumers.console.bulletins.view import By
from consumers.console.desk import Console, CurrentVisit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError


def router(console: Console) -> APIRouter:
    """The routes that say something about bulletins."""
    routes = APIRouter()
    _add_issuing(routes, console)
    _add_contesting(routes, console)
    return routes


def _add_issuing(routes: APIRouter, console: Console) -> None:
    @routes.post("/bulletins")
    def bulletin_issue(visit: CurrentVisit, period: Text = "", district: Text = "") -> Response:
        """Issues a bulletin of a period that is over: once, however often it is asked."""
        if not may_answer(console, visit):
            raise RefusedError(403, "error.forbidden")
        if visit.unit is not None:
            district = console.rulebook.register.district_of(visit.unit) or ""
        try:
            issued = issue(
                console.engine, console.options.log_topic, console.rulebook.register, district,
                parse_period(period), by=visit.who.name, now=visit.now,
            )  # fmt: skip
        except PeriodError:
            return show_list(console, visit, problem="no_period")
        except NotIssued as error:
            return show_list(console, visit, problem=error.code)
        return RedirectResponse(f"/bulletins/{issued}", 303)


def _add_contesting(routes: APIRouter, console: Console) -> None:
    @routes.post("/bulletins/{bulletin}/contests")
    def bulletin_contest(
        visit: CurrentVisit, bulletin: UUID, figure: Text = "", reason: Text = ""
    ) -> Response:
        """A unit contests a number of its own."""
        unit = visit.unit or ""
        try:
            with console.engine.begin() as connection:
                issued = found(shelf.one(connection, bulletin, Sight(frozenset({unit}), whole=False)))
                contest(connection, issued, figure, unit, reason.strip(), by=visit.who.name, now=visit.now)
        except NotContested as error:
            return show_one(console, visit, bulletin, By.UNIT, problem=error.code)
        return RedirectResponse(f"/bulletins/{bulletin}?said=true#contests", 303)

    @routes.post("/contests/{contested}")
    def contest_answer(
        visit: CurrentVisit, contested: UUID, verdict: Text = "", reason: Text = ""
    ) -> Response:
        """The procuratorate or an operator answers a contest, nobody that of their own unit."""
        if not may_answer(console, visit):
            raise RefusedError(403, "error.forbidden")
        sight = sight_of(visit.unit, console.rulebook.register)
        with console.engine.connect() as connection:
            about = contest_of(connection, contested)
        if about is None or not sight.sees(about.unit):
            raise RefusedError(404, "error.not_found")
        if about.unit == visit.unit:
            raise RefusedError(403, "error.forbidden")
        try:
            with console.engine.begin() as connection:
                answer(connection, contested, verdict, reason.strip(), by=visit.who.name, now=visit.now)
        except NotContested as error:
            return show_one(console, visit, about.bulletin_id, By.UNIT, problem=error.code)
        return RedirectResponse(f"/bulletins/{about.bulletin_id}?said=true#contests", 303)

"""The page of the working desk."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from consumers.console.access import OF_A_UNIT
from consumers.console.clocklines import clock_lines
from consumers.console.desk import Console, CurrentVisit
from consumers.console.rendering import page
from consumers.console.today import queries


def router(console: Console) -> APIRouter:
    """The route of the working desk."""
    routes = APIRouter()

    @routes.get("/today")
    def today(visit: CurrentVisit) -> Response:
        calendar, now, unit = console.rulebook.calendar, visit.now, visit.unit
        with console.engine.connect() as connection:
            counted = queries.counts(connection, unit, now, calendar)
            soon = queries.pressing(connection, unit, now, calendar)
            late = queries.overdue(connection, unit, now)
            waiting, mirrors = queries.open_mirrors(connection, unit)
            held, latest_held = queries.held_back(connection, unit, now)
            troubles = queries.feed_troubles(connection, unit, now)
        return page(
            console,
            visit,
            "today.html",
            counted=counted,
            soon=clock_lines(soon, now, calendar),
            late=clock_lines(late, now, calendar),
            waiting=waiting,
            mirrors=mirrors,
            held=held,
            latest_held=latest_held,
            troubles=troubles,
            of_unit=visit.who.role in OF_A_UNIT,
        )

    return routes

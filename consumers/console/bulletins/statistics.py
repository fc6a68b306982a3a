"""The page of statistics: the figures of a period as counted so far, and the cases behind each of them."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from consumers.bulletins import shelf
from consumers.bulletins.counting import behind
from consumers.bulletins.figures import FIGURE_BY_CODE
from consumers.bulletins.periods import Period, PeriodError, Stretch, parse_period, period_at
from consumers.bulletins.shelf import Part, Which
from consumers.bulletins.sight import sight_of
from consumers.console.bulletins.page import (
    ON_ONE_PAGE,
    PageNumber,
    Short,
    asked_units,
    districts,
    say_field,
    wording,
)
from consumers.console.bulletins.view import NO_FIELD, By, asked_field, tables
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.gate import RefusedError
from consumers.console.rendering import page


def router(console: Console) -> APIRouter:
    """The routes of statistics."""
    routes = APIRouter()

    @routes.get("/statistics")
    def statistics(
        visit: CurrentVisit, period: Short = "", district: Short = "", by: By = By.UNIT
    ) -> Response:
        about, where = _period(visit, period), _district(console, visit, district)
        sight, say = sight_of(visit.unit, console.rulebook.register), wording(console, visit)
        units = _units(console, where)
        with console.engine.connect() as connection:
            sums = shelf.sums_now(connection, about, sight.among(units))
            late = behind(connection, console.options.log_topic)
        return page(
            console, visit, "statistics.html",
            period=about, title=say.period(about), district=where, districts=districts(console, visit),
            spans=[period_at(stretch, visit.now) for stretch in Stretch], by=by,
            no_field=NO_FIELD, ways=list(By), sight=sight,
            tables=tables(sums, units, by, sight), lines=f"/statistics/lines?period={about.name}&district={where}",
            contested=set(), behind=late, say=say,
        )  # fmt: skip

    @routes.get("/statistics/lines")
    def statistics_lines(
        visit: CurrentVisit, figure: Short = "", *,
        period: Short = "", district: Short = "", unit: Short = "", field: Short = "", at: PageNumber = 1,
    ) -> Response:  # fmt: skip
        if figure not in FIGURE_BY_CODE:
            raise RefusedError(404, "error.not_found")
        about, where = _period(visit, period), _district(console, visit, district)
        sight, say = sight_of(visit.unit, console.rulebook.register), wording(console, visit)
        which = Which(figure, asked_units(sight, _units(console, where), unit), asked_field(field))
        part = Part((at - 1) * ON_ONE_PAGE, ON_ONE_PAGE + 1)
        with console.engine.connect() as connection:
            lines = shelf.lines_now(connection, about, which, visit.unit, part)
        return page(
            console, visit, "bulletin_lines.html",
            title=say.period(about), back=f"/statistics?period={about.name}&district={where}", figure=figure,
            lines=lines[:ON_ONE_PAGE], more=len(lines) > ON_ONE_PAGE, at=at, asked_unit=unit,
            asked_field=say_field(console, visit, field),
            of=None, say=say,
        )  # fmt: skip

    return routes


def _period(visit: Visit, text: str) -> Period:
    try:
        return parse_period(text) if text else period_at(Stretch.MONTH, visit.now)
    except PeriodError:
        raise RefusedError(400, "error.address") from None


def _district(console: Console, visit: Visit, asked: str) -> str:
    """The district of an address, or the first that the visitor may look at; another one is not found."""
    allowed = districts(console, visit)
    if asked and asked not in allowed:
        raise RefusedError(404, "error.not_found")
    return asked or allowed[0]


def _units(console: Console, district: str) -> tuple[str, ...]:
    return tuple(unit.code for unit in console.rulebook.register.units if unit.district == district)

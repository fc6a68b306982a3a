"""The pages of bulletins: the list, one bulletin, the cases behind a number, its files; issuing, contests, answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from consumers.bulletins import shelf
from consumers.bulletins.contests import (
    Verdict,
    contests_of,
    open_contests,
)
from consumers.bulletins.figures import FIGURE_BY_CODE, FIGURES
from consumers.bulletins.periods import Stretch, period_at
from consumers.bulletins.shelf import Issued, Part, Which
from consumers.bulletins.sight import Sight, oversees, sight_of
from consumers.console.access import OF_A_UNIT, ConsoleRole
from consumers.console.bulletins.files import as_csv, as_docx, as_xlsx
from consumers.console.bulletins.report import Report, called, facts, report
from consumers.console.bulletins.view import NO_FIELD, By, Wording, asked_field, tables
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.gate import RefusedError
from consumers.console.phrases import Phrases
from consumers.console.rendering import page
from consumers.console.words import Words

ON_ONE_PAGE = 100
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Short = Annotated[str, Query(max_length=100)]
PageNumber = Annotated[int, Query(ge=1, le=1000)]


def router(console: Console) -> APIRouter:
    """The routes of bulletins."""
    routes = APIRouter()
    _add_reading(routes, console)
    _add_files(routes, console)
    return routes


def _add_reading(routes: APIRouter, console: Console) -> None:
    @routes.get("/bulletins")
    def bulletins(visit: CurrentVisit) -> Response:
        return show_list(console, visit)

    @routes.get("/bulletins/{bulletin}")
    def bulletin(visit: CurrentVisit, bulletin: UUID, by: By = By.UNIT, *, said: bool = False) -> Response:
        return show_one(console, visit, bulletin, by, said=said)

    @routes.get("/bulletins/{bulletin}/lines")
    def bulletin_lines(
        visit: CurrentVisit, bulletin: UUID, figure: Short, *,
        unit: Short = "", field: Short = "", of: UUID | None = None, at: PageNumber = 1,
    ) -> Response:  # fmt: skip
        sight = sight_of(visit.unit, console.rulebook.register)
        with console.engine.connect() as connection:
            issued = found(shelf.one(connection, bulletin, sight))
            which = Which(_known(figure), asked_units(sight, issued.units, unit), asked_field(field), of)
            part = Part((at - 1) * ON_ONE_PAGE, ON_ONE_PAGE + 1)
            lines = shelf.lines_of(connection, issued.id, which, visit.unit, part)
        return page(
            console, visit, "bulletin_lines.html",
            title=called(issued, wording(console, visit)), back=f"/bulletins/{issued.id}", figure=figure,
            lines=lines[:ON_ONE_PAGE], more=len(lines) > ON_ONE_PAGE, at=at, asked_unit=unit,
            asked_field=say_field(console, visit, field), of=of,
            say=wording(console, visit),
        )  # fmt: skip


def _add_files(routes: APIRouter, console: Console) -> None:
    def file(
        visit: Visit, bulletin: UUID, ending: str, media: str, made: Callable[[Report], bytes]
    ) -> Response:
        say, sight = wording(console, visit), sight_of(visit.unit, console.rulebook.register)
        with console.engine.connect() as connection:
            issued = found(shelf.one(connection, bulletin, sight))
            told = [one for one in contests_of(connection, issued.id) if sight.sees(one.unit)]
            names = {one.id: called(one, say) for one in shelf.listed(connection, sight)}
        name = f"bulletin-{issued.district}-{issued.period.name}.{ending}"
        content = made(report(issued, told, names, sight, say))
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=media, headers=headers)

    @routes.get("/bulletins/{bulletin}/bulletin.csv")
    def bulletin_csv(visit: CurrentVisit, bulletin: UUID) -> Response:
        return file(visit, bulletin, "csv", "text/csv; charset=utf-8", as_csv)

    @routes.get("/bulletins/{bulletin}/bulletin.xlsx")
    def bulletin_excel(visit: CurrentVisit, bulletin: UUID) -> Response:
        return file(visit, bulletin, "xlsx", _XLSX, as_xlsx)

    @routes.get("/bulletins/{bulletin}/bulletin.docx")
    def bulletin_word(visit: CurrentVisit, bulletin: UUID) -> Response:
        return file(visit, bulletin, "docx", _DOCX, lambda told: as_docx(told, now=visit.now))


def show_list(console: Console, visit: Visit, *, problem: str = "") -> Response:
    """The list of bulletins; `problem` is the phrase for why the form was not taken."""
    sight = sight_of(visit.unit, console.rulebook.register)
    with console.engine.connect() as connection:
        issued = shelf.listed(connection, sight)
        waiting = open_contests(connection)
    return page(
        console, visit, "bulletins.html", status=400 if problem else 200,
        issued=issued, waiting=waiting if sight.whole else {}, problem=problem,
        say=wording(console, visit), issuing=may_answer(console, visit),
        districts=districts(console, visit), suggested=period_at(Stretch.MONTH, visit.now).before.name,
    )  # fmt: skip


def show_one(
    console: Console, visit: Visit, bulletin: UUID, by: By, *, problem: str = "", said: bool = False
) -> Response:
    """One bulletin; `problem` is the phrase for why a form was not taken."""
    sight, say = sight_of(visit.unit, console.rulebook.register), wording(console, visit)
    with console.engine.connect() as connection:
        issued = found(shelf.one(connection, bulletin, sight))
        told = [one for one in contests_of(connection, issued.id) if sight.sees(one.unit)]
        names = {one.id: called(one, say) for one in shelf.listed(connection, sight)}
    return page(
        console, visit, "bulletin.html", status=400 if problem else 200,
        issued=issued, title=called(issued, say), facts=facts(issued, say), by=by,
        no_field=NO_FIELD, ways=list(By), sight=sight,
        tables=tables(issued.sums, issued.units, by, sight), lines=f"/bulletins/{issued.id}/lines",
        corrections=[one for one in issued.corrections if sight.sees(one.unit)], names=names, contests=told,
        contested={(one.figure, one.unit) for one in told}, figures=FIGURES, verdicts=list(Verdict),
        problem=problem, said=said,
        contesting=visit.who.role in OF_A_UNIT and visit.unit in issued.units,
        answering=may_answer(console, visit), say=say,
    )  # fmt: skip


def may_answer(console: Console, visit: Visit) -> bool:
    """Whether the visitor issues bulletins and answers contests: operators, and heads at the procuratorate."""
    if visit.who.role is ConsoleRole.OPERATOR:
        return True
    return visit.who.role is ConsoleRole.HEAD and oversees(visit.unit, console.rulebook.register)


def wording(console: Console, visit: Visit) -> Wording:
    """Words in the visit's language."""
    words = Words(visit.language)
    return Wording(words, Phrases(words, console.rulebook.register, visit.now))


def districts(console: Console, visit: Visit) -> list[str]:
    """Of which districts the visitor may look at figures."""
    register = console.rulebook.register
    if visit.unit is not None:
        return [register.district_of(visit.unit) or ""]
    return list(dict.fromkeys(unit.district for unit in register.units))


def say_field(console: Console, visit: Visit, text: str) -> str:
    """The field that an address names, in words; empty for all."""
    field = asked_field(text)
    return "" if field is None else wording(console, visit).row(By.FIELD, field)


def found(issued: Issued | None) -> Issued:
    """The bulletin. Raises RefusedError if there is none for this reader."""
    if issued is None:
        raise RefusedError(404, "error.not_found")
    return issued


def asked_units(sight: Sight, units: tuple[str, ...], unit: str) -> tuple[str, ...]:
    """The units of an address, empty for all that are shown. Raises RefusedError for one that is not shown."""
    shown = sight.among(units)
    if unit and unit not in shown:
        raise RefusedError(404, "error.not_found")
    return (unit,) if unit else shown


def _known(figure: str) -> str:
    if figure not in FIGURE_BY_CODE:
        raise RefusedError(404, "error.not_found")
    return figure

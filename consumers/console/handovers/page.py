"""The pages of the board: the list, the calendar, why a date is what it is, and the exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from consumers.console import sheets
from consumers.console.case.bars import counting
from consumers.console.clocklines import ClockLine, clock_lines
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.downloads import csv_of, excel_of
from consumers.console.gate import RefusedError
from consumers.console.handovers import month as months
from consumers.console.handovers import queries, views
from consumers.console.handovers.causes import Why, why
from consumers.console.handovers.filters import After, Filter, Order, Shown, Whose, parse_after
from consumers.console.phrases import Phrases
from consumers.console.rendering import page
from consumers.console.words import Words
from consumers.handovers.statutes import STATUTES
from schemas.fields import FIELDS
from schemas.spans import CHINA

_Text = Annotated[str, Query(max_length=100)]


def _filter(
    shown: Shown = Shown.OPEN,
    whose: Whose = Whose.OURS,
    order: Order = Order.SOONEST,
    *,
    unit: _Text = "",
    rule: _Text = "",
    field: _Text = "",
    due: _Text = "",
    after: _Text = "",
) -> Filter:
    try:
        day = date.fromisoformat(due) if due else None
        return Filter(shown, whose, order, unit, rule, field, day, parse_after(after))
    except ValueError:
        raise RefusedError(400, "error.address") from None


_Wanted = Annotated[Filter, Depends(_filter)]


def router(console: Console) -> APIRouter:
    """The routes of the board."""
    routes = APIRouter()
    views.add(routes, console)
    _add_exports(routes, console)

    @routes.get("/handovers")
    def handovers(visit: CurrentVisit, wanted: _Wanted) -> Response:
        with console.engine.connect() as connection:
            rows = queries.board(connection, visit.unit, wanted, visit.now, limit=queries.ON_ONE_PAGE + 1)
            kept = views.of(connection, visit.who.name)
            more = len(rows) > queries.ON_ONE_PAGE
            rows = rows[: queries.ON_ONE_PAGE]
            causes = _causes(connection, wanted, rows)
        after = After(rows[-1].clock.due_to, rows[-1].clock.id) if more else None
        return page(
            console,
            visit,
            "handovers.html",
            lines=_lines(console, visit, rows),
            fields_of=[row.field for row in rows],
            causes=causes,
            wanted=wanted,
            after=after,
            kept=kept,
            units=console.rulebook.register.units,
            rules=sorted({(row.code, row.zh, row.en) for row in STATUTES}),
            fields=FIELDS,
            shown=list(Shown),
            orders=list(Order),
            whose=list(Whose),
        )

    @routes.get("/handovers/calendar")
    def handovers_calendar(visit: CurrentVisit, month: _Text = "") -> Response:
        today = visit.now.astimezone(CHINA).date()
        first = _first(month) or today.replace(day=1)
        with console.engine.connect() as connection:
            due = queries.due_days(connection, visit.unit, *months.bounds(first))
        shown = months.month(first, due, today, console.rulebook.calendar.at(visit.now))
        return page(console, visit, "calendar.html", month=shown)

    @routes.get("/handovers/{clock}/why")
    def handovers_why(visit: CurrentVisit, clock: UUID) -> Response:
        with console.engine.connect() as connection:
            found = queries.one(connection, visit.unit, clock, console.rulebook)
        if found is None:
            raise RefusedError(404, "error.not_found")
        [line] = clock_lines([found], visit.now, console.rulebook.calendar.at(visit.now))
        steps = counting(found, console.rulebook.calendar.at(visit.now))
        template = "why_part.html" if visit.partial else "why.html"
        return page(console, visit, template, line=line, steps=steps)

    return routes


def _add_exports(routes: APIRouter, console: Console) -> None:
    def table(visit: Visit, wanted: Filter) -> sheets.Table:
        with console.engine.connect() as connection:
            rows = queries.board(connection, visit.unit, wanted, visit.now, limit=queries.MOST_EXPORTED)
            causes = _causes(connection, wanted, rows)
        return _table(console, visit, rows, causes)

    @routes.get("/handovers.csv")
    def handovers_csv(visit: CurrentVisit, wanted: _Wanted) -> Response:
        return csv_of("handovers", table(visit, wanted), visit.now)

    @routes.get("/handovers.xlsx")
    def handovers_excel(visit: CurrentVisit, wanted: _Wanted) -> Response:
        title = Words(visit.language)("handovers.title")
        return excel_of("handovers", title, table(visit, wanted), visit.now)


def _lines(console: Console, visit: Visit, rows: Sequence[queries.Row]) -> list[ClockLine]:
    return clock_lines([row.clock for row in rows], visit.now, console.rulebook.calendar.at(visit.now))


_MISSED = (Shown.OVERDUE, Shown.HISTORY)
_COLUMNS = ("number", "origin", "field", "duty", "rule", "basis", "holder", "start", "due", "state", "over")


def _causes(connection: Connection, wanted: Filter, rows: Sequence[queries.Row]) -> list[Why]:
    """Why each of the rows was missed; nothing where the board also has what was not."""
    if wanted.shown not in _MISSED:
        return []
    begun = queries.begun_at(connection, rows)
    return [why(row.clock, begun.get(row.clock.started_by)) for row in rows]


def _table(
    console: Console, visit: Visit, rows: Sequence[queries.Row], causes: Sequence[Why]
) -> sheets.Table:
    """The board as text, under a heading; the same words as on the page."""
    words = Words(visit.language)
    phrases = Phrases(words, console.rulebook.register, visit.now)
    head = [words(f"sheet.{column}") for column in _COLUMNS]
    lines = _lines(console, visit, rows)
    table = [head, *(_cells(row, line, phrases) for row, line in zip(rows, lines, strict=True))]
    if not causes:
        return table
    told = [words("sheet.cause"), *(_told(one, words) for one in causes)]
    return [[*cells, cause] for cells, cause in zip(table, told, strict=True)]


def _told(why: Why, words: Words) -> str:
    slow = "" if why.slow is None else words("cause.slow", days=why.slow.days)
    return " ".join(filter(None, (words(f"cause.{why.cause}"), slow)))


def _cells(row: queries.Row, line: ClockLine, phrases: Phrases) -> list[str]:
    clock = row.clock
    return [
        clock.case.number,
        phrases.unit(clock.case.unit),
        phrases.field(row.field),
        phrases.rule(clock.rule, clock.version),
        clock.rule,
        f"{phrases.either(clock.basis)} [{clock.mark}]",
        phrases.unit(clock.holder),
        phrases.time(clock.start_from or clock.start_to),
        phrases.time(clock.due_to),
        phrases.spell("clock_state", clock.state),
        "" if line.over is None else str(line.over),
    ]


def _first(month: str) -> date | None:
    if not month:
        return None
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise RefusedError(400, "error.address") from None

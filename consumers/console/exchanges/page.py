"""The pages of exchanges between units: the list, one exchange with what may follow, and beginning one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from consumers.console.access import OF_A_UNIT
from consumers.console.desk import BUSY, Console, CurrentVisit, UnsaidError, Visit
from consumers.console.exchanges import forms, shown
from consumers.console.exchanges.forms import FORMS, Deed, UnfilledError
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.readmodel.exchanges import (
    LOOKS,
    MOST_LISTED,
    Wanted,
    bring_up_to_date,
    exchanges_of,
    listed,
)
from consumers.transfers.exchanges import MATTERS, Exchange, may_answer, may_open

Track = Literal["", "consult", "obstacle", "intervention"]
_Short = Annotated[str, Field(max_length=400)]
_Long = Annotated[str, Field(max_length=20_000)]


class Filled(BaseModel):
    """What any of the forms may hold; each reads its own fields."""

    event: _Short = ""
    number: _Short = ""
    case: _Short = ""
    time: _Short = ""
    addressee: _Short = ""
    consultation_no: _Short = ""
    question: _Long = ""
    written: _Short = ""
    answer: _Long = ""
    obstacle_no: _Short = ""
    kind: _Short = ""
    detail: _Long = ""
    instruction: _Long = ""
    action: _Long = ""
    offence: _Short = ""
    letter_no: _Short = ""
    reasons: _Long = ""
    items: _Long = ""
    adopted: _Short = ""


class Asked(BaseModel):
    """Which exchanges the list shows, as its address tells; `leaf` counts its pages from 1."""

    track: Track = ""
    state: Literal["open", "over"] = "open"
    whose: Literal["all", "mine"] = "all"
    case: UUID | None = None
    leaf: Annotated[int, Field(ge=1, le=1000)] = 1
    said: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was not taken: a phrase, the field it is about, and what the bus said."""

    words: str
    gap: str = ""
    detail: str = ""


_Filled = Annotated[Filled, Form()]
_Number = Annotated[str, Query(max_length=400)]


def router(console: Console) -> APIRouter:
    """The routes of exchanges."""
    routes = APIRouter()
    _add_list(routes, console)
    _add_beginning(routes, console)
    _add_one(routes, console)
    return routes


def _add_list(routes: APIRouter, console: Console) -> None:
    @routes.get("/exchanges", name="exchanges")
    def all_of_them(visit: CurrentVisit, asked: Annotated[Asked, Query()]) -> Response:
        register = console.rulebook.register
        wanted = Wanted(
            asked.track,
            asked.case,
            waiting=asked.state == "open",
            mine=asked.whose == "mine",
            page=asked.leaf,
        )
        current = bring_up_to_date(console.engine, console.options.log_topic, register, most=LOOKS)
        with console.engine.connect() as connection:
            found = listed(connection, visit.unit, wanted)
            lines = shown.lines(connection, visit.unit, found[:MOST_LISTED], visit.now, console.rulebook)
        return page(
            console,
            visit,
            "exchanges.html",
            lines=lines,
            more=len(found) > MOST_LISTED,
            wanted=wanted,
            tracks=tuple(MATTERS),
            opens=_opens(console, visit),
            said=asked.said,
            current=current,
        )


def _add_beginning(routes: APIRouter, console: Console) -> None:
    @routes.get("/exchanges/new/{track}")
    def exchange_new(visit: CurrentVisit, track: str, case: _Number = "") -> Response:
        return _blank(console, visit, _opening(console, visit, track), {"case": case})

    @routes.post("/exchanges/new/{track}")
    def exchange_open(visit: CurrentVisit, track: str, filled: _Filled) -> Response:
        form, values = _opening(console, visit, track), filled.model_dump()
        with console.engine.connect() as connection:
            case = shown.case_named(connection, visit.unit or "", filled.case)
        if case is None:
            return _blank(console, visit, form, values, Problem("exchange.no_case", "case"))
        deed = Deed(
            visit.unit or "",
            visit.who.name,
            filled.time,
            (case.name.unit, case.name.number),
            case.field,
            None,
        )
        problem = _say(console, form, values, deed)
        if problem is not None:
            return _blank(console, visit, form, values, problem)
        return RedirectResponse(f"/exchanges?case={case.name.id}&said=true", 303)


def _add_one(routes: APIRouter, console: Console) -> None:
    @routes.get("/exchanges/{case}/{track}", name="exchange")
    def one_of_them(
        visit: CurrentVisit, case: UUID, track: str, number: _Number = "", said: bool = False
    ) -> Response:
        return _page_of(console, visit, _found(console, visit, case, track, number), {}, said=said)

    @routes.post("/exchanges/{case}/{track}")
    def exchange_answer(visit: CurrentVisit, case: UUID, track: str, filled: _Filled) -> Response:
        found = _found(console, visit, case, track, filled.number)
        values, first = filled.model_dump(), found.first.envelope
        if filled.event not in may_answer(found, visit.unit or "", console.rulebook.register):
            return _page_of(console, visit, found, values, Problem("exchange.not_yours"))
        origin = (first.origin_unit, first.origin_case)
        deed = Deed(visit.unit or "", visit.who.name, filled.time, origin, first.field, found)
        problem = _say(console, FORMS[filled.event], values, deed)
        if problem is not None:
            return _page_of(console, visit, found, values, problem)
        address = shown.address(case, track, filled.number)
        return RedirectResponse(f"{address}&said=true", 303)


def _opens(console: Console, visit: Visit) -> tuple[str, ...]:
    """The tracks on which the visitor may begin something."""
    return may_open(visit.unit, console.rulebook.register) if visit.unit else ()


def _opening(console: Console, visit: Visit, track: str) -> forms.Form:
    if track not in _opens(console, visit):
        raise RefusedError(404, "error.not_found")
    return FORMS[MATTERS[track].opening]


def _found(console: Console, visit: Visit, case: UUID, track: str, number: str) -> Exchange:
    with console.engine.connect() as connection:
        every = exchanges_of(connection, visit.unit, case, console.rulebook.register)
    found = next((one for one in every if (one.track, one.number) == (track, number)), None)
    if found is None:
        raise RefusedError(404, "error.not_found")
    return found


def _say(console: Console, form: forms.Form, values: Mapping[str, str], deed: Deed) -> Problem | None:
    """Says what the form says; None if the broker has it."""
    try:
        item = forms.said_by(form, values, deed, console.rulebook.register)
        if console.speaking is None:
            return Problem(BUSY)
        console.speaking.say(deed.unit, item)
    except UnfilledError as error:
        return Problem("exchange.unfilled", error.gap)
    except UnsaidError as error:
        return Problem(error.words, detail=error.detail)
    return None


def _blank(
    console: Console,
    visit: Visit,
    form: forms.Form,
    values: Mapping[str, str],
    problem: Problem | None = None,
) -> Response:
    """The form that begins an exchange, filled in as far as it was."""
    number = next((gap.name for gap in form.gaps if gap.name.endswith("_no") and gap.required), "")
    suggested = {number: shown.suggested_number(visit.now), "time": shown.stamp(visit.now)}
    return page(
        console,
        visit,
        "exchange_new.html",
        status=400 if problem else 200,
        form=form,
        values=suggested | {name: text for name, text in values.items() if text},
        units=_units(console, visit, form),
        problem=problem,
    )


def _page_of(
    console: Console,
    visit: Visit,
    found: Exchange,
    values: Mapping[str, str],
    problem: Problem | None = None,
    *,
    said: bool = False,
) -> Response:
    of_unit, case = visit.who.role in OF_A_UNIT, found.first.envelope.subject
    answers = may_answer(found, visit.unit or "", console.rulebook.register) if of_unit else ()
    with console.engine.connect() as connection:
        items = shown.items(visit, connection, found)
        line = shown.line(connection, visit.unit, found, visit.now, console.rulebook)
    return page(
        console,
        visit,
        "exchange.html",
        status=400 if problem else 200,
        case=case,
        one=found,
        items=items,
        line=line,
        answers=[FORMS[event] for event in answers],
        units_of={event: _units(console, visit, FORMS[event]) for event in answers},
        said=said,
        values={"time": shown.stamp(visit.now)} | {name: text for name, text in values.items() if text},
        problem=problem,
    )


def _units(console: Console, visit: Visit, form: forms.Form) -> dict[str, tuple[str, ...]]:
    """The units to choose from, by the field that they are chosen for."""
    register = console.rulebook.register
    return {
        gap.name: forms.units_for(gap, visit.unit or "", register)
        for gap in form.gaps
        if gap.kind is forms.Kind.UNIT
    }

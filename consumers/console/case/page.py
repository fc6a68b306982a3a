"""The pages of a case, its print and the search."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from consumers.casefile import CaseEvent, Identity
from consumers.console import auditing
from consumers.console.access import may
from consumers.console.case import evidence, queries
from consumers.console.case.bars import bars, scale_of
from consumers.console.case.timeline import said, timeline
from consumers.console.case.track import tracks
from consumers.console.clocklines import clock_lines
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.console.words import Language
from consumers.explaining.stored import account_of_event
from consumers.explaining.wording import text_of
from consumers.readmodel.http import parse_case
from consumers.readmodel.queries import case_of
from consumers.readmodel.selecting import applied_events
from consumers.readmodel.standing import case_told_by
from infra.tables import events

REVEALED_FOR = timedelta(minutes=15)


def router(console: Console) -> APIRouter:
    """The routes of cases."""
    routes = APIRouter()

    @routes.get("/cases")
    def case_search(visit: CurrentVisit, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        text = q.strip()
        with console.engine.connect() as connection:
            if (named := _named(text)) and applied_events(connection, visit.unit, events.c.case_id == named):
                return RedirectResponse(f"/cases/{named}", 303)
            found = queries.search(connection, visit.unit, text)
        return page(console, visit, "cases.html", found=found, q=text, most=queries.MOST_FOUND)

    @routes.get("/cases/{case}", name="case")
    def shown(visit: CurrentVisit, case: UUID) -> Response:
        return _shown(console, visit, case, printed=False)

    @routes.get("/cases/{case}/why")
    def case_why(
        visit: CurrentVisit,
        case: UUID,
        source: Annotated[str, Query(max_length=100)],
        id: Annotated[str, Query(max_length=300)],  # noqa: A002 - the name in the address
    ) -> Response:
        """Which rules decided on one event of the case, who received it and who did not, and why."""
        with console.engine.connect() as connection:
            account = account_of_event(connection, visit.unit, source, id, console.rulebook)
        if account is None or account.case.id != case:
            raise RefusedError(404, "error.not_found")
        text = text_of(account, "zh" if visit.language is Language.ZH else "en")
        template = "account_part.html" if visit.partial else "account_page.html"
        return page(console, visit, template, text=text, case=account.case, event=account.event)

    @routes.get("/cases/{case}/message")
    def case_message(
        visit: CurrentVisit,
        case: UUID,
        source: Annotated[str, Query(max_length=100)],
        id: Annotated[str, Query(max_length=300)],  # noqa: A002 - the name in the address
    ) -> Response:
        """One event of the case alone: what it said, where it stands in the log, where it went."""
        return _message(console, visit, case, (source, id))

    @routes.get("/cases/{case}/print")
    def case_print(visit: CurrentVisit, case: UUID) -> Response:
        return _shown(console, visit, case, printed=True)

    _add_taking_out(routes, console)
    return routes


def _add_taking_out(routes: APIRouter, console: Console) -> None:
    @routes.post("/cases/{case}/reveal")
    def case_reveal(
        visit: CurrentVisit, case: UUID, reason: Annotated[str, Form(max_length=500)] = ""
    ) -> Response:
        """The gate has written the reason down: that entry is what reveals."""
        if len(reason.strip()) < auditing.SHORTEST_REASON:
            return _shown(console, visit, case, printed=False, problem="case.reason_missing")
        return RedirectResponse(f"/cases/{case}", 303)

    @routes.post("/cases/{case}/pack")
    def case_pack(
        visit: CurrentVisit, case: UUID, reason: Annotated[str, Form(max_length=500)] = ""
    ) -> Response:
        """The gate has written down who takes it out and why before it is made."""
        try:
            content = evidence.packed(console, visit, case, reason)
        except evidence.NoPackError as error:
            return _shown(console, visit, case, printed=False, problem=error.words)
        if content is None:
            raise RefusedError(404, "error.not_found")
        told = f'attachment; filename="{evidence.name_of(visit, case)}"'
        return Response(content, media_type="application/zip", headers={"content-disposition": told})


def _named(text: str) -> UUID | None:
    """The case that the text names by its id, or as `unit:number`."""
    try:
        return parse_case(text)
    except ValueError:
        return None


def _shown(console: Console, visit: Visit, case: UUID, *, printed: bool, problem: str = "") -> Response:
    with console.engine.connect() as connection:
        applied = applied_events(connection, visit.unit, events.c.case_id == case)
        if not applied:
            raise RefusedError(404, "error.not_found")
        revealed = _revealed(connection, visit, case)
        values = _told(console, visit, connection, applied, revealed=revealed)
    return page(
        console,
        visit,
        "case.html",
        status=400 if problem else 200,
        printed=printed,
        problem=problem,
        revealed=revealed,
        **values,
    )


def _message(console: Console, visit: Visit, case: UUID, wanted: Identity) -> Response:
    with console.engine.connect() as connection:
        applied = applied_events(connection, visit.unit, events.c.case_id == case)
        if not any(event.identity == wanted for event in applied):
            raise RefusedError(404, "error.not_found")
        revealed = _revealed(connection, visit, case)
        view = case_of(connection, visit.unit, applied, console.rulebook)
        receipts = queries.receipts(connection, visit.unit, case)
    item = said(
        next(one for one in view.events if (one.event.source, one.event.id) == wanted),
        receipts=receipts,
        voided=case_told_by(applied).voided,
        revealed=revealed,
    )
    return page(console, visit, "message.html", item=item, case=view.case, revealed=revealed)


def _revealed(connection: Connection, visit: Visit, case: UUID) -> bool:
    since = visit.now - REVEALED_FOR
    return may(visit.who.role, "case_reveal") and auditing.revealed(connection, visit.who, case, since=since)


def _told(
    console: Console, visit: Visit, connection: Connection, applied: list[CaseEvent], *, revealed: bool
) -> dict[str, object]:
    register, calendar = console.rulebook.register, console.rulebook.calendar.at(visit.now)
    told, view = case_told_by(applied), case_of(connection, visit.unit, applied, console.rulebook)
    items = timeline(
        view.events,
        clocks=view.clocks,
        mirrors=view.mirrors,
        receipts=queries.receipts(connection, visit.unit, view.case.id),
        held=queries.held_back(connection, visit.unit, view.case.id),
        looks=auditing.of_case(connection, view.case.id, unit=visit.unit, limit=40),
        voided=told.voided,
        revealed=revealed,
    )
    lines, scale = clock_lines(view.clocks, visit.now, calendar), scale_of(view.clocks, visit.now)
    standing = [event for event in applied if event.identity not in told.voided]
    forward, reverse = tracks(told, register)
    return {
        "view": view,
        "items": items,
        "bars": [] if scale is None else bars(lines, standing, scale, visit.now, console.rulebook),
        "scale": scale,
        "forward": forward,
        "reverse": reverse,
        "may_reveal": may(visit.who.role, "case_reveal"),
        "may_pack": may(visit.who.role, "case_pack"),
    }

"""The pages of notices: the list, one notice with its receipts, publishing and withdrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.exchanges.shown import stamp
from consumers.console.gate import RefusedError
from consumers.console.notices import addressing, board
from consumers.console.notices.addressing import Notice
from consumers.console.notices.receiving import Filled, UnreadableError, draft_of, received
from consumers.console.rendering import page
from infra.document_store import DocumentLost

_Reason = Annotated[str, Form(max_length=500)]


def router(console: Console) -> APIRouter:
    """The routes of notices."""
    routes = APIRouter()
    _add_reading(routes, console)
    _add_publishing(routes, console)
    _add_changes(routes, console)
    return routes


def _add_reading(routes: APIRouter, console: Console) -> None:
    @routes.get("/notices", name="notices")
    def latest(visit: CurrentVisit) -> Response:
        register = console.rulebook.register
        with console.engine.connect() as connection:
            found = board.latest(connection, visit.unit, register)
            read = board.receipts(connection, [one.id for one in found])
        lines = [(one, _counted(console, visit, one, read)) for one in found]
        return page(console, visit, "notices.html", lines=lines, may_publish=_may_publish(console, visit))

    @routes.get("/notices/{notice}/files/{n}")
    def notice_file(visit: CurrentVisit, notice: UUID, n: int) -> Response:
        found = _found(console, visit, notice)
        with console.engine.connect() as connection:
            attached = {one.n: one for one in board.files(connection, notice)}
        if n not in attached or console.filing is None or not addressing.may_read_all(found, visit.unit):
            raise RefusedError(404, "error.not_found")
        try:
            content = console.filing.store.read(attached[n].digest)
        except DocumentLost:
            raise RefusedError(404, "notice.file_lost") from None
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(attached[n].name)}"}
        return StreamingResponse(content, media_type=attached[n].media_type, headers=headers)


def _add_publishing(routes: APIRouter, console: Console) -> None:
    @routes.get("/notices/new")
    def notice_new(visit: CurrentVisit) -> Response:
        _check_publisher(console, visit)
        return _form(console, visit, {"time": stamp(visit.now)})

    @routes.post("/notices/new")
    def notice_publish(visit: CurrentVisit, filled: Annotated[Filled, Form()]) -> Response:
        _check_publisher(console, visit)
        try:
            draft = draft_of(filled, visit.who, console.rulebook.register)
            with received(console.filing, filled.files) as uploads, console.engine.begin() as connection:
                store = None if console.filing is None else console.filing.store
                notice = board.publish(connection, store, draft, uploads, now=visit.now)
        except UnreadableError as error:
            values = filled.model_dump(exclude={"files"}) | {"time": filled.time or stamp(visit.now)}
            return _form(console, visit, values, problem=error.words)
        return RedirectResponse(f"/notices/{notice}", 303)


def _add_changes(routes: APIRouter, console: Console) -> None:
    @routes.get("/notices/{notice}", name="notice")
    def one_of_them(visit: CurrentVisit, notice: UUID) -> Response:
        return _page_of(console, visit, _found(console, visit, notice))

    @routes.post("/notices/{notice}/read")
    def notice_read(visit: CurrentVisit, notice: UUID) -> Response:
        found, unit = _found(console, visit, notice), visit.unit or ""
        if unit not in addressing.addressed(found, console.rulebook.register) or found.withdrawn_at:
            raise RefusedError(404, "error.not_found")
        with console.engine.begin() as connection:
            board.sign(connection, notice, user=visit.who.name, unit=unit, now=visit.now)
        return RedirectResponse(f"/notices/{notice}", 303)

    @routes.post("/notices/{notice}/withdraw")
    def notice_withdraw(visit: CurrentVisit, notice: UUID, reason: _Reason = "") -> Response:
        found = _found(console, visit, notice)
        if found.withdrawn_at is not None:  # the same form again: it is done
            return RedirectResponse(f"/notices/{notice}", 303)
        if not _may_withdraw(console, visit, found):
            raise RefusedError(404, "error.not_found")
        if len(reason.strip()) < addressing.SHORTEST_REASON:
            return _page_of(console, visit, found, problem="notice.no_reason")
        with console.engine.begin() as connection:
            board.withdraw(connection, notice, by=visit.who.name, reason=reason.strip(), now=visit.now)
        return RedirectResponse(f"/notices/{notice}", 303)


def _found(console: Console, visit: Visit, notice: UUID) -> Notice:
    with console.engine.connect() as connection:
        found = board.notice_of(connection, visit.unit, notice, console.rulebook.register)
    if found is None:
        raise RefusedError(404, "error.not_found")
    return found


def _may_publish(console: Console, visit: Visit) -> bool:
    return addressing.may_publish(visit.who.role, visit.unit, console.rulebook.register)


def _may_withdraw(console: Console, visit: Visit, notice: Notice) -> bool:
    return addressing.may_withdraw(notice, visit.who.role, visit.unit, console.rulebook.register)


def _check_publisher(console: Console, visit: Visit) -> None:
    if not _may_publish(console, visit):
        raise RefusedError(403, "notice.not_publisher")


def _counted(
    console: Console, visit: Visit, notice: Notice, read: Mapping[UUID, Sequence[addressing.Receipt]]
) -> dict[str, object]:
    """What a line tells of reading: how many units have, for who may know; else whether one's own has."""
    register = console.rulebook.register
    found = addressing.standings(notice, read[notice.id], register)
    return {
        "knows": addressing.knows_readers(notice, visit.unit),
        "read": sum(1 for one in found if one.receipts),
        "units": len(found),
        "own": any(one.unit == visit.unit for one in read[notice.id]),
        "mine": visit.unit in {one.unit for one in found},
    }


def _page_of(console: Console, visit: Visit, notice: Notice, *, problem: str = "") -> Response:
    register = console.rulebook.register
    with console.engine.connect() as connection:
        read = board.receipts(connection, [notice.id])[notice.id]
        files = board.files(connection, notice.id)
    knows = addressing.knows_readers(notice, visit.unit)
    to = addressing.addressed(notice, register)
    signed = next((one for one in read if one.user == visit.who.name), None)
    return page(
        console,
        visit,
        "notice.html",
        status=400 if problem else 200,
        notice=notice,
        files=files,
        whole=addressing.may_read_all(notice, visit.unit),
        knows=knows,
        standings=addressing.standings(notice, read, register) if knows else (),
        own=[one for one in read if one.unit == visit.unit],
        may_sign=visit.unit in to and signed is None and notice.withdrawn_at is None,
        may_withdraw=_may_withdraw(console, visit, notice),
        problem=problem,
    )


def _form(console: Console, visit: Visit, values: Mapping[str, Any], *, problem: str = "") -> Response:
    return page(
        console,
        visit,
        "notice_new.html",
        status=400 if problem else 200,
        kinds=tuple(addressing.Kind),
        roles=addressing.ADDRESSABLE,
        units=[one for one in console.rulebook.register.by_code if one != visit.unit],
        values={"kind": "", "title": "", "body": "", "units": [], "roles": [], **values},
        problem=problem,
    )

"""The pages of imports: a unit's sheets, bringing one, what became of its rows, and saying what was only checked."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.exchanges.shown import stamp
from consumers.console.gate import RefusedError
from consumers.console.imports.taking import Brought, Importing, NotTakenError
from consumers.console.rendering import page
from consumers.console.words import Language

_MOST_LISTED = 50
_MOST_FLAWED_ROWS = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Filled(BaseModel):
    """The form as it was sent."""

    time: Annotated[str, Field(max_length=40)] = ""
    form: Annotated[str, Field(max_length=100)] = ""
    check: bool = False
    partial: bool = False
    file: UploadFile | None = None


def router(console: Console) -> APIRouter:
    """The routes of imports."""
    routes = APIRouter()
    _add_list(routes, console)
    _add_one(routes, console)
    _add_files(routes, console)
    return routes


def _add_list(routes: APIRouter, console: Console) -> None:
    @routes.get("/imports", name="imports")
    def latest(visit: CurrentVisit) -> Response:
        return _list(console, visit)

    @routes.post("/imports")
    def import_upload(visit: CurrentVisit, filled: Annotated[Filled, Form()]) -> Response:
        importing = _importing(console)
        try:
            taken = importing.take(_unit(visit), _brought(visit, filled, importing.most_bytes))
        except NotTakenError as error:
            return _list(console, visit, filled=filled, problem=error)
        return RedirectResponse(f"/imports/{taken}", 303)


def _add_one(routes: APIRouter, console: Console) -> None:
    @routes.get("/imports/{imported}", name="import_result")
    def one_of_them(visit: CurrentVisit, imported: UUID) -> Response:
        return _page_of(console, visit, imported)

    @routes.post("/imports/{imported}/say")
    def import_say(visit: CurrentVisit, imported: UUID) -> Response:
        try:
            again = _importing(console).say_held(_unit(visit), imported)
        except NotTakenError as error:
            return _page_of(console, visit, imported, problem=error)
        return RedirectResponse(f"/imports/{again}", 303)


def _add_files(routes: APIRouter, console: Console) -> None:
    @routes.get("/imports/{imported}/sheet")
    def import_sheet(visit: CurrentVisit, imported: UUID) -> Response:
        zh = visit.language is Language.ZH
        return _download(_importing(console).sheet(_unit(visit), imported, zh=zh))

    @routes.get("/imports/forms/{form}.xlsx")
    def import_form(visit: CurrentVisit, form: str) -> Response:
        return _download(_importing(console).form(_unit(visit), form))


def _brought(visit: Visit, filled: Filled, most_bytes: int) -> Brought:
    content = b"" if filled.file is None else filled.file.file.read(most_bytes + 1)
    if filled.file is None or not content:
        raise NotTakenError("imports.no_file")
    if len(content) > most_bytes:
        raise NotTakenError("imports.too_large")
    return Brought(
        user=visit.who.name,
        opened=filled.time,
        filename=(filled.file.filename or "").replace("\\", "/").rpartition("/")[2][:200],
        content=content,
        form=filled.form,
        check=filled.check,
        partial=filled.partial,
    )


def _list(
    console: Console, visit: Visit, *, filled: Filled | None = None, problem: NotTakenError | None = None
) -> Response:
    unit, importing = _unit(visit), console.importing
    return page(
        console,
        visit,
        "imports.html",
        status=400 if problem else 200,
        found=importing.latest(unit, most=_MOST_LISTED) if importing else (),
        forms=importing.forms(unit) if importing else (),
        most_bytes=importing.most_bytes if importing else 0,
        takes=importing is not None,
        filled=filled or Filled(time=stamp(visit.now), check=True),
        problem=problem,
    )


def _page_of(
    console: Console, visit: Visit, imported: UUID, *, problem: NotTakenError | None = None
) -> Response:
    found = _importing(console).find(_unit(visit), imported, most=_MOST_FLAWED_ROWS)
    if found is None:
        raise RefusedError(404, "error.not_found")
    one, flaws = found
    return page(
        console, visit, "import.html", status=400 if problem else 200, one=one, flaws=flaws, problem=problem
    )


def _importing(console: Console) -> Importing:
    if console.importing is None:
        raise RefusedError(404, "error.not_found")
    return console.importing


def _unit(visit: Visit) -> str:
    """The visitor's unit; the table of access lets in nobody without one."""
    if visit.unit is None:
        raise RefusedError(404, "error.not_found")
    return visit.unit


def _download(file: tuple[str, bytes] | None) -> Response:
    if file is None:
        raise RefusedError(404, "error.not_found")
    name, content = file
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=_XLSX, headers={"content-disposition": disposition})

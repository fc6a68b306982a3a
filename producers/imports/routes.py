"""`/v1/imports`: templates to download, sheets to upload, and what became of their rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from infra.callers import CallingUnit
from infra.problems import BAD_REQUEST, MALFORMED, NOT_FOUND, ProblemError, language_of
from producers.gateway.bodies import Bodies, media_of
from producers.imports.checking import Row
from producers.imports.jobs import Job, JobState
from producers.imports.reading import MOST_BYTES, UnreadableError
from producers.imports.rows import NotTheTemplateError
from producers.imports.running import ImportRunner
from producers.imports.taking import WRONG, Brought, Imports, ignored
from producers.imports.templates import TEMPLATES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENVELOPE = 64 * 1024
"""What multipart adds to a file."""
_TOLD_ROWS = 200
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
_SHEET: dict[int | str, dict[str, Any]] = {200: {"description": "An xlsx file", "content": {XLSX: {}}}}

_Template = Annotated[
    str, Query(max_length=100, description="Name of the template; left out: told by the headers")
]
_Check = Annotated[bool, Query(description="Only check: nothing is said")]
_Partial = Annotated[bool, Query(description="Say the right rows although others are wrong")]


def router(imports: Imports, runner: ImportRunner) -> APIRouter:
    """The routes of the office import."""
    routes = APIRouter(tags=["import"])
    bodies = Bodies(most_bytes=MOST_BYTES + _ENVELOPE)
    _add_templates(routes, imports)
    _add_results(routes, imports)

    @routes.post(
        "/v1/imports",
        summary="Import a sheet (xlsx, xls or csv), or only check it",
        status_code=202,
        responses={200: {"description": "Checked, or wrong: nothing was said"}},
        openapi_extra=_UPLOAD,
    )
    async def upload(
        request: Request,
        unit: CallingUnit,
        template: _Template = "",
        check: _Check = False,
        partial: _Partial = False,
    ) -> Response:
        """Every row is checked first. If one is wrong nothing is said, unless `partial` is set.

        The rows are said in the background: `GET /v1/imports/{id}` tells how far it is, `/sheet` gives the sheet
        with what is wrong in it. A row that was imported before is not said again.
        """
        media_of(request, "multipart/form-data")
        async with bodies.read(request, unit) as raw:
            name, content = await _file(request, raw)
        brought = Brought(uuid4(), name, content, template=template, check=check, partial=partial)
        try:
            job = await run_in_threadpool(imports.take, unit, brought)
        except (UnreadableError, NotTheTemplateError) as error:
            raise ProblemError(MALFORMED, _in_language(request, error.zh, error.en)) from None
        if job.state is JobState.RUNNING:
            runner.wake()
        return JSONResponse(
            _told(request, job, []),
            202 if job.state is JobState.RUNNING else 200,
            {"Location": f"/v1/imports/{job.import_id}"},
        )

    return routes


def _add_templates(routes: APIRouter, imports: Imports) -> None:
    @routes.get("/v1/imports/templates", summary="The templates there are")
    async def templates(unit: CallingUnit) -> list[dict[str, Any]]:
        """`may_use` says whether the calling unit may say the events of the template."""
        return [
            {
                "name": one.name,
                "zh": one.zh,
                "en": one.en,
                "event": one.event,
                "may_use": imports.may_say(unit, one),
            }
            for one in TEMPLATES
        ]

    @routes.get(
        "/v1/imports/templates/{name}.xlsx",
        summary="A template to fill in",
        responses=_SHEET,
        response_class=Response,
    )
    async def template(name: str, _: CallingUnit) -> Response:
        """Headers with notes, choices to pick from, and a sheet that explains every column."""
        file = await run_in_threadpool(imports.template, name)
        if file is None:
            raise ProblemError(NOT_FOUND, f"there is no template {name!r}: see /v1/imports/templates")
        return _download(*file)


def _add_results(routes: APIRouter, imports: Imports) -> None:
    @routes.get("/v1/imports/{import_id}", summary="How far an import is, and what is wrong")
    async def result(request: Request, import_id: str, unit: CallingUnit) -> dict[str, Any]:
        """`counts` has the rows in each state, `rows` the first 200 that are wrong, with the headers of wrong cells.

        `ignored_columns` are headers that the template has not: what stands below them is not said.
        """
        known = _uuid(import_id)
        found = await run_in_threadpool(lambda: imports.found(unit, known, *WRONG, most=_TOLD_ROWS))
        if found is None:
            raise _unknown(import_id)
        return _told(request, *found)

    @routes.get(
        "/v1/imports/{import_id}/sheet",
        summary="The sheet with what became of each row",
        responses=_SHEET,
        response_class=Response,
    )
    async def sheet(request: Request, import_id: str, unit: CallingUnit) -> Response:
        """Two more columns say what became of the row and what is wrong; wrong cells are coloured."""
        known, zh = _uuid(import_id), _language(request) == "zh"
        file = await run_in_threadpool(lambda: imports.sheet(unit, known, zh=zh))
        if file is None:
            raise _unknown(import_id)
        return _download(*file)


def _unknown(import_id: str) -> ProblemError:
    return ProblemError(NOT_FOUND, f"there is no import {import_id!r} of yours")


async def _file(request: Request, raw: bytes) -> tuple[str, bytes]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=5).parse()
    except (MultiPartException, KeyError) as error:
        raise ProblemError(BAD_REQUEST, f"the body is no multipart form: {error}") from None
    part = form.get("file")
    if not isinstance(part, UploadFile):
        raise ProblemError(BAD_REQUEST, "the form has no file in a part called `file`")
    return (part.filename or "")[:200], await part.read()


def _told(request: Request, job: Job, wrong: list[Row]) -> dict[str, Any]:
    zh = _language(request) == "zh"
    return {
        "id": str(job.import_id),
        "template": job.template,
        "file": job.filename,
        "state": job.state,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "ignored_columns": list(ignored(job)),
        "counts": {str(state): count for state, count in job.counts.items() if count},
        "rows": [
            {
                "row": row.number,
                "state": row.state,
                "errors": [
                    {"column": flaw.column, "message": flaw.zh if zh else flaw.en} for flaw in row.flaws
                ],
            }
            for row in wrong
        ],
    }


def _language(request: Request) -> str:
    """Chinese, unless the request prefers English: sheets are read in offices."""
    given = request.headers.get("accept-language", "")
    return language_of(given) if given and given != "*" else "zh"


def _in_language(request: Request, zh: str, en: str) -> str:
    return zh if _language(request) == "zh" else en


def _download(name: str, content: bytes) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown(text) from None

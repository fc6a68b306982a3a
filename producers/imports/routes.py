"""`/v1/imports`: templates to download, sheets to upload, and what became of their rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy import Engine
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from infra.callers import CallingUnit
from infra.problems import (
    BAD_REQUEST,
    BUSY,
    MALFORMED,
    NOT_FOUND,
    REFUSED,
    ProblemError,
    language_of,
)
from producers.gateway.bodies import Bodies, media_of
from producers.gateway.desk import Seal
from producers.gateway.statements import Reader
from producers.imports import jobs
from producers.imports.apart import read_apart
from producers.imports.cells import as_text
from producers.imports.checking import STATES, Checker, Row, RowState
from producers.imports.jobs import Job, JobState
from producers.imports.reading import MOST_BYTES, Sheet, UnreadableError
from producers.imports.rows import NotTheTemplateError, find_headings, fitting, ignored_headers
from producers.imports.running import ImportRunner
from producers.imports.template import Template
from producers.imports.templates import BY_NAME, TEMPLATES
from producers.imports.writing import Outcome, annotated, blank
from schemas.catalogue import BY_NAME as EVENTS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENVELOPE = 64 * 1024
"""What multipart adds to a file."""
_MOST_RUNNING = 5
_KEPT = timedelta(days=90)
"""How long the content of a finished import is kept."""
_TOLD_ROWS = 200
_FLAWED = (RowState.FLAWED, RowState.CONFLICT, RowState.REFUSED)
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


def router(
    engine: Engine, runner: ImportRunner, reader: Reader, *, clock: Callable[[], datetime], seal: Seal = list
) -> APIRouter:
    """The routes of the office import. `clock` gives the aware time that future-dated events are judged by."""
    routes = APIRouter(tags=["import"])
    bodies = Bodies(most_bytes=MOST_BYTES + _ENVELOPE)
    _add_templates(routes, reader)
    _add_results(routes, engine)

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
        try:
            sheet = await run_in_threadpool(read_apart, content, name=name)
            chosen = _chosen(template, sheet)
            checker = Checker(chosen, find_headings(chosen, sheet.lines), reader, unit, clock(), seal)
        except (UnreadableError, NotTheTemplateError) as error:
            raise ProblemError(MALFORMED, _in_language(request, error.zh, error.en)) from None
        _check_speaker(reader, unit, chosen)
        job = await run_in_threadpool(
            lambda: _record(engine, checker, sheet, name, check=check, partial=partial)
        )
        if job.state is JobState.RUNNING:
            runner.wake()
        return JSONResponse(
            _told(request, job, []),
            202 if job.state is JobState.RUNNING else 200,
            {"Location": f"/v1/imports/{job.import_id}"},
        )

    return routes


def _add_templates(routes: APIRouter, reader: Reader) -> None:
    @routes.get("/v1/imports/templates", summary="The templates there are")
    async def templates(unit: CallingUnit) -> list[dict[str, Any]]:
        """`may_use` says whether the calling unit may say the events of the template."""
        return [
            {
                "name": one.name,
                "zh": one.zh,
                "en": one.en,
                "event": one.event,
                "may_use": _may_say(reader, unit, one),
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
        if name not in BY_NAME:
            raise ProblemError(NOT_FOUND, f"there is no template {name!r}: see /v1/imports/templates")
        content = await run_in_threadpool(blank, BY_NAME[name], reader.register)
        return _download(content, f"{BY_NAME[name].zh}.xlsx")


def _add_results(routes: APIRouter, engine: Engine) -> None:
    def found(import_id: str, unit: str, *states: RowState, most: int | None) -> tuple[Job, list[Row]]:
        with engine.connect() as connection:
            job = jobs.find(connection, known, unit=unit) if (known := _uuid(import_id)) else None
            if job is None:
                raise ProblemError(NOT_FOUND, f"there is no import {import_id!r} of yours")
            return job, jobs.rows_of(connection, job.import_id, *states, most=most)

    @routes.get("/v1/imports/{import_id}", summary="How far an import is, and what is wrong")
    async def result(request: Request, import_id: str, unit: CallingUnit) -> dict[str, Any]:
        """`counts` has the rows in each state, `rows` the first 200 that are wrong, with the headers of wrong cells.

        `ignored_columns` are headers that the template has not: what stands below them is not said.
        """
        job, wrong = await run_in_threadpool(found, import_id, unit, *_FLAWED, most=_TOLD_ROWS)
        return _told(request, job, wrong)

    @routes.get(
        "/v1/imports/{import_id}/sheet",
        summary="The sheet with what became of each row",
        responses=_SHEET,
        response_class=Response,
    )
    async def sheet(request: Request, import_id: str, unit: CallingUnit) -> Response:
        """Two more columns say what became of the row and what is wrong; wrong cells are coloured."""
        job, rows = await run_in_threadpool(found, import_id, unit, most=None)
        zh = _language(request) == "zh"
        outcomes = [_outcome(row, zh=zh) for row in rows]
        content = await run_in_threadpool(annotated, job.headers, outcomes, frozenset(_ignored(job)))
        return _download(content, f"导入结果-{job.filename.rpartition('.')[0] or job.filename}.xlsx")


def _record(engine: Engine, checker: Checker, sheet: Sheet, name: str, *, check: bool, partial: bool) -> Job:
    drafts = checker.drafts(sheet)
    with engine.begin() as connection:
        if jobs.running_of(connection, checker.unit) >= _MOST_RUNNING:
            raise ProblemError(
                BUSY, f"{_MOST_RUNNING} imports of yours are under way: wait for one to be done"
            )
        known = jobs.ledger(connection, checker.unit, {row.row_id for row in drafts})
        rows = [checker.settled(row, known) for row in drafts]
        state = _state(rows, check=check, partial=partial)
        if state in (JobState.CHECKED, JobState.FLAWED):
            rows = [_held(row) for row in rows]
        job = Job(
            import_id=uuid4(),
            unit=checker.unit,
            template=checker.template.name,
            filename=name,
            headers=_headers(checker, sheet),
            state=state,
            created_at=checker.now,
            finished_at=None if state is JobState.RUNNING else checker.now,
            counts={one: sum(row.state is one for row in rows) for one in {row.state for row in rows}},
        )
        jobs.add(connection, job, rows)
        jobs.forget(connection, before=checker.now - _KEPT)
    return job


def _state(rows: list[Row], *, check: bool, partial: bool) -> JobState:
    states = {row.state for row in rows}
    if states & {*_FLAWED} and not partial:
        return JobState.FLAWED
    if check:
        return JobState.CHECKED
    return JobState.RUNNING if RowState.READY in states else JobState.DONE


def _held(row: Row) -> Row:
    return replace(row, state=RowState.HELD) if row.state is RowState.READY else row


def _headers(checker: Checker, sheet: Sheet) -> tuple[str, ...]:
    (header,) = (line for line in sheet.lines if line.number == checker.headings.row)
    return tuple(as_text(cell) for cell in header.cells)


def _chosen(name: str, sheet: Sheet) -> Template:
    if name and name not in BY_NAME:
        raise ProblemError(NOT_FOUND, f"there is no template {name!r}: see /v1/imports/templates")
    if name:
        return BY_NAME[name]
    fits = fitting(TEMPLATES, sheet.lines)
    if len(fits) != 1:
        told = "、".join(one.zh for one in fits) or "无"
        raise NotTheTemplateError(
            f"无法从表头判断所用模板（相符的：{told}）：请指定 template",
            f"the headers do not tell the template (fitting: {[one.name for one in fits]}): name it as `template`",
        )
    return fits[0]


def _may_say(reader: Reader, unit: str, template: Template) -> bool:
    speaker = reader.register.by_code.get(unit)
    return speaker is not None and not speaker.roles.isdisjoint(EVENTS[template.event].speakers)


def _check_speaker(reader: Reader, unit: str, template: Template) -> None:
    if not _may_say(reader, unit, template):
        raise ProblemError(
            REFUSED, f"{unit} may not say {template.event}: see docs/catalogue.md", reason="wrong-speaker"
        )


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
        "ignored_columns": list(_ignored(job)),
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


def _ignored(job: Job) -> tuple[str, ...]:
    """Headers of the sheet that its template has not; none if there is no such template any more."""
    template = BY_NAME.get(job.template)
    return () if template is None else ignored_headers(template, job.headers)


def _outcome(row: Row, *, zh: bool) -> Outcome:
    status = STATES[row.state][0 if zh else 1]
    told = [
        f"{flaw.column}：{flaw.zh}" if zh and flaw.column else flaw.zh if zh else f"{flaw.column}: {flaw.en}"
        for flaw in row.flaws
    ]
    return Outcome(row.cells, status, "\n".join(told), frozenset(flaw.column for flaw in row.flaws))


def _language(request: Request) -> str:
    """Chinese, unless the request prefers English: sheets are read in offices."""
    given = request.headers.get("accept-language", "")
    return language_of(given) if given and given != "*" else "zh"


def _in_language(request: Request, zh: str, en: str) -> str:
    return zh if _language(request) == "zh" else en


def _download(content: bytes, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

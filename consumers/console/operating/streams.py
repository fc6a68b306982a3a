"""The pages of streams: topics and their readers, units' last report, and the live tail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import orjson
import structlog
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from consumers.console.desk import Console, CurrentVisit
from consumers.console.gate import RefusedError
from consumers.console.phrases import Phrases
from consumers.console.rendering import page
from consumers.console.words import Words
from consumers.monitoring import tail as tailing
from consumers.monitoring.lag import State, worst
from consumers.monitoring.silence import Hearing
from consumers.monitoring.tail import Filter, TailLine
from consumers.monitoring.watching import Look, PartitionLine
from consumers.readmodel.http import parse_case
from schemas.catalogue import BY_NAME
from schemas.topics import WORKER_GROUP

LOOK_SECONDS = 0.25
HEARTBEAT_LOOKS = 40
LONGEST_SECONDS = 600.0
"""After so long a stream ends; the browser asks for another, and the gate looks at the session again."""
LOOKED_BACK = 2_000
"""Events of each partition among which the first lines are sought; of one case all, since it has few."""
_URGENT = (Hearing.SILENT, Hearing.QUIET, Hearing.NEVER, Hearing.NEW, Hearing.HEARD)

log = structlog.get_logger(__name__)

_Code = Annotated[str, Query(max_length=100)]
_Type = Annotated[str, Query(alias="type", max_length=100)]


@dataclass(frozen=True, slots=True)
class Group:
    """The consumer group of the workers over all that it reads: `seconds` and `state` are those of the worst."""

    name: str
    lag: int
    seconds: float
    state: State


def router(console: Console) -> APIRouter:
    """The routes of streams."""
    routes = APIRouter()

    @routes.get("/streams")
    def streams(visit: CurrentVisit) -> Response:
        heard = console.hearings.look(visit.now)
        units = sorted(heard.items(), key=lambda one: (_URGENT.index(one[1][0]), one[0]))
        look = _look(console)
        return page(
            console, visit, "streams.html", look=look, units=units,
            group=None if look is None else _group(console, look.partitions),
        )  # fmt: skip

    @routes.get("/streams/tail")
    def tail(visit: CurrentVisit, source: _Code = "", type_: _Type = "", case: _Code = "") -> Response:
        wanted, problem = _filter(source, type_, case)
        with console.engine.connect() as connection:
            known = tailing.marks(connection, _topic(console))
            since = {n: -1 if wanted.case_id else last - LOOKED_BACK for n, last in known.items()}
            lines = tailing.after(connection, since, wanted, latest=True)[-50:]
        return page(
            console,
            visit,
            "tail.html",
            lines=list(reversed(lines)),
            source=source,
            type=type_,
            case=case,
            problem=problem,
            types=BY_NAME,
            units=console.rulebook.register.units,
        )

    @routes.get("/streams/tail/lines")
    def tail_lines(
        request: Request,
        visit: CurrentVisit,
        source: _Code = "",
        type_: _Type = "",
        case: _Code = "",
    ) -> Response:
        if console.operating is None:
            raise RefusedError(404, "error.not_found")
        wanted, _ = _filter(source, type_, case)
        phrases = Phrases(Words(visit.language), console.rulebook.register, visit.now)
        return StreamingResponse(_lines(console, request, wanted, phrases), media_type="text/event-stream")

    return routes


async def _lines(
    console: Console, request: Request, wanted: Filter, phrases: Phrases
) -> AsyncIterator[bytes]:
    """Server-sent events: one for each applied event, and a heartbeat, until the browser goes away."""
    loop = asyncio.get_running_loop()
    until, looks = loop.time() + LONGEST_SECONDS, 0
    seen = await run_in_threadpool(_marks, console)
    yield b": here\n\n"
    while loop.time() < until and not await request.is_disconnected():
        lines, seen = await run_in_threadpool(_after, console, seen, wanted)
        for line in lines:
            yield b"data: " + orjson.dumps(_told(line, phrases)) + b"\n\n"
        looks += 1
        if looks % HEARTBEAT_LOOKS == 0:
            yield b": still here\n\n"
        if len(lines) < tailing.MOST:
            await asyncio.sleep(LOOK_SECONDS)


def _marks(console: Console) -> dict[int, int]:
    with console.engine.connect() as connection:
        return tailing.marks(connection, _topic(console))


def _after(console: Console, seen: dict[int, int], wanted: Filter) -> tuple[list[TailLine], dict[int, int]]:
    with console.engine.connect() as connection:
        reached = tailing.marks(connection, _topic(console))
        fresh = {**dict.fromkeys(reached, -1), **seen}
        lines = tailing.after(connection, fresh, wanted)
    return lines, tailing.advanced(fresh, lines, reached)


def _told(line: TailLine, phrases: Phrases) -> dict[str, str]:
    return {
        "time": phrases.second(line.at),
        "event": phrases.event(line.type),
        "type": line.type,
        "unit": phrases.unit(line.source),
        "case": f"{line.origin_unit} {line.number}",
        "place": f"{line.partition}/{line.offset}",
        "content": line.content,
        "address": phrases.message_address(line.case_id, line.source, line.event_id),
    }


def _topic(console: Console) -> str:
    return console.options.log_topic


def _group(console: Console, lines: Sequence[PartitionLine]) -> Group:
    return Group(
        console.options.namespace + WORKER_GROUP,
        sum(line.lag for line in lines),
        max((line.seconds for line in lines), default=0.0),
        worst([line.state for line in lines]),
    )


def _look(console: Console) -> Look | None:
    """None while the broker is away: the page says so."""
    if console.operating is None:
        return None
    try:
        return console.operating.look()
    except Exception as error:  # noqa: BLE001  (whatever it is, the rest of the page is worth showing)
        log.warning("cannot look", error=f"{type(error).__name__}: {error}".split("\n")[0])
        return None


def _filter(source: str, type_: str, case: str) -> tuple[Filter, str]:
    case_id: UUID | None = None
    if case.strip():
        try:
            case_id = parse_case(case.strip())
        except ValueError:
            return Filter(source, type_, UUID(int=0)), "streams.no_case"
    return Filter(source, type_, case_id), ""

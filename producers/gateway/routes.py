"""`POST /v1/events`: a unit says one event or a list, and gets a receipt for each that the bus has."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from infra import callers, tracing
from infra.callers import CallingUnit
from infra.problems import (
    BUSY,
    CONFLICT,
    MALFORMED,
    MEDIA_TYPE,
    REFUSED,
    TOO_LARGE,
    ProblemError,
    body,
    language_of,
)
from producers.gateway import cloudevents
from producers.gateway.bodies import MOST_BYTES, Bodies, media_of, parsed
from producers.gateway.desk import Conflicting, Desk, Destroyed, Outcome, Receipted, Unavailable
from producers.gateway.dry_runs import DryDesk, Foreseen
from producers.gateway.shapes import (
    MOST_EVENTS,
    CloudEventIn,
    EventIn,
    ForeseenOut,
    ListOut,
    ReceiptOut,
    SealedEventIn,
)
from producers.gateway.statements import Reader, has_sealed
from producers.records import Record
from schemas.admission import Reason

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
PLAIN = "application/json"
_MANY = 20
"""From this many items on they are read in a thread, so that other requests need not wait."""

_DryRun = Annotated[bool, Query(description="Only say what would happen; send and keep nothing")]

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": {MEDIA_TYPE: {}}}
    for status, what in (
        (400, "The body is no JSON"),
        (401, "No valid API key"),
        (403, "The event names another unit as its source"),
        (409, "The id was used for other content"),
        (413, "Too many events, or too large"),
        (415, "Neither JSON nor CloudEvents in JSON"),
        (422, "Refused, with the reason and the path of what is wrong"),
        (429, "The unit has used up what it may bring; repeat after Retry-After"),
        (503, "No receipt at the moment; repeat after Retry-After with the same id"),
    )
}
_EVENT = {"oneOf": [{"$ref": "#/components/schemas/EventIn"}, {"$ref": "#/components/schemas/SealedEventIn"}]}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        _EVENT,
                        {
                            "type": "array",
                            "items": _EVENT,
                            "minItems": 1,
                            "maxItems": MOST_EVENTS,
                        },
                    ]
                }
            },
            cloudevents.STRUCTURED: {"schema": {"$ref": "#/components/schemas/CloudEventIn"}},
            cloudevents.BATCH: {
                "schema": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/CloudEventIn"},
                    "minItems": 1,
                    "maxItems": MOST_EVENTS,
                }
            },
        },
    }
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many events, and how many bytes, one request may bring."""

    events: int = MOST_EVENTS
    size: int = MOST_BYTES


def router(
    desk: Desk,
    reader: Reader,
    *,
    clock: Callable[[], datetime],
    rehearsal: DryDesk,
    bounds: Bounds = Bounds(),
) -> APIRouter:
    """The routes for saying events. `clock` gives the aware time that future-dated events are judged by.

    `rehearsal` answers dry runs.
    """
    routes = APIRouter(tags=["say"], route_class=_Direct)
    bodies = Bodies(most_bytes=bounds.size)

    @routes.post(
        "/v1/events",
        summary="Say one event, or up to 500",
        status_code=201,
        response_model=ReceiptOut,
        responses={
            200: {
                "model": ReceiptOut | ForeseenOut,
                "description": "The bus has it from an earlier request: the first receipt. Or a dry run's answer",
            },
            207: {"model": ListOut, "description": "For a list: one result for each event"},
            **_ERRORS,
        },
        openapi_extra=_BODY,
    )
    async def say(request: Request, unit: CallingUnit, dry_run: _DryRun = False) -> Response:
        """The answer comes after the broker has the event on disk.

        An object is answered by its receipt. A list is answered by status 207 with a result for each item:
        look at every one of them. With `dry_run` nothing is sent: the same checks and errors, and in place of
        receipts what the events would cause, each seeing what those before it in the list would have done.

        In place of `data` an event may bring its payload `sealed` to the key of `GET /v1/ingress-key`.

        Besides the bus's own JSON, CloudEvents 1.0 are taken: structured (one, or a batch) and in binary mode.
        Their attributes are those of the record headers in docs/catalogue.md, such as `origincase`.
        """
        media = media_of(request, PLAIN, cloudevents.STRUCTURED, cloudevents.BATCH)
        async with bodies.read(request, unit) as raw:
            said = parsed(raw)
            shaped, said = _shaping(request, media, said, unit)
            trace = tracing.said(_traceparent(request))

            def read(item: object) -> Record | ProblemError:
                try:
                    return reader.record(
                        shaped(item),
                        unit=unit,
                        now=clock(),
                        entropy=secrets.token_bytes(10),
                        traceparent=trace,
                    )
                except ProblemError as problem:
                    return problem if shaped is _as_it_is else cloudevents.in_its_words(problem)

            async def settle(items: Sequence[Record | ProblemError]) -> list[_Settled]:
                if dry_run:
                    return await run_in_threadpool(_foreseen, rehearsal, items, unit, clock())
                return await _settled(desk, items)

            if isinstance(said, list):
                _check_count(said, bounds.events)
                callers.charge(request, unit, len(said) - 1)
                return _list(request, await settle(await _all(read, said)))
            (settled,) = await settle(await _all(read, [said]))
            if isinstance(settled, ProblemError):
                raise settled
            status, receipt = settled
            return _json(receipt, status)

    return routes


class _Direct(APIRoute):
    """Calls its endpoint itself when there is no query: solving dependencies costs more than reading an event."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        solving = super().get_route_handler()
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            if request.scope["query_string"]:
                return await solving(request)
            answer: Response = await endpoint(request, await callers.calling(request))
            return answer

        return handle


def add_shapes(document: dict[str, Any]) -> None:
    """Adds the request's shapes to an OpenAPI document: the route reads its body itself, within bounds."""
    shapes = document.setdefault("components", {}).setdefault("schemas", {})
    for shape in (EventIn, SealedEventIn, CloudEventIn):
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        shapes |= schema.pop("$defs", {})
        shapes[shape.__name__] = schema


_Settled = tuple[int, dict[str, Any]] | ProblemError


async def _all(
    read: Callable[[object], Record | ProblemError], items: list[object]
) -> list[Record | ProblemError]:
    if len(items) < _MANY and not any(map(has_sealed, items)):
        return [read(item) for item in items]
    return await run_in_threadpool(lambda: [read(item) for item in items])


async def settled_one(desk: Desk, item: Record | ProblemError) -> tuple[int, dict[str, Any]]:
    """The status and the receipt of one item. Raises the ProblemError that it is or becomes."""
    (settled,) = await _settled(desk, [item])
    if isinstance(settled, ProblemError):
        raise settled
    return settled


async def _settled(desk: Desk, items: Sequence[Record | ProblemError]) -> list[_Settled]:
    records = [item for item in items if isinstance(item, Record)]
    outcomes = iter(await desk.submit(records) if records else [])
    return [_result(item, next(outcomes)) if isinstance(item, Record) else item for item in items]


def _foreseen(
    rehearsal: DryDesk, items: Sequence[Record | ProblemError], unit: str, now: datetime
) -> list[_Settled]:
    records = [item for item in items if isinstance(item, Record)]
    outcomes = iter(rehearsal.outcomes(unit, records, now))
    return [_result(item, next(outcomes)) if isinstance(item, Record) else item for item in items]


def _result(record: Record, outcome: Outcome | Foreseen) -> _Settled:
    identity = f"{record.envelope.source}/{record.envelope.id}"
    match outcome:
        case Foreseen():
            return (200, _forecast(record, outcome))
        case Receipted():
            return (201 if outcome.first else 200, _receipt(record, outcome))
        case Conflicting():
            return ProblemError(
                CONFLICT,
                f"{identity} was said with other content, received at {outcome.since.isoformat()}; give a "
                "new event a new id, and take back a wrong one with case.corrected or case.voided",
            )
        case Destroyed():
            return ProblemError(
                REFUSED,
                f"{identity}: the key of this case was destroyed, and nothing is taken for it any more; a new "
                "matter has a new case number",
                reason=Reason.DESTROYED,
            )
        case Unavailable():
            return ProblemError(
                BUSY,
                f"{identity}: {outcome.detail}. Whether the bus has it is not known; repeat it "
                "with the same id",
            )


def _receipt(record: Record, outcome: Receipted) -> dict[str, Any]:
    return {
        "source": record.envelope.source,
        "id": record.envelope.id,
        "topic": outcome.position.topic,
        "partition": outcome.position.partition,
        "offset": outcome.position.offset,
        "digest": outcome.submission.digest.hex(),
        "received_at": outcome.submission.received_at.isoformat(),
    }


def _forecast(record: Record, outcome: Foreseen) -> dict[str, Any]:
    return {
        "dry_run": True,
        "source": record.envelope.source,
        "id": record.envelope.id,
        "digest": outcome.digest.hex(),
        "known": outcome.known,
        **outcome.effects,
    }


def _list(request: Request, settled: Sequence[_Settled]) -> Response:
    if all(isinstance(one, ProblemError) and one.problem is BUSY for one in settled):
        raise ProblemError(BUSY, "no event has a receipt; repeat the request with the same ids")
    language = language_of(request.headers.get("accept-language", ""))
    items = [
        {
            "status": one.problem.status,
            "problem": body(one, instance=f"{request.url.path}#{n}", language=language),
        }
        if isinstance(one, ProblemError)
        else {"status": one[0], "foreseen" if "dry_run" in one[1] else "receipt": one[1]}
        for n, one in enumerate(settled)
    ]
    accepted = sum(not isinstance(one, ProblemError) for one in settled)
    return _json({"accepted": accepted, "items": items}, 207)


def _json(content: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(content), status, media_type=PLAIN)


_Shaping = Callable[[object], object]


def _as_it_is(item: object) -> object:
    return item


def _shaping(request: Request, media: str, said: object, unit: str) -> tuple[_Shaping, object]:
    """How each item becomes the bus's own JSON, and the item or the list of them. Raises ProblemError."""
    if media == PLAIN and not cloudevents.is_binary(request.headers):
        return _as_it_is, said
    if media == PLAIN:
        said = cloudevents.from_headers(request.headers.items(), said)
    elif isinstance(said, list) != (media == cloudevents.BATCH):
        raise ProblemError(
            MALFORMED, f"{cloudevents.BATCH} is for a list of events, {cloudevents.STRUCTURED} for one"
        )
    return partial(cloudevents.event_in, unit=unit), said


def _check_count(items: list[object], most: int) -> None:
    if len(items) > most:
        raise ProblemError(TOO_LARGE, f"the list holds {len(items)} events, at most {most} are taken at once")
    if not items:
        raise ProblemError(MALFORMED, "the list holds no event")


def _traceparent(request: Request) -> str:
    given = request.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else ""

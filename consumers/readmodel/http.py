"""The reading routes: cases, clocks, events, the feed and the quarantine of the unit that asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine

from consumers.readmodel import feed, queries, traces
from consumers.readmodel.deliveries import failed_for
from consumers.readmodel.mirrors import mirrors_for
from consumers.readmodel.selection import Selection, checked
from consumers.readmodel.stream import EventStream, Pace, Piece, SharedReads, feed_events, piece
from consumers.readmodel.views import (
    CaseView,
    ClockView,
    DeliveryView,
    EventTrace,
    FeedPage,
    MirrorWork,
    Quarantined,
    Statement,
    to_json,
)
from consumers.readmodel.wakeups import Wakeups
from consumers.rulebook import Rulebook
from infra.callers import CallingUnit
from infra.problems import AHEAD, BAD_REQUEST, NOT_FOUND, ProblemError
from infra.suspensions import Suspensions
from schemas.identity import case_id

MOST_ITEMS = 500
LONGEST_WAIT_SECONDS = 30.0

_STREAM_ITEMS = 100

Seal = Callable[[Statement], Statement]

_Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS)]
_After = Annotated[int | None, Query(ge=0, lt=2**63)]
_Seq = Annotated[int, Field(ge=0, lt=2**63)]


class Acknowledgement(BaseModel):
    """Everything up to this number of the feed is safe with the unit."""

    model_config = ConfigDict(strict=True, extra="forbid")

    seq: _Seq


class Acknowledged(BaseModel):
    """How far the unit has acknowledged its feed."""

    acknowledged: int


def router(
    engine: Engine,
    wakeups: Wakeups,
    *,
    rulebook: Rulebook,
    clock: Callable[[], datetime],
    pace: Pace | None = None,
    seal: Seal = lambda statement: statement,
) -> APIRouter:
    """The reading routes. `clock` gives the aware time of acknowledgements, `pace` that of streams.

    `seal` signs a statement, or leaves it as it is.
    """
    routes = APIRouter(tags=["read"])
    _add_lookups(routes, engine, rulebook)
    _add_feed(routes, engine, wakeups, clock)
    _add_statement(routes, engine, seal)
    _add_stream(routes, engine, wakeups, pace or Pace())
    return routes


def parse_case(name: str) -> UUID:
    """The id of a case given by its id, or as `unit:number`. Raises ValueError."""
    unit, colon, number = name.partition(":")
    if colon and unit and number.strip():
        return case_id(unit, number)
    try:
        return UUID(name)
    except ValueError:
        raise ValueError(f"{name!r} names no case: give its id, or unit:number") from None


def _add_lookups(routes: APIRouter, engine: Engine, rulebook: Rulebook) -> None:
    @routes.get("/v1/cases/{case:path}", response_model=CaseView, summary="A case, as far as you may see it")
    def case(case: str, unit: CallingUnit) -> Response:
        """By the case's id, or as `unit:number`: the unit that opened it and the number it gave."""
        try:
            wanted = parse_case(case)
        except ValueError as error:
            raise ProblemError(NOT_FOUND, str(error)) from None
        with engine.connect() as connection:
            found = queries.case_for(connection, unit, wanted, rulebook)
        return _answer(found, f"case {case}")

    @routes.get(
        "/v1/clocks", response_model=list[ClockView], summary="Open statutory clocks, most urgent first"
    )
    def clocks(unit: CallingUnit, overdue: bool = False, limit: _Limit = MOST_ITEMS) -> Response:
        """Clocks that you hold, and those started by an event that you said or received."""
        with engine.connect() as connection:
            return _answer(queries.clocks_for(connection, unit, rulebook, overdue=overdue, limit=limit), "")

    @routes.get("/v1/events/{source}/{id:path}", response_model=EventTrace, summary="What became of an event")
    def event(source: str, id: str, unit: CallingUnit) -> Response:  # noqa: A002
        """Whether it is applied, to whom it went, which clocks it started or stopped, or why it was refused.

        `account` explains it: by which rules and facts, who did not receive it and why not.
        """
        with engine.connect() as connection:
            found = traces.event_for(connection, unit, source, id, rulebook)
        return _answer(found, f"event {source}/{id}")

    @routes.get("/v1/mirrors", response_model=list[MirrorWork], summary="Mirrored opinions to decide on")
    def mirrors(
        unit: CallingUnit,
        state: Literal["copied", "accepted", "dismissed", "withdrawn"] = "copied",
        limit: _Limit = 100,
    ) -> Response:
        """Yours, and those of opinions that you gave; the oldest first. Decide by `POST /v1/mirrors/{id}`."""
        with engine.connect() as connection:
            return _answer(mirrors_for(connection, unit, state=state, limit=limit), "")

    @routes.get(
        "/v1/deliveries/failed",
        response_model=list[DeliveryView],
        summary="What a receiver did not accept in its time",
    )
    def failed(unit: CallingUnit, limit: _Limit = 100) -> Response:
        """Of what you said and of what is sent to you, the latest first. The feed has it nevertheless."""
        with engine.connect() as connection:
            return _answer(failed_for(connection, unit, limit=limit), "")

    @routes.get(
        "/v1/quarantine", response_model=list[Quarantined], summary="What of yours was not applied, and why"
    )
    def quarantine(unit: CallingUnit, limit: _Limit = 100) -> Response:
        """The latest first."""
        with engine.connect() as connection:
            return _answer(queries.quarantine_for(connection, unit, limit=limit), "")


def _selection(
    types: Annotated[list[str] | None, Query(alias="type", description="only these event types")] = None,
    fields: Annotated[list[str] | None, Query(alias="field", description="only these fields (领域)")] = None,
    case: Annotated[str, Query(description="only this case: its id, or unit:number")] = "",
) -> Selection:
    try:
        wanted = parse_case(case) if case else None
        return checked(Selection(tuple(types or ()), tuple(fields or ()), wanted))
    except ValueError as error:
        raise ProblemError(BAD_REQUEST, str(error)) from None


_Wanted = Annotated[Selection, Depends(_selection)]


def _page(engine: Engine, unit: str, after: int | None, limit: int, wanted: Selection) -> FeedPage:
    with engine.connect() as connection:
        try:
            return feed.feed_page(connection, unit, after=after, limit=limit, wanted=wanted)
        except feed.AheadOfFeedError as error:
            raise ProblemError(AHEAD, str(error)) from None


def _add_feed(routes: APIRouter, engine: Engine, wakeups: Wakeups, clock: Callable[[], datetime]) -> None:
    @routes.get("/v1/feeds/me", response_model=FeedPage, summary="What is delivered to you")
    async def read(
        unit: CallingUnit,
        wanted: _Wanted,
        after: _After = None,
        limit: _Limit = 100,
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="seconds")] = 0.0,
    ) -> Response:
        """Entries behind number `after`, or behind your last acknowledgement if left out.

        With `wait` an empty answer comes only after that many seconds: the request is answered as soon as
        there is something. With a filter, the numbers left out are no gap: go on behind `next`, and
        acknowledge that.
        """
        deadline = time.monotonic() + wait
        with wakeups.watching(unit) as woken:
            found = await run_in_threadpool(_page, engine, unit, after, limit, wanted)
            while not found.items and wait and not wakeups.ended:
                if found.next == found.published:
                    if not (woken and await _woken(woken, deadline)):
                        break
                    woken.clear()
                found = await run_in_threadpool(_page, engine, unit, found.next, limit, wanted)
        return _answer(found, "")

    @routes.post("/v1/feeds/me/ack", response_model=Acknowledged, summary="Acknowledge what you have read")
    def acknowledge(told: Acknowledgement, unit: CallingUnit) -> Acknowledged:
        """Everything up to `seq` is safe with you. Acknowledging again, or less, changes nothing."""
        with engine.begin() as connection:
            try:
                return Acknowledged(acknowledged=feed.acknowledge(connection, unit, told.seq, now=clock()))
            except feed.AheadOfFeedError as error:
                raise ProblemError(AHEAD, str(error)) from None


def _add_statement(routes: APIRouter, engine: Engine, seal: Seal) -> None:
    @routes.get("/v1/feeds/me/statement", response_model=Statement, summary="What you should have")
    def stated(
        unit: CallingUnit,
        after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        upto: _After = None,
        step: Annotated[int, Query(ge=0, description="also the digest behind every so many entries")] = 0,
    ) -> Response:
        """The number and the digest of the entries behind `after` up to `upto`, to compare with your own.

        Signed if the installation has a signing key.
        """
        with engine.connect() as connection:
            try:
                told = feed.statement(connection, unit, after=after, upto=upto, step=step)
                return _answer(seal(told), "")
            except feed.AheadOfFeedError as error:
                raise ProblemError(AHEAD, str(error)) from None


def _add_stream(routes: APIRouter, engine: Engine, wakeups: Wakeups, pace: Pace) -> None:
    reads = SharedReads(wakeups)

    def on(unit: str, wanted: Selection, after: int) -> Piece:
        return piece(_page(engine, unit, after, _STREAM_ITEMS, wanted), after)

    @routes.get(
        "/v1/feeds/me/stream",
        summary="What is delivered to you, as server-sent events",
        status_code=200,  # the description of the API is made from it
        response_class=EventStream,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def stream(
        request: Request,
        unit: CallingUnit,
        wanted: _Wanted,
        after: _After = None,
        last_event_id: Annotated[str, Header(description="the number of the last event that you have")] = "",
    ) -> Response:
        """Like `GET /v1/feeds/me`, without asking again: each event is an entry, its id the entry's number.

        Begins behind Last-Event-ID, else behind `after`, else behind your last acknowledgement. The stream
        ends now and then, and when you do not keep up: connect again with the last id. Nothing is
        acknowledged by it.
        """
        asked = _last(last_event_id, after)
        start = await run_in_threadpool(_page, engine, unit, asked, 1, wanted)
        begun = start.acknowledged if asked is None else asked

        suspensions: Suspensions = request.app.state.suspensions

        async def read(at: int) -> Piece | None:
            held = suspensions.remembered()
            if unit in (await run_in_threadpool(suspensions.units) if held is None else held):
                return None
            return await reads((unit, wanted, at), lambda: on(unit, wanted, at))

        return EventStream(feed_events(unit, begun, read, wakeups, pace), patience=pace.patience)


def _last(told: str, after: int | None) -> int | None:
    if not told:
        return after
    if not (told.isascii() and told.isdigit() and int(told) < 2**63):
        raise ProblemError(BAD_REQUEST, f"Last-Event-ID {told[:40]!r} is no number of a feed")
    return int(told)


async def _woken(woken: asyncio.Event, deadline: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            await woken.wait()
    except TimeoutError:
        return False
    return True


def _answer(view: object | None, what: str) -> Response:
    if view is None:
        raise ProblemError(NOT_FOUND, f"{what} is not known to you")
    return Response(to_json(view), media_type="application/json")

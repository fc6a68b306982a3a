"""The reading routes: cases, clocks, events, the feed and the quarantine of the unit that asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine

from consumers.readmodel import feed, queries, traces
from consumers.readmodel.views import CaseView, ClockView, EventTrace, FeedPage, Quarantined, to_json
from consumers.readmodel.wakeups import Wakeups
from infra.callers import CallingUnit
from infra.problems import AHEAD, NOT_FOUND, ProblemError
from schemas.identity import case_id
from schemas.units import Register

MOST_ITEMS = 500
LONGEST_WAIT_SECONDS = 30.0

_Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS)]
_Seq = Annotated[int, Field(ge=0, lt=2**63)]


class Acknowledgement(BaseModel):
    """Everything up to this number of the feed is safe with the unit."""

    model_config = ConfigDict(strict=True, extra="forbid")

    seq: _Seq


class Acknowledged(BaseModel):
    """How far the unit has acknowledged its feed."""

    acknowledged: int


def router(
    engine: Engine, wakeups: Wakeups, *, register: Register, clock: Callable[[], datetime]
) -> APIRouter:
    """The reading routes. `clock` gives the aware time of acknowledgements."""
    routes = APIRouter(tags=["read"])
    _add_lookups(routes, engine, register)
    _add_feed(routes, engine, wakeups, clock)
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


def _add_lookups(routes: APIRouter, engine: Engine, register: Register) -> None:
    @routes.get("/v1/cases/{case:path}", response_model=CaseView, summary="A case, as far as you may see it")
    def case(case: str, unit: CallingUnit) -> Response:
        """By the case's id, or as `unit:number`: the unit that opened it and the number it gave."""
        try:
            wanted = parse_case(case)
        except ValueError as error:
            raise ProblemError(NOT_FOUND, str(error)) from None
        with engine.connect() as connection:
            found = queries.case_for(connection, unit, wanted, register)
        return _answer(found, f"case {case}")

    @routes.get(
        "/v1/clocks", response_model=list[ClockView], summary="Open statutory clocks, most urgent first"
    )
    def clocks(unit: CallingUnit, overdue: bool = False, limit: _Limit = MOST_ITEMS) -> Response:
        """Clocks that you hold, and those started by an event that you said or received."""
        with engine.connect() as connection:
            return _answer(queries.clocks_for(connection, unit, overdue=overdue, limit=limit), "")

    @routes.get("/v1/events/{source}/{id:path}", response_model=EventTrace, summary="What became of an event")
    def event(source: str, id: str, unit: CallingUnit) -> Response:  # noqa: A002
        """Whether it is applied, to whom it went, which clocks it started or stopped, or why it was refused."""
        with engine.connect() as connection:
            found = traces.event_for(connection, unit, source, id)
        return _answer(found, f"event {source}/{id}")

    @routes.get(
        "/v1/quarantine", response_model=list[Quarantined], summary="What of yours was not applied, and why"
    )
    def quarantine(unit: CallingUnit, limit: _Limit = 100) -> Response:
        """The latest first."""
        with engine.connect() as connection:
            return _answer(queries.quarantine_for(connection, unit, limit=limit), "")


def _add_feed(routes: APIRouter, engine: Engine, wakeups: Wakeups, clock: Callable[[], datetime]) -> None:
    def page(unit: str, after: int | None, limit: int) -> FeedPage:
        with engine.connect() as connection:
            try:
                return feed.feed_page(connection, unit, after=after, limit=limit)
            except feed.AheadOfFeedError as error:
                raise ProblemError(AHEAD, str(error)) from None

    @routes.get("/v1/feeds/me", response_model=FeedPage, summary="What is delivered to you")
    async def read(
        unit: CallingUnit,
        after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
        limit: _Limit = 100,
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="seconds")] = 0.0,
    ) -> Response:
        """Entries behind number `after`, or behind your last acknowledgement if left out.

        With `wait` an empty answer comes only after that many seconds: the request is answered as soon as
        there is something.
        """
        deadline = time.monotonic() + wait
        with wakeups.watching(unit) as woken:
            found = await run_in_threadpool(page, unit, after, limit)
            while not found.items and woken and not wakeups.ended and await _woken(woken, deadline):
                woken.clear()
                found = await run_in_threadpool(page, unit, after, limit)
        return _answer(found, "")

    @routes.post("/v1/feeds/me/ack", response_model=Acknowledged, summary="Acknowledge what you have read")
    def acknowledge(told: Acknowledgement, unit: CallingUnit) -> Acknowledged:
        """Everything up to `seq` is safe with you. Acknowledging again, or less, changes nothing."""
        with engine.begin() as connection:
            try:
                return Acknowledged(acknowledged=feed.acknowledge(connection, unit, told.seq, now=clock()))
            except feed.AheadOfFeedError as error:
                raise ProblemError(AHEAD, str(error)) from None


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

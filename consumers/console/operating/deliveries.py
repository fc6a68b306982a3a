"""The pages of deliveries: how feeds stand, what became of each entry, what failed, and what both sides can compare."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.monitoring.deliveries import deliveries_of, failed_lines, feed_lines
from consumers.proof import reconciliation
from consumers.proof.reconciliation import Reconciliation
from consumers.proof.stating import signed
from consumers.readmodel.feed import AheadOfFeedError, standing, statement
from consumers.readmodel.reconciling import Difference
from consumers.readmodel.views import Statement
from consumers.webhooks import registry

_ON_ONE_PAGE = 100
_MOST_FAILED = 50
STATED = 1_000
"""Entries of the statement that is shown unless another stretch is asked for."""

_Unit = Annotated[str, Query(max_length=64)]
_Number = Annotated[int | None, Query(ge=0, lt=2**63)]


def router(console: Console) -> APIRouter:
    """The routes of deliveries. People of a unit see that unit's."""
    routes = APIRouter()

    @routes.get("/deliveries")
    def deliveries(
        visit: CurrentVisit,
        unit: _Unit = "",
        waiting: bool = False,
        before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    ) -> Response:
        wanted = _unit(visit, unit)
        with console.engine.connect() as connection:
            feeds = feed_lines(connection, visit.unit)
            failed = failed_lines(connection, visit.unit, limit=_MOST_FAILED)
            compared, differences = _compared(connection, visit.unit)
            found = (
                deliveries_of(connection, wanted, waiting=waiting, before=before, limit=_ON_ONE_PAGE)
                if wanted
                else []
            )
        older = found[-1].seq if len(found) == _ON_ONE_PAGE else None
        return page(
            console,
            visit,
            "deliveries.html",
            feeds=feeds,
            failed=failed,
            compared=compared,
            differences=differences,
            words_of=reconciliation.words,
            unit=wanted,
            waiting=waiting,
            found=found,
            older=older,
        )

    @routes.get("/deliveries/statement")
    def statement(
        visit: CurrentVisit, unit: _Unit = "", after: _Number = None, upto: _Number = None
    ) -> Response:
        wanted = _unit(visit, unit)
        if not wanted:
            raise RefusedError(404, "error.not_found")
        stated, reached = _stated(console, visit, wanted, after, upto)
        return page(
            console,
            visit,
            "statement.html",
            unit=wanted,
            stated=stated,
            reached=reached,
            after=after,
            upto=upto,
        )

    @routes.post("/deliveries/retry")
    def delivery_retry(
        visit: CurrentVisit, webhook: Annotated[str, Form()] = "", seq: Annotated[str, Form()] = ""
    ) -> Response:
        """A form that is sent twice queues the delivery once; what did not fail is not found."""
        try:
            webhook_id, number = UUID(webhook), int(seq)
        except ValueError:
            raise RefusedError(400, "error.address") from None
        with console.engine.begin() as connection:
            registry.retry(connection, visit.unit, webhook_id, number, now=visit.now)
        return RedirectResponse("/deliveries#failed", 303)

    return routes


def _unit(visit: Visit, asked: str) -> str:
    if visit.unit is not None and asked not in ("", visit.unit):
        raise RefusedError(404, "error.not_found")
    return visit.unit or asked


def _compared(connection: Connection, unit: str | None) -> tuple[Reconciliation | None, list[Difference]]:
    """The last reconciliation, and what it found: a unit is told of differences at itself only."""
    found = reconciliation.last(connection, limit=1)
    if not found:
        return None, []
    return found[0], [one for one in found[0].differences if unit in (None, one.unit)]


def _stated(
    console: Console, visit: Visit, unit: str, after: int | None, upto: int | None
) -> tuple[Statement | None, int]:
    """The statement of a stretch, signed if the installation can, and how far the feed has come; None: beyond it."""
    with console.engine.connect() as connection:
        published, _ = standing(connection, unit)
        begin = max(0, (published if upto is None else upto) - STATED) if after is None else after
        try:
            stated = statement(connection, unit, after=begin, upto=upto)
        except AheadOfFeedError:
            return None, published
    if console.signer is not None:
        stated = signed(stated, console.signer, namespace=console.options.namespace, now=visit.now)
    return stated, published

"""The page of deliveries: how each unit's feed stands, and what became of each entry of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from consumers.console.desk import Console, CurrentVisit
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.monitoring.deliveries import deliveries_of, feed_lines

_ON_ONE_PAGE = 100


def router(console: Console) -> APIRouter:
    """The route of deliveries. People of a unit see that unit's."""
    routes = APIRouter()

    @routes.get("/deliveries")
    def deliveries(
        visit: CurrentVisit,
        unit: Annotated[str, Query(max_length=64)] = "",
        waiting: bool = False,
        before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    ) -> Response:
        if visit.unit is not None and unit not in ("", visit.unit):
            raise RefusedError(404, "error.not_found")
        wanted = visit.unit or unit
        with console.engine.connect() as connection:
            feeds = feed_lines(connection, visit.unit)
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
            unit=wanted,
            waiting=waiting,
            found=found,
            older=older,
        )

    return routes

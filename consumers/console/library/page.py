"""The pages of the library: published cases, limits and the grounds of routing."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from consumers.console.desk import Console, CurrentVisit
from consumers.console.library.shelves import grounds, shelves
from consumers.console.library.typical_cases import TYPICAL_CASES
from consumers.console.rendering import page


def router(console: Console) -> APIRouter:
    """The routes of the library. It holds nothing of any case, so everybody who is signed in may read it."""
    routes = APIRouter()

    @routes.get("/library", name="library")
    def cases(visit: CurrentVisit, field: str = "") -> Response:
        found = [one for one in TYPICAL_CASES if field in ("", one.field)]
        fields = sorted({one.field for one in TYPICAL_CASES})
        return page(console, visit, "library.html", found=found, fields=fields, field=field)

    @routes.get("/library/limits")
    def library_limits(visit: CurrentVisit) -> Response:
        return page(console, visit, "library_limits.html", shelves=shelves())

    @routes.get("/library/routing")
    def library_routing(visit: CurrentVisit) -> Response:
        return page(console, visit, "library_routing.html", grounds=grounds())

    return routes

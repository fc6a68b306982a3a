"""The console's application: every router put together behind the gate."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from consumers.console.access import ACCESS
from consumers.console.administering import channels, proposals, rules, units
from consumers.console.bodies import FORM_BYTES, Bodies
from consumers.console.bulletins import campaigns, saying, statistics
from consumers.console.bulletins import page as bulletins
from consumers.console.case import page as case
from consumers.console.desk import Console
from consumers.console.entrance import account, provider, signing_in
from consumers.console.exchanges import page as exchanges
from consumers.console.gate import ElsewhereError, RefusedError, gate, visit_of
from consumers.console.handovers import page as handovers
from consumers.console.headers import Headers
from consumers.console.imports import page as imports
from consumers.console.library import page as library
from consumers.console.notices import page as notices
from consumers.console.operating import contracts, dead_letters, deliveries, jobs, streams
from consumers.console.rendering import STATIC, page
from consumers.console.today import page as today
from consumers.console.watching import audit, people, printing

ROUTERS = (
    signing_in.router,
    provider.router,
    account.router,
    today.router,
    case.router,
    handovers.router,
    exchanges.router,
    imports.router,
    notices.router,
    library.router,
    bulletins.router,
    saying.router,
    statistics.router,
    campaigns.router,
    streams.router,
    contracts.router,
    dead_letters.router,
    jobs.router,
    deliveries.router,
    audit.router,
    people.router,
    printing.router,
    units.router,
    rules.router,
    channels.router,
    proposals.router,
)
"""What makes the routes of each page. A new page: its router here, its routes in `access.ACCESS`."""


UPLOADS = frozenset({"/notices/new", "/imports"})
"""Where files are sent to."""


class UnlistedRouteError(RuntimeError):
    """The table of access and the routes differ; the text says where."""


def create_app(console: Console) -> FastAPI:
    """The application. Raises UnlistedRouteError unless exactly the routes of `access.ACCESS` are there."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    routers = [router(console) for router in ROUTERS]
    names = [route.name for router in routers for route in router.routes if isinstance(route, APIRoute)]
    if sorted(names) != sorted(ACCESS):
        raise UnlistedRouteError(f"routes and access.ACCESS differ: {sorted(set(names) ^ set(ACCESS))}")
    for router in routers:
        app.include_router(router, dependencies=[Depends(gate(console))])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Bodies, uploads=UPLOADS, most=_most(console))
    app.add_middleware(Headers, https=console.options.https)
    _add_errors(app, console)
    return app


def _most(console: Console) -> int:
    """Bytes of a request with files: as many as one file may have, and the form around them."""
    takers = (console.filing, console.importing)
    return FORM_BYTES + max((taker.most_bytes for taker in takers if taker is not None), default=0)


def _add_errors(app: FastAPI, console: Console) -> None:
    def answer(request: Request, status: int, words: str) -> Response:
        visit = getattr(request.state, "visit", None) or visit_of(console, request, None)
        return page(console, visit, "error.html", status=status, words=words)

    async def elsewhere(request: Request, error: Any) -> Response:
        if request.headers.get("hx-request") == "true":
            return Response(status_code=204, headers={"HX-Redirect": error.address})
        return RedirectResponse(error.address, 303)

    async def refused(request: Request, error: Any) -> Response:
        return answer(request, error.code, error.words)

    async def unknown(request: Request, error: Any) -> Response:
        known = {404: "error.not_found", 405: "error.not_found"}
        return answer(request, error.status_code, known.get(error.status_code, "error.unforeseen"))

    async def invalid(request: Request, _: Any) -> Response:
        return answer(request, 400, "error.address")

    async def unforeseen(request: Request, _: Any) -> Response:
        return answer(request, 500, "error.unforeseen")

    app.add_exception_handler(ElsewhereError, elsewhere)
    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unforeseen)

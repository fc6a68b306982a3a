"""What was printed: every page says so before the browser prints it, by its own button or the browser's command."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from consumers.console import auditing
from consumers.console.access import Action
from consumers.console.desk import Console, CurrentVisit
from consumers.console.entrance.signing_in import LongText
from consumers.console.gate import RefusedError

_CASE = re.compile(r"/cases/([0-9a-f-]{36})(?=[/?]|$)")


def router(console: Console) -> APIRouter:
    """The route that pages tell."""
    routes = APIRouter()

    @routes.post("/printed")
    def printed(visit: CurrentVisit, page: LongText = "") -> Response:
        if not page.startswith("/"):
            raise RefusedError(400, "error.address")
        with console.engine.begin() as connection:
            auditing.note(
                connection,
                visit.who,
                Action.PRINT,
                page,
                now=visit.now,
                case_id=_case_of(page),
                address=visit.address,
            )
        return Response(status_code=204)

    return routes


def _case_of(page: str) -> UUID | None:
    found = _CASE.match(page)
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None

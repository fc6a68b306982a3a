"""The page of the audit: who read, sought, took out, revealed or changed what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from consumers.console import auditing
from consumers.console.access import Action
from consumers.console.desk import Console, CurrentVisit
from consumers.console.rendering import page

_ON_ONE_PAGE = 100


def router(console: Console) -> APIRouter:
    """The routes of the audit."""
    routes = APIRouter()

    @routes.get("/audit")
    def audit(
        visit: CurrentVisit,
        user: Annotated[str, Query(max_length=60)] = "",
        action: Action = Action.NONE,
        before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    ) -> Response:
        with console.engine.connect() as connection:
            found = auditing.entries(
                connection, user=user.strip(), action=action, before=before, limit=_ON_ONE_PAGE
            )
        older = found[-1].n if len(found) == _ON_ONE_PAGE else None
        return page(
            console,
            visit,
            "audit.html",
            entries=found,
            user=user,
            action=action.value,
            actions=[one.value for one in Action if one],
            older=older,
        )

    return routes

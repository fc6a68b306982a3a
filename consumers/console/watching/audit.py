"""The page of the audit: who read, sought, took out, printed, revealed or changed what, and its export."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from consumers.console import auditing, sheets
from consumers.console.access import Action
from consumers.console.auditing import Noted, Wanted
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.downloads import csv_of, excel_of
from consumers.console.gate import RefusedError
from consumers.console.phrases import Phrases
from consumers.console.rendering import page
from consumers.console.words import Words

MOST_EXPORTED = 10_000
_ON_ONE_PAGE = 100
_HEADINGS = (
    "common.time", "audit.user", "people.role", "common.unit", "audit.action", "audit.what", "audit.target",
    "audit.detail", "audit.address",
)  # fmt: skip


def _asked(  # noqa: PLR0917 - FastAPI calls it by name
    user: Annotated[str, Query(max_length=60)] = "",
    action: Action = Action.NONE,
    unit: Annotated[str, Query(max_length=64)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> Wanted:
    """The filter as the address tells it. Raises RefusedError for a day that is none."""
    try:
        first, last = (date.fromisoformat(day) if day else None for day in (since, until))
    except ValueError:
        raise RefusedError(400, "error.address") from None
    return Wanted(user.strip(), action.value, unit, q.strip(), first, last)


_Wanted = Annotated[Wanted, Depends(_asked)]


def router(console: Console) -> APIRouter:
    """The routes of the audit."""
    routes = APIRouter()

    @routes.get("/audit")
    def audit(
        visit: CurrentVisit,
        wanted: _Wanted,
        before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    ) -> Response:
        with console.engine.connect() as connection:
            found = auditing.entries(connection, wanted, before=before, limit=_ON_ONE_PAGE)
        older = found[-1].n if len(found) == _ON_ONE_PAGE else None
        return page(
            console,
            visit,
            "audit.html",
            entries=found,
            wanted=wanted,
            actions=[one.value for one in Action if one],
            units=console.rulebook.register.units,
            query=visit.here(before=None).partition("?")[2],
            most=MOST_EXPORTED,
            older=older,
        )

    @routes.get("/audit.csv")
    def audit_csv(visit: CurrentVisit, wanted: _Wanted) -> Response:
        return csv_of("audit", _table(console, visit, wanted), visit.now)

    @routes.get("/audit.xlsx")
    def audit_excel(visit: CurrentVisit, wanted: _Wanted) -> Response:
        title = Words(visit.language)("audit.title")
        return excel_of("audit", title, _table(console, visit, wanted), visit.now)

    return routes


def _table(console: Console, visit: Visit, wanted: Wanted) -> sheets.Table:
    words = Words(visit.language)
    told = Phrases(words, console.rulebook.register, visit.now)
    with console.engine.connect() as connection:
        found = auditing.entries(connection, wanted, limit=MOST_EXPORTED)
    return [[words(key) for key in _HEADINGS], *(_line(one, told) for one in found)]


def _line(one: Noted, told: Phrases) -> list[str]:
    role = told.spell("role", one.role) if one.role else ""
    unit = told.unit(one.unit) if one.unit else ""
    return [
        told.stamp(one.at), one.user, role, unit, told.spell("action", one.action), told.spell("deed", one.what),
        one.target, one.detail, one.address,
    ]  # fmt: skip

"""Views of the board that somebody keeps under a name: an address, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from consumers.console.desk import Console, CurrentVisit
from consumers.console.gate import RefusedError
from infra.tables import console_views

_PAGE = "handovers"
_MOST = 30
_Name = Annotated[str, Form(max_length=40)]
_Query = Annotated[str, Form(max_length=500)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A view under its name."""

    name: str
    query: str


def of(connection: Connection, user: str) -> list[Kept]:
    """The views that somebody keeps, by name."""
    column = console_views.c
    rows = select(column.name, column.query).where(column.user == user, column.page == _PAGE)
    return [Kept(*row) for row in connection.execute(rows.order_by(column.name))]


def add(routes: APIRouter, console: Console) -> None:
    """The routes that keep a view and drop it again."""
    column = console_views.c

    @routes.post("/handovers/views")
    def view_keep(visit: CurrentVisit, name: _Name = "", query: _Query = "") -> Response:
        """Keeping under a name that is taken puts the new view in the place of the old one."""
        user, plain = visit.who.name, urlencode(parse_qsl(query))
        with console.engine.begin() as connection:
            mine = select(func.count()).where(column.user == user, column.page == _PAGE)
            if not name.strip() or connection.execute(mine).scalar_one() >= _MOST:
                raise RefusedError(400, "handovers.not_kept")
            row = insert(console_views).values(user=user, page=_PAGE, name=name.strip(), query=plain)
            key = [column.user, column.page, column.name]
            connection.execute(row.on_conflict_do_update(index_elements=key, set_={"query": plain}))
        return RedirectResponse(f"/handovers?{plain}", 303)

    @routes.post("/handovers/views/drop")
    def view_drop(visit: CurrentVisit, name: _Name = "") -> Response:
        with console.engine.begin() as connection:
            mine = (column.user == visit.who.name) & (column.page == _PAGE) & (column.name == name)
            connection.execute(delete(console_views).where(mine))
        return RedirectResponse("/handovers", 303)

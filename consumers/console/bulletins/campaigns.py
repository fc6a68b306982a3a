"""The pages of campaigns: the list with the form, one campaign with its progress, members, and its end."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from consumers.bulletins import campaigns as slice_
from consumers.bulletins.campaigns import Aim, Campaign, Filter, NotBegun, Plan
from consumers.bulletins.figures import FIGURES
from consumers.bulletins.sight import sight_of
from consumers.console.bulletins.page import districts, may_answer, wording
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.handovers.statutes import STATUTES
from schemas.fields import FIELDS
from schemas.spans import CHINA
from schemas.units import Unit

_Number = Annotated[int, Form()]
_Members = Annotated[list[str], Form(max_length=500)]


def router(console: Console) -> APIRouter:
    """The routes of campaigns."""
    routes = APIRouter()
    _add_reading(routes, console)
    _add_running(routes, console)
    return routes


def _add_reading(routes: APIRouter, console: Console) -> None:
    @routes.get("/campaigns")
    def campaigns(visit: CurrentVisit) -> Response:
        return _list(console, visit)

    @routes.get("/campaigns/{campaign}")
    def campaign(visit: CurrentVisit, campaign: UUID) -> Response:
        sight = sight_of(visit.unit, console.rulebook.register)
        with console.engine.connect() as connection:
            found = _found(console, visit, campaign)
            reached = Counter(slice_.progress(connection, found))
            shown = sight.among(found.plan.members)
            cases = slice_.reached(connection, found, shown, visit.unit)
        return page(
            console, visit, "campaign.html",
            campaign=found, reached=reached, shown=shown, total=reached.total(), cases=cases, sight=sight,
            running=_runs(console, visit, found), units=_units(console, found.plan.district),
            say=wording(console, visit),
        )  # fmt: skip


def _add_running(routes: APIRouter, console: Console) -> None:
    @routes.post("/campaigns")
    def campaign_begin(
        visit: CurrentVisit, *, name: Text = "", about: Text = "", first: Text = "", last: Text = "",
        field: Text = "", offence: Text = "", district: Text = "", goal: _Number = 0, members: _Members = [],  # noqa: B006
    ) -> Response:  # fmt: skip
        """Begins a campaign; without members named, every unit of the district takes part."""
        _allowed(console, visit)
        if district not in districts(console, visit):
            raise RefusedError(404, "error.not_found")
        units = [unit.code for unit in _units(console, district)]
        try:
            wanted = _filter(about, first, last, field, offence.strip())
            plan = Plan(name.strip(), visit.unit, district, goal, wanted, tuple(members or units))
            with console.engine.begin() as connection:
                begun = slice_.begin(connection, plan, units, by=visit.who.name, now=visit.now)
        except NotBegun as error:
            return _list(console, visit, problem=error.code)
        return RedirectResponse(f"/campaigns/{begun}", 303)

    @routes.post("/campaigns/{campaign}/members")
    def campaign_members(visit: CurrentVisit, campaign: UUID, members: _Members = []) -> Response:  # noqa: B006
        """Makes exactly these units take part."""
        _allowed(console, visit)
        found = _own(console, visit, campaign)
        units = {unit.code for unit in _units(console, found.plan.district)}
        if not members or not set(members) <= units:
            raise RefusedError(400, "unbegun.no_members")
        with console.engine.begin() as connection:
            slice_.change_members(connection, campaign, members, now=visit.now)
        return RedirectResponse(f"/campaigns/{campaign}", 303)

    @routes.post("/campaigns/{campaign}/close")
    def campaign_close(visit: CurrentVisit, campaign: UUID) -> Response:
        _allowed(console, visit)
        _own(console, visit, campaign)
        with console.engine.begin() as connection:
            slice_.close(connection, campaign, now=visit.now)
        return RedirectResponse(f"/campaigns/{campaign}", 303)


def _list(console: Console, visit: Visit, *, problem: str = "") -> Response:
    sight, today = sight_of(visit.unit, console.rulebook.register), visit.now.astimezone(CHINA).date()
    with console.engine.connect() as connection:
        found = slice_.listed(connection, sight)
        reached = {
            one.id: sum(count for unit, count in slice_.progress(connection, one).items() if sight.sees(unit))
            for one in found
        }
    return page(
        console, visit, "campaigns.html", status=400 if problem else 200,
        campaigns=found, reached=reached, problem=problem, beginning=may_answer(console, visit),
        districts=districts(console, visit), figures=FIGURES, fields=FIELDS,
        rules=sorted({(row.code, row.zh, row.en) for row in STATUTES}),
        first=today.replace(month=1, day=1), last=today.replace(month=12, day=31),
        say=wording(console, visit),
    )  # fmt: skip


def _filter(about: str, first: str, last: str, field: str, offence: str) -> Filter:
    """The filter of a form; `about` is `figure:CODE` or `rule:CODE`. Raises NotBegun."""
    aim, _, code = about.partition(":")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise NotBegun("no_dates") from None
    if aim not in list(Aim):
        raise NotBegun("no_aim")
    return Filter(Aim(aim), code, *days, field=field, offence=offence)


def _found(console: Console, visit: Visit, campaign: UUID) -> Campaign:
    with console.engine.connect() as connection:
        found = slice_.one(connection, campaign, sight_of(visit.unit, console.rulebook.register))
    if found is None:
        raise RefusedError(404, "error.not_found")
    return found


def _own(console: Console, visit: Visit, campaign: UUID) -> Campaign:
    """A campaign that the visitor runs. Raises RefusedError."""
    found = _found(console, visit, campaign)
    if not _runs(console, visit, found):
        raise RefusedError(404, "error.not_found")
    return found


def _runs(console: Console, visit: Visit, campaign: Campaign) -> bool:
    """Operators run every campaign, a department its own."""
    return may_answer(console, visit) and visit.unit in (None, campaign.plan.owner)


def _allowed(console: Console, visit: Visit) -> None:
    if not may_answer(console, visit):
        raise RefusedError(403, "error.forbidden")


def _units(console: Console, district: str) -> list[Unit]:
    return [unit for unit in console.rulebook.register.units if unit.district == district]

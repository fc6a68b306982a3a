"""The pages of units: the register, who is heard of, and the access of each, which security administrators change."""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from consumers.administration.proposals import Asked, Kind, ProposalError
from consumers.console.administering.acting import ask, of_unit
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from infra.access import MOST_VALID, keys_on_record
from infra.grants import unit_grants, unit_principal
from infra.suspensions import suspended

MOST_DAYS = 3650
"""A key's longest life, if it has one."""


def router(console: Console) -> APIRouter:
    """The routes of units."""
    routes = APIRouter()

    @routes.get("/units")
    def units(visit: CurrentVisit) -> Response:
        heard = console.hearings.look(visit.now)
        with console.engine.connect() as connection:
            keys, held = keys_on_record(connection), suspended(connection)
        return page(
            console, visit, "units.html",
            units=console.rulebook.register.units, heard=heard, keys=keys, suspended=held,
        )  # fmt: skip

    @routes.get("/units/{unit}", name="unit")
    def shown(visit: CurrentVisit, unit: str) -> Response:
        return _page(console, visit, unit)

    @routes.post("/units/{unit}")
    def unit_change(
        visit: CurrentVisit, unit: str, *,
        kind: Text = "", proposal: Text = "", reason: Text = "", days: Text = "", key: Text = "",
    ) -> Response:  # fmt: skip
        _check(console, unit)
        try:
            wanted = Kind(kind)
            asked = Asked(UUID(proposal), wanted, unit, reason, _body(wanted, days, key))
        except ValueError:  # nothing that the page offers
            return _page(console, visit, unit, problem="error.address")
        try:
            carried = ask(console, visit, asked)
        except ProposalError as error:
            return _page(console, visit, unit, problem=str(error))
        if carried is not None and carried.secret is not None:
            return _page(console, visit, unit, secret=carried.secret)
        return RedirectResponse(f"/units/{unit}#proposals", 303)

    return routes


def _check(console: Console, unit: str) -> None:
    if unit not in console.rulebook.register.by_code:
        raise RefusedError(404, "error.not_found")


def _body(kind: Kind, days: str, key: str) -> dict[str, object]:
    """What the form says beyond the unit. Raises ValueError for what the page does not offer."""
    if kind is Kind.ISSUE and days:
        if not 1 <= int(days) <= MOST_DAYS:
            raise ValueError(days)
        return {"days": int(days)}
    if kind is Kind.REVOKE and key:
        return {"name": bytes.fromhex(key).hex()}
    return {}


def _page(console: Console, visit: Visit, code: str, *, problem: str = "", secret: str = "") -> Response:
    _check(console, code)
    register = console.rulebook.register
    with console.engine.connect() as connection:
        keys, held = keys_on_record(connection).get(code, []), suspended(connection).get(code)
        asked = of_unit(connection, code)
    return page(
        console,
        visit,
        "unit.html",
        status=400 if problem else 200,
        unit=register.by_code[code],
        keys=keys,
        most_valid=MOST_VALID,
        suspended=held,
        proposals=asked,
        grants=unit_grants(code),
        principal=unit_principal(code),
        second=console.options.admin_approval,
        fresh=uuid4,
        problem=problem,
        secret=secret,
    )

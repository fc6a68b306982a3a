"""The page of the people: admitting, shutting out, unlocking, new passwords. Security administrators only."""

from __future__ import annotations

from enum import StrEnum

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from consumers.console import passwords, people
from consumers.console.access import OF_A_UNIT, ConsoleRole
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.rendering import page


class Change(StrEnum):
    """What may be done to somebody."""

    ADD = "add"
    SHUT = "shut"
    ADMIT = "admit"
    UNLOCK = "unlock"
    FORGET = "forget-factor"
    PASSWORD = "new-password"  # noqa: S105  (the name of a button)


def router(console: Console) -> APIRouter:
    """The routes of the people."""
    routes = APIRouter()

    @routes.get("/people", name="people")
    def shown(visit: CurrentVisit) -> Response:
        return _shown(console, visit)

    @routes.post("/people")
    def people_change(
        visit: CurrentVisit,
        *,
        change: Text = "",
        name: Text = "",
        shown: Text = "",
        role: Text = "",
        unit: Text = "",
    ) -> Response:
        try:
            wanted = Change(change)
            if wanted is Change.ADD:
                return _added(console, visit, name=name, shown=shown, role=ConsoleRole(role), unit=unit)
            if name == visit.who.name:  # or the last one could shut the door from outside
                return _shown(console, visit, problem="people.yourself", status=400)
            if wanted is Change.PASSWORD:
                return _renewed(console, visit, name)
        except people.PersonError as error:
            return _shown(console, visit, problem=error.words, status=400)
        except ValueError:  # no change or role that the page offers
            return _shown(console, visit, problem="error.address", status=400)
        with console.engine.begin() as connection:
            _carry_out(connection, wanted, name)
        return RedirectResponse("/people", 303)

    return routes


def _added(
    console: Console, visit: Visit, *, name: str, shown: str, role: ConsoleRole, unit: str
) -> Response:
    password = passwords.generated(name)
    with console.engine.begin() as connection:
        people.add(
            connection,
            console.rulebook.register,
            name=name,
            shown=shown,
            role=role,
            unit=(unit or None) if role in OF_A_UNIT else None,
            password=password,
            now=visit.now,
        )
    return _shown(console, visit, told="people.made", name=name, password=password)


def _renewed(console: Console, visit: Visit, name: str) -> Response:
    password = passwords.generated(name)
    with console.engine.begin() as connection:
        people.give_password(connection, name, password)
    return _shown(console, visit, told="people.renewed", name=name, password=password)


def _carry_out(connection: Connection, change: Change, name: str) -> None:
    if change is Change.UNLOCK:
        people.unlock(connection, name)
    elif change is Change.FORGET:
        people.forget_second_factor(connection, name)
    else:
        people.set_active(connection, name, active=change is Change.ADMIT)


def _shown(
    console: Console,
    visit: Visit,
    *,
    told: str = "",
    name: str = "",
    password: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    with console.engine.connect() as connection:
        everybody = people.everybody(connection)
    return page(
        console,
        visit,
        "people.html",
        status=status,
        people=everybody,
        roles=[role.value for role in ConsoleRole],
        units=console.rulebook.register.units,
        told=told,
        name=name,
        password=password,
        problem=problem,
    )

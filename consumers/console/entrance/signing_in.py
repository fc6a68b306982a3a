"""Signing in with name and password, the second factor, signing out, and the first page after that."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from consumers.console import auditing, people, sessions
from consumers.console.access import Action, ConsoleRole
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.gate import FORM_COOKIE, SESSION_COOKIE
from consumers.console.rendering import page

_LONGEST = 300
Text = Annotated[str, Form(max_length=_LONGEST)]
LongText = Annotated[str, Form(max_length=4096)]
_FIRST = {ConsoleRole.SECURITY: "/people"}


def router(console: Console) -> APIRouter:
    """The routes of the entrance."""
    routes = APIRouter()
    _add_password(routes, console)
    _add_second_factor(routes, console)

    @routes.get("/")
    def home(visit: CurrentVisit) -> Response:
        return RedirectResponse(_FIRST.get(visit.who.role, "/today"), 303)

    @routes.post("/sign-out")
    def sign_out(visit: CurrentVisit) -> Response:
        with console.engine.begin() as connection:
            sessions.end(connection, visit.who.token_hash)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return routes


def _add_password(routes: APIRouter, console: Console) -> None:
    @routes.get("/sign-in")
    def sign_in(visit: CurrentVisit, next: str = "") -> Response:  # noqa: A002 - the name in the address
        if visit.visitor is not None:
            return RedirectResponse(inside(next), 303)
        answer = _form(console, visit, inside(next))
        _set_cookie(console, answer, FORM_COOKIE, visit.form_token)
        return answer

    @routes.post("/sign-in")
    def sign_in_submitted(
        visit: CurrentVisit,
        name: Text = "",
        password: Text = "",
        next: Text = "",  # noqa: A002
    ) -> Response:
        with console.engine.begin() as connection:
            person = people.admitted(connection, name, password, now=visit.now)
            done = Action.REFUSED if person is None else Action.SIGN_IN
            auditing.note(connection, name, done, visit.path, now=visit.now, address=visit.address)
            if person is not None:
                complete = not person.second_factor
                token = sessions.begin(connection, person.name, complete=complete, now=visit.now)
        if person is None:
            return _form(console, visit, inside(next), status=401, name=name)
        answer = RedirectResponse(inside(next) if complete else "/second-factor", 303)
        _set_cookie(console, answer, SESSION_COOKIE, token)
        answer.delete_cookie(FORM_COOKIE)
        return answer


def _form(console: Console, visit: Visit, address: str, *, status: int = 200, name: str = "") -> Response:
    return page(
        console,
        visit,
        "sign_in.html",
        status=status,
        next=address,
        failed=status != 200,
        name=name,
        provider=console.proving is not None,
    )


def _add_second_factor(routes: APIRouter, console: Console) -> None:
    @routes.get("/second-factor")
    def second_factor(visit: CurrentVisit) -> Response:
        if visit.who.complete:
            return RedirectResponse("/", 303)
        return page(console, visit, "second_factor.html", failed=False)

    @routes.post("/second-factor")
    def second_factor_submitted(visit: CurrentVisit, code: Text = "") -> Response:
        token = _exchanged(console, visit, code.replace(" ", ""))
        if token is None:
            return page(console, visit, "second_factor.html", status=401, failed=True)
        answer = RedirectResponse("/", 303)
        _set_cookie(console, answer, SESSION_COOKIE, token)
        return answer


def _exchanged(console: Console, visit: Visit, code: str) -> str | None:
    """A complete session in the place of the one that waited for the second factor."""
    with console.engine.begin() as connection:
        given = people.second_factor_given(connection, visit.who.name, code, now=visit.now)
        done = Action.SIGN_IN if given else Action.REFUSED
        auditing.note(connection, visit.who, done, visit.path, now=visit.now, address=visit.address)
        if not given:
            return None
        sessions.end(connection, visit.who.token_hash)
        return sessions.begin(connection, visit.who.name, complete=True, now=visit.now)


def inside(address: str) -> str:
    """The address if it leads to a page of the console, otherwise the first page: nobody is sent elsewhere."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain else "/"


def _set_cookie(console: Console, answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, httponly=True, samesite="lax", secure=console.options.https)

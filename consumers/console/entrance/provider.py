"""Signing in through an OpenID Connect provider: to it, and back from it."""

from __future__ import annotations

import secrets
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from consumers.console import auditing, sessions
from consumers.console.access import Action
from consumers.console.desk import Attempt, Console, CurrentVisit, NotProvenError, Proving, Visit
from consumers.console.entrance.signing_in import inside
from consumers.console.gate import FORM_COOKIE, SESSION_COOKIE, RefusedError
from consumers.console.identities import person_of
from consumers.console.rendering import page

_COOKIE = "linkage_provider"
_SECONDS = 600
_PARTS = 4
log = structlog.get_logger(__name__)

_Long = Annotated[str, Query(max_length=4096)]


def router(console: Console) -> APIRouter:
    """The routes; without a provider they are not found."""
    routes = APIRouter()

    @routes.get("/sign-in/oidc")
    def provider_begin(visit: CurrentVisit, next: _Long = "") -> Response:  # noqa: A002 - the name in the address
        try:
            address, attempt = _provider(console).begin()
        except NotProvenError as error:
            return _failed(console, visit, error)
        answer = RedirectResponse(address, 303)
        kept = "|".join((attempt.state, attempt.nonce, attempt.verifier, inside(next)))
        _set(console, answer, _COOKIE, kept, path="/sign-in/oidc", seconds=_SECONDS)
        return answer

    @routes.get("/sign-in/oidc/answer")
    def provider_answer(
        request: Request, visit: CurrentVisit, state: _Long = "", code: _Long = "", error: _Long = ""
    ) -> Response:
        proving, kept = _provider(console), request.cookies.get(_COOKIE, "")
        try:
            subject = proving.subject(_code(kept, state, code, error), _attempt(kept))
        except NotProvenError as not_proven:
            return _failed(console, visit, not_proven)
        return _entered(console, visit, proving.issuer, subject, inside(kept.split("|", _PARTS - 1)[-1]))

    return routes


def _attempt(kept: str) -> Attempt:
    """What this browser kept. Raises NotProvenError if it asked for nothing."""
    parts = kept.split("|", _PARTS - 1)
    if len(parts) != _PARTS:
        raise NotProvenError("this browser did not ask")
    return Attempt(*parts[: _PARTS - 1])


def _code(kept: str, state: str, code: str, error: str) -> str:
    """The code that the provider sent with this browser. Raises NotProvenError."""
    if not secrets.compare_digest(_attempt(kept).state.encode(), state.encode()):
        raise NotProvenError("this browser did not ask")
    if error or not code:
        raise NotProvenError(f"the provider said {error[:60] or 'nothing'}")
    return code


def _provider(console: Console) -> Proving:
    if console.proving is None:
        raise RefusedError(404, "error.not_found")
    return console.proving


def _entered(console: Console, visit: Visit, issuer: str, subject: str, address: str) -> Response:
    with console.engine.begin() as connection:
        found = person_of(connection, issuer, subject)
        name, second_factor = found or (subject, False)
        done = Action.REFUSED if found is None else Action.SIGN_IN
        auditing.note(connection, name, done, visit.path, now=visit.now, detail=issuer, address=visit.address)
        if found is not None:
            token = sessions.begin(connection, name, complete=not second_factor, now=visit.now)
    if found is None:
        return _refused(console, visit)
    answer = RedirectResponse("/second-factor" if second_factor else address, 303)
    _set(console, answer, SESSION_COOKIE, token)
    answer.delete_cookie(FORM_COOKIE)
    answer.delete_cookie(_COOKIE, path="/sign-in/oidc")
    return answer


def _failed(console: Console, visit: Visit, error: NotProvenError) -> Response:
    log.warning("not signed in", reason=str(error))
    return _refused(console, visit)


def _refused(console: Console, visit: Visit) -> Response:
    return page(console, visit, "error.html", status=401, words="entrance.not_proven")


def _set(
    console: Console, answer: Response, name: str, value: str, *, path: str = "/", seconds: int | None = None
) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=console.options.https
    )

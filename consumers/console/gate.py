"""The gate before every route: who asks, whether this request is theirs, whether they may, and the note of it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit
from uuid import UUID

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from consumers.console import auditing, sessions
from consumers.console.access import ACCESS, Access, Action
from consumers.console.desk import Console, Visit
from consumers.console.preferences import SIZES, THEMES, chosen
from consumers.console.sessions import Visitor
from consumers.console.words import Language

SESSION_COOKIE = "linkage_session"
FORM_COOKIE = "linkage_form"
"""Holds the token of forms that are filled in before anybody is signed in."""
_SAFE = frozenset({"GET", "HEAD"})
_ACCOUNT = frozenset({"account", "account_factor", "account_password", "sign_out"})


class ElsewhereError(Exception):
    """The visitor has to go to another page first."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class RefusedError(Exception):
    """The request is not answered; `code` is the HTTP status, `words` the phrase that says why."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


def gate(console: Console) -> Callable[[Request], Awaitable[None]]:
    """A dependency for every route. Leaves the Visit in `request.state`; raises ElsewhereError or RefusedError."""

    async def check(request: Request) -> None:
        name = request.scope["route"].name
        visitor = await run_in_threadpool(_visitor, console, request)
        visit = request.state.visit = visit_of(console, request, visitor)
        reason = "" if request.method in _SAFE else await _checked_form(request, visit)
        access = ACCESS[name]
        if access.roles is None:
            return
        _ask_in(console, name, access, visit)
        allowed = visit.who.role in access.roles
        action = access.action if allowed else Action.REFUSED
        if action is not Action.NONE:
            await run_in_threadpool(_note, console, request, visit, action, reason)
        if not allowed:
            raise RefusedError(403, "error.forbidden")

    return check


def visit_of(console: Console, request: Request, visitor: Visitor | None) -> Visit:
    """The visit that a request is."""
    query, cookies = request.query_params, request.cookies
    language = chosen("lang", query, cookies, tuple(Language), _preferred(request))
    return Visit(
        visitor=visitor,
        language=Language(language),
        theme=chosen("theme", query, cookies, THEMES, THEMES[0]),
        size=chosen("size", query, cookies, SIZES, SIZES[0]),
        path=request.url.path,
        query=tuple(query.multi_items()),
        address=request.client.host if request.client else "",
        now=console.clock(),
        partial=request.headers.get("hx-request") == "true",
        form_token=visitor.csrf if visitor else cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32),
    )


def _visitor(console: Console, request: Request) -> Visitor | None:
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    with console.engine.begin() as connection:
        return sessions.visitor_of(connection, token, now=console.clock())


async def _checked_form(request: Request, visit: Visit) -> str:
    """The reason that the form gives, if it has one. Raises RefusedError for a form that is not of this session."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    form = await request.form()
    given = request.headers.get("x-csrf-token") or form.get("csrf", "")
    expected = visit.visitor.csrf if visit.visitor else request.cookies.get(FORM_COOKIE, "")
    matches = isinstance(given, str) and secrets.compare_digest(given.encode(), expected.encode())
    if foreign or site not in ("same-origin", "none") or not expected or not matches:
        raise RefusedError(403, "error.form")
    return str(form.get("reason", "")).strip()


def _ask_in(console: Console, name: str, access: Access, visit: Visit) -> None:
    if visit.visitor is None:
        raise ElsewhereError(f"/sign-in?next={quote(visit.here(), safe='')}")
    if not visit.visitor.complete and not access.halfway:
        raise ElsewhereError("/second-factor")
    if console.options.second_factor and not visit.visitor.second_factor and name not in _ACCOUNT:
        raise ElsewhereError("/account")


def _note(console: Console, request: Request, visit: Visit, action: Action, reason: str) -> None:
    query = f"?{request.url.query}" if request.url.query else ""
    with console.engine.begin() as connection:
        auditing.note(
            connection,
            visit.who,
            action,
            request.url.path + query,
            now=visit.now,
            case_id=_case(request),
            detail=reason,
            address=visit.address,
        )


def _case(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params.get("case", ""))
    except ValueError:
        return None


def _preferred(request: Request) -> str:
    """English for a browser that asks for it before Chinese; otherwise Chinese."""
    asked = request.headers.get("accept-language", "").lower()
    return Language.EN if asked.startswith("en") and "zh" not in asked else Language.ZH

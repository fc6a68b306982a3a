"""A person's own account: the password and the second factor."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from consumers.console import passwords, people
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.rendering import page


def router(console: Console) -> APIRouter:
    """The routes of the account."""
    routes = APIRouter()

    @routes.get("/account")
    def account(visit: CurrentVisit, done: str = "") -> Response:
        return _shown(console, visit, said="account.done" if done else "")

    @routes.post("/account/password")
    def account_password(visit: CurrentVisit, old: Text = "", new: Text = "", again: Text = "") -> Response:
        if new != again:
            return _shown(console, visit, said="account.differ", status=400)
        try:
            with console.engine.begin() as connection:
                keep, name = visit.who.token_hash, visit.who.name
                changed = people.change_password(connection, name, old, new, now=visit.now, keep=keep)
        except passwords.WeakPasswordError:
            return _shown(console, visit, said="account.weak", status=400)
        if not changed:
            return _shown(console, visit, said="account.wrong", status=400)
        return RedirectResponse("/account?done=1", 303)

    @routes.post("/account/second-factor")
    def account_factor(visit: CurrentVisit, code: Text = "") -> Response:
        """Without a code: offers a new secret. With one: confirms the secret that was offered."""
        if visit.who.second_factor:  # replacing it would let a stolen session lock the person out
            return _shown(console, visit, said="account.has_factor", status=409)
        with console.engine.begin() as connection:
            if not code:
                secret, address = people.offer_second_factor(connection, visit.who.name, now=visit.now)
                return _shown(console, visit, secret=secret, address=address)
            confirmed = people.confirm_second_factor(
                connection, visit.who.name, code.replace(" ", ""), now=visit.now
            )
        if not confirmed:
            return _shown(console, visit, said="account.wrong_code", status=400)
        return RedirectResponse("/account?done=1", 303)

    return routes


def _shown(
    console: Console, visit: Visit, *, said: str = "", secret: str = "", address: str = "", status: int = 200
) -> Response:
    needed = console.options.second_factor and not visit.who.second_factor
    return page(
        console,
        visit,
        "account.html",
        status=status,
        said=said,
        secret=secret,
        factor_address=address,
        needed=needed,
    )

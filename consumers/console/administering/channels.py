"""The page of notification channels: where they go, what they tell, how the last messages fared, and a test button."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from consumers.console.administering.acting import actor_of
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import LongText, Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.console.words import Language
from consumers.notifying.channels import ChannelError, add, all_channels, queue_test, set_active
from consumers.notifying.queue import latest
from consumers.notifying.rules import Channel, ChannelKind, Topic

_SECRET_BYTES = 24


def router(console: Console) -> APIRouter:
    """The routes of channels."""
    routes = APIRouter()

    @routes.get("/channels", name="channels")
    def shown(visit: CurrentVisit) -> Response:
        return _page(console, visit)

    @routes.post("/channels")
    def channel_add(
        visit: CurrentVisit, *,
        channel: Text = "", name: Text = "", kind: Text = "", address: LongText = "", unit: Text = "",
        language: Text = "", digest: Text = "0", quiet: Annotated[bool, Form()] = False,
        topics: Annotated[list[str] | None, Form()] = None,
    ) -> Response:  # fmt: skip
        try:
            wanted = ChannelKind(kind)
            made = Channel(
                UUID(channel), name.strip(), wanted, address.strip(), _secret(wanted), unit or None,
                frozenset(Topic(one) for one in topics or []), Language(language).value, quiet,
                timedelta(minutes=int(digest)), active=True, created_by=visit.who.name, created_at=visit.now,
            )  # fmt: skip
        except ValueError:  # nothing that the page offers
            return _page(console, visit, problem="error.address")
        if made.unit is not None and made.unit not in console.rulebook.register.by_code:
            return _page(console, visit, problem="error.address")
        try:
            with console.engine.begin() as connection:
                fresh = add(connection, actor_of(visit), made)
        except ChannelError as error:
            return _page(console, visit, problem=str(error))
        return _page(console, visit, secret=made.secret if fresh else "")

    @routes.post("/channels/{channel}")
    def channel_change(visit: CurrentVisit, channel: UUID, *, change: Text = "") -> Response:
        with console.engine.begin() as connection:
            found = next((one for one in all_channels(connection) if one.id == channel), None)
            if found is None:
                raise RefusedError(404, "error.not_found")
            actor, now = actor_of(visit), visit.now
            if change == "test":
                queue_test(connection, actor, found, console.options.address, now=now)
            elif change in ("silence", "resume"):
                set_active(connection, actor, channel, active=change == "resume", now=now)
            else:
                raise RefusedError(400, "error.address")
        return RedirectResponse("/channels", 303)

    return routes


def _secret(kind: ChannelKind) -> str:
    """Signs what a webhook is sent, by Standard Webhooks."""
    if kind is not ChannelKind.WEBHOOK:
        return ""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _page(console: Console, visit: Visit, *, problem: str = "", secret: str = "") -> Response:
    with console.engine.connect() as connection:
        found = [(one, latest(connection, one.id)) for one in all_channels(connection)]
    return page(
        console,
        visit,
        "channels.html",
        status=400 if problem else 200,
        channels=found,
        kinds=[one.value for one in ChannelKind],
        topics=[one.value for one in Topic],
        units=console.rulebook.register.units,
        fresh=uuid4,
        problem=problem,
        secret=secret,
    )

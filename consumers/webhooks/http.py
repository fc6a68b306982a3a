"""The routes by which a unit registers where its feed is sent, looks how that goes, resumes and removes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine

from consumers.readmodel.selection import Selection, UnknownNameError, checked
from consumers.readmodel.views import to_json
from consumers.webhooks.receivers import MOST_URL_CHARACTERS, Receivers, RefusedUrlError
from consumers.webhooks.registry import (
    TooManyError,
    WebhookView,
    register,
    remove,
    resume,
    webhooks_of,
)
from consumers.webhooks.secrets import secret_of
from infra.callers import CallingUnit
from infra.problems import BAD_REQUEST, NO_ROOM, NOT_FOUND, UNAPPROVED, ProblemError

_SECRET_BYTES = 32
_ID_BYTES = 16

_Names = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)]


class Registration(BaseModel):
    """Where entries of the feed are to be sent, and which; without a filter all of them.

    `after`: begin behind this number of the feed; left out: with what comes from now on.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    url: Annotated[str, Field(max_length=MOST_URL_CHARACTERS)]
    types: _Names = []
    fields: _Names = []
    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The new webhook. `secret` signs what is sent; it is not shown again."""

    id: UUID
    secret: str


Entropy = Callable[[int], bytes]
"""So many random bytes that nobody can guess."""


def router(
    engine: Engine, receivers: Receivers, *, clock: Callable[[], datetime], entropy: Entropy
) -> APIRouter:
    """The routes. `clock` gives the aware time of registrations, `entropy` their ids and secrets."""
    routes = APIRouter(tags=["webhooks"])
    _add_register(routes, engine, receivers, clock, entropy)

    @routes.get("/v1/webhooks", response_model=list[WebhookView], summary="Where your feed is sent")
    def webhooks(unit: CallingUnit) -> Response:
        """Oldest first, each with what the last try came to."""
        with engine.connect() as connection:
            return Response(to_json(webhooks_of(connection, unit)), media_type="application/json")

    @routes.post("/v1/webhooks/{id}/resume", status_code=202, summary="Send again to a receiver")
    def again(id: UUID, unit: CallingUnit) -> None:  # noqa: A002
        """A handshake is made as at registration; then everything goes out that was not delivered."""
        with engine.begin() as connection:
            if not resume(connection, unit, id, now=clock()):
                raise ProblemError(NOT_FOUND, f"webhook {id} is not known to you")

    @routes.delete("/v1/webhooks/{id}", status_code=204, summary="Send nothing more to a receiver")
    def end(id: UUID, unit: CallingUnit) -> None:  # noqa: A002
        """The feed itself stays as it is."""
        with engine.begin() as connection:
            if not remove(connection, unit, id):
                raise ProblemError(NOT_FOUND, f"webhook {id} is not known to you")

    return routes


def _add_register(
    routes: APIRouter, engine: Engine, receivers: Receivers, clock: Callable[[], datetime], entropy: Entropy
) -> None:
    @routes.post(
        "/v1/webhooks",
        response_model=Registered,
        status_code=201,
        summary="Have your feed sent to a receiver",
    )
    def add(told: Registration, unit: CallingUnit) -> Response:
        """The operator must have approved host and port for you. Requests are signed as Standard Webhooks.

        First comes a handshake, `{"type": "linkage.handshake", "challenge": …}`: answer it by 2xx and
        `{"challenge": …}` with the same word within 24 hours. Then entries follow, each as
        `{"type": "linkage.entry", "unit": …, "entry": …}` with an entry as in `GET /v1/feeds/me`; 2xx says
        that you have it. Entries of one case come in order, one after the other.
        """
        try:
            receivers.target(unit, told.url)
            wanted = checked(Selection(tuple(told.types), tuple(told.fields)))
        except RefusedUrlError as error:
            raise ProblemError(UNAPPROVED, str(error)) from None
        except UnknownNameError as error:
            raise ProblemError(BAD_REQUEST, str(error)) from None
        made = Registered(UUID(bytes=entropy(_ID_BYTES), version=4), secret_of(entropy(_SECRET_BYTES)))
        with engine.begin() as connection:
            try:
                register(
                    connection,
                    made.id,
                    unit,
                    told.url,
                    made.secret,
                    wanted=wanted,
                    now=clock(),
                    after=told.after,
                )
            except TooManyError as error:
                raise ProblemError(NO_ROOM, str(error)) from None
        return Response(to_json(made), 201, media_type="application/json")

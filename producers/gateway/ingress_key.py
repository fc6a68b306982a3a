"""`GET /v1/ingress-key`: what publishers seal to, so that nothing lies in the clear on the way in."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import Engine

from infra.callers import CallingUnit
from infra.ingress_keys import current
from infra.problems import NO_INGRESS_KEY, ProblemError

FRESH_SECONDS = 3600
"""So long an answer may be kept: a new key is told to everybody within this time, and the old one opens on."""


class IngressKeyOut(BaseModel):
    """The public half of the ingress key (docs/sealing.md).

    `suite` is A (AES-256-GCM) or S (SM4-GCM), `public` X25519 in base64url. Ask again by `renew_by`; what is written
    to Kafka from `expires_at` on is refused. `text` is all of it in one word, as LINKAGE_INGRESS_KEY takes it.
    """

    name: str
    suite: str
    public: str
    renew_by: datetime
    expires_at: datetime
    text: str


def router(engine: Engine, *, clock: Callable[[], datetime]) -> APIRouter:
    """The route for the ingress key. `clock` gives the aware time."""
    routes = APIRouter(tags=["say"])

    @routes.get("/v1/ingress-key", summary="What payloads are sealed to on the way in")
    def ingress_key(unit: CallingUnit, response: Response) -> IngressKeyOut:  # noqa: ARG001  (asks for a valid key)
        """404 with the problem `no-ingress-key` where nothing is sealed."""
        with engine.connect() as connection:
            key = current(connection, clock())
        if key is None:
            raise ProblemError(
                NO_INGRESS_KEY, "this installation has no ingress key: payloads are said in the clear"
            )
        response.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
        return IngressKeyOut(
            name=key.name,
            suite=key.suite.mark,
            public=urlsafe_b64encode(key.public).decode().rstrip("="),
            renew_by=key.renew_by,
            expires_at=key.expires_at,
            text=key.text,
        )

    return routes

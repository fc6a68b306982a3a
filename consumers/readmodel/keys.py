"""`GET /v1/feeds/me/keys/{case}`: what a unit opens the sealed fields of its feed topic with."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine, and_, exists, or_, select, tuple_

from consumers.decisions import Delivery
from consumers.views.kinds import View, view_of
from infra.callers import CallingUnit
from infra.problems import NOT_FOUND, ProblemError
from infra.tables import events, feed_entries
from infra.vault import case_keys
from schemas.units import Role

_WITH_PERSONAL_DATA = [
    (delivery.value, role.value)
    for delivery in Delivery
    for role in Role
    if role is not Role.BUS and view_of(delivery, role) is not View.OUTLINE
]
"""Deliveries that show something sealed: whoever gets an outline only has nothing to open."""


class OpeningKeyOut(BaseModel):
    """The key that opens the fields of one case in the calling unit's feed topic (docs/sealing.md).

    `suite` is A (AES-256-GCM) or S (SM4-GCM), `key` base64url. Keep it in memory only: if the case's key is
    destroyed, nobody gets it any more.
    """

    case: UUID
    name: str
    suite: str
    key: str


def router(engine: Engine) -> APIRouter:
    """The route for opening keys."""
    routes = APIRouter(tags=["read"])

    @routes.get(
        "/v1/feeds/me/keys/{case}", summary="What opens the sealed fields of a case in your feed topic"
    )
    def opening(case: UUID, unit: CallingUnit, response: Response) -> OpeningKeyOut:
        """For cases of which you said something, or got something to act on or to follow.

        404 also for a case without a key, and for one whose key was destroyed.
        """
        response.headers["Cache-Control"] = "no-store"
        with engine.connect() as connection:
            key = case_keys(connection, [case]).get(case) if _may_open(connection, unit, case) else None
        if key is None:
            raise ProblemError(NOT_FOUND, "there is no key of this case for you")
        told = urlsafe_b64encode(key.opening.secret).decode()
        return OpeningKeyOut(case=case, name=key.opening.name, suite=key.suite.mark, key=told)

    return routes


def _may_open(connection: Connection, unit: str, case: UUID) -> bool:
    entry = feed_entries.c
    delivered = exists().where(
        entry.partition == events.c.partition,
        entry.log_offset == events.c.log_offset,
        entry.unit == unit,
        tuple_(entry.delivery, entry.role).in_(_WITH_PERSONAL_DATA),
    )
    seen = exists().where(and_(events.c.case_id == case, or_(events.c.source == unit, delivered)))
    return bool(connection.execute(select(seen)).scalar_one())

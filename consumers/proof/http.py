"""The route for signed heads: every unit may keep them, for they tell nothing of any case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Engine

from consumers.proof.heads import Head, heads
from consumers.proof.signing import instant
from infra.callers import CallingUnit
from infra.problems import BAD_REQUEST, ProblemError


class SignedHead(BaseModel):
    """Where a partition's audit chain stood, signed with Ed25519 over six lines (docs/proof.md)."""

    namespace: str
    partition: int
    next_offset: int
    chain: str
    signed_at: str
    public_key: str
    signature: str


def router(engine: Engine) -> APIRouter:
    """The route for heads."""
    routes = APIRouter(tags=["read"])

    @routes.get("/v1/heads", summary="Signed heads of the log, the latest first")
    def signed(
        unit: CallingUnit,  # noqa: ARG001  (any unit may read them, nobody else)
        before: Annotated[datetime | None, Query(description="signed before this time")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[SignedHead]:
        """One for each partition and hour. Keep them: what they cover cannot be changed unnoticed any more."""
        if before is not None and before.tzinfo is None:
            raise ProblemError(BAD_REQUEST, "before has no offset: write 2026-03-11T09:30:00+08:00 or …Z")
        with engine.connect() as connection:
            return [shown(head) for head in heads(connection, before=before, limit=limit)]

    return routes


def shown(head: Head) -> SignedHead:
    """A head as JSON has it: bytes in hexadecimal digits, the time as it is signed."""
    return SignedHead(
        namespace=head.namespace,
        partition=head.partition,
        next_offset=head.next_offset,
        chain=head.chain.hex(),
        signed_at=instant(head.signed_at),
        public_key=head.public.hex(),
        signature=head.signature.hex(),
    )

"""The routes for signed heads, which tell nothing of any case, and for what the caller has said in a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import Engine

from consumers.proof.heads import Head, heads
from consumers.proof.said import TooMuchSaid, said_statement, signed_said
from consumers.proof.signing import instant
from consumers.readmodel.reconciling import GRACE
from consumers.readmodel.views import to_json
from infra.callers import CallingUnit
from infra.problems import BAD_REQUEST, ProblemError
from infra.signing_key import Signer
from schemas.said import SaidStatement


class SignedHead(BaseModel):
    """Where a partition's audit chain stood, signed with Ed25519 over six lines (docs/proof.md)."""

    namespace: str
    partition: int
    next_offset: int
    chain: str
    signed_at: str
    public_key: str
    signature: str


_Time = Annotated[datetime, Query(description="RFC 3339 with its offset, to the second")]


def router(
    engine: Engine, *, clock: Callable[[], datetime], signer: Signer | None = None, namespace: str = ""
) -> APIRouter:
    """The routes for heads and statements; `clock` gives the aware time. Without a `signer` nothing is signed."""
    routes = APIRouter(tags=["read"])

    @routes.get("/v1/heads", summary="Signed heads of the log, the latest first")
    def signed(
        unit: CallingUnit,  # noqa: ARG001  (any unit may read them, nobody else)
        before: Annotated[datetime | None, Query(description="signed before this time")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[SignedHead]:
        """One for each partition and hour. Keep them: what they cover cannot be changed unnoticed any more."""
        if before is not None:
            _check_offset("before", before)
        with engine.connect() as connection:
            return [shown(head) for head in heads(connection, before=before, limit=limit)]

    @routes.get(
        "/v1/statements/said", response_model=SaidStatement, summary="What you have said, as the bus has it"
    )
    def said(unit: CallingUnit, since: _Time, until: _Time) -> Response:
        """Id and digest of every event that was applied in the period, in order, and what was not applied.

        Signed if the installation has a signing key. Compare it with what you have sent. The period ends at
        least five minutes ago: what is younger may be under way.
        """
        _check_offset("since", since)
        _check_offset("until", until)
        now = clock()
        if not since < until <= now - GRACE:
            raise ProblemError(
                BAD_REQUEST, "the period must begin before it ends, five minutes ago or earlier"
            )
        with engine.connect() as connection:
            try:
                told = said_statement(connection, unit, since=since, until=until, namespace=namespace)
            except TooMuchSaid as error:
                raise ProblemError(BAD_REQUEST, str(error)) from None
        whole = told if signer is None else signed_said(told, signer, now=now)
        return Response(to_json(whole), media_type="application/json")

    return routes


def _check_offset(name: str, time: datetime) -> None:
    if time.tzinfo is None:
        raise ProblemError(BAD_REQUEST, f"{name} has no offset: write 2026-03-11T09:30:00+08:00 or …Z")


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

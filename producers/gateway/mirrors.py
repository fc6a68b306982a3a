"""`POST /v1/mirrors/{id}`: a department takes a mirrored opinion up or dismisses it, by an event like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from infra.callers import CallingUnit
from infra.problems import DECIDED, MALFORMED, NOT_FOUND, Flaw, ProblemError
from producers.gateway.desk import Desk
from producers.gateway.routes import settled_one
from producers.gateway.shapes import ReceiptOut
from producers.gateway.statements import Reader
from schemas.identity import derived_id


class Decision(StrEnum):
    """What a department makes of a mirrored opinion."""

    ACCEPT = "accept"
    DISMISS = "dismiss"


_SAID = {Decision.ACCEPT: "mirror.accepted", Decision.DISMISS: "mirror.dismissed"}


class DecisionIn(BaseModel):
    """The decision, when it was taken, and the reason; a dismissal needs one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Decision
    time: Annotated[
        str,
        Field(max_length=40, description="RFC 3339 with an offset", examples=["2026-03-18T10:00:00+08:00"]),
    ]
    reason: Annotated[str, Field(max_length=2000)] = ""
    clue_no: Annotated[str, Field(max_length=200, description="Number of the clue (线索编号)")] = ""
    operator: Annotated[str, Field(max_length=300, description="Who in the department decided")] = ""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A mirror as the bus has it. `decided_by` is the id of the event that decided it, if one has."""

    unit: str
    opinion: tuple[str, str]
    case: tuple[str, str]
    field: str
    state: str
    decided_by: str | None


Find = Callable[[str, UUID], Mirrored | None]
"""The mirror with this id, as the unit may see it. Blocks."""


def router(desk: Desk, reader: Reader, find: Find, *, clock: Callable[[], datetime]) -> APIRouter:
    """The route. `clock` gives the aware time that future-dated decisions are judged by."""
    routes = APIRouter(tags=["say"])

    @routes.post(
        "/v1/mirrors/{id}",
        status_code=201,
        response_model=ReceiptOut,
        responses={200: {"model": ReceiptOut, "description": "Decided so by an earlier request"}},
        summary="Take a mirrored opinion up, or dismiss it",
    )
    async def decide(id: UUID, told: DecisionIn, unit: CallingUnit) -> Response:  # noqa: A002
        """Says `mirror.accepted` or `mirror.dismissed`; whoever gave the opinion learns of it.

        The same request again gets the first receipt. Another decision afterwards is refused: take the
        first back by `case.voided`.
        """
        status, receipt = await settle(desk, reader, find, unit=unit, mirror_id=id, told=told, now=clock())
        return JSONResponse(receipt, status)

    return routes


async def settle(
    desk: Desk, reader: Reader, find: Find, *, unit: str, mirror_id: UUID, told: DecisionIn, now: datetime
) -> tuple[int, dict[str, Any]]:
    """Says the decision of `unit`: 201 or 200 with the receipt, as for any event. Raises ProblemError."""
    mirror = await run_in_threadpool(find, unit, mirror_id)
    if mirror is None or mirror.unit != unit:
        raise ProblemError(NOT_FOUND, f"mirror {mirror_id} is not known to you")
    if told.decision is Decision.DISMISS and not told.reason.strip():
        flaw = Flaw("reason", "a dismissal gives its reason")
        raise ProblemError(MALFORMED, f"reason: {flaw.message}", flaws=(flaw,))
    event_id = _event_id(mirror_id, told)
    if mirror.state != "copied" and mirror.decided_by != event_id:
        raise ProblemError(DECIDED, f"mirror {mirror_id} is {mirror.state} already")
    record = reader.record(_item(mirror, told, event_id), unit=unit, now=now, entropy=b"")
    return await settled_one(desk, record)


def _event_id(mirror_id: UUID, told: DecisionIn) -> str:
    """Follows from the decision, so that a request that is repeated says the same event."""
    words = f"{told.time}\n{told.reason}\n{told.clue_no}\n{told.operator}"
    return str(derived_id(str(mirror_id), told.decision.value, words))


def _item(mirror: Mirrored, told: DecisionIn, event_id: str) -> dict[str, object]:
    source, opinion_id = mirror.opinion
    case_unit, number = mirror.case
    return {
        "id": event_id,
        "type": _SAID[told.decision],
        "case": {"unit": case_unit, "number": number},
        "time": told.time,
        "field": mirror.field,
        "operator": told.operator,
        "causation": opinion_id,
        "data": {
            "regarding_source": source,
            "regarding_id": opinion_id,
            "reason": told.reason or None,
            "clue_no": told.clue_no or None,
        },
    }

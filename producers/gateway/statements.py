"""From one JSON item of a request to a record that the bus will admit, or the problem with it: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from infra.problems import FOREIGN_SOURCE, MALFORMED, REFUSED, Flaw, ProblemError
from producers.errors import NotAccepted
from producers.gateway.shapes import EventIn
from producers.records import Record, Statement, check, new_id, passes, record_of
from schemas.codec import encode_json
from schemas.spans import parse_time
from schemas.units import Register


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads items on behalf of a unit; `max_bytes` is the largest event that the bus admits."""

    register: Register
    max_bytes: int

    def record(
        self, item: object, *, unit: str, now: datetime, entropy: bytes, traceparent: str = ""
    ) -> Record:
        """The record in which `unit` says `item`. Raises ProblemError naming the path of what is wrong.

        `entropy` (10 random bytes) goes into the id of an item that brings none.
        """
        statement = statement_of(item, unit=unit, traceparent=traceparent)
        if not statement.id:
            statement = replace(statement, id=new_id(now, entropy))
        try:
            record = record_of(statement, unit=unit, encode=encode_json)
            if not passes(
                record, statement, unit=unit, register=self.register, now=now, max_bytes=self.max_bytes
            ):
                check(record, unit=unit, register=self.register, now=now, max_bytes=self.max_bytes)
        except NotAccepted as refused:
            flaws = (Flaw(refused.path, refused.detail),) if refused.path else ()
            raise ProblemError(REFUSED, refused.detail, reason=refused.reason, flaws=flaws) from None
        return record


def statement_of(item: object, *, unit: str, traceparent: str = "") -> Statement:
    """What `unit` states in `item`, shaped as EventIn. Raises ProblemError naming the path of what is wrong."""
    event = _shaped(item)
    if event.source not in ("", unit):
        raise ProblemError(FOREIGN_SOURCE, f"source is {event.source!r}, but {unit!r} is speaking")
    try:
        occurred_at = parse_time(event.time)
    except (ValueError, OverflowError) as error:
        raise ProblemError(MALFORMED, f"time: {error}", flaws=(Flaw("time", str(error)),)) from None
    return Statement(
        id=event.id,
        type=event.type,
        case_number=event.case.number,
        occurred_at=occurred_at,
        data=event.data,
        case_unit=event.case.unit,
        precision=event.precision,
        field=event.field,
        operator=event.operator,
        classification=event.classification,
        causation=event.causation,
        correlation=event.correlation,
        traceparent=traceparent,
    )


def _shaped(item: object) -> EventIn:
    try:
        return EventIn.model_validate(item)
    except ValidationError as error:
        flaws = tuple(
            Flaw(".".join(str(part) for part in one["loc"]) or "event", one["msg"])
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise ProblemError(MALFORMED, f"{flaws[0].path}: {flaws[0].message}", flaws=flaws) from None

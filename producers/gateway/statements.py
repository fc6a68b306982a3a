"""From one JSON item of a request to a record that the bus will admit, or the problem with it: pure."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from infra.problems import FOREIGN_SOURCE, MALFORMED, REFUSED, Flaw, ProblemError
from producers.errors import NotAccepted
from producers.gateway.shapes import EventHead, EventIn, SealedEventIn
from producers.records import Record, Statement, check, envelope_of, new_id, passes, record_of, record_with
from schemas.admission import Reason, Refusal
from schemas.codec import encode_json
from schemas.envelope import Envelope
from schemas.sealed.ingress import unsealed
from schemas.spans import parse_time
from schemas.units import Register

_Shape = TypeVar("_Shape", bound=EventHead)

Unseal = Callable[[bytes, Envelope, datetime], bytes | Refusal]
"""(sealed payload, envelope, now) → the payload, or why it does not open. May block."""


def _opens_nothing(value: bytes, envelope: Envelope, at: datetime) -> bytes | Refusal:
    return unsealed(value, envelope, {}, at)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads items on behalf of a unit; `max_bytes` is the largest event that the bus admits.

    `unseal` opens payloads that were sealed to an ingress key. Without it none opens.
    """

    register: Register
    max_bytes: int
    unseal: Unseal = _opens_nothing

    def record(
        self, item: object, *, unit: str, now: datetime, entropy: bytes, traceparent: str = ""
    ) -> Record:
        """The record in which `unit` says `item`. Raises ProblemError naming the path of what is wrong.

        `entropy` (10 random bytes) goes into the id of an item that brings none. Blocks as `unseal` does if the
        item has a sealed payload, otherwise never.
        """
        try:
            if has_sealed(item):
                record = self._unsealed(item, unit, now, traceparent)
            else:
                statement = statement_of(item, unit=unit, traceparent=traceparent)
                if not statement.id:
                    statement = replace(statement, id=new_id(now, entropy))
                record = record_of(statement, unit=unit, encode=encode_json)
                if passes(
                    record, statement, unit=unit, register=self.register, now=now, max_bytes=self.max_bytes
                ):
                    return record
            check(record, unit=unit, register=self.register, now=now, max_bytes=self.max_bytes)
        except NotAccepted as refused:
            flaws = (Flaw(refused.path, refused.detail),) if refused.path else ()
            raise ProblemError(REFUSED, refused.detail, reason=refused.reason, flaws=flaws) from None
        return record

    def _unsealed(self, item: object, unit: str, now: datetime, traceparent: str) -> Record:
        event = _shaped(item, SealedEventIn)
        statement = _statement(event, unit, {}, traceparent)
        envelope = envelope_of(statement, unit=unit)
        try:
            value = b64decode(event.sealed, validate=True)
        except ValueError:
            raise NotAccepted(Reason.NOT_OPENED, "sealed is no base64", path="sealed") from None
        found = self.unseal(value, envelope, now)
        if isinstance(found, Refusal):
            raise NotAccepted(found.reason, found.detail, path="sealed")
        return record_with(envelope, found)


def has_sealed(item: object) -> bool:
    """Whether an item brings its payload sealed, so that reading it may block."""
    return isinstance(item, dict) and "sealed" in item


def statement_of(item: object, *, unit: str, traceparent: str = "") -> Statement:
    """What `unit` states in `item`, shaped as EventIn. Raises ProblemError naming the path of what is wrong."""
    event = _shaped(item, EventIn)
    return _statement(event, unit, event.data, traceparent)


def _statement(event: EventHead, unit: str, data: Mapping[str, Any], traceparent: str) -> Statement:
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
        data=data,
        case_unit=event.case.unit,
        precision=event.precision,
        field=event.field,
        operator=event.operator,
        classification=event.classification,
        causation=event.causation,
        correlation=event.correlation,
        traceparent=traceparent,
    )


def _shaped(item: object, shape: type[_Shape]) -> _Shape:
    try:
        return shape.model_validate(item)
    except ValidationError as error:
        flaws = tuple(
            Flaw(".".join(str(part) for part in one["loc"]) or "event", one["msg"])
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise ProblemError(MALFORMED, f"{flaws[0].path}: {flaws[0].message}", flaws=flaws) from None

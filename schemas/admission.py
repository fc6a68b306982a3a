"""Whether a record may enter the log: the checks of publisher, gateway and intake, in one order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from schemas import codec
from schemas.catalogue import BY_NAME, EventType
from schemas.envelope import Envelope, EnvelopeError, read_headers
from schemas.identity import case_id
from schemas.topics import GATEWAY
from schemas.units import BUS_UNIT, Register

AHEAD = timedelta(minutes=5)
"""How far the clock of a sender may run ahead."""
EARLIEST = datetime(1949, 10, 1, tzinfo=UTC)
"""Nothing that the organs on this bus report happened before they existed."""


_SHA256 = re.compile("[0-9a-f]{64}")
_TEXTS = tuple(one.name for one in fields(Envelope) if one.type == "str")


class Reason(StrEnum):
    """Why a record is refused; the reason code of a dead letter and of the gateway's answer."""

    TOO_LARGE = "too-large"
    NO_VALUE = "no-value"
    ENVELOPE = "envelope"
    UNKNOWN_TYPE = "unknown-type"
    UNDECODABLE = "undecodable"
    WRONG_SOURCE = "wrong-source"
    WRONG_SPEAKER = "wrong-speaker"
    CASE_ID = "case-id"
    KEY = "key"
    ADDRESSEE = "addressee"
    DOCUMENT = "document"
    TIME = "time"
    DESTROYED = "destroyed"
    CLEAR = "clear"
    INGRESS_KEY = "ingress-key"
    NOT_OPENED = "not-opened"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A record that may enter the log, with what was read from it. `data` is by Avro field name."""

    envelope: Envelope
    event_type: EventType
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that may not: `detail` says what is wrong and what to do. No envelope if none was readable."""

    reason: Reason
    detail: str
    envelope: Envelope | None = None


class _Refused(Exception):  # noqa: N818  (never leaves this module)
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def admit(
    *,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    owner: str,
    register: Register,
    now: datetime,
    max_bytes: int,
) -> Admitted | Refusal:
    """Judges one record: the first check that fails decides.

    `owner` is the unit whose ingress topic the record was read from (see `TopicNames.ingress_owner`), or
    GATEWAY, which vouches for the sender it names. `now` is aware: the append time where the record has one.
    Raises nothing, whatever the bytes are.
    """
    envelope: Envelope | None = None
    try:
        value = _sized(key, value, headers, max_bytes)
        envelope = _envelope(headers)
        event_type, data = _payload(envelope, value)
        _check_source(envelope, owner, register)
        _check_speaker(envelope, event_type, register)
        _check_case(envelope, key, headers, register)
        _check_addressee(data, register)
        _check_documents(data["documents"])
        _check_time(envelope, now)
    except _Refused as refused:
        return Refusal(refused.reason, refused.detail, envelope)
    return Admitted(envelope, event_type, data)


def admissible(
    envelope: Envelope,
    event_type: EventType,
    data: Mapping[str, Any],
    *,
    owner: str,
    register: Register,
    now: datetime,
) -> bool:
    """Whether the checks of `admit` that look at meaning pass, for what need not be read from bytes.

    Whoever has just written the bytes may ask this first, and `admit` for the reason. The case id is the caller's
    to derive.
    """
    try:
        _check_source(envelope, owner, register)
        _check_speaker(envelope, event_type, register)
        _check_addressee(data, register)
        _check_documents(data.get("documents") or ())
        _check_time(envelope, now)
    except _Refused:
        return False
    return envelope.origin_unit in register.by_code


def _sized(
    key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]], max_bytes: int
) -> bytes:
    size = (
        len(value or b"")
        + len(key or b"")
        + sum(len(n.encode("utf-8", "replace")) + len(v or b"") for n, v in headers)
    )
    if size > max_bytes:
        raise _Refused(
            Reason.TOO_LARGE,
            f"key, value and headers take {size} bytes, at most {max_bytes} are admitted: "
            "send documents by title and sha256, not by content",
        )
    if value is None:
        raise _Refused(Reason.NO_VALUE, "the record has no value; to take an event back send case.voided")
    return value


def _envelope(headers: Sequence[tuple[str, bytes | None]]) -> Envelope:
    try:
        envelope = read_headers(headers)
    except EnvelopeError as error:
        raise _Refused(Reason.ENVELOPE, str(error)) from None
    except OverflowError:
        raise _Refused(Reason.TIME, "ce_time is outside the years that a calendar can hold") from None
    for name in _TEXTS:
        if "\x00" in getattr(
            envelope, name
        ):  # PostgreSQL holds no NUL in text, not even among what was refused
            raise _Refused(Reason.ENVELOPE, f"the header for {name} holds a NUL character")
    return envelope


def _payload(envelope: Envelope, value: bytes) -> tuple[EventType, dict[str, Any]]:
    if envelope.type not in BY_NAME:
        raise _Refused(
            Reason.UNKNOWN_TYPE, f"ce_type {envelope.type!r} is no event type: see docs/catalogue.md"
        )
    try:
        decoded = codec.decode(value)
        if decoded.event_type.name != envelope.type:
            raise _Refused(
                Reason.UNKNOWN_TYPE,
                f"ce_type is {envelope.type}, but schema id {decoded.event_type.schema_id} in the value "
                f"belongs to {decoded.event_type.name}",
            )
        codec.check(value, decoded)
    except codec.UnknownSchema as error:
        raise _Refused(Reason.UNKNOWN_TYPE, error.reason) from None
    except codec.Undecodable as error:
        raise _Refused(Reason.UNDECODABLE, error.reason) from None
    return decoded.event_type, decoded.data


def _check_source(envelope: Envelope, owner: str, register: Register) -> None:
    source = envelope.source
    if source == BUS_UNIT:
        raise _Refused(
            Reason.WRONG_SOURCE, f"ce_source {BUS_UNIT!r} is the bus itself; nobody else speaks for it"
        )
    if owner not in (source, GATEWAY):
        raise _Refused(
            Reason.WRONG_SOURCE,
            f"ce_source is {source!r}, but the record was written to the ingress topic of {owner!r}: "
            "each unit writes to its own",
        )
    if source not in register.by_code:
        raise _Refused(Reason.WRONG_SOURCE, f"ce_source {source!r} is not in the register of units")


def _check_speaker(envelope: Envelope, event_type: EventType, register: Register) -> None:
    roles = register.by_code[envelope.source].roles
    if roles.isdisjoint(event_type.speakers):
        raise _Refused(
            Reason.WRONG_SPEAKER,
            f"{envelope.source} acts as {', '.join(sorted(roles))}; {event_type.name} is for "
            f"{', '.join(sorted(event_type.speakers))}",
        )


def _check_case(
    envelope: Envelope, key: bytes | None, headers: Sequence[tuple[str, bytes | None]], register: Register
) -> None:
    if envelope.origin_unit not in register.by_code:
        raise _Refused(
            Reason.CASE_ID, f"ce_originunit {envelope.origin_unit!r} is not in the register of units"
        )
    derived = case_id(envelope.origin_unit, envelope.origin_case)
    if envelope.subject != derived:
        raise _Refused(
            Reason.CASE_ID,
            f"ce_subject is {envelope.subject}, but case {envelope.origin_case!r} of {envelope.origin_unit} "
            f"has the id {derived}",
        )
    subject = str(envelope.subject).encode()
    if key != subject:
        raise _Refused(
            Reason.KEY, f"the record key must be the case id {envelope.subject} as lower-case text"
        )
    for name, raw in headers:
        if name == "ce_partitionkey" and raw != subject:
            raise _Refused(
                Reason.KEY, f"ce_partitionkey must be the case id {envelope.subject}, or be left out"
            )


def _check_addressee(data: Mapping[str, Any], register: Register) -> None:
    addressee = data.get("addressee")
    if addressee is not None and addressee not in register.by_code:
        raise _Refused(Reason.ADDRESSEE, f"addressee {addressee!r} is not in the register of units")


def _check_documents(documents: Sequence[Mapping[str, Any]]) -> None:
    """The seal is one of the contract's words already; a hash that is none would never find its file."""
    for number, document in enumerate(documents):
        named = document.get("sha256")
        if named is not None and not _SHA256.fullmatch(named):
            raise _Refused(
                Reason.DOCUMENT,
                f"documents[{number}].sha256 must be the file's SHA-256 as 64 lower-case hexadecimal digits, or be "
                f"left out, got {named!r}",
            )


def _check_time(envelope: Envelope, now: datetime) -> None:
    if envelope.time < EARLIEST:
        raise _Refused(Reason.TIME, f"ce_time {envelope.time.isoformat()} is before {EARLIEST:%Y-%m-%d}")
    try:
        earliest = envelope.span.earliest
    except (OverflowError, ValueError):
        raise _Refused(Reason.TIME, "ce_time is outside the years that a calendar can hold") from None
    if earliest is None:  # unknown, or before a day: that day may be tomorrow, but no later
        earliest = envelope.time - timedelta(days=1)
    if earliest > now + AHEAD:
        raise _Refused(
            Reason.TIME,
            f"the event happens at {earliest.isoformat()} at the earliest, more than {AHEAD.seconds // 60} minutes "
            f"ahead of {now.isoformat()}: an event is said when it has happened",
        )

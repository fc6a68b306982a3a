"""Records as units put them on their ingress topics: sound ones, and ones spoiled in a way that has a reason code."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from schemas.codec import encode
from schemas.envelope import Envelope, Headers, write_headers
from schemas.identity import case_id
from tests.faults.scripts import FIELD, JU


@dataclass(frozen=True, slots=True)
class Sending:
    """One record on its way to the ingress topic of `unit`."""

    unit: str
    envelope: Envelope
    key: bytes
    value: bytes | None
    headers: Headers

    @property
    def sha256(self) -> str:
        """Of the value; empty if there is none."""
        return "" if self.value is None else sha256(self.value).hexdigest()

    def renamed(self, event_id: str) -> Sending:
        """The same under another id."""
        own = replace(self, envelope=replace(self.envelope, id=event_id))
        return own.with_header("ce_id", event_id.encode())

    def with_header(self, name: str, raw: bytes) -> Sending:
        """The same with this header in the place of any of its name."""
        kept = [header for header in self.headers if header[0] != name]
        return replace(self, headers=[*kept, (name, raw)])


def sending(
    unit: str, type_: str, event_id: str, *, case: tuple[str, str], at: datetime, data: Mapping[str, Any]
) -> Sending:
    """The record in which `unit` says this about the case (origin unit, number)."""
    subject = case_id(*case)
    envelope = Envelope(
        id=event_id,
        source=unit,
        type=type_,
        subject=subject,
        time=at,
        origin_unit=case[0],
        origin_case=case[1],
        field=FIELD,
    )
    return Sending(unit, envelope, str(subject).encode(), encode(type_, data), write_headers(envelope))


def _value(change: Callable[[bytes], bytes | None]) -> Callable[[Sending], Sending]:
    return lambda sound: replace(sound, value=change(sound.value or b""))


def _header(name: str, text: str) -> Callable[[Sending], Sending]:
    return lambda sound: sound.with_header(name, text.encode())


def _ahead(sound: Sending) -> Sending:
    """An hour ahead of when it claims to be said; claims of the past are moved to now by the caller's clock."""
    return sound.with_header(
        "ce_time", (datetime.now().astimezone() + timedelta(hours=1)).isoformat().encode()
    )


def _of_another_kind(sound: Sending) -> Sending:
    """The justice bureau says what only an agency may."""
    case = (sound.envelope.origin_unit, sound.envelope.origin_case)
    data = {"approver": "局长"}
    return sending(JU, "transfer.approved", sound.envelope.id, case=case, at=sound.envelope.time, data=data)


_BOMB = struct.pack(">BI", 0, 8) + b"\x00" * 2 + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
"""A `transfer.suspected` whose list of parties claims 2^63 - 1 items."""

SPOILERS: Mapping[str, tuple[str, Callable[[Sending], Sending]]] = {
    "truncated": ("undecodable", _value(lambda value: value[:-2])),
    "trailing": ("undecodable", _value(lambda value: value + b"\x00")),
    "noise": ("undecodable", _value(lambda _: bytes(range(255, 0, -1)))),
    "empty": ("undecodable", _value(lambda _: b"")),
    "bomb": ("undecodable", lambda sound: replace(_typed(sound, "transfer.suspected"), value=_BOMB)),
    "oversize": ("too-large", _value(lambda value: value + b"x" * 300_000)),
    "null": ("no-value", _value(lambda _: None)),
    "schema": ("unknown-type", _value(lambda value: struct.pack(">BI", 0, 99_999) + value[5:])),
    "type": ("unknown-type", _header("ce_type", "transfer.teleported")),
    "twice": ("envelope", lambda sound: replace(sound, headers=[*sound.headers, ("ce_id", b"another")])),
    "headless": ("envelope", lambda sound: replace(sound, headers=[])),
    "source": ("wrong-source", _header("ce_source", "by-court")),
    "bus": ("wrong-source", _header("ce_source", "bus")),
    "speaker": ("wrong-speaker", _of_another_kind),
    "future": ("time", _ahead),
    "case": ("case-id", _header("ce_subject", "00000000-0000-0000-0000-000000000000")),
    "key": ("key", lambda sound: replace(sound, key=b"not the case")),
}
"""How a sound record is spoiled, and the reason code with which it must be refused."""


def _typed(sound: Sending, type_: str) -> Sending:
    return sound.with_header("ce_type", type_.encode())

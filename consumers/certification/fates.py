"""What intake and casework made of the records that a unit wrote: asked of the database, told as the gateway would."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from consumers.certification.recorded import Written
from infra.tables import events, quarantine

_PLACE = "linkage-ingress"
_REFUSED_FROM = tuple(f"__streams.errors.{part}" for part in ("topic", "partition", "offset"))
_CONFLICT = "identity-conflict"


@dataclass(frozen=True, slots=True)
class SetAside:
    """Why a record was not applied."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Fates:
    """What is known by now. A place is `topic/partition/offset` of an ingress topic.

    `applied` has the place that each event was first taken from, by its id; `set_aside` what was refused, parked or
    in conflict, by place.
    """

    applied: Mapping[str, str]
    set_aside: Mapping[str, SetAside]


def read_fates(connection: Connection, unit: str, ids: Collection[str], since: datetime) -> Fates:
    """What became of what `unit` said under these ids, and of all that was set aside of it since. Blocks."""
    own = (events.c.source == unit) & events.c.event_id.in_(ids)
    applied = connection.execute(select(events.c.event_id, events.c.headers).where(own))
    bad = (quarantine.c.owner == unit) & (quarantine.c.recorded_at >= since)
    set_aside = connection.execute(
        select(quarantine.c.reason, quarantine.c.detail, quarantine.c.headers).where(bad)
    )
    return Fates(
        {row.event_id: dict(orjson.loads(row.headers)).get(_PLACE, "") for row in applied},
        {origin_of(row.headers): SetAside(row.reason, row.detail) for row in set_aside},
    )


def decided(one: Written, place: str, fates: Fates, before: Iterable[Written]) -> Written:
    """`one`, which lies at `place`, with what became of it; as it was if that is not known yet. Pure.

    `before` are the records that the unit wrote before it: the same again is the same event.
    """
    if fates.applied.get(one.said.id) == place:
        return replace(one, status=201)
    found = fates.set_aside.get(place)
    if found is not None and found.reason == _CONFLICT:
        return replace(one, status=409, reason="conflict", detail=found.detail)
    if found is not None:
        return replace(one, status=422, reason=found.reason, detail=found.detail)
    same = (one.said.id, one.said.content)
    if any(other.status == 201 and (other.said.id, other.said.content) == same for other in before):
        return replace(one, status=200)
    return one


def origin_of(packed: bytes) -> str:
    """The place in an ingress topic that headers of the quarantine name; empty if they name none. Pure."""
    headers = {name: _text(raw) for name, raw in orjson.loads(packed)}
    if _REFUSED_FROM[0] in headers:
        return "/".join(headers.get(name, "") for name in _REFUSED_FROM)
    return headers.get(_PLACE, "")


def _text(raw: Any) -> str:
    return "" if raw is None else base64.b64decode(raw).decode(errors="replace")

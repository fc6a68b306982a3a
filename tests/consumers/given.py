"""Builders of cases and events for tests of rules: what a test does not care about is filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import infra.dev
from consumers.casefile import Case, CaseEvent
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from schemas.catalogue import AVRO, BY_NAME
from schemas.envelope import Envelope
from schemas.identity import case_id
from schemas.spans import CHINA, Precision, span_of
from schemas.units import BUS_UNIT, Register, Role, load_register

AGENCY, POLICE, STATION = "by-market", "by-police", "by-police-town"
CRIMINAL, ADMINISTRATIVE, CIVIL, PUBLIC_INTEREST = "by-criminal", "by-admin", "by-civil", "by-pil"
CASE_MANAGEMENT, JUSTICE, COURT = "by-casemgmt", "by-justice", "by-court"
ORIGIN_CASE = "白市监罚〔2026〕7号"

SPEAKERS: Mapping[Role, str] = {
    Role.BUS: BUS_UNIT,
    Role.AGENCY: AGENCY,
    Role.POLICE: POLICE,
    Role.CRIMINAL: CRIMINAL,
    Role.ADMINISTRATIVE: ADMINISTRATIVE,
    Role.PUBLIC_INTEREST: PUBLIC_INTEREST,
    Role.COURT: COURT,
}
"""Who says an event if the test does not say so: the first of these roles that may."""

_FILLERS: Mapping[str, Any] = {"string": "–", "boolean": False, "int": 1, "long": 0, "bytes": b""}


@cache
def register() -> Register:
    """The demonstration's units."""
    return load_register(Path(infra.dev.__file__).with_name("units.toml"))


def rulebook(*profiles: str, settling: timedelta = timedelta(seconds=60)) -> Rulebook:
    """The demonstration's units, the published calendar and the given profiles."""
    return Rulebook(register(), published_calendar(), settling, frozenset(profiles))


def moment(when: str) -> datetime:
    """`2026-03-11` (the beginning of that day) or `2026-03-11 09:30`, as China's clocks show it, in UTC."""
    return datetime.fromisoformat(when).replace(tzinfo=CHINA).astimezone(UTC)


def day_end(when: str) -> datetime:
    """The last second of a day in China, in UTC: how due times are written."""
    return datetime.combine(date.fromisoformat(when), time(23, 59, 59), CHINA).astimezone(UTC)


def event(
    type_: str,
    when: str = "2026-03-11 10:00",
    *,
    by: str | None = None,
    id: str | None = None,  # noqa: A002  (the name it has in the envelope)
    precision: Precision | None = None,
    recorded: str | None = None,
    field: str = "product_quality",
    **data: Any,
) -> CaseEvent:
    """An event that happened at `when`: a date is known to the day, a date with a time exactly.

    It is recorded a second after the end of the time it can have happened, unless `recorded` says when.
    Payload fields that are not given are null, empty or a dash, as the schema allows.
    """
    known = precision or (Precision.DAY if len(when) == len("2026-03-11") else Precision.SECOND)
    time_ = moment(when)
    span = span_of(time_, known)
    said_at = moment(recorded) if recorded else (span.latest or time_) + timedelta(seconds=1)
    envelope = Envelope(
        id=id or f"{type_}@{when}",
        source=by or _speaker(type_),
        type=type_,
        subject=case_id(AGENCY, ORIGIN_CASE),
        time=time_,
        origin_unit=AGENCY,
        origin_case=ORIGIN_CASE,
        precision=known,
        field=field,
    )
    return CaseEvent(0, 0, said_at, envelope, span, {**_blank(type_), **data})


def case(*events: CaseEvent, **changes: Any) -> Case:
    """The case of an agency of Baiyun with these events in the log, in this order."""
    opened = Case(
        id=case_id(AGENCY, ORIGIN_CASE),
        origin_unit=AGENCY,
        origin_case=ORIGIN_CASE,
        district="baiyun",
        field=events[0].envelope.field if events else "product_quality",
        offence=None,
        roles={Role.AGENCY: AGENCY},
    )
    for one in events:
        opened = with_event(opened, one)
    return replace(opened, **changes)


def with_event(before: Case, new: CaseEvent) -> Case:
    """The case with one more event in it, as casework hands it to the rules."""
    voided = before.voided
    if new.type in ("case.corrected", "case.voided"):
        voided |= {(new.data["regarding_source"], new.data["regarding_id"])}
    roles = dict(before.roles)
    if new.type in ("transfer.sent", "transfer.on_site_handed", "transfer.forwarded"):
        roles[Role.POLICE] = new.data["addressee"]
    placed = replace(new, offset=len(before.events))
    offence = new.data.get("offence") or before.offence
    return replace(before, events=(*before.events, placed), voided=voided, roles=roles, offence=offence)


def _speaker(type_: str) -> str:
    speakers = BY_NAME[type_].speakers
    return next((unit for role, unit in SPEAKERS.items() if role in speakers), AGENCY)


@cache
def _blank(type_: str) -> Mapping[str, Any]:
    fields = json.loads((AVRO / BY_NAME[type_].avsc).read_text(encoding="utf-8"))["fields"]
    return {field["name"]: _filler(field["name"], field["type"]) for field in fields}


def _filler(name: str, type_: Any) -> Any:
    if isinstance(type_, list):
        return None
    if name == "addressee":
        return POLICE
    if isinstance(type_, dict):
        kind = type_["type"]
        if kind == "array":
            return []
        return type_["symbols"][0] if kind == "enum" else _FILLERS[kind]
    return _FILLERS[type_]

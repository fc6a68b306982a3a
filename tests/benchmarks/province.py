"""A province: districts with agencies, police and a criminal department each, and the cases that go between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from producers.records import new_id
from schemas.codec import encode
from schemas.envelope import Envelope, Headers, write_headers
from schemas.identity import case_id

AGENCIES_OF_A_DISTRICT = 8
UNITS_OF_A_DISTRICT = AGENCIES_OF_A_DISTRICT + 2
STEPS = ("transfer.sent", "transfer.received", "filing.accepted")
"""Of each case: the agency sends it, the police receive it and file it. Two units receive each."""
COPIES = 2
_HOURS_AGO = {"transfer.sent": 30, "transfer.received": 29, "filing.accepted": 8}


@dataclass(frozen=True, slots=True)
class District:
    """The codes of a district's units."""

    name: str

    @property
    def police(self) -> str:
        """Receives what agencies send."""
        return f"{self.name}-police"

    @property
    def criminal(self) -> str:
        """Receives everything."""
        return f"{self.name}-criminal"

    @property
    def agencies(self) -> list[str]:
        """Receive what the police answer."""
        return [f"{self.name}-agency-{n}" for n in range(AGENCIES_OF_A_DISTRICT)]

    @property
    def roles(self) -> dict[str, str]:
        """Each unit with its role."""
        return {self.police: "PSB", self.criminal: "PC"} | dict.fromkeys(self.agencies, "AG")


@dataclass(frozen=True, slots=True)
class Said:
    """One event as its speaker writes it."""

    id: str
    unit: str
    key: bytes
    value: bytes
    headers: Headers


def districts(units: int) -> list[District]:
    """As many as have so many units."""
    return [District(f"d{n:03}") for n in range(units // UNITS_OF_A_DISTRICT)]


def write_register(path: Path, places: list[District]) -> None:
    """The register of these districts, as `LINKAGE_UNITS` names it."""
    path.write_text("\n".join(_rows(places)), encoding="utf-8")


def _rows(places: list[District]) -> Iterator[str]:
    for place in places:
        for code, role in place.roles.items():
            yield f'[[unit]]\ncode = "{code}"\nname_zh = "{code}"\nname_en = "{code}"'
            yield f'roles = ["{role}"]\ndistrict = "{place.name}"\n'


def event(number: int, places: list[District], now: datetime) -> Said:
    """Event `number` of the endless series: each agency has one case at a time, and all of them go on in turn.

    The same arguments give the same bytes.
    """
    agencies = len(places) * AGENCIES_OF_A_DISTRICT
    block, rest = divmod(number, len(STEPS) * agencies)
    step, turn = divmod(rest, agencies)
    rank, district = divmod(turn, len(places))
    place, type_ = places[district], STEPS[step]
    agency = place.agencies[rank]
    case_number = f"{agency}移〔{now.year}〕{block}号"
    envelope = Envelope(
        id=new_id(now + timedelta(milliseconds=number), number.to_bytes(10)),
        source=agency if step == 0 else place.police,
        type=type_,
        subject=case_id(agency, case_number),
        time=now - timedelta(hours=_HOURS_AGO[type_]),
        origin_unit=agency,
        origin_case=case_number,
        field="environment",
    )
    value = encode(type_, _payload(type_, place, case_number))
    return Said(envelope.id, envelope.source, _key(envelope.subject), value, write_headers(envelope))


def _key(case: UUID) -> bytes:
    return str(case).encode()


def _payload(type_: str, place: District, number: str) -> dict[str, Any]:
    told: dict[str, dict[str, Any]] = {
        "transfer.sent": {"addressee": place.police, "letter_no": number, "offence": "污染环境罪"},
        "transfer.received": {"receipt_no": number, "receiver": "接报民警"},
        "filing.accepted": {"filing_no": number, "offence": "污染环境罪"},
    }
    return {"summary": "现场查获涉案物品,已制作现场检查笔录并拍照取证。", **told[type_]}

"""The cases that the benchmarks run: real event types in a legal order, many cases side by side, some events twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from producers.records import new_id
from schemas.codec import encode
from schemas.envelope import Envelope, Headers, write_headers
from schemas.identity import case_id

SIDE_BY_SIDE = 2000
"""Cases open at a time: the events of a case lie this many records apart."""
LATE_REPEAT = 30_000
"""One repeat in two comes this many events later, when its case is long over."""


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency of the demonstration's register, what it enforces and the crime it meets most."""

    code: str
    field: str
    offence: str
    superior: str | None = None


AGENCIES = (
    Agency("by-env", "environment", "污染环境罪", "gz-env"),
    Agency("by-market", "food", "生产、销售不符合安全标准的食品罪"),
    Agency("by-tobacco", "tobacco", "非法经营罪"),
    Agency("by-labour", "labour", "拒不支付劳动报酬罪"),
)
POLICE = "by-police"
CRIMINAL = "by-criminal"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of every case: its type, who says it (None: the agency), and how long ago it happened."""

    type: str
    speaker: str | None
    hours_ago: int


# The procuratorate finds a case that should have been transferred and says so, the agency sends it, the police
# receive it, file it and take the articles over: every clock that starts is stopped in time.
STEPS = (
    Step("opinion.to_transfer_issued", CRIMINAL, 40),
    Step("transfer.sent", None, 30),
    Step("transfer.received", POLICE, 29),
    Step("filing.accepted", POLICE, 8),
    Step("items.handed_over", None, 6),
)


PACKAGE = ("涉嫌犯罪案件移送书", "调查报告", "涉案物品清单", "检验报告", "检验鉴定机构资质证明")
"""The documents that a transfer must come with."""


@dataclass(frozen=True, slots=True)
class Said:
    """One event as its speaker writes it: `key`, `value` and `headers` are those of the record."""

    id: str
    type: str
    unit: str
    case: UUID
    agency: Agency
    key: bytes
    value: bytes
    headers: Headers


def event(number: int, now: datetime) -> Said:
    """Event `number` of the endless series. The same number and `now` give the same bytes."""
    block, rest = divmod(number, len(STEPS) * SIDE_BY_SIDE)
    step, place = divmod(rest, SIDE_BY_SIDE)
    ordinal = block * SIDE_BY_SIDE + place
    agency = AGENCIES[ordinal % len(AGENCIES)]
    case_number = f"云检移〔{now.year}〕{ordinal}号"
    chosen = STEPS[step]
    envelope = Envelope(
        id=new_id(now + timedelta(milliseconds=number), number.to_bytes(10)),
        source=chosen.speaker or agency.code,
        type=chosen.type,
        subject=case_id(CRIMINAL, case_number),
        time=now - timedelta(hours=chosen.hours_ago, seconds=-(ordinal % 3600)),
        origin_unit=CRIMINAL,
        origin_case=case_number,
        field=agency.field,
        operator="承办人",
    )
    return Said(
        id=envelope.id,
        type=chosen.type,
        unit=envelope.source,
        case=envelope.subject,
        agency=agency,
        key=str(envelope.subject).encode(),
        value=encode(chosen.type, _payload(chosen.type, agency, ordinal)),
        headers=write_headers(envelope),
    )


def delivery_order(count: int, late: int = LATE_REPEAT) -> Iterator[int]:
    """0 to count-1, one in a hundred of them twice: half at once, half `late` events later."""
    for number in range(count):
        yield number
        if number % 200 == 50:
            yield number
        if number >= late and (number - late) % 200 == 150:
            yield number - late
    for number in range(max(0, count - late), count):
        if number % 200 == 150:
            yield number


def _payload(type_: str, agency: Agency, ordinal: int) -> dict[str, Any]:
    number = f"云移〔2026〕{ordinal}号"
    sha256 = f"{ordinal:064x}"
    common = {
        "summary": "现场查获涉案物品,已制作现场检查笔录并拍照取证。",
        "documents": [
            {"kind": kind, "title": number, "sha256": sha256, "seal": "electronic"}
            for kind in (PACKAGE if type_ == "transfer.sent" else ("文书",))
        ],
    }
    return common | _PAYLOADS[type_](agency, number)


_PARTY = {"name": "广州某某有限公司", "kind": "legal_person", "id_no": None, "role": None}


def _opinion(agency: Agency, number: str) -> dict[str, Any]:
    return {
        "addressee": agency.code,
        "letter_no": number,
        "reply_days": 30,
        "offence": agency.offence,
        "parties": [_PARTY],
    }


def _sent(agency: Agency, number: str) -> dict[str, Any]:
    return {
        "addressee": POLICE,
        "letter_no": number,
        "offence": agency.offence,
        "parties": [_PARTY],
        "items_count": 3,
        "amount_fen": 1_234_500,
    }


def _received(_: Agency, number: str) -> dict[str, Any]:
    return {"receipt_no": number, "receiver": "接报民警"}


def _accepted(agency: Agency, number: str) -> dict[str, Any]:
    return {"filing_no": number, "offence": agency.offence, "parties": [_PARTY]}


def _handed_over(_: Agency, number: str) -> dict[str, Any]:
    return {
        "addressee": POLICE,
        "items": [{"name": "涉案包装物", "quantity": "3 箱", "mark_no": number}],
        "custodian": "公安机关涉案财物管理中心",
        "handed_by": "执法人员",
        "received_by": "接收民警",
    }


_PAYLOADS: dict[str, Callable[[Agency, str], dict[str, Any]]] = {
    "opinion.to_transfer_issued": _opinion,
    "transfer.sent": _sent,
    "transfer.received": _received,
    "filing.accepted": _accepted,
    "items.handed_over": _handed_over,
}

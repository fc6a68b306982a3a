"""The cases that the load is made of: who says what in which turn, and what must come of it by law.

This is the oracle, written from the law and not from the rules: it shares nothing with `consumers`. All cases
are of one district and one field, so that its tables stay small enough to be checked by eye.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas.spans import CHINA

AG, PSB, STRANGER = "by-market", "by-police", "by-police-town"
PC, PA, PV, PI, CM, JU = "by-criminal", "by-admin", "by-civil", "by-pil", "by-casemgmt", "by-justice"
UNITS = (AG, PSB, STRANGER, PC, PA, PV, PI, CM, JU)
FIELD, OFFENCE = "food", "生产、销售不符合安全标准的食品罪"

RECEIVERS: Mapping[str, frozenset[str]] = {
    "transfer.suspected": frozenset({PC}),
    "transfer.reported": frozenset(),
    "transfer.approved": frozenset({PC}),
    "transfer.sent": frozenset({PSB, PC}),
    "transfer.received": frozenset({AG, PC}),
    "filing.accepted": frozenset({AG, PC}),
    "items.handed_over": frozenset({PSB, PC}),
    "opinion.to_transfer_issued": frozenset({AG, JU}),
    "mirror.copied": frozenset({PV, PA, PI, PC, CM}),
    "mirror.accepted": frozenset({PC, CM}),
    "mirror.dismissed": frozenset({PC, CM}),
}
"""Who receives what a unit says, and the bus's own copies of an opinion."""

OFFICE_RULES = frozenset({"O310-05a", "T-mirror"})
"""No statutory limits, but the office's own targets: told to the holder alone."""
STOPS: Mapping[str, str] = {
    "O310-05a": "transfer.reported",
    "O310-05b": "transfer.approved",
    "O310-05c": "transfer.sent",
    "O310-08": "filing.accepted",
    "O310-12": "items.handed_over",
}
"""What ends a limit. An alarm that comes into the log only after that is obsolete and reaches nobody."""


def hearers_of_alarm(rule: str, holder: str) -> frozenset[str]:
    """Who hears of a clock: the holder, and of a statutory limit also those who watch over it."""
    return frozenset({holder}) if rule in OFFICE_RULES else frozenset({holder, PC, CM})


_DATA: Mapping[str, Mapping[str, Any]] = {
    "transfer.suspected": {"offence": OFFENCE},
    "transfer.reported": {"report": "调查报告"},
    "transfer.approved": {"approver": "正职负责人"},
    "transfer.sent": {"addressee": PSB, "offence": OFFENCE, "items_count": 2},
    "transfer.received": {"receipt_no": "回执1", "receiver": "受案民警"},
    "filing.accepted": {"filing_no": "立案1", "offence": OFFENCE},
    "items.handed_over": {
        "addressee": PSB,
        "items": [{"name": "冷冻食品", "quantity": "2"}],
        "custodian": "物证室",
        "handed_by": "执法人员",
        "received_by": "民警",
    },
    "opinion.to_transfer_issued": {
        "addressee": AG,
        "letter_no": "检意1",
        "offence": OFFENCE,
        "reply_days": 30,
    },
    "mirror.accepted": {"regarding_source": PC},
    "mirror.dismissed": {"regarding_source": PC, "reason": "无公益损害"},
}


@dataclass(frozen=True, slots=True)
class Saying:
    """One event of a script.

    `at` is a moment, or how long before the case's first sending it happened; None: just when it is said.
    """

    unit: str
    type: str
    at: datetime | timedelta | None

    def payload(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """The payload; `ids` has the ids of the case's events by type."""
        data = dict(_DATA[self.type])
        if "regarding_source" in data:
            data["regarding_id"] = ids["opinion.to_transfer_issued"]
        return data


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said one after another, once everything of the turn before is in the log.

    `awaits`: only after the bus has said something of this type in the case.
    """

    sayings: tuple[Saying, ...]
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A case from its first to its last event, and how it must stand in the end.

    `clocks` are (rule, holder) → state, all there are. `alarms` are the (type, rule) that the bus must have
    said, each once. A limit whose start is reported late may also be flagged and withdrawn again, if its stop
    took long to come through: `flickers` names the rules for which that is so.
    """

    name: str
    turns: tuple[Turn, ...]
    clocks: Mapping[tuple[str, str], str]
    alarms: frozenset[tuple[str, str]] = frozenset()
    flickers: frozenset[str] = frozenset()
    parked: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # (unit, type)
    mirrors: Mapping[str, str] = field(default_factory=dict)  # unit → state


def _ago(hours: float) -> timedelta:
    return timedelta(hours=hours)


def _march(day: int, hour: int) -> datetime:
    """In March 2026, in China. The 9th is a Monday."""
    return datetime(2026, 3, day, hour, tzinfo=CHINA)


def _transfer(*at: datetime | timedelta) -> tuple[Turn, Turn]:
    suspected, reported, approved, sent, received, filed = at
    return (
        Turn(
            (
                Saying(AG, "transfer.suspected", suspected),
                Saying(AG, "transfer.reported", reported),
                Saying(AG, "transfer.approved", approved),
                Saying(AG, "transfer.sent", sent),
            )
        ),
        Turn((Saying(PSB, "transfer.received", received), Saying(PSB, "filing.accepted", filed))),
    )


_TODAY = _transfer(_ago(5), _ago(4.5), _ago(4), _ago(3), _ago(2), _ago(1))
# Filed on Thursday the 5th: the articles are due by the 8th, a Sunday, and so by Monday the 9th.
_IN_MARCH = _transfer(_march(2, 9), _march(2, 10), _march(3, 9), _march(3, 16), _march(3, 17), _march(5, 15))
_HANDED = "items.handed_over"
_TRANSFER_MET = {
    ("O310-05a", AG): "met",
    ("O310-05b", AG): "met",
    ("O310-05c", AG): "met",
    ("O310-08", PSB): "met",
}
_TRANSFER_RULES = frozenset({"O310-05a", "O310-05b", "O310-05c", "O310-08"})
_BREACH = ("deadline.breached", "O310-12")

SWIFT = Script(
    "swift",
    (*_TODAY, Turn((Saying(AG, _HANDED, _ago(0.5)),))),
    {**_TRANSFER_MET, ("O310-12", AG): "met"},
)
OVERDUE = Script(
    "overdue",
    _IN_MARCH,
    {**_TRANSFER_MET, ("O310-12", AG): "breached"},
    frozenset({_BREACH}),
    _TRANSFER_RULES,
)
LATE_WORD = Script(
    "late-word",
    (*_IN_MARCH, Turn((Saying(AG, _HANDED, _march(8, 10)),), awaits="deadline.breached/O310-12")),
    {**_TRANSFER_MET, ("O310-12", AG): "met"},
    frozenset({_BREACH, ("deadline.met", "O310-12")}),
    _TRANSFER_RULES,
)
OVERRAN = Script(
    "overran",
    (*_IN_MARCH, Turn((Saying(AG, _HANDED, _march(12, 10)),), awaits="deadline.breached/O310-12")),
    {**_TRANSFER_MET, ("O310-12", AG): "met-late"},
    frozenset({_BREACH, ("deadline.met", "O310-12")}),
    _TRANSFER_RULES,
)
STRANGE = Script(
    "strange",
    (
        _TODAY[0],
        Turn((Saying(STRANGER, "transfer.received", _ago(2)),)),
        _TODAY[1],
    ),
    {**_TRANSFER_MET, ("O310-12", AG): "running"},
    parked=frozenset({(STRANGER, "transfer.received")}),
)
OPINION = Script(
    "opinion",
    (
        Turn((Saying(AG, "transfer.suspected", _ago(5)),)),
        Turn((Saying(PC, "opinion.to_transfer_issued", _ago(2)),)),
        Turn((Saying(PA, "mirror.accepted", None),), awaits="mirror.copied/"),
        Turn((Saying(PI, "mirror.dismissed", None),)),
    ),
    {
        ("O310-05a", AG): "running",
        ("LETTER-transfer", AG): "running",
        ("T-mirror", PA): "met",
        ("T-mirror", PI): "met",
        ("T-mirror", PV): "running",
    },
    frozenset({("mirror.copied", "")}),
    mirrors={PA: "accepted", PI: "dismissed", PV: "copied"},
)
SCRIPTS = (SWIFT, OVERDUE, LATE_WORD, OVERRAN, STRANGE, OPINION)


def due_in(seconds: float) -> Script:
    """A case whose transfer falls due (24 hours after the approval) `seconds` after its first sending."""
    approved = timedelta(hours=24) - timedelta(seconds=seconds)
    return Script(
        "due",
        (
            Turn(
                (
                    Saying(AG, "transfer.suspected", approved + timedelta(hours=2)),
                    Saying(AG, "transfer.reported", approved + timedelta(hours=1)),
                    Saying(AG, "transfer.approved", approved),
                )
            ),
        ),
        {("O310-05a", AG): "met", ("O310-05b", AG): "met", ("O310-05c", AG): "breached"},
        frozenset({("deadline.breached", "O310-05c")}),
    )

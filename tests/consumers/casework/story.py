"""A case told event by event, for tests of the rules: who says what, when, and what the fold makes of it."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import infra.dev
from consumers.casefile import Case, CaseEvent
from consumers.casework.fold import Folded, fold
from consumers.decisions import Anomaly, Deliver, Delivery, Emit
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from schemas.envelope import Envelope
from schemas.identity import case_id
from schemas.spans import Precision
from schemas.units import BUS_UNIT, Register, load_register

REGISTER = load_register(Path(infra.dev.__file__).with_name("units.toml"))
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in China


PACKAGE = tuple(
    {"kind": kind, "title": kind}
    for kind in (
        "涉嫌犯罪案件移送书",
        "调查报告",
        "涉案物品清单",
        "检测报告",
        "检测机构资质证明",
        "行政处罚决定书",
    )
)
"""All that a transfer must come with; every `transfer.sent` of a story has it unless it says otherwise."""


def rulebook(register: Register = REGISTER) -> Rulebook:
    return Rulebook(register, published_calendar())


@dataclass
class Story:
    """One case. Each event happens an hour after the one before it unless `at` says otherwise (hours)."""

    origin: str = "by-env"
    number: str = "A-1"
    field: str = "environment"
    register: Register = dataclasses.field(default_factory=lambda: REGISTER)
    start: datetime = MONDAY
    case: Case | None = None
    told: list[CaseEvent] = dataclasses.field(default_factory=list)
    emitted: deque[tuple[CaseEvent, Emit]] = dataclasses.field(default_factory=deque)

    def __post_init__(self) -> None:
        self.rulebook = rulebook(self.register)

    def event(
        self,
        unit: str,
        type_: str,
        *,
        at: float | None = None,
        precision: Precision = Precision.SECOND,
        id: str | None = None,  # noqa: A002  (the name it has in the envelope)
        **data: Any,
    ) -> CaseEvent:
        position = len(self.told)
        time = self.start + timedelta(hours=position if at is None else at)
        envelope = Envelope(
            id=id or f"e{position}",
            source=unit,
            type=type_,
            subject=case_id(self.origin, self.number),
            time=time,
            precision=precision,
            origin_unit=self.origin,
            origin_case=self.number,
            field=self.field,
        )
        recorded = self.start + timedelta(days=30, minutes=position)
        if type_ == "transfer.sent":
            data.setdefault("documents", PACKAGE)
        if type_ in ("case.corrected", "case.voided"):
            data.setdefault("reason", "报送有误")
        return CaseEvent(0, position, recorded, envelope, envelope.span, data)

    def say(self, unit: str, type_: str, **said: Any) -> Folded:
        return self.fold(self.event(unit, type_, **said))

    def fold(self, event: CaseEvent) -> Folded:
        self.told.append(event)
        folded = fold(self.case, event, self.rulebook)
        self.case = folded.case
        self.emitted += [(event, d) for d in folded.decisions if isinstance(d, Emit)]
        return folded

    def bus_says(self) -> list[tuple[CaseEvent, Folded]]:
        """Fold what the bus itself had to say, as it comes back through the log."""
        heard = []
        while self.emitted:
            _, emit = self.emitted.popleft()
            event = self.event(BUS_UNIT, emit.type, id=emit.id, **dict(emit.data))
            heard.append((event, self.fold(event)))
        return heard

    @property
    def known(self) -> Case:
        assert self.case is not None, "nothing was admitted yet"
        return self.case


def received(folded: Folded) -> dict[str, Delivery]:
    """Who receives the event, and how."""
    return {d.unit: d.delivery for d in folded.decisions if isinstance(d, Deliver)}


def bases(folded: Folded) -> dict[str, str]:
    """By which article each recipient receives the event."""
    return {d.unit: d.basis for d in folded.decisions if isinstance(d, Deliver)}


def flags(folded: Folded) -> list[str]:
    """The codes of the anomalies, in order."""
    return [d.code for d in folded.decisions if isinstance(d, Anomaly)]


def details(folded: Folded) -> list[str]:
    """What the anomalies say to a person, in order."""
    return [d.detail for d in folded.decisions if isinstance(d, Anomaly)]


def copies(emit: Emit) -> Mapping[str, Mapping[str, str]]:
    """The copies of a `mirror.copied` by unit."""
    return {copy["unit"]: copy for copy in emit.data["copies"]}

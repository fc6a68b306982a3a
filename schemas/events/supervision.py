"""Events: the conversation `supervision`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionProposed:
    """建议立案监督 — Filing supervision proposed."""

    TYPE: ClassVar[str] = "supervision.proposed"

    addressee: str | None = None
    """人民检察院的单位代码，空为本区刑事检察部门 — Procuratorate addressed; null: the criminal department of the district."""
    contested: str
    """有异议的决定或情形 — What is contested."""
    notice_no: str | None = None
    """建议书文号 — Number of the proposal."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionReasonsRequested:
    """要求说明理由 — Reasons for not filing requested."""

    TYPE: ClassVar[str] = "supervision.reasons_requested"

    addressee: str | None = None
    """公安机关的单位代码，空为承办机关 — Police organ addressed; null: the one the case is with."""
    notice_no: str
    """通知书文号，同一监督程序凭此对应 — Number of the notice; the answer refers to it."""
    reasons: str | None = None
    """要求说明的事项 — What must be explained."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionReasonsGiven:
    """说明不立案理由 — Reasons for not filing given."""

    TYPE: ClassVar[str] = "supervision.reasons_given"

    addressee: str | None = None
    """人民检察院的单位代码，空为本区刑事检察部门 — Procuratorate addressed; null: the criminal department of the district."""
    notice_no: str
    """通知书文号，同一监督程序凭此对应 — Number of the notice; the answer refers to it."""
    reasons: str
    """不立案的理由 — Reasons for not filing."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionFileOrdered:
    """通知立案 — Filing ordered."""

    TYPE: ClassVar[str] = "supervision.file_ordered"

    addressee: str | None = None
    """公安机关的单位代码，空为承办机关 — Police organ addressed; null: the one the case is with."""
    notice_no: str
    """通知书文号，同一监督程序凭此对应 — Number of the notice; the answer refers to it."""
    reasons: str | None = None
    """不立案理由不成立的说明 — Why the reasons do not hold."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class SupervisionOutcome(StrEnum):
    """监督结论 — Conclusion of a filing supervision."""

    REASONS_HOLD = "reasons_hold"
    REASONS_FAIL = "reasons_fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionConcluded:
    """监督结论告知 — Supervision concluded."""

    TYPE: ClassVar[str] = "supervision.concluded"

    addressee: str | None = None
    """行政执法机关的单位代码，空为移送机关 — Agency addressed; null: the sender."""
    notice_no: str | None = None
    """告知函文号 — Number of the letter."""
    outcome: SupervisionOutcome
    """不立案理由成立、不成立 — The reasons for not filing hold, or fail."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionCorrected:
    """纠正违法 — Correction notice issued."""

    TYPE: ClassVar[str] = "supervision.corrected"

    addressee: str | None = None
    """公安机关的单位代码，空为承办机关 — Police organ addressed; null: the one the case is with."""
    notice_no: str
    """纠正违法通知书文号 — Number of the correction notice."""
    reasons: str
    """违法情形和纠正意见 — What is unlawful and what must be done."""
    higher_organ: str | None = None
    """上报的上一级人民检察院 — Next higher procuratorate it is reported to."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionUrged:
    """催办 — Reminder letter sent."""

    TYPE: ClassVar[str] = "supervision.urged"

    addressee: str | None = None
    """公安机关的单位代码，空为承办机关 — Police organ addressed; null: the one the case is with."""
    notice_no: str
    """催办函文号 — Number of the reminder letter."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionWithdrawalOrdered:
    """通知撤销案件 — Withdrawal of the case ordered."""

    TYPE: ClassVar[str] = "supervision.withdrawal_ordered"

    addressee: str | None = None
    """受通知的公安机关单位代码，空为立案机关 — Unit code of the police organ; null: whoever filed."""
    notice_no: str
    """通知撤销案件书文号 — Number of the notice."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class DisputeStage(StrEnum):
    """异议的阶段 — Stage of the dispute."""

    RECONSIDERATION = "reconsideration"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionDisputed:
    """要求复议复核 — Order to withdraw disputed."""

    TYPE: ClassVar[str] = "supervision.disputed"

    addressee: str
    """受理的检察机关单位代码 — Unit code of the procuratorate that is asked."""
    stage: DisputeStage
    """要求同级复议、提请上一级复核 — Reconsideration at the same level, review at the next."""
    notice_no: str
    """所争议的通知书文号 — Number of the disputed notice."""
    ground: str
    """理由 — Ground."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class DisputeResult(StrEnum):
    """决定的结果 — What was decided."""

    MAINTAINED = "maintained"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionDisputeDecided:
    """复议复核决定 — Dispute over the order decided."""

    TYPE: ClassVar[str] = "supervision.dispute_decided"

    addressee: str | None = None
    """提出异议的公安机关单位代码，空为提出者 — Unit code of the police organ; null: whoever disputed."""
    stage: DisputeStage
    """复议、复核 — Reconsideration, review."""
    result: DisputeResult
    """维持、变更 — Maintained, changed."""
    notice_no: str
    """所争议的通知书文号 — Number of the disputed notice."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

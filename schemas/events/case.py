"""Events: the conversation `case`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn:
    """撤销案件 — Criminal case withdrawn."""

    TYPE: ClassVar[str] = "case.withdrawn"

    decision_no: str | None = None
    """撤销案件决定书文号 — Number of the decision."""
    ground: str
    """撤销案件的理由 — Ground."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSentForProsecution:
    """移送起诉 — Sent for prosecution."""

    TYPE: ClassVar[str] = "case.sent_for_prosecution"

    addressee: str | None = None
    """审查起诉的人民检察院，空为本区刑事检察部门 — Procuratorate addressed; null: the criminal department of the district."""
    indictment_opinion_no: str | None = None
    """起诉意见书文号 — Number of the opinion recommending prosecution."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """移送起诉的犯罪嫌疑人 — Suspects sent for prosecution."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProsecuted:
    """提起公诉 — Prosecuted."""

    TYPE: ClassVar[str] = "case.prosecuted"

    addressee: str | None = None
    """受理公诉的人民法院，空为本区人民法院 — Court addressed; null: the court of the district."""
    indictment_no: str | None = None
    """起诉书文号 — Number of the indictment."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class JudgementResult(StrEnum):
    """判决结果 — Result of a judgement."""

    CONVICTED = "convicted"
    EXEMPTED = "exempted"
    ACQUITTED = "acquitted"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseJudged:
    """判决 — Judged."""

    TYPE: ClassVar[str] = "case.judged"

    judgement_no: str | None = None
    """判决书文号 — Number of the judgement."""
    result: JudgementResult
    """有罪判处刑罚、免予刑事处罚、无罪、其他 — Convicted and punished, exempted from punishment, acquitted, other."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    sentence: str | None = None
    """判处的刑罚 — Sentence."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class NonProsecution(StrEnum):
    """不起诉种类 — Kind of non-prosecution."""

    STATUTORY = "statutory"
    DISCRETIONARY = "discretionary"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotProsecuted:
    """不起诉 — Not prosecuted."""

    TYPE: ClassVar[str] = "case.not_prosecuted"

    kind: NonProsecution
    """法定不起诉、酌定不起诉、存疑不起诉 — Statutory, discretionary, for insufficient evidence."""
    decision_no: str | None = None
    """不起诉决定书文号 — Number of the decision."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    custody: str | None = None
    """曾采取的强制措施 — Coercive measures that were taken."""
    seizures: str | None = None
    """查封、扣押、冻结财物及处理 — Property seized or frozen and what became of it."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class Measure(StrEnum):
    """强制措施 — Coercive measure."""

    DETENTION = "detention"
    ARREST = "arrest"
    BAIL = "bail"
    RESIDENTIAL_SURVEILLANCE = "residential_surveillance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSuspectInCustody:
    """采取强制措施 — Coercive measure taken."""

    TYPE: ClassVar[str] = "case.suspect_in_custody"

    measure: Measure
    """拘留、逮捕、取保候审、监视居住、其他 — Detention, arrest, bail, residential surveillance, other."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseArrestApproved:
    """批准逮捕 — Arrest approved."""

    TYPE: ClassVar[str] = "case.arrest_approved"

    decision_no: str | None = None
    """批准逮捕决定书文号 — Number of the decision."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class AppealResult(StrEnum):
    """二审结果 — Outcome of an appeal."""

    UPHELD = "upheld"
    CHANGED = "changed"
    REMANDED = "remanded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAppealDecided:
    """二审裁判 — Appeal decided."""

    TYPE: ClassVar[str] = "case.appeal_decided"

    judgement_no: str | None = None
    """二审裁判文书文号 — Number of the ruling or judgement."""
    result: AppealResult
    """维持原判、改判、发回重审、撤回上诉 — Upheld, changed, remanded, appeal withdrawn."""
    sentence: str | None = None
    """改判的刑罚 — Sentence after the change."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class ReviewStage(StrEnum):
    """合规考察阶段 — Stage of a compliance review."""

    OPENED = "opened"
    INSPECTED = "inspected"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseComplianceReview:
    """涉案企业合规考察 — Corporate compliance review."""

    TYPE: ClassVar[str] = "case.compliance_review"

    stage: ReviewStage
    """启动、考察、合格、不合格 — Opened, inspected, passed, failed."""
    result: str | None = None
    """考察结论 — Conclusion."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class HearingKind(StrEnum):
    """会议种类 — Kind of hearing or meeting."""

    PROCURATORIAL = "procuratorial"
    ADMINISTRATIVE = "administrative"
    COURT = "court"
    JOINT_MEETING = "joint_meeting"


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingHeld:
    """听证会商 — Hearing, court session or joint meeting held."""

    TYPE: ClassVar[str] = "hearing.held"

    kind: HearingKind
    """检察听证、行政听证、庭审、联席会商 — Procuratorial hearing, administrative hearing, court session, joint meeting."""
    topic: str
    """事由 — Topic."""
    participants: tuple[str, ...] = ()
    """参加单位和人员 — Organs and persons taking part."""
    outcome: str | None = None
    """结果 — Outcome."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDeregistered:
    """当事人注销登记 — Party deregistered."""

    TYPE: ClassVar[str] = "party.deregistered"

    party: str
    """注销登记的当事人 — Party deregistered."""
    registration_no: str | None = None
    """统一社会信用代码或登记号 — Credit code or registration number."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class RemedyKind(StrEnum):
    """补救方式 — How the harm was made good."""

    REPAIRED = "repaired"
    COMPENSATED = "compensated"
    PAID = "paid"
    RETURNED = "returned"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRemedied:
    """当事人补救整改 — Party made good the harm."""

    TYPE: ClassVar[str] = "party.remedied"

    party: str | None = None
    """当事人，空为全体 — Party; null: all."""
    kind: RemedyKind
    """修复、赔偿、缴纳（补缴）、退赔退回、其他 — Repaired, compensated, paid, returned, other."""
    amount_fen: int | None = None
    """金额（分） — Amount in fen."""
    verified_by: str | None = None
    """核实单位 — Who verified it."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEventReleased:
    """搁置事件放行 — Parked event released."""

    TYPE: ClassVar[str] = "case.event_released"

    addressee: str
    """获准在本案发言的单位 — Unit that may speak for the case by this decision."""
    regarding_source: str
    """所放行事件的来源单位 — Unit that said the released event."""
    regarding_id: str
    """所放行事件的编号 — Id of the released event."""
    place: str
    """搁置的记录在日志中的位置：主题/分区/偏移 — Where the parked record stands: topic/partition/offset."""
    reason: str
    """放行的理由 — Why the unit may speak."""
    approver: str | None = None
    """复核人，空为无须复核 — Second person who approved; null: none was needed."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseInvestigationReturned:
    """退回补充侦查 — Returned for supplementary investigation."""

    TYPE: ClassVar[str] = "case.investigation_returned"

    addressee: str | None = None
    """受退回的公安机关单位代码，空为移送起诉的机关 — Unit code of the police organ; null: whoever sent the case."""
    decision_no: str | None = None
    """补充侦查决定书文号 — Number of the decision."""
    round: int
    """第几次退回 — The how many-th return."""
    ground: str
    """理由 — Ground."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class ReviewPeriodKind(StrEnum):
    """审查起诉期限的种类 — Kind of period."""

    EXTENDED = "extended"
    FAST_TRACK = "fast_track"
    FAST_TRACK_EXTENDED = "fast_track_extended"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReviewPeriodSet:
    """审查起诉期限确定 — Period of the prosecution review set."""

    TYPE: ClassVar[str] = "case.review_period_set"

    kind: ReviewPeriodKind
    """重大复杂延长十五日、速裁十日、速裁延长至十五日 — Extended by 15 days; fast track: 10 days; fast track: 15 days."""
    approver: str | None = None
    """批准人 — Who approved."""
    ground: str
    """理由 — Ground."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

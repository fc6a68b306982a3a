"""Events: the conversation `reverse`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseCaseMoved:
    """反向衔接线索移送 — Case moved to reverse linkage."""

    TYPE: ClassVar[str] = "reverse.case_moved"

    addressee: str | None = None
    """接收的行政检察部门，空为本区行政检察部门 — Administrative department addressed; null: the one of the district."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    regarding_source: str | None = None
    """所指事件的来源单位 — Unit that said the event referred to."""
    regarding_id: str | None = None
    """所指事件的编号 — Id of the event referred to."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseRegistered:
    """反向衔接受理 — Reverse linkage registered."""

    TYPE: ClassVar[str] = "reverse.registered"

    register_no: str | None = None
    """受理编号 — Number in the register."""
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
class ReverseSuspended:
    """中止审查 — Review suspended."""

    TYPE: ClassVar[str] = "reverse.suspended"

    decision_no: str | None = None
    """中止审查决定书文号 — Number of the decision."""
    ground: str
    """中止的理由 — Ground."""
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
class ReverseResumed:
    """恢复审查 — Review resumed."""

    TYPE: ClassVar[str] = "reverse.resumed"

    ground: str
    """恢复的理由 — Ground."""
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
class ReverseReviewClosed:
    """终结审查 — Review closed without opinion."""

    TYPE: ClassVar[str] = "reverse.review_closed"

    decision_no: str | None = None
    """终结审查决定书文号 — Number of the decision."""
    ground: str
    """终结审查的理由 — Ground."""
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
class ReverseJurisdictionSettled:
    """确定主管机关 — Competent organ settled."""

    TYPE: ClassVar[str] = "reverse.jurisdiction_settled"

    addressee: str | None = None
    """承接的单位代码，空为未接入 — Unit that takes it on; null: not on this bus."""
    proper_organ: str
    """有管辖权的主管机关 — Competent organ."""
    through: str | None = None
    """经由的同级人民检察院 — Procuratorate of that organ's level through which it goes."""
    ground: str | None = None
    """依据 — Ground."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseOpinionIssued:
    """制发检察意见书 — Opinion for a penalty issued."""

    TYPE: ClassVar[str] = "reverse.opinion_issued"

    addressee: str
    """主管机关的单位代码 — Unit code of the competent organ."""
    letter_no: str
    """文书文号，回复凭此对应 — Number of the letter; replies refer to it."""
    reply_days: int | None = None
    """文书确定的回复期限（日），空为未定 — Days for the reply that the letter sets; null: none."""
    reply_months: int | None = None
    """文书确定的回复期限（月），空为未定 — Months for the reply that the letter sets; null: none."""
    penalty_kinds: tuple[str, ...] = ()
    """建议的处罚或处分种类 — Kinds of penalty advised."""
    legal_basis: str | None = None
    """法律依据 — Legal basis."""
    measures: str | None = None
    """强制措施、查封扣押冻结、训诫赔偿等情况 — Coercive measures, seizures, admonition, compensation."""
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
class ReverseOpinionDelivered:
    """检察意见书送达 — Opinion letter delivered."""

    TYPE: ClassVar[str] = "reverse.opinion_delivered"

    addressee: str | None = None
    """受送达的单位，空为文书所列单位 — Organ it was delivered to; null: the addressee of the letter."""
    letter_no: str
    """检察意见书文号 — Number of the opinion letter."""
    signatory: str | None = None
    """签收人 — Who signed."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class ReplyResult(StrEnum):
    """办理结果 — What became of an opinion."""

    PENALISED = "penalised"
    NOT_PENALISED = "not_penalised"
    IN_PROGRESS = "in_progress"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseReplied:
    """书面回复 — Opinion replied to."""

    TYPE: ClassVar[str] = "reverse.replied"

    addressee: str | None = None
    """制发意见的部门，空为发出部门 — Department addressed; null: the one that issued the letter."""
    letter_no: str
    """所回复的检察意见书文号 — Number of the letter that is answered."""
    result: ReplyResult
    """已处罚、不予处罚、正在办理、其他 — Penalised, not penalised, in progress, other."""
    interim: bool
    """是否阶段性回复 — Whether a final answer follows."""
    decision_no: str | None = None
    """行政处罚决定书文号 — Number of the penalty decision."""
    amount_fen: int | None = None
    """罚没金额（分） — Fine and confiscation in fen."""
    reasons: str | None = None
    """不予处罚的理由 — Reasons if there is no penalty."""
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
class ReverseReplyOverdue:
    """逾期未回复 — Reply overdue."""

    TYPE: ClassVar[str] = "reverse.reply_overdue"

    clock_id: str
    """期限编号 — Id of the clock."""
    letter_no: str
    """未回复的文书文号 — Number of the letter without a reply."""
    holder: str
    """应当回复的单位 — Unit that must reply."""
    days_over: int | None = None
    """至少已逾期（日） — Overdue by at least this many days."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class FollowUp(StrEnum):
    """跟进方式 — How an opinion is followed up."""

    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseFollowedUp:
    """跟进监督 — Opinion followed up."""

    TYPE: ClassVar[str] = "reverse.followed_up"

    addressee: str
    """被跟进的单位代码 — Unit code of the organ followed up."""
    kind: FollowUp
    """催办、跟进监督函、检察建议 — Reminder, follow-up letter, procuratorial suggestion."""
    letter_no: str
    """文书文号，回复凭此对应 — Number of the letter; replies refer to it."""
    original_letter_no: str | None = None
    """原检察意见书文号 — Number of the opinion that is followed up."""
    reply_days: int | None = None
    """文书确定的回复期限（日），空为未定 — Days for the reply that the letter sets; null: none."""
    reply_months: int | None = None
    """文书确定的回复期限（月），空为未定 — Months for the reply that the letter sets; null: none."""
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
class ReturnedToAgency:
    """移送行政处理 — Returned to the agency for a penalty."""

    TYPE: ClassVar[str] = "returned.to_agency"

    addressee: str | None = None
    """接收案件的行政执法机关，空为移送机关 — Agency that gets the case back; null: the sender."""
    notice_no: str | None = None
    """移送函文号 — Number of the letter."""
    ground: str
    """移送行政处理的理由 — Ground."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class RevisitResult(StrEnum):
    """回访结果 — What a revisit found."""

    DONE = "done"
    PARTLY_DONE = "partly_done"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionRevisited:
    """检察建议回访 — Suggestion revisited."""

    TYPE: ClassVar[str] = "suggestion.revisited"

    addressee: str | None = None
    """被回访的单位代码 — Unit revisited."""
    letter_no: str
    """检察建议书文号 — Number of the suggestion."""
    result: RevisitResult
    """已落实、部分落实、未落实 — Done, partly done, not done."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseReviewExtended:
    """审查期限延长 — Review for reverse linkage extended."""

    TYPE: ClassVar[str] = "reverse.review_extended"

    limit_working_days: int
    """延长后的审查期限（工作日），自受理之日起 — The limit in working days after the extension, from registration."""
    approver: str
    """批准延长的检察长 — Chief procurator who approved."""
    ground: str
    """理由 — Ground."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `pil`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class PilFiled:
    """公益诉讼立案 — Public-interest case filed."""

    TYPE: ClassVar[str] = "pil.filed"

    addressee: str | None = None
    """行政公益诉讼的被监督机关 — Organ concerned in an administrative public-interest case."""
    filing_no: str | None = None
    """公益诉讼立案决定书文号 — Number of the decision."""
    harm: str | None = None
    """公益受损情况 — Harm to the public interest."""
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
class PilConsulted:
    """诉前磋商 — Pre-litigation consultation held."""

    TYPE: ClassVar[str] = "pil.consulted"

    addressee: str
    """磋商的行政机关 — Organ consulted."""
    topic: str
    """磋商事项 — Topic."""
    outcome: str | None = None
    """磋商结果 — Outcome."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PilSuggested:
    """诉前检察建议 — Pre-litigation suggestion issued."""

    TYPE: ClassVar[str] = "pil.suggested"

    addressee: str
    """收到检察建议的行政机关的单位代码 — Unit code of the organ that gets the suggestion."""
    letter_no: str
    """文书文号，回复凭此对应 — Number of the letter; replies refer to it."""
    reply_days: int | None = None
    """文书确定的回复期限（日），空为未定 — Days for the reply that the letter sets; null: none."""
    reply_months: int | None = None
    """文书确定的回复期限（月），空为未定 — Months for the reply that the letter sets; null: none."""
    urgent: bool = False
    """是否属于紧急情形（十五日） — Whether it is urgent (15 days)."""
    harm: str | None = None
    """公益受损情况 — Harm to the public interest."""
    demands: str | None = None
    """建议的措施 — Measures suggested."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PilAnnounced:
    """诉前公告 — Pre-litigation announcement made."""

    TYPE: ClassVar[str] = "pil.announced"

    announcement_no: str | None = None
    """公告文号 — Number of the announcement."""
    medium: str | None = None
    """公告媒体 — Where it was published."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class SuitKind(StrEnum):
    """诉讼种类 — Kind of suit."""

    CRIMINAL_ATTACHED_CIVIL = "criminal_attached_civil"
    CIVIL = "civil"
    ADMINISTRATIVE = "administrative"


@dataclass(frozen=True, slots=True, kw_only=True)
class PilSuitFiled:
    """提起公益诉讼 — Public-interest suit filed."""

    TYPE: ClassVar[str] = "pil.suit_filed"

    addressee: str | None = None
    """被诉行政机关 — Organ sued, in an administrative suit."""
    kind: SuitKind
    """刑事附带民事公益诉讼、民事公益诉讼、行政公益诉讼 — Civil suit attached to the criminal case, civil, administrative."""
    court: str | None = None
    """受理法院 — Court."""
    claim_fen: int | None = None
    """诉讼请求金额（分） — Amount claimed, in fen."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class PerformanceReply(StrEnum):
    """履职情况 — What the organ reports."""

    PERFORMED = "performed"
    PARTLY_PERFORMED = "partly_performed"
    NOT_PERFORMED = "not_performed"
    IN_PROGRESS = "in_progress"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PilReplied:
    """检察建议回复 — Suggestion replied to."""

    TYPE: ClassVar[str] = "pil.replied"

    addressee: str | None = None
    """制发建议的部门，空为发出部门 — Department addressed; null: the one that issued the suggestion."""
    letter_no: str
    """所回复的检察建议书文号 — Number of the suggestion that is answered."""
    result: PerformanceReply
    """已依法履职、部分履职、未履职、正在办理、其他 — Performed, partly performed, not performed, in progress, other."""
    interim: bool
    """是否阶段性回复 — Whether a final answer follows."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class Verified(StrEnum):
    """核实结果 — What the verification found."""

    PERFORMED = "performed"
    PARTLY_PERFORMED = "partly_performed"
    NOT_PERFORMED = "not_performed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PilVerified:
    """整改核实 — Performance verified."""

    TYPE: ClassVar[str] = "pil.verified"

    letter_no: str | None = None
    """检察建议书文号 — Number of the suggestion."""
    result: Verified
    """已整改、部分整改、未整改 — Performed, partly performed, not performed."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

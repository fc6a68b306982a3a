"""Events: the conversation `lead`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document, Fact, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class AccidentOccurred:
    """生产安全事故 — Accident occurred."""

    TYPE: ClassVar[str] = "accident.occurred"

    place: str | None = None
    """事故地点 — Place."""
    deaths: int | None = None
    """死亡人数 — Deaths."""
    injured: int | None = None
    """受伤人数 — Injured."""
    loss_fen: int | None = None
    """直接经济损失（分） — Direct economic loss in fen."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """事故单位和责任人 — Organisation and persons responsible."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class LeadOrigin(StrEnum):
    """线索来源 — Where a lead comes from."""

    INSPECTION = "inspection"
    COMPLAINT = "complaint"
    MEDIA = "media"
    PASSED_ON = "passed_on"
    DATA_MATCH = "data_match"
    SELF_REPORTED = "self_reported"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFound:
    """发现线索 — Lead found, reported or passed on."""

    TYPE: ClassVar[str] = "lead.found"

    addressee: str | None = None
    """线索移送给的单位，空为自行掌握 — Unit the lead is passed on to; null: kept by the finder."""
    origin: LeadOrigin = LeadOrigin.OTHER
    """现场检查、群众举报、媒体、其他单位移送、数据比对、当事人自行报告、其他 — Inspection, complaint, media, passed on, data match, reported by the party, other."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """当事人 — Parties."""
    place: str | None = None
    """地点 — Place."""
    facts: tuple[Fact, ...] = ()
    """供与追诉标准比对的事实要素 — Facts to be held against prosecution standards."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResulted:
    """检验鉴定结果 — Test or expert opinion received."""

    TYPE: ClassVar[str] = "test.resulted"

    tested: str
    """检验对象 — What was tested."""
    result: str
    """检验结果或鉴定意见 — Result or expert opinion."""
    institution: str | None = None
    """检验鉴定机构 — Testing institution."""
    report_no: str | None = None
    """报告编号 — Number of the report."""
    qualified: bool | None = None
    """是否附机构资质证明，空为不详 — Whether proof of qualification is attached; null: not known."""
    facts: tuple[Fact, ...] = ()
    """供与追诉标准比对的事实要素 — Facts to be held against prosecution standards."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadThresholdMatched:
    """追诉标准比对命中 — Prosecution threshold matched."""

    TYPE: ClassVar[str] = "lead.threshold_matched"

    rule: str
    """比对规则编号 — Code of the matching rule."""
    offence: str
    """对应罪名 — Offence whose threshold is met."""
    matched: tuple[str, ...]
    """命中的事实 — Facts that matched."""
    amount_fen: int | None = None
    """命中的金额（分） — Amount that matched, in fen."""
    standard: str
    """追诉标准条文 — Text and article of the prosecution standard."""
    party: str | None = None
    """命中的事实只属其一人的当事人，空为各当事人共同的事实 — The party of whom alone the facts are; null: facts of all of them."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `admin_case`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document, Fact, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCaseCorrectionOrdered:
    """责令改正 — Correction or stop ordered."""

    TYPE: ClassVar[str] = "admin_case.correction_ordered"

    order_no: str | None = None
    """责令改正通知书文号 — Number of the order."""
    ordered: str | None = None
    """责令改正或停止的内容 — What must be corrected or stopped."""
    correct_by: int | None = None
    """改正期限 — Until when (milliseconds since 1970, UTC)."""
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
class AdminCaseFiled:
    """行政案件立案备案 — Administrative case filed."""

    TYPE: ClassVar[str] = "admin_case.filed"

    case_no: str
    """行政案件案号 — The agency's case number."""
    cause: str | None = None
    """案由 — Cause of action."""
    parties: tuple[Party, ...] = ()
    """案件当事人 — Parties of the administrative case."""
    amount_fen: int | None = None
    """涉案金额（分） — Amount involved, in fen."""
    place: str | None = None
    """案发地点 — Where it happened."""
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
class AdminCasePenalised:
    """行政处罚决定 — Administrative penalty decided."""

    TYPE: ClassVar[str] = "admin_case.penalised"

    decision_no: str | None = None
    """行政处罚决定书文号 — Number of the penalty decision."""
    kinds: tuple[str, ...] = ()
    """处罚种类 — Kinds of penalty."""
    amount_fen: int | None = None
    """罚没金额合计（分） — Fines and confiscations in fen."""
    legal_basis: str | None = None
    """处罚依据 — Legal basis."""
    crime_suspected: bool = False
    """处罚时是否认为涉嫌犯罪 — Whether a crime was suspected at the time of the penalty."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    party: str | None = None
    """涉及的当事人，空为全案 — The party concerned; null: the whole case."""
    facts: tuple[Fact, ...] = ()
    """供与追诉标准比对的事实要素 — Facts to be held against prosecution standards."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

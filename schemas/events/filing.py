"""Events: the conversation `filing`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document, Party


class ApproverLevel(StrEnum):
    """批准延长的层级 — Who approved an extension."""

    COUNTY_HEAD = "county_head"
    HIGHER_ORGAN = "higher_organ"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingExtended:
    """立案审查期限延长 — Filing review extended."""

    TYPE: ClassVar[str] = "filing.extended"

    approver_level: ApproverLevel
    """县级以上公安机关负责人、上一级公安机关负责人 — Head of the county-level organ, head of the next higher organ."""
    approver: str | None = None
    """批准人 — Who approved."""
    ground: str
    """延长的理由 — Ground of the extension."""
    limit_days: int
    """延长后的期限（日），自接受之日起 — The limit in days after the extension, from acceptance."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingAccepted:
    """决定立案 — Criminal case filed."""

    TYPE: ClassVar[str] = "filing.accepted"

    filing_no: str
    """立案决定书文号 — Number of the filing decision."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """立案侦查的犯罪嫌疑人 — Suspects."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingDeclined:
    """不予立案 — Filing declined."""

    TYPE: ClassVar[str] = "filing.declined"

    notice_no: str | None = None
    """不予立案通知书文号 — Number of the notice."""
    reasons: str
    """不予立案的理由 — Reasons."""
    file_returned: bool
    """是否退回案卷材料 — Whether the file was returned."""
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
class FilingUndecidedOverdue:
    """逾期未作决定 — Filing decision overdue."""

    TYPE: ClassVar[str] = "filing.undecided_overdue"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    holder: str
    """应当作出决定的公安机关 — Police organ that must decide."""
    due_latest: int | None = None
    """最迟届满时间 — Latest possible due time (milliseconds since 1970, UTC)."""
    overrun_seconds: int | None = None
    """至少已逾期（秒） — Overdue by at least this many seconds."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `opinion`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionToTransferIssued:
    """检察意见（督促移送） — Procuratorial opinion to transfer issued."""

    TYPE: ClassVar[str] = "opinion.to_transfer_issued"

    addressee: str
    """应当移送案件的行政执法机关的单位代码 — Unit code of the agency that should transfer."""
    letter_no: str
    """文书文号，回复凭此对应 — Number of the letter; replies refer to it."""
    reply_days: int | None = None
    """文书确定的回复期限（日），空为未定 — Days for the reply that the letter sets; null: none."""
    reply_months: int | None = None
    """文书确定的回复期限（月），空为未定 — Months for the reply that the letter sets; null: none."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """涉嫌犯罪的当事人 — Suspects."""
    grounds: str | None = None
    """应当移送的事实和依据 — Facts and basis."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class ExecutionResult(StrEnum):
    """执行情况 — What the agency did."""

    TRANSFERRED = "transferred"
    REFUSED = "refused"
    IN_PROGRESS = "in_progress"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionToTransferExecuted:
    """检察意见执行情况 — Opinion to transfer executed or answered."""

    TYPE: ClassVar[str] = "opinion.to_transfer_executed"

    addressee: str | None = None
    """制发意见的人民检察院，空为发出部门 — Procuratorate addressed; null: the department that issued it."""
    letter_no: str
    """所回复的检察意见文号 — Number of the opinion that is answered."""
    result: ExecutionResult
    """已移送、不移送、正在办理、其他 — Transferred, refused, in progress, other."""
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

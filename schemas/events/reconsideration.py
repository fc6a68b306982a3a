"""Events: the conversation `reconsideration`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconsiderationRequested:
    """提请复议 — Reconsideration requested."""

    TYPE: ClassVar[str] = "reconsideration.requested"

    addressee: str | None = None
    """受理复议的公安机关，空为原决定机关 — Police organ addressed; null: the one that decided."""
    grounds: str
    """复议理由 — Grounds."""
    request_no: str | None = None
    """提请复议书文号 — Number of the request."""
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


class ReconsiderationResult(StrEnum):
    """复议结果 — Outcome of a reconsideration."""

    MAINTAINED = "maintained"
    FILED = "filed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconsiderationDecided:
    """复议决定 — Reconsideration decided."""

    TYPE: ClassVar[str] = "reconsideration.decided"

    addressee: str | None = None
    """提请复议的机关，空为移送机关 — Agency addressed; null: the sender."""
    result: ReconsiderationResult
    """维持不予立案、决定立案 — Non-filing maintained, case filed."""
    decision_no: str | None = None
    """复议决定书文号 — Number of the decision."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `correction`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCorrected:
    """更正 — Event corrected."""

    TYPE: ClassVar[str] = "case.corrected"

    regarding_source: str
    """所指事件的来源单位 — Unit that said the event referred to."""
    regarding_id: str
    """所指事件的编号 — Id of the event referred to."""
    reason: str
    """更正的理由 — Why it is corrected."""
    replacement_id: str | None = None
    """替代事件的编号，空为仅注明有误 — Id of the event that stands instead; null: none yet."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVoided:
    """作废 — Event voided."""

    TYPE: ClassVar[str] = "case.voided"

    regarding_source: str
    """所指事件的来源单位 — Unit that said the event referred to."""
    regarding_id: str
    """所指事件的编号 — Id of the event referred to."""
    reason: str
    """作废的理由 — Why it is taken back."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `duty_lead`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyLeadSent:
    """职务违法犯罪线索移送 — Duty-crime lead sent."""

    TYPE: ClassVar[str] = "duty_lead.sent"

    addressee: str | None = None
    """监察机关的单位代码，空为本区监察机关 — Supervision organ; null: the one of the district."""
    lead_no: str | None = None
    """线索编号 — Number of the lead."""
    content: str
    """线索内容 — Content of the lead."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `intervention`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionRequested:
    """提请提前介入 — Early intervention requested."""

    TYPE: ClassVar[str] = "intervention.requested"

    addressee: str
    """受邀介入的检察部门的单位代码 — Unit code of the department asked."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    reasons: str | None = None
    """商请理由 — Why it is asked."""
    letter_no: str | None = None
    """商请函文号 — Number of the letter."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionOpined:
    """提前介入意见 — Early intervention opinion given."""

    TYPE: ClassVar[str] = "intervention.opined"

    addressee: str
    """商请单位的单位代码 — Unit code of the organ that asked."""
    items: tuple[str, ...]
    """意见各项 — The items of the opinion."""
    letter_no: str | None = None
    """意见书文号 — Number of the opinion."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionAdopted:
    """介入意见采纳 — Intervention opinion answered."""

    TYPE: ClassVar[str] = "intervention.adopted"

    addressee: str
    """提出意见的检察部门的单位代码 — Unit code of the department that opined."""
    adopted: bool
    """是否采纳 — Whether the opinion is adopted."""
    reasons: str | None = None
    """理由 — Reasons."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

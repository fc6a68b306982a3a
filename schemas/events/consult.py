"""Events: the conversation `consult`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultAsked:
    """双向咨询 — Consultation asked."""

    TYPE: ClassVar[str] = "consult.asked"

    addressee: str
    """被咨询单位的单位代码 — Unit code of the unit asked."""
    consultation_no: str
    """咨询编号，答复凭此对应 — Number of the consultation; the answer refers to it."""
    question: str
    """咨询的问题 — Question."""
    written: bool
    """是否书面咨询 — Whether it is asked in writing."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultAnswered:
    """咨询答复 — Consultation answered."""

    TYPE: ClassVar[str] = "consult.answered"

    addressee: str
    """咨询单位的单位代码 — Unit code of the unit that asked."""
    consultation_no: str
    """咨询编号，答复凭此对应 — Number of the consultation; the answer refers to it."""
    answer: str
    """答复 — Answer."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

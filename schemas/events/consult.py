"""Events: the conversation `consult`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
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


class AssistanceKind(StrEnum):
    """协助的种类 — Kind of help."""

    APPRAISAL = "appraisal"
    SITE = "site"
    QUESTIONING = "questioning"
    STORAGE = "storage"
    STAFF = "staff"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceGiven:
    """提供协助 — Assistance given."""

    TYPE: ClassVar[str] = "assistance.given"

    addressee: str
    """受协助单位的单位代码 — Unit code of the unit that is helped."""
    kind: AssistanceKind
    """种类：检验鉴定认定、现场处置、协助讯问询问、保管、派员、其他 — Appraisal, on site, at a questioning, storage, staff, other."""
    given: str | None = None
    """协助的内容和结果 — What was done, and what came of it."""
    request_no: str | None = None
    """商请函文号或者咨询编号，主动协助的不填 — Number of the request, if there was one."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

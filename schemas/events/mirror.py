"""Events: the conversation `mirror`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorCopy:
    """抄送的一份 — One copy to one department."""

    mirror_id: str
    """抄送编号 — Id of the mirror entry."""
    unit: str
    """接收部门 — Department that gets it."""
    why: str
    """抄送的原因 — Why it gets a copy."""
    basis: str
    """依据 — Basis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorCopied:
    """检察意见同步抄送 — Opinion mirrored."""

    TYPE: ClassVar[str] = "mirror.copied"

    opinion_source: str
    """发出意见的部门 — Department that issued the opinion."""
    opinion_id: str
    """意见事件的编号 — Id of the opinion event."""
    opinion_type: str
    """意见事件的类型 — Type of the opinion event."""
    letter_no: str | None = None
    """意见文号 — Number of the opinion letter."""
    copies: tuple[MirrorCopy, ...]
    """抄送的部门 — Departments that get a copy."""
    opinion_value: bytes
    """意见事件的原文，逐字节一致 — The value of the opinion's record, byte-identical."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorAccepted:
    """线索受理 — Mirrored opinion taken up."""

    TYPE: ClassVar[str] = "mirror.accepted"

    regarding_source: str
    """所指事件的来源单位 — Unit that said the event referred to."""
    regarding_id: str
    """所指事件的编号 — Id of the event referred to."""
    clue_no: str | None = None
    """线索编号 — Number of the clue."""
    reason: str | None = None
    """受理的理由 — Reason."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorDismissed:
    """线索不受理 — Mirrored opinion dismissed."""

    TYPE: ClassVar[str] = "mirror.dismissed"

    regarding_source: str
    """所指事件的来源单位 — Unit that said the event referred to."""
    regarding_id: str
    """所指事件的编号 — Id of the event referred to."""
    reason: str
    """不受理的理由 — Reason."""
    clue_no: str | None = None
    """线索编号 — Number of the clue."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the conversation `obstacle`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Document


class ObstacleKind(StrEnum):
    """障碍种类 — Kind of obstacle."""

    EVIDENCE = "evidence"
    JURISDICTION = "jurisdiction"
    APPRAISAL = "appraisal"
    CUSTODY = "custody"
    STANDARD = "standard"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleReported:
    """移送障碍线索 — Obstacle to transfer reported."""

    TYPE: ClassVar[str] = "obstacle.reported"

    addressee: str | None = None
    """协调单位，空为本区刑事检察部门 — Unit asked to help; null: the criminal department of the district."""
    obstacle_no: str
    """障碍线索编号，消除时凭此对应 — Number of the obstacle; its clearing refers to it."""
    kind: ObstacleKind
    """障碍种类：证据、管辖、鉴定、保管、标准、其他 — Kind: evidence, jurisdiction, appraisal, custody, standard, other."""
    detail: str | None = None
    """具体情况 — Details."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleCleared:
    """移送障碍消除 — Obstacle cleared."""

    TYPE: ClassVar[str] = "obstacle.cleared"

    obstacle_no: str
    """障碍线索编号，消除时凭此对应 — Number of the obstacle; its clearing refers to it."""
    action: str
    """采取的措施 — What was done."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstacleAssigned:
    """移送障碍分办 — Obstacle assigned."""

    TYPE: ClassVar[str] = "obstacle.assigned"

    addressee: str
    """承办单位的单位代码 — Unit code of the unit that has to clear it."""
    obstacle_no: str
    """障碍线索编号，与报送时一致 — Number of the obstacle, as it was reported."""
    kind: ObstacleKind
    """障碍种类：证据、管辖、鉴定、保管、标准、其他 — Kind: evidence, jurisdiction, appraisal, custody, standard, other."""
    detail: str | None = None
    """具体情况，承办单位未必收到过原线索 — Details; the unit may never have received the lead itself."""
    instruction: str | None = None
    """办理要求 — What is to be done."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

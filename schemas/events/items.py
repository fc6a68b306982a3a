"""Events: the conversation `items`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from schemas.events.parts import Article, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsHandedOver:
    """涉案物品移交 — Articles handed over."""

    TYPE: ClassVar[str] = "items.handed_over"

    addressee: str
    """接收物品的公安机关的单位代码 — Unit code of the police organ that takes the articles."""
    items: tuple[Article, ...]
    """涉案物品清单 — List of the articles."""
    custodian: str
    """保管单位或保管人 — Who keeps them from now on."""
    handed_by: str
    """移交人签名 — Who signed for the agency."""
    received_by: str
    """接收人签名 — Who signed for the police."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsCustodyEntrusted:
    """委托代为保管 — Custody entrusted."""

    TYPE: ClassVar[str] = "items.custody_entrusted"

    addressee: str | None = None
    """受托保管的单位代码，空为移送机关 — Unit that keeps the articles; null: the sender."""
    items: tuple[Article, ...]
    """涉案物品清单 — List of the articles."""
    custodian: str
    """保管单位或保管人 — Who keeps them."""
    ground: str
    """委托保管的理由 — Ground."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


class SeizureMeasure(StrEnum):
    """对物品采取的措施 — What was done with the articles."""

    REGISTERED = "registered"
    SEALED = "sealed"
    DETAINED = "detained"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsSeized:
    """查封扣押涉案物品 — Articles seized."""

    TYPE: ClassVar[str] = "items.seized"

    addressee: str | None = None
    """会同查扣的公安机关的单位代码 — Unit code of the police organ that took part."""
    measure: SeizureMeasure
    """措施：先行登记保存、查封、扣押、其他 — Registered and kept in place, sealed, detained, other."""
    decision_no: str | None = None
    """决定书文号 — Number of the decision."""
    items: tuple[Article, ...] = ()
    """涉案物品清单 — List of the articles."""
    place: str | None = None
    """查扣地点 — Where they were seized."""
    custodian: str | None = None
    """保管单位或保管人 — Who keeps them."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)

"""Events: the types that many events share.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Seal(StrEnum):
    """用印状态 — How the document is sealed."""

    UNKNOWN = "unknown"
    NONE = "none"
    PAPER = "paper"
    ELECTRONIC = "electronic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """文书 — A document that belongs to the event, by title and hash, never by content."""

    kind: str
    """文书种类，如“涉嫌犯罪案件移送书” — Kind of document, as its law names it."""
    title: str
    """文书标题及文号 — Title with its number."""
    sha256: str | None = None
    """文件的 SHA-256，64 位小写十六进制 — SHA-256 of the file, 64 lower-case hexadecimal digits."""
    seal: Seal = Seal.UNKNOWN
    """用印状态：不详、未用印、纸质用印、电子签章 — Unknown, not sealed, sealed on paper, electronic seal."""


class PartyKind(StrEnum):
    """当事人类型 — Kind of party."""

    UNKNOWN = "unknown"
    NATURAL_PERSON = "natural_person"
    LEGAL_PERSON = "legal_person"
    OTHER_ORGANISATION = "other_organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """当事人 — A person or organisation that the case is about."""

    name: str
    """姓名或名称 — Name."""
    kind: PartyKind
    """不详、自然人、法人、非法人组织 — Unknown, natural person, legal person, organisation without legal personality."""
    id_no: str | None = None
    """公民身份号码或统一社会信用代码 — Citizen identity number or unified social credit code."""
    role: str | None = None
    """在案件中的身份，如“犯罪嫌疑人”“被害人” — What the party is in the case, such as suspect or victim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """涉案物品 — A line of the list of articles involved in the case."""

    name: str
    """物品名称 — Name of the article."""
    quantity: str | None = None
    """数量和单位，按清单填写 — Quantity with its unit, as the list has it."""
    condition: str | None = None
    """状态，如“完好”“易腐” — Condition, such as intact or perishable."""
    value_fen: int | None = None
    """价值（分） — Value in fen."""
    mark_no: str | None = None
    """物品编号 — Number on the article's label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """事实要素 — A fact that can be held against a prosecution standard."""

    code: str
    """要素代码，见追诉标准页 — Code of the fact, see docs/thresholds.md."""
    value: int
    """数值，以该代码的单位计；是否类要素以 1 为是 — Whole number in the unit of the code; 1 for a statement that is true."""
    note: str | None = None
    """说明，如样品、实测值和标准限值 — Remark, such as the sample, what was measured and the limit."""

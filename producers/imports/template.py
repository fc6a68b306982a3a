"""What a template is: a sheet of which each row is one event, described by its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """How the cells of a column are read, and what they become."""

    TEXT = "text"
    WHEN = "when"  # a date, or a date with a time of day: the event's time and its precision
    YUAN = "yuan"  # an amount in yuan, kept in fen
    WAN = "wan"  # the same in units of 10,000 yuan, as the publicity forms have it
    COUNT = "count"
    YES_NO = "yes_no"
    CHOICE = "choice"
    LIST = "list"  # several values of a closed list in one cell
    UNIT = "unit"  # a unit of the register, by code or by Chinese name
    PERSON_NO = "person_no"  # citizen identity number or unified social credit code
    ARTICLES = "articles"  # one article a line: name：quantity；name：quantity


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `target` is the place in the event as `POST /v1/events` takes it, such as `case.number`,
    `time` or `data.parties.0.name`; empty: the column is known and not carried over.

    Several columns with one target are put together: amounts are added, texts are joined, each behind its
    header. `key` columns identify the row among all that the unit ever imports by this template. `aliases`
    are other headers for the same, among them the codes of national forms.
    """

    header: str
    en: str
    target: str
    kind: Kind = Kind.TEXT
    required: bool = False
    key: bool = False
    note: str = ""
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # what the sheet has → what the event has


@dataclass(frozen=True)
class Template:
    """One template: its columns in the order of the sheet, and what every event of it has in common."""

    name: str
    zh: str
    en: str
    event: str
    columns: tuple[Column, ...]
    source: str  # where the form comes from
    copies: Mapping[str, str] = field(default_factory=dict)
    """Empty target ← the target whose value it takes."""
    constants: Mapping[str, object] = field(
        default_factory=dict
    )  # target → value, where a column fills its neighbour

    @cached_property
    def required(self) -> tuple[Column, ...]:
        """The columns that every row must fill."""
        return tuple(column for column in self.columns if column.required)

    @cached_property
    def keys(self) -> tuple[Column, ...]:
        """The columns that identify a row."""
        return tuple(column for column in self.columns if column.key)


CORRECTION = Column(
    "更正理由",
    "Reason for the correction",
    "",
    note="仅在该行此前已报送且内容有误时填写：系统将以本行内容更正原事件。",
)
"""The last column of every template: without it, other content for a row that was imported before is a mistake."""

STATUS_HEADER = "导入状态"
ERROR_HEADER = "错误"
"""Columns that the annotated sheet adds; ignored when it is sent again."""

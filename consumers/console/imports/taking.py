"""What the pages of imports need of whoever takes sheets: the forms they fill in and what became of each sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

BUSY, NOT_SPEAKER, UNREADABLE = "imports.busy", "imports.not_speaker", "imports.unreadable"
NO_FORM, NOTHING_HELD = "imports.no_form", "imports.nothing_held"
"""Why nothing was taken: the phrases of NotTakenError."""


@dataclass(frozen=True, slots=True)
class Form:
    """A template that the unit may fill in."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows are in a state, which is told in both languages."""

    zh: str
    en: str
    rows: int


@dataclass(frozen=True, slots=True)
class Imported:
    """One import. `state` is checked, flawed, running or done.

    `said` counts rows that the bus has, `wrong` those that an office has to look at, `held` those that are right and
    were not said. `ignored` are headers that the template has not. `saying`: the import that said the held rows.
    """

    id: UUID
    form: Form
    filename: str
    state: str
    created_at: datetime
    rows: int
    said: int
    wrong: int
    held: int
    counts: Sequence[Count]
    ignored: Sequence[str]
    saying: UUID | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a row: the header of the cell (empty: the row as a whole), and why, in both languages."""

    row: int
    column: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A sheet from the form of the page, which was opened at `opened` by `user`."""

    user: str
    opened: str
    filename: str
    content: bytes
    form: str
    check: bool
    partial: bool


class NotTakenError(Exception):
    """Nothing was taken; `words` is the phrase that says why, `zh` and `en` what it tells of the sheet."""

    def __init__(self, words: str, zh: str = "", en: str = "") -> None:
        super().__init__(f"{words}: {en}")
        self.words = words
        self.zh = zh
        self.en = en


class Importing(Protocol):
    """The imports of each unit. Every call blocks."""

    most_bytes: int

    def forms(self, unit: str) -> Sequence[Form]:
        """The templates whose events the unit may say."""

    def form(self, unit: str, name: str) -> tuple[str, bytes] | None:
        """Name and content of a template to fill in, if it is one of these."""

    def latest(self, unit: str, *, most: int) -> Sequence[Imported]:
        """The unit's latest imports, the newest first."""

    def find(self, unit: str, imported: UUID, *, most: int) -> tuple[Imported, Sequence[Flaw]] | None:
        """An import of the unit, and what is wrong with the first `most` of its wrong rows."""

    def sheet(self, unit: str, imported: UUID, *, zh: bool) -> tuple[str, bytes] | None:
        """Name and content of the sheet with what became of each row."""

    def take(self, unit: str, brought: Brought) -> UUID:
        """Checks a sheet and puts it on record, once however often the form is sent. Raises NotTakenError."""

    def say_held(self, unit: str, imported: UUID) -> UUID:
        """The import that says the rows which this one held back, once however often asked. Raises NotTakenError."""

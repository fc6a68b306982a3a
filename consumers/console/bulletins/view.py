"""Figures as the tables of a page and of its files: named, and cut to what the reader may see. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from consumers.bulletins.figure import Figure, Rate
from consumers.bulletins.figures import FIGURES, GROUPS, RATES
from consumers.bulletins.periods import Period
from consumers.bulletins.sight import Sight
from consumers.bulletins.sums import Row, Sum, Table, by_field, by_unit, table
from consumers.console.phrases import Phrases
from consumers.console.words import Words
from schemas.fields import FIELDS

_ROWS: tuple[Figure | Rate, ...] = (*FIGURES, *RATES)
_NAMED = {row.code: row for row in _ROWS}
Cell = str | int | float | None
NO_FIELD = "-"
"""How an address names cases of no field; without a field it means those of all."""


class By(StrEnum):
    """What the rows of a table are."""

    UNIT = "unit"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Wording:
    """Puts figures, periods and rows into words."""

    words: Words
    phrases: Phrases

    def figure(self, code: str) -> str:
        """The name of a figure or a rate; its code if the table has it no more."""
        row = _NAMED.get(code)
        return code if row is None else self.words.pick(row.zh, row.en)

    def period(self, period: Period) -> str:
        """A period as people say it."""
        words, month = self.words, period.first.month
        told = {"year": period.first.year, "month": month, "quarter": (month + 2) // 3}
        return words(f"period.{period.stretch}", **told)

    def row(self, by: By, key: str) -> str:
        """The name of a row."""
        if by is By.UNIT:
            return self.phrases.unit(key)
        return self.phrases.field(key) if key else self.words("bulletins.no_field")


def asked_field(text: str) -> str | None:
    """The field that an address names: empty for cases of none, None for all."""
    return None if not text else text.replace(NO_FIELD, "")


def tables(sums: Sequence[Sum], units: Sequence[str], by: By, sight: Sight) -> list[Table]:
    """The tables that have something to tell, cut to what the reader sees."""
    shown = sight.among(units)
    seen = [one for one in sums if one.unit in shown]
    key, keys = (by_unit, shown) if by is By.UNIT else (by_field, ("", *(row.code for row in FIELDS)))
    made = (table(group, seen, key, keys) for group in GROUPS)
    return [one for one in made if one.rows]


def cells(shown: Table, row: Row) -> list[Cell]:
    """The numbers of a row, then its shares in per cent."""
    counts: list[Cell] = [row.counts[name] for name in shown.figures]
    return counts + [row.shares[name].percent for name in shown.rates]


def heading(shown: Table, wording: Wording) -> list[str]:
    """What stands above the cells of a row."""
    rates = [f"{wording.figure(name)}（%）" for name in shown.rates]
    return [*(wording.figure(name) for name in shown.figures), *rates]

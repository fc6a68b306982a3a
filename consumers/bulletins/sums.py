"""Lines added up: numbers by unit and field, the table of a group of figures, and shares. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from consumers.bulletins.figures import FIGURES, RATES, Group
from consumers.bulletins.lines import Line


class Sum(NamedTuple):
    """How many lines of a figure a unit has in a field."""

    figure: str
    unit: str
    field: str
    total: int


@dataclass(frozen=True, slots=True)
class Share:
    """`of` among `among`."""

    of: int
    among: int

    @property
    def percent(self) -> float | None:
        """In per cent to one digit; None: there is nothing to take a share of."""
        return round(100 * self.of / self.among, 1) if self.among else None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the numbers and shares of a unit or a field by code. `key` "": of all together."""

    key: str
    counts: Mapping[str, int]
    shares: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one group. `rows` have something to tell; `total` is of all together."""

    group: Group
    figures: Sequence[str]
    rates: Sequence[str]
    rows: Sequence[Row]
    total: Row


def sums_of(lines: Iterable[Line]) -> tuple[Sum, ...]:
    """The lines added up, in the order of figure, unit and field."""
    counted = Counter((line.figure, line.unit, line.field) for line in lines)
    return tuple(Sum(*key, count) for key, count in sorted(counted.items()))


def by_unit(one: Sum) -> str:
    """Rows are units."""
    return one.unit


def by_field(one: Sum) -> str:
    """Rows are fields of enforcement."""
    return one.field


def table(group: Group, sums: Sequence[Sum], key: Callable[[Sum], str], keys: Sequence[str]) -> Table:
    """The table of a group: a row for each of `keys` that has a number other than 0, in their order."""
    figures = [row.code for row in FIGURES if row.group == group.code]
    rates = [row.code for row in RATES if row.group == group.code]
    added: dict[str, Counter[str]] = {}
    total: Counter[str] = Counter()
    for one in sums:
        added.setdefault(key(one), Counter())[one.figure] += one.total
        total[one.figure] += one.total
    rows = [_row(name, added[name], figures, rates) for name in keys if name in added]
    telling = [row for row in rows if any(row.counts.values())]
    return Table(group, figures, rates, telling, _row("", total, figures, rates))


def _row(key: str, counts: Counter[str], figures: Sequence[str], rates: Sequence[str]) -> Row:
    shares = {
        rate.code: Share(counts[rate.of], sum(counts[name] for name in rate.among))
        for rate in RATES
        if rate.code in rates
    }
    return Row(key, {name: counts[name] for name in figures}, shares)

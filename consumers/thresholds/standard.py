"""What a prosecution standard (追诉标准) is: an offence, and the sets of facts of which one is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from consumers.sources import LegalText, Mark, Source
from schemas.facts import FACT_BY_CODE


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The fact of this code has at least this value, in the unit of the code (schemas/facts.py)."""

    fact: str
    value: int

    def holds(self, facts: Mapping[str, int]) -> bool:
        """Whether `facts` reach it; a fact that nobody said does not."""
        return facts.get(self.fact, -1) >= self.value

    @property
    def zh(self) -> str:
        """The condition in Chinese."""
        fact = FACT_BY_CODE[self.fact]
        return f"{fact.zh}{fact.shown(self.value)}以上" if fact.unit else fact.zh

    @property
    def en(self) -> str:
        """The condition in English."""
        fact = FACT_BY_CODE[self.fact]
        if not fact.unit:
            return fact.en
        return f"{fact.en} at least {fact.shown(self.value).removesuffix(fact.unit)} {fact.unit_en}"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a standard: met if all of `needs` hold. `article` and `number` say where it stands."""

    article: str
    number: str
    needs: tuple[AtLeast, ...]

    def met(self, facts: Mapping[str, int]) -> bool:
        """Whether `facts` meet it."""
        return all(need.holds(facts) for need in self.needs)


@dataclass(frozen=True, slots=True)
class Standard:
    """When an offence is worth asking about. `offence` is a name of schemas/offences.py.

    In force from `since` to the day before `until`. `fields`: only in cases of these fields (领域), where the offence
    covers more than the text. `remark` says what the comparison cannot see. A row from memory
    names a `profile`, without which it is off.
    """

    code: str
    offence: str
    text: LegalText
    mark: Mark
    since: date
    items: tuple[Item, ...]
    until: date | None = None
    fields: frozenset[str] = frozenset()
    remark: Source | None = None
    profile: str | None = None

    def source(self, item: Item) -> Source:
        """Where `item` stands."""
        return self.text.at(
            item.article,
            mark=self.mark,
            zh=f"第{item.number}项" if item.number else "",
            en=f"item {item.number}" if item.number else "",
        )

    def in_force(self, day: date) -> bool:
        """Whether it binds on `day` (China's calendar)."""
        return self.since <= day and (self.until is None or day < self.until)

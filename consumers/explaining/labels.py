"""Names, bases and remarks as accounts show them: from the tables' own words to both languages. Pure."""

from __future__ import annotations

from functools import lru_cache

from consumers.explaining.account import Basis, EventLabel, Flagged, UnitName, Words
from consumers.handovers.statute import Statute
from consumers.sources import Source
from schemas.catalogue import BY_NAME
from schemas.units import Register

_DASH = " — "


def unit_name(code: str, register: Register) -> UnitName:
    """The unit's names, or none if the register does not have it."""
    unit = register.by_code.get(code)
    return UnitName(code, "", "") if unit is None else UnitName(code, unit.name_zh, unit.name_en)


def event_label(source: str, event_id: str, type_: str) -> EventLabel:
    """The event with what its type is called."""
    known = BY_NAME[type_]
    return EventLabel(source, event_id, type_, known.zh, known.en)


@lru_cache(maxsize=4096)
def basis_of(source: Source) -> Basis:
    """The source of a row of routes, prerequisites or mirrors."""
    return Basis(source.zh, source.en, source.mark.value)


def basis_of_limit(statute: Statute) -> Basis:
    """The source of a limit; texts are cited in Chinese, some with an English half."""
    words = both(statute.source)
    return Basis(words.zh, words.en, statute.mark.value)


@lru_cache(maxsize=4096)
def both(text: str) -> Words:
    """A text that says the same twice, as remarks do: Chinese — English."""
    zh, dash, en = text.partition(_DASH)
    return Words(zh.strip(), en.strip()) if dash else Words(text, text)


def flagged(code: str, detail: str) -> Flagged:
    """An anomaly or the reason of a parked event."""
    words = both(detail)
    return Flagged(code, words.zh, words.en)

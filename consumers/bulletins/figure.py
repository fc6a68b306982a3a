"""What a row of the table of figures can say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from consumers.casefile import ClockState
from consumers.sources import Source


class Whose(StrEnum):
    """To whose number an event adds."""

    SPEAKER = "speaker"  # whoever said it
    ADDRESSEE = "addressee"  # whom it is addressed to
    SENDER = "sender"  # who sent the case to the police before
    HOLDER = "holder"  # of a limit: who must keep it


class Per(StrEnum):
    """What counts once."""

    CASE = "case"  # 件: a case counts once for a unit, on the day of the first such event that stands
    EVENT = "event"  # 份、次: every such event that stands
    CLOCK = "clock"  # every limit of the law, on the day on which it falls due


@dataclass(frozen=True, slots=True)
class Told:
    """A condition on what an event says, with its words."""

    holds: Callable[[Mapping[str, Any]], bool]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bulletin: which events, or which limits, it counts, and for whom."""

    code: str
    group: str
    zh: str
    en: str
    per: Per
    whose: Whose
    source: Source
    types: tuple[str, ...] = ()
    told: Told | None = None
    state: ClockState | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in per cent: `of` among the sum of `among`, all of the same unit, field and period."""

    code: str
    group: str
    zh: str
    en: str
    of: str
    among: tuple[str, ...]
    source: Source

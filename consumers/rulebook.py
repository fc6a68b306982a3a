"""Everything the rules consult besides the case: the register, the calendar and the office's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from consumers.sources import NOBODY, SignOff
from consumers.workdays import Calendar
from schemas.units import Register


@dataclass(frozen=True)
class Rulebook:
    """Passed to every `decide`; the tables themselves stand beside the rules that read them.

    `settling` is how long after a late-reported start the bus waits before it flags a breach, so that a
    stop reported together with the start is no false alarm. `profiles` turn on rules that are marked
    unverified or that only some offices follow. `signed` says by the code of an open point who answers for its
    choice; it is shown and decides nothing.
    """

    register: Register
    calendar: Calendar
    settling: timedelta = timedelta(seconds=60)
    profiles: frozenset[str] = frozenset()
    signed: Mapping[str, SignOff] = field(compare=False, default_factory=lambda: NOBODY)
    _at: dict[Calendar, Rulebook] = field(init=False, repr=False, compare=False, default_factory=dict)

    def at(self, moment: datetime) -> Rulebook:
        """The rulebook with the calendar that was known at `moment`: the append time of what is decided on."""
        calendar = self.calendar.at(moment)
        if calendar is self.calendar:
            return self
        known = self._at.get(calendar)
        if known is None:
            known = self._at[calendar] = replace(self, calendar=calendar)
        return known

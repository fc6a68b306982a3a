"""Everything the rules consult besides the case: the register, the calendar and the office's settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from consumers.workdays import Calendar
from schemas.units import Register


@dataclass(frozen=True)
class Rulebook:
    """Passed to every `decide`; the tables themselves stand beside the rules that read them.

    `settling` is how long after a late-reported start the bus waits before it flags a breach, so that a
    stop reported together with the start is no false alarm. `profiles` turn on rules that are marked
    unverified or that only some offices follow.
    """

    register: Register
    calendar: Calendar
    settling: timedelta = timedelta(seconds=60)
    profiles: frozenset[str] = frozenset()

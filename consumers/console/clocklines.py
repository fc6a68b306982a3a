"""A statutory clock as a line of a page: its colour, the time left and what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consumers.casefile import ClockKind, ClockState
from consumers.console.worktime import Left, Urgency, left, spoken, urgency
from consumers.handovers.statutes import BY_KEY
from consumers.readmodel.views import ClockView
from consumers.workdays import Calendar

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock with what people look for first.

    `colour` is None for what no longer runs. `left` is the working time left, None if it does not run or is
    over; `over` the days by which it is, or was, over. `office`: the office's own target, no limit of the law.
    """

    clock: ClockView
    colour: Urgency | None
    left: Left | None
    over: int | None
    office: bool

    @property
    def hidden_hours(self) -> bool:
        """Whether it still runs but no working time is left before it ends."""
        return self.left == Left(0, 0)


def clock_lines(clocks: Iterable[ClockView], now: datetime, calendar: Calendar) -> list[ClockLine]:
    """The clocks as lines, in the order given."""
    return [_line(clock, now, calendar) for clock in clocks]


def _line(clock: ClockView, now: datetime, calendar: Calendar) -> ClockLine:
    office = BY_KEY[clock.rule, clock.version].office
    if clock.state == ClockState.RUNNING and clock.due_to is not None:
        if clock.kind == ClockKind.WAITING:
            return ClockLine(clock, None, spoken(left(now, clock.due_to, calendar)), None, office)
        colour = urgency(now, clock.due_to, calendar)
        if colour is not Urgency.RED:
            return ClockLine(clock, colour, spoken(left(now, clock.due_to, calendar)), None, office)
    if clock.state in (ClockState.RUNNING, ClockState.BREACHED) and clock.due_to is not None:
        return ClockLine(clock, Urgency.RED, None, _days((now - clock.due_to).total_seconds()), office)
    over = None if clock.overrun_seconds is None else _days(clock.overrun_seconds)
    return ClockLine(clock, None, None, over, office)


def _days(seconds: float) -> int:
    """Days begun."""
    return max(1, -(-int(seconds) // _DAY_SECONDS))

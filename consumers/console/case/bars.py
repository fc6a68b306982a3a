"""The clocks of a case as bars on one scale: what ran, what stood still, what ran over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consumers.casefile import CaseEvent, ClockState
from consumers.console.clocklines import ClockLine
from consumers.handovers.explanations import Step, steps
from consumers.handovers.pauses import Pause
from consumers.handovers.standstills import pauses_by
from consumers.handovers.statutes import BY_KEY
from consumers.readmodel.views import ClockView
from consumers.rulebook import Rulebook
from consumers.workdays import Calendar

WIDTH = 1000.0
_THINNEST = 3.0
_AIR = 1.06


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a bar, in parts of WIDTH. `kind`: run, over, pause."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One clock. `due` is where the mark of the due time stands; None: no due time is known."""

    line: ClockLine
    pieces: Sequence[Piece]
    due: float | None
    counting: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Scale:
    """From when to when the bars reach."""

    begin: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        """Where a moment stands, in parts of WIDTH."""
        part = (moment - self.begin) / (self.end - self.begin)
        return round(min(max(part, 0.0), 1.0) * WIDTH, 1)


def scale_of(clocks: Iterable[ClockView], now: datetime) -> Scale | None:
    """The scale on which all of these can be drawn; None if there is nothing to draw.

    An overdue clock of long ago does not press all others together: its bar runs out of the picture.
    """
    told = [clock for clock in clocks if _start(clock) is not None]
    if not told:
        return None
    begin = min(start for clock in told if (start := _start(clock)) is not None)
    ends = [end for clock in told for end in (clock.due_to, clock.stopped_to) if end is not None]
    last = max([*ends, begin + timedelta(days=1)])
    if begin <= now <= last + (last - begin):
        last = max(last, now)
    return Scale(begin, begin + (last - begin) * _AIR)


def bars(
    lines: Sequence[ClockLine],
    events: Sequence[CaseEvent],
    scale: Scale,
    now: datetime,
    rulebook: Rulebook,
) -> list[Bar]:
    """One bar for each clock, in the order given. `events` are the case's that are not voided."""
    return [_bar(line, events, scale, now, rulebook) for line in lines]


def counting(clock: ClockView, calendar: Calendar) -> Sequence[Step]:
    """How the due time was counted from the start, as far as the table of limits alone tells; may be empty."""
    period, start = BY_KEY[clock.rule, clock.version].period, _start(clock)
    if period is None or start is None:
        return ()
    return steps(period, start, calendar)


def _bar(
    line: ClockLine, events: Sequence[CaseEvent], scale: Scale, now: datetime, rulebook: Rulebook
) -> Bar:
    clock, start, calendar = line.clock, _start(line.clock), rulebook.calendar.at(now)
    if start is None or clock.state == ClockState.WITHDRAWN:
        return Bar(line, (), None, counting(clock, calendar))
    end = clock.stopped_to or (now if clock.due_to is None or now < clock.due_to else scale.end)
    if clock.state == ClockState.RUNNING and clock.stopped_to is None:
        end = now
    pieces = [_piece("run", start, end if clock.due_to is None else min(end, clock.due_to), scale)]
    if clock.due_to is not None and end > clock.due_to:
        pieces.append(_piece("over", clock.due_to, end, scale))
    for pause in _pauses(clock, events, rulebook):
        if pause.paused.earliest is not None and pause.paused.earliest < end:
            resumed = end if pause.resumed is None else pause.resumed.latest or end
            pieces.append(_piece("pause", max(start, pause.paused.earliest), resumed, scale))
    due = None if clock.due_to is None else scale.at(clock.due_to)
    return Bar(line, tuple(pieces), due, counting(clock, calendar))


def _piece(kind: str, begin: datetime, end: datetime, scale: Scale) -> Piece:
    x = scale.at(begin)
    return Piece(kind, x, max(_THINNEST, round(scale.at(end) - x, 1)))


def _pauses(clock: ClockView, events: Sequence[CaseEvent], rulebook: Rulebook) -> list[Pause]:
    found: list[Pause] = []
    for pausing in BY_KEY[clock.rule, clock.version].duty.pauses:
        if pausing.counts(rulebook.profiles) and not pausing.anew:
            begun = [event for event in events if event.type == pausing.begins]
            ended = [event for event in events if event.type == pausing.ends]
            found += pauses_by(pausing, clock.holder, begun, ended, rulebook.register)
    return found


def _start(clock: ClockView) -> datetime | None:
    return clock.start_from or clock.start_to

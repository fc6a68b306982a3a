"""Why a limit stands in the overdue history: what the records tell of how it came to be missed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from consumers.casefile import ClockState
from consumers.readmodel.views import ClockView

_LATE = timedelta(days=1)
"""A beginning that is reported longer after it happened than this has cost time that is worth telling."""


class Cause(StrEnum):
    """What made it overdue, or made it look so."""

    BEGUN_LATE = "begun-late"  # what begins it was reported only when the limit was over
    NOT_DONE = "not-done"  # nothing that ends it has been reported
    DONE_LATE = "done-late"  # what ends it happened after the limit
    TOLD_LATE = "told-late"  # done in time, reported after the limit: the flag was taken back
    MOVED = "moved"  # a later event moved the limit: the flag was taken back
    VOIDED = "voided"  # what it rested on fell away: the flag was taken back


@dataclass(frozen=True, slots=True)
class Why:
    """The cause of one, and by how long its beginning was reported after it happened; None: within a day."""

    cause: Cause
    slow: timedelta | None


def why(clock: ClockView, begun: datetime | None) -> Why:
    """Why a missed limit was missed. `begun`: when what begins it came into the log, None if that is not known."""
    slow = None if begun is None or clock.start_to is None else begun - clock.start_to
    return Why(_cause(clock, begun), slow if slow is not None and slow > _LATE else None)


def _cause(clock: ClockView, begun: datetime | None) -> Cause:
    if clock.breach_withdrawn:
        return _withdrawn(clock)
    if begun is not None and clock.due_to is not None and begun > clock.due_to:
        return Cause.BEGUN_LATE
    return Cause.DONE_LATE if clock.state == ClockState.MET_LATE else Cause.NOT_DONE


def _withdrawn(clock: ClockView) -> Cause:
    if clock.state == ClockState.WITHDRAWN:
        return Cause.VOIDED
    return Cause.TOLD_LATE if clock.state == ClockState.MET and clock.reported_late else Cause.MOVED

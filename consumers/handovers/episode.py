"""One time that a duty arose in a case: the events that began it, and those that ended it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from consumers.casefile import CaseEvent, Identity
from consumers.handovers.duty import Duty, Key, Proof, Start, Stop

_RANK = {Proof.ACT: 0, Proof.RELEASE: 0, Proof.RESULT: 1, Proof.LATER: 2}


class Beginning(NamedTuple):
    """A starting event, read for one holder. `at` is the earliest it can have been."""

    event: CaseEvent
    start: Start
    holder: str
    key: Key
    at: datetime
    stands: bool  # not voided


class Ending(NamedTuple):
    """An ending event and what it shows. `at` is the latest it can have been."""

    event: CaseEvent
    stop: Stop
    at: datetime


class Episode(NamedTuple):
    """One time that a duty arose: its starting events (one start, told differently) and what ended it.

    `number` counts the episodes of one holder and key; together they name the duty, whatever is reported
    later about when it began. `counted` is what the period counts from: a real start before an assumed one,
    then the earliest; if all were voided, the first of those. `partly`: it is known to have ended for some of the
    parties for whom it is owed, and of the others nothing was reported.
    """

    duty: Duty
    holder: str
    key: Key
    number: int
    counted: Beginning
    beginnings: Sequence[Beginning]
    endings: Sequence[Ending]
    partly: bool = False

    @property
    def end(self) -> Ending | None:
        """The best evidence of the end: the act itself, then its result, then what can only come later."""
        if len(self.endings) <= 1:
            return self.endings[0] if self.endings else None
        return min(self.endings, key=_as_evidence)


def _as_evidence(one: Ending) -> tuple[int, datetime, Identity]:
    return (_RANK[one.stop.proof], one.at, one.event.identity)

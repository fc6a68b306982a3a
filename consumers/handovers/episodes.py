"""Which starting and ending events of a case belong together: the duties that arose, one after another.

Everything here depends on the set of events alone, never on the order in which they were reported. Times are
compared by what is possible: a start counts from its earliest instant, an end up to its latest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from consumers.casefile import CaseEvent, Identity
from consumers.handovers.docket import Docket, earliest, latest
from consumers.handovers.duty import Duty, Key, Proof, Start, Stop, agree, fits, key_of
from consumers.handovers.holders import holders

_RANK = {Proof.ACT: 0, Proof.RELEASE: 0, Proof.RESULT: 1, Proof.LATER: 2}
_STARTED_AGAIN = Stop("", Proof.LATER)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A starting event, read for one holder. `at` is the earliest it can have been."""

    event: CaseEvent
    start: Start
    holder: str
    key: Key
    at: datetime
    stands: bool  # not voided


@dataclass(frozen=True, slots=True)
class Ending:
    """An ending event and what it shows. `at` is the latest it can have been."""

    event: CaseEvent
    stop: Stop
    at: datetime


@dataclass(slots=True)
class Episode:
    """One time that a duty arose: its starting events (one start, told differently) and what ended it.

    `number` counts the episodes of one holder and key; together they name the duty, whatever is reported
    later about when it began.
    """

    duty: Duty
    holder: str
    key: Key
    number: int
    beginnings: list[Beginning]
    endings: list[Ending] = field(default_factory=list)

    @property
    def start(self) -> Beginning | None:
        """What the period counts from: a real start before an assumed one, then the earliest; None if voided."""
        if len(self.beginnings) == 1:
            return self.beginnings[0] if self.beginnings[0].stands else None
        standing = [one for one in self.beginnings if one.stands]
        return min(standing, key=lambda one: (one.start.assumed, one.at), default=None)

    @property
    def counted(self) -> Beginning:
        """`start`, or the voided event that stood for it."""
        return self.start or self.beginnings[0]

    @property
    def end(self) -> Ending | None:
        """The best evidence of the end: the act itself, then its result, then what can only come later."""
        if len(self.endings) <= 1:
            return self.endings[0] if self.endings else None
        return min(self.endings, key=lambda one: (_RANK[one.stop.proof], one.at, one.event.identity))


def episodes(duty: Duty, docket: Docket) -> Iterator[Episode]:
    """Every time the duty arose in the case, including those whose starts were all voided."""
    groups: dict[tuple[str, Key], list[Beginning]] = {}
    for one in _beginnings(duty, docket):
        groups.setdefault((one.holder, one.key), []).append(one)
    if duty.key and len(groups) > 1:
        groups = _joined(groups)
    endings = list(_endings(duty, docket)) if groups else []
    for (holder, key), beginnings in groups.items():
        fitting = [one for one in endings if _concerns(one, duty, holder, key)]
        if len(beginnings) == 1:
            at = beginnings[0].at
            ended = [one for one in fitting if one.at >= at or one.stop.early]
            yield Episode(duty, holder, key, 0, beginnings, ended)
        else:
            yield from _in_order(duty, holder, key, beginnings, fitting)


def _beginnings(duty: Duty, docket: Docket) -> Iterator[Beginning]:
    replaced = _replaced(docket) if docket.case.voided else frozenset()
    for start in duty.starts:
        for event in docket.by_type.get(start.type, ()):
            if (start.only and not fits(start.only, event.data)) or event.identity in replaced:
                continue
            stands, at = docket.stands(event), earliest(event)
            for holder, key in holders(duty, start, event, docket):
                yield Beginning(event, start, holder, key, at, stands)


def _replaced(docket: Docket) -> frozenset[Identity]:
    """Voided events in whose place a corrected one stands: that one takes the duty over, under the same number."""
    voided = docket.case.voided
    known = {event.identity for event in docket.case.events} - voided
    pairs = (
        (event.data["regarding_source"], event.data["regarding_id"], event.data.get("replacement_id"))
        for event in docket.by_type.get("case.corrected", ())
    )
    return frozenset(
        (source, wrong)
        for source, wrong, right in pairs
        if (source, wrong) in voided and (source, right) in known
    )


def _joined(groups: dict[tuple[str, Key], list[Beginning]]) -> dict[tuple[str, Key], list[Beginning]]:
    """Starts that leave open what they are about join the one group of their holder that they fit, if only one."""
    joined: dict[tuple[str, Key], list[Beginning]] = {}
    for (holder, key), beginnings in groups.items():
        goal = key
        if None in key:
            fitting = [
                other for unit, other in groups if unit == holder and None not in other and agree(key, other)
            ]
            goal = fitting[0] if len(fitting) == 1 else key
        joined.setdefault((holder, goal), []).extend(beginnings)
    return joined


def _endings(duty: Duty, docket: Docket) -> Iterator[Ending]:
    for stop in duty.stops:
        for event in docket.standing(stop.type):
            if not stop.only or fits(stop.only, event.data):
                yield Ending(event, stop, latest(event))


def _concerns(ending: Ending, duty: Duty, holder: str, key: Key) -> bool:
    if ending.stop.by_holder and ending.event.envelope.source != holder:
        return False
    return not key or ending.stop.any_key or agree(key_of(duty, ending.event.data), key)


def _in_order(
    duty: Duty, holder: str, key: Key, beginnings: list[Beginning], endings: list[Ending]
) -> Iterator[Episode]:
    """A start opens an episode, an end closes it, the next start opens another; a start while one is open
    tells of the same duty.
    """
    beginnings.sort(key=_time_of_beginning)
    endings.sort(key=attrgetter("at"))
    first = [one for one in endings if one.at < beginnings[0].at]
    current = Episode(duty, holder, key, 0, [], [one for one in first if one.stop.early])
    taken, closed = len(first), False
    for beginning in beginnings:
        while taken < len(endings) and endings[taken].at < beginning.at:
            current.endings.append(endings[taken])
            taken, closed = taken + 1, True
        if duty.restarts and current.beginnings:
            current.endings.append(Ending(beginning.event, _STARTED_AGAIN, beginning.at))
            closed = True
        if closed and (duty.restarts or not _belated(beginning, current.beginnings)):
            yield current
            current, closed = Episode(duty, holder, key, current.number + 1, []), False
        current.beginnings.append(beginning)
    current.endings.extend(endings[taken:])
    yield current


def _time_of_beginning(one: Beginning) -> tuple[datetime, bool, str, Identity]:
    return (one.at, one.start.assumed, one.start.type, one.event.identity)


def _belated(beginning: Beginning, known: Iterable[Beginning]) -> bool:
    """Whether a start after the end still tells of the same duty, like a receipt signed after the decision."""
    return not beginning.start.assumed and all(one.start.type != beginning.start.type for one in known)

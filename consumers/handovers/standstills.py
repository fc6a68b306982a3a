"""What makes a period of one duty longer: the pauses that the law leaves out, and the approvals that lengthen it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from consumers.casefile import CaseEvent
from consumers.handovers.docket import Docket, earliest, latest
from consumers.handovers.duty import Pausing, agree, key_of
from consumers.handovers.episode import Episode
from consumers.handovers.pauses import Pause, latest_end, pauses_of
from consumers.handovers.periods import Period
from schemas.units import Register


def since_the_start(type_: str | None, episode: Episode, docket: Docket) -> list[CaseEvent]:
    """Standing events of the type that concern this duty and can have come after it began."""
    if type_ is None:
        return []
    return [
        event
        for event in docket.standing(type_)
        if latest(event) >= episode.counted.at and agree(key_of(episode.duty.key, event.data), episode.key)
    ]


def standstills(episode: Episode, docket: Docket) -> Sequence[Pause]:
    """The times within the duty that do not count, in order of their begin; they may overlap."""
    found: list[Pause] = []
    for pausing in episode.duty.pauses:
        if pausing.begins in docket.by_type and pausing.counts(docket.rulebook.profiles):
            found += _pauses(pausing, episode, docket)
    return found


def _pauses(pausing: Pausing, episode: Episode, docket: Docket) -> Iterator[Pause]:
    begun = since_the_start(pausing.begins, episode, docket)
    ended = since_the_start(pausing.ends, episode, docket)
    for pause in pauses_by(pausing, episode.holder, begun, ended, docket.rulebook.register):
        yield replace(pause, paused=episode.counted.event.span) if pausing.anew else pause


def pauses_by(
    pausing: Pausing,
    holder: str,
    begun: Iterable[CaseEvent],
    ended: Iterable[CaseEvent],
    register: Register,
) -> Iterator[Pause]:
    """The pauses that these events make of a period of `holder`, one after another for each thing they are about."""
    counted = [event for event in begun if not pausing.elsewhere or _asks_elsewhere(event, holder, register)]
    ending = list(ended)
    for key in dict.fromkeys(key_of(pausing.same, event.data) for event in counted):
        yield from pauses_of(
            [event for event in counted if key_of(pausing.same, event.data) == key],
            [event for event in ending if key_of(pausing.same, event.data) == key],
        )


def _asks_elsewhere(event: CaseEvent, holder: str, register: Register) -> bool:
    """Whether the holder asks an organ that is not of its own district; one off the bus is not."""
    there = register.district_of(str(event.data["addressee"]))
    return event.envelope.source == holder and there != register.district_of(holder)


def lengthened(period: Period, pauses: Sequence[Pause], episode: Episode, docket: Docket) -> Period:
    """The period after every approval that came before it had ended; each states the whole new limit."""
    span, calendar = episode.counted.event.span, docket.rulebook.calendar
    start = span.latest or span.earliest
    said = since_the_start(episode.duty.lengthened_by, episode, docket)
    for event in sorted(said, key=lambda one: (earliest(one), one.identity)):
        limit = event.data["limit_working_days"]
        if event.envelope.source != episode.holder or limit <= period.count or start is None:
            continue
        end = latest_end(period, start, pauses, calendar)
        if end is None or earliest(event) <= end.at:
            period = replace(period, count=limit)
    return period

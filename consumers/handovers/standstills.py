"""What makes a period of one duty longer: the pauses that the law leaves out, and the approvals that lengthen it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from consumers.casefile import CaseEvent
from consumers.handovers.docket import Docket, earliest, latest
from consumers.handovers.duty import Pausing, agree, key_of
from consumers.handovers.episodes import Episode
from consumers.handovers.pauses import Pause, latest_end, pauses_of
from consumers.handovers.periods import Period


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
        if pausing.begins in docket.by_type and _counts(pausing, docket):
            found += _pauses(pausing, episode, docket)
    return found


def _counts(pausing: Pausing, docket: Docket) -> bool:
    return pausing.profile is None or pausing.profile in docket.rulebook.profiles


def _pauses(pausing: Pausing, episode: Episode, docket: Docket) -> Iterator[Pause]:
    begun = [
        event
        for event in since_the_start(pausing.begins, episode, docket)
        if not pausing.elsewhere or _asks_elsewhere(event, episode, docket)
    ]
    ended = since_the_start(pausing.ends, episode, docket)
    about = dict.fromkeys(key_of(pausing.same, event.data) for event in begun)
    for key in about:
        for pause in pauses_of(
            [event for event in begun if key_of(pausing.same, event.data) == key],
            [event for event in ended if key_of(pausing.same, event.data) == key],
        ):
            yield replace(pause, paused=episode.counted.event.span) if pausing.anew else pause


def _asks_elsewhere(event: CaseEvent, episode: Episode, docket: Docket) -> bool:
    """Whether the holder asks an organ that is not of its own district; one off the bus is not."""
    register = docket.rulebook.register
    there = register.district_of(str(event.data["addressee"]))
    return event.envelope.source == episode.holder and there != register.district_of(episode.holder)


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

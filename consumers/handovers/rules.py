"""The clocks of a case: what runs, for whom, until when, and what became of it, decided from the case's events.

A clock is a function of the events that stand: each event that concerns a duty has the whole duty judged
again, so that late, corrected and voided reports and any order of arrival need no rule of their own. Only
what has already rung is history: it is kept in the clock, and told in the `deadline.*` events of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from uuid import UUID

from consumers.casefile import Case, CaseEvent, ClockState
from consumers.decisions import Anomaly, Decision
from consumers.handovers.concerns import CONCERNS, CORRECTIONS, Concern
from consumers.handovers.docket import Docket, docket_of, earliest, latest
from consumers.handovers.duty import Duty, Key, Proof
from consumers.handovers.episodes import Episode, episodes
from consumers.handovers.history import Reading, carried_on, changes, gone
from consumers.handovers.holders import lacks_holder
from consumers.handovers.limits import limit_at
from consumers.handovers.outcomes import judge
from consumers.handovers.ringing import rang
from consumers.handovers.statutes import BY_KEY
from consumers.handovers.windows import window
from consumers.rulebook import Rulebook
from schemas.identity import derived_id


def decide(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:
    """What `event`, which is already the last of `case.events`, does to the case's clocks.

    "Now" is the append time of `event`, so a replay decides the same. An event that concerns no duty costs
    one look-up.
    """
    type_ = event.envelope.type
    concerns: Iterable[Concern] | None = CONCERNS.get(type_)
    if concerns is None:
        return rang(case, event, rulebook) if type_.startswith("deadline.") else []
    docket = docket_of(case, rulebook)
    if type_ in CORRECTIONS:
        concerns = dict.fromkeys(concern for known in docket.by_type for concern in CONCERNS.get(known, ()))
    decisions: list[Decision] = []
    judged: set[str] = set()
    seen: set[UUID] = set()
    for concern in concerns:
        judged.add(concern.duty.name)
        if not concern.starts.isdisjoint(docket.by_type):
            decisions.extend(_judged(concern.duty, event, docket, seen))
    decisions.extend(_no_longer_shown(case, judged, seen))
    return decisions


def _judged(duty: Duty, event: CaseEvent, docket: Docket, seen: set[UUID]) -> Iterator[Decision]:
    """The duty's clocks, as far as they are new or changed; `seen` takes up every one that there is."""
    case, rulebook = docket.case, docket.rulebook
    owed = False
    for episode in episodes(duty, docket):
        owed = True
        reading = _reading(duty, episode, docket)
        if reading is not None:
            seen.add(reading.id)
            clock = carried_on(reading, case, event.recorded_at, rulebook.settling)
            yield from changes(case.clocks.get(clock.id), clock)
    if not owed and lacks_holder(duty, event, docket):
        detail = f"{duty.name}: nobody is registered as {duty.role} in district {case.district!r}"
        yield Anomaly("no-duty-holder", detail)


def _reading(duty: Duty, episode: Episode, docket: Docket) -> Reading | None:
    """How one duty stands; None if no law binds it, if it is not owed, or if nobody knows when it began."""
    span = episode.counted.event.span
    moment = span.latest or span.earliest
    statute = None if moment is None else limit_at(moment, episode, docket)
    if statute is None or not _owed(duty, episode, docket):
        return None
    due = window(statute, episode, docket)
    clock_id = _clock_id(docket.case.id, duty.name, episode.holder, episode.key, episode.number)
    return Reading(clock_id, statute, episode, due, judge(statute, due, episode))


def _owed(duty: Duty, episode: Episode, docket: Docket) -> bool:
    if duty.if_done:
        return episode.end is not None and episode.end.stop.proof is Proof.ACT
    return not duty.requires or any(
        earliest(event) <= latest(episode.counted.event)
        for type_ in duty.requires
        for event in docket.standing(type_)
    )


def _no_longer_shown(case: Case, judged: set[str], seen: set[UUID]) -> Iterator[Decision]:
    """Clocks of the judged duties that no event shows any more, not even a voided one."""
    for clock in case.clocks.values():
        if clock.id in seen or clock.state is ClockState.WITHDRAWN:
            continue
        if BY_KEY[clock.rule, clock.version].duty.name in judged:
            yield from changes(clock, gone(clock))


@lru_cache(maxsize=16_384)
def _clock_id(case_id: UUID, duty: str, holder: str, key: Key, number: int) -> UUID:
    """Names the duty by what no later report about it changes: whose it is, about what, the how many-th."""
    about = "\n".join("" if part is None else str(part) for part in key)
    return derived_id(str(case_id), duty, f"{holder}\n{number}\n{about}")

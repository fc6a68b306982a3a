"""The clocks of a case: what runs, for whom, until when, and what became of it, decided from the case's events.

A clock is a function of the events that stand: each event that can concern a duty has the whole duty judged
again, so that late, corrected and voided reports and any order of arrival need no rule of their own. Only
what has already rung is history: it is kept in the clock, and told in the `deadline.*` events of the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from consumers.casefile import Case, CaseEvent, Clock
from consumers.decisions import Anomaly, Decision
from consumers.handovers.concerns import (
    CONCERNING,
    CORRECTIONS,
    DUTY_OF,
    Concern,
    limited,
)
from consumers.handovers.docket import Docket, docket_of, earliest, latest
from consumers.handovers.duty import Duty, Key, Proof
from consumers.handovers.episode import Episode
from consumers.handovers.history import Reading, carried_on, changes, gone
from consumers.handovers.holders import lacks_holder
from consumers.handovers.limits import is_economic, limit_at
from consumers.handovers.open_points import episodes_as_read
from consumers.handovers.outcomes import judge
from consumers.handovers.recounting import recounted
from consumers.handovers.ringing import rang
from consumers.handovers.windows import window
from consumers.rulebook import Rulebook
from schemas.identity import derived_id

_Known = dict[str, list[Clock]]
"""The clocks of a case by the name of their duty."""


def decide(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:
    """What `event`, which is already the last of `case.events`, does to the case's clocks.

    "Now" is the append time of `event`, so a replay decides the same. An event that concerns no duty costs
    one look-up.
    """
    type_ = event.envelope.type
    if type_ not in CONCERNING:
        return rang(case, event, rulebook) if type_.startswith("deadline.") else []
    docket = docket_of(case, rulebook)
    concerns = limited(type_, frozenset(docket.by_type), rulebook.profiles)
    if not concerns:
        return []
    known: _Known = {}
    for clock in case.clocks.values():
        known.setdefault(DUTY_OF[clock.rule, clock.version], []).append(clock)
    decisions: list[Decision] = []
    for concern in concerns:
        clocks = known.get(concern.duty.name, ())
        if type_ in CORRECTIONS or _may_change(concern, event, docket, clocks):
            _judge_again(concern, event, docket, clocks, decisions)
    if type_ in CORRECTIONS:
        decisions += list(recounted(docket, event, decisions))
    return decisions


def _may_change(concern: Concern, event: CaseEvent, docket: Docket, clocks: Sequence[Clock]) -> bool:
    """Whether judging the duty again can give anything new. Spares the work, changes no result."""
    case = docket.case
    if not clocks:
        if concern.only_ends or (concern.fields and case.field and case.field not in concern.fields):
            return False
        if concern.economic:
            return is_economic(event.data.get("offence")) or is_economic(case.offence)
        return True
    if concern.only_proves:
        ended = all(_ended_before(clock, event.span.latest) for clock in clocks)
        return not ended or _parts_starts(concern, event, docket)
    return True


def _parts_starts(concern: Concern, event: CaseEvent, docket: Docket) -> bool:
    """Whether a start comes after `event`: then it ends what began before, and the start begins another duty."""
    end = latest(event)
    return any(earliest(one) > end for start in concern.starts for one in docket.by_type[start.type])


def _ended_before(clock: Clock, moment: datetime | None) -> bool:
    ended = clock.stopped
    return ended is not None and ended.latest is not None and moment is not None and ended.latest < moment


def _judge_again(
    concern: Concern, event: CaseEvent, docket: Docket, known: Sequence[Clock], decisions: list[Decision]
) -> None:
    """Adds the clocks of the duty as they stand now, as far as they are new or changed."""
    duty, case, settling = concern.duty, docket.case, docket.rulebook.settling
    shown: list[UUID] = []
    begun = episodes_as_read(duty, docket, concern.starts, concern.stops)
    for episode in begun:
        reading = _reading(duty, episode, docket)
        if reading is not None:
            shown.append(reading.id)
            before = case.clocks.get(reading.id)
            clock = carried_on(reading, before, case, event.recorded_at, settling)
            changes(before, clock, event.identity, decisions)
    for clock in known:
        if clock.id not in shown:
            changes(clock, gone(clock), event.identity, decisions)
    if not begun and lacks_holder(duty, event, docket):
        decisions.append(_nobody(duty, case))


def _nobody(duty: Duty, case: Case) -> Anomaly:
    detail = (
        f"{case.district}未登记{duty.role}，期限无人承担 — {duty.name}: nobody is registered as {duty.role} "
        f"in district {case.district!r}"
    )
    return Anomaly("no-duty-holder", detail)


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


@lru_cache(maxsize=32_768)
def _clock_id(case_id: UUID, duty: str, holder: str, key: Key, number: int) -> UUID:
    """Names the duty by what no later report about it changes: whose it is, about what, the how many-th."""
    about = "\n".join(["" if part is None else str(part) for part in key]) if key else ""
    return derived_id(case_id.hex, duty, f"{holder}\n{number}\n{about}")

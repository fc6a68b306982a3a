"""What an event did to the clocks of its case, and which limits bind or do not bind and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from uuid import UUID

from consumers.casefile import Clock, ClockState, Identity
from consumers.explaining.account import ClockChange, ClockEffect, LimitLabel, LimitLooked, WhyNot, Words
from consumers.explaining.labels import basis_of_limit, both, unit_name
from consumers.handovers.explanations import words_of
from consumers.handovers.open_points import answers_for
from consumers.handovers.open_points import words_of as answer_in_words
from consumers.handovers.periods import Period
from consumers.handovers.reasons import Considered, Unbound, count, stated_period
from consumers.handovers.statute import Statute
from consumers.handovers.statutes import BY_KEY
from consumers.rulebook import Rulebook
from consumers.sources import SignOff
from schemas.fields import FIELD_BY_CODE
from schemas.units import Register

_OPEN = (ClockState.RUNNING, ClockState.PAUSED)


def effects(
    changed: Iterable[Clock], before: Mapping[UUID, Clock], looked: Sequence[Considered], rulebook: Rulebook
) -> tuple[ClockEffect, ...]:
    """Each clock that was decided on, against what it was `before`."""
    return tuple(_effect(clock, before.get(clock.id), looked, rulebook) for clock in changed)


def _effect(clock: Clock, was: Clock | None, looked: Sequence[Considered], rulebook: Rulebook) -> ClockEffect:
    statute = BY_KEY[clock.rule, clock.version]
    label = _label(statute.key)
    period = next(
        (one.period for one in looked if one.statute is statute and _same(one, clock)),
        stated_period(statute, None, rulebook.profiles),
    )
    words = None if period is None else _stated(period)
    steps = () if period is None else count(clock, period, rulebook.calendar)
    moved = was is not None and was.due_latest != clock.due_latest
    return ClockEffect(
        id=clock.id,
        change=change(was, clock),
        rule=clock.rule,
        version=clock.version,
        duty=label.duty,
        basis=label.basis,
        consequence=both(statute.breach) if statute.breach else None,
        office=statute.office,
        kind=clock.kind.value,
        holder=unit_name(clock.holder, rulebook.register),
        started_by=_name(clock.started_by) or "",
        assumed_start=clock.assumed_start,
        start_from=clock.start.earliest,
        start_to=clock.start.latest,
        due_from=clock.due_earliest,
        due_to=clock.due_latest,
        was_due_to=was.due_latest if was is not None and moved else None,
        provisional=clock.provisional,
        state=clock.state.value,
        was=None if was is None else was.state.value,
        certain=clock.certain,
        stopped_by=_name(clock.stopped_by),
        overrun_seconds=clock.overrun_seconds,
        next_alarm=None if clock.alarm is None else clock.alarm.value,
        next_alarm_at=clock.alarm_at,
        period=words,
        steps=tuple(Words(step.zh, step.en) for step in steps),
        open_points=_answers(statute.key, rulebook.profiles, tuple(rulebook.signed.items())),
    )


@lru_cache(maxsize=1024)
def _stated(period: Period) -> Words:
    words = words_of(period)
    return Words(words.zh, words.en)


@lru_cache(maxsize=1024)
def _answers(
    key: tuple[str, str], profiles: frozenset[str], signed: tuple[tuple[str, SignOff], ...]
) -> tuple[Words, ...]:
    return tuple(Words(*answer_in_words(one)) for one in answers_for(BY_KEY[key], profiles, dict(signed)))


def _same(looked: Considered, clock: Clock) -> bool:
    return looked.holder == clock.holder and looked.started_by == clock.started_by


def _name(identity: Identity | None) -> str | None:
    return None if identity is None else f"{identity[0]}/{identity[1]}"


_ENDED: Mapping[ClockState, ClockChange] = {
    ClockState.MET: ClockChange.STOPPED,
    ClockState.MET_LATE: ClockChange.STOPPED,
    ClockState.BREACHED: ClockChange.BREACHED,
    ClockState.PAUSED: ClockChange.PAUSED,
    ClockState.WITHDRAWN: ClockChange.WITHDRAWN,
}


def change(was: Clock | None, clock: Clock) -> ClockChange:
    """The one word for what became of a clock; the rest of the effect says how."""
    if was is None:
        return ClockChange.STARTED
    if was.state is not clock.state:
        if clock.state is ClockState.RUNNING:
            return ClockChange.RESUMED if was.state is ClockState.PAUSED else ClockChange.REOPENED
        return _ENDED[clock.state]
    if was.due_latest != clock.due_latest or was.due_earliest != clock.due_earliest:
        return ClockChange.DUE_CHANGED
    return ClockChange.RANG if was.rung != clock.rung else ClockChange.CHANGED


def limits(looked: Sequence[Considered], register: Register) -> tuple[LimitLooked, ...]:
    """Each row of the limits that was looked at, and why it does not bind if it does not."""
    names = {holder: unit_name(holder, register) for holder in {one.holder for one in looked}}
    found: list[LimitLooked] = []
    for statute, holder, started_by, _, unbound in looked:
        label, why = _row(statute.key, unbound)
        found.append(LimitLooked(label, names[holder], "/".join(started_by), why))
    return tuple(found)


@cache
def _row(key: tuple[str, str], unbound: Unbound | None) -> tuple[LimitLabel, WhyNot | None]:
    return _label(key), None if unbound is None else WhyNot(
        unbound.value, *_WORDS[unbound](BY_KEY[key]), None
    )


@cache
def _label(key: tuple[str, str]) -> LimitLabel:
    statute = BY_KEY[key]
    return LimitLabel(
        rule=statute.code,
        version=statute.version,
        duty=Words(statute.zh, statute.en),
        basis=basis_of_limit(statute),
        since=statute.since.isoformat(),
        until=None if statute.until is None else statute.until.isoformat(),
        profile=statute.profile,
    )


def _in_force(statute: Statute) -> tuple[str, str]:
    until = (f"，至{statute.until}前", f" until before {statute.until}") if statute.until else ("", "")
    return (
        f"起算日不在该版本施行期内（{statute.since}起{until[0]}）",
        f"the duty did not begin while this version is in force (from {statute.since}{until[1]})",
    )


def _off(statute: Statute) -> tuple[str, str]:
    memory = statute.mark.value == "M"
    return (
        f"规则未启用：须启用配置“{statute.profile}”{'（条文仅凭记忆，未核对）' if memory else ''}",
        f"off: the profile {statute.profile} is not turned on{' (the text is from memory)' if memory else ''}",
    )


def _other_field(statute: Statute) -> tuple[str, str]:
    fields = sorted(statute.fields)
    names = "、".join(FIELD_BY_CODE[code].zh for code in fields)
    return f"只适用于领域：{names}", f"only for the field {' or '.join(fields)}"


_WORDS: Mapping[Unbound, Callable[[Statute], tuple[str, str]]] = {
    Unbound.DATE: _in_force,
    Unbound.PROFILE: _off,
    Unbound.FIELD: _other_field,
    Unbound.OFFENCE: lambda _: (
        "只适用于经济犯罪案件，罪名不在其列或者未知",
        "only for economic crime; the offence is none, or unknown",
    ),
    Unbound.CONTENT: lambda _: (
        "起算事件的内容不符合该规则",
        "the starting event does not say what the rule asks for",
    ),
    Unbound.UNSAID: lambda _: (
        "未报送使其适用的决定",
        "nothing was said that turns it on",
    ),
    Unbound.LETTER: lambda _: ("文书未载明期限", "the letter sets no period"),
    Unbound.OTHER_FIRST: lambda _: ("同一义务已由另一规则约束", "another rule binds the same duty"),
    Unbound.NOT_OWED: lambda _: (
        "规则适用，但该义务尚未产生：只在履行时才可知，或者缺少前提事件",
        "the rule fits, but the duty is not owed: known only once done, or what it presupposes has not happened",
    ),
    Unbound.NO_DAY: lambda _: ("起算日无法确定", "nobody knows the day on which the duty began"),
}

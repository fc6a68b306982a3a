"""Comparing two sets of rules by what they decide on the same events: a rule set is known by its decisions. Pure.

Decisions can be kept in a file and read by another version of the program. So rules that this program does not
have any more, or not yet, are compared by what they decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consumers.explaining.account import RuleSet
from consumers.explaining.deciding import DecidedCase, DecidedClock, DecidedEvent, Recipient
from schemas.spans import CHINA


class Aspect(StrEnum):
    """What was decided differently."""

    RECIPIENTS = "recipients"
    BASIS = "basis"
    STATE = "case-state"
    CLOCK = "clock"
    START = "clock-start"
    DUE = "due-time"
    CLOCK_STATE = "clock-state"
    ANOMALIES = "flags"
    MIRRORS = "mirrored-to"
    SAYS = "said-by-the-bus"
    PARKED = "admission"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that `b` decides otherwise than `a`. `what` names the kind of difference, and groups them."""

    aspect: Aspect
    what: str
    case: str
    event: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Group:
    """Differences of one kind, in how many cases they occur, and each of them."""

    aspect: Aspect
    what: str
    count: int
    cases: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the rules `b` decide the events that the rules `a` decided. `not_compared`: cases that one side lacks."""

    a: RuleSet
    b: RuleSet
    cases: int
    events: int
    differing_cases: int
    differing_events: int
    not_compared: int
    groups: tuple[Group, ...]


def compare(
    a: RuleSet,
    b: RuleSet,
    pairs: Iterable[tuple[DecidedCase | None, DecidedCase | None]],
    since: datetime | None = None,
) -> Comparison:
    """How the second of each pair, decided by `b`, differs from the first, decided by `a`.

    Looks at events that the log had at or after `since`. The biggest groups come first.
    """
    found: list[Difference] = []
    cases = events = not_compared = 0
    for was, now in pairs:
        if was is None or now is None:
            not_compared += 1
            continue
        cases += 1
        events += sum(_counts(event.moment, since) for event in was.events)
        found += differences(was, now, since)
    return Comparison(
        a=a,
        b=b,
        cases=cases,
        events=events,
        differing_cases=len({one.case for one in found}),
        differing_events=len({(one.case, one.event) for one in found}),
        not_compared=not_compared,
        groups=_grouped(found),
    )


def _grouped(found: Iterable[Difference]) -> tuple[Group, ...]:
    kinds: dict[tuple[Aspect, str], list[Difference]] = {}
    for one in found:
        kinds.setdefault((one.aspect, one.what), []).append(one)
    groups = [
        Group(aspect, what, len(ones), len({one.case for one in ones}), tuple(ones))
        for (aspect, what), ones in kinds.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.aspect, group.what)))


def _counts(moment: datetime, since: datetime | None) -> bool:
    return since is None or moment >= since


def differences(a: DecidedCase, b: DecidedCase, since: datetime | None = None) -> list[Difference]:
    """What `b` decides on a case otherwise than `a`, event by event and then clock by clock."""
    case = f"{a.unit}:{a.number}"
    others = {event.name: event for event in b.events}
    states = ("", "")
    found: list[Difference] = []
    for one in a.events:
        other = others.get(one.name)
        if other is None:
            continue
        now = (f"{one.state} {one.reverse_state}".strip(), f"{other.state} {other.reverse_state}".strip())
        if _counts(one.moment, since):
            found += _of_event(case, one, other)
            if now[0] != now[1] and now != states:  # where it begins, not at every event after it
                found.append(
                    Difference(Aspect.STATE, f"{one.type}: {now[0]} → {now[1]}", case, one.name, *now)
                )
        states = now
    return found + list(_of_clocks(case, a.clocks, b.clocks, since))


def _of_event(case: str, a: DecidedEvent, b: DecidedEvent) -> Iterator[Difference]:
    yield from _of_recipients(case, a, b)
    for aspect, was, now in (
        (Aspect.ANOMALIES, a.anomalies, b.anomalies),
        (Aspect.MIRRORS, a.mirrored_to, b.mirrored_to),
        (Aspect.SAYS, a.says, b.says),
    ):
        if sorted(was) != sorted(now):
            what = f"{a.type}: {_changes(was, now)}"
            yield Difference(aspect, what, case, a.name, ", ".join(was), ", ".join(now))
    if a.parked != b.parked:
        what = f"{a.type}: {a.parked or 'admitted'} → {b.parked or 'admitted'}"
        yield Difference(Aspect.PARKED, what, case, a.name, a.parked, b.parked)


def _of_recipients(case: str, a: DecidedEvent, b: DecidedEvent) -> Iterator[Difference]:
    was = {one.unit: one for one in a.recipients}
    now = {one.unit: one for one in b.recipients}
    for unit in dict.fromkeys((*was, *now)):
        old, new = was.get(unit), now.get(unit)
        told = (_told(old), _told(new))
        if _kind(old) != _kind(new):
            role = (new or old or b.recipients[0]).role
            what = f"{a.type}: {role} {_kind(old) or '–'} → {_kind(new) or '–'}"
            yield Difference(Aspect.RECIPIENTS, what, case, a.name, *told)
        elif old != new:
            yield Difference(Aspect.BASIS, f"{a.type}: {new.role if new else ''}", case, a.name, *told)


def _kind(one: Recipient | None) -> str:
    return "" if one is None else one.delivery


def _told(one: Recipient | None) -> str:
    return "" if one is None else f"{one.unit} {one.delivery} {one.basis}"


def _changes(was: Sequence[str], now: Sequence[str]) -> str:
    gone = [f"-{one}" for one in dict.fromkeys(was) if was.count(one) > now.count(one)]
    come = [f"+{one}" for one in dict.fromkeys(now) if now.count(one) > was.count(one)]
    return " ".join((*gone, *come))


def _of_clocks(
    case: str, a: Iterable[DecidedClock], b: Iterable[DecidedClock], since: datetime | None
) -> Iterator[Difference]:
    was = {clock.id: clock for clock in a}
    now = {clock.id: clock for clock in b}
    for key in dict.fromkeys((*was, *now)):
        old, new = was.get(key), now.get(key)
        if any(one is not None and _counts(one.touched, since) for one in (old, new)):
            yield from _of_clock(case, old, new)


def _of_clock(case: str, old: DecidedClock | None, new: DecidedClock | None) -> Iterator[Difference]:
    event = next(one.started_by for one in (old, new) if one is not None)
    rules = (_rule(old), _rule(new))
    if rules[0] != rules[1]:
        yield Difference(
            Aspect.CLOCK, f"{rules[0] or '–'} → {rules[1] or '–'}", case, event, _shown(old), _shown(new)
        )
    if old is None or new is None:
        return
    if old.started_by != new.started_by:
        yield Difference(Aspect.START, new.rule, case, event, old.started_by, new.started_by)
    if (old.due_from, old.due_to, old.provisional) != (new.due_from, new.due_to, new.provisional):
        what = f"{new.rule}: {_direction(old.due_to, new.due_to)}"
        yield Difference(Aspect.DUE, what, case, event, _due(old), _due(new))
    if old.state != new.state:
        what = f"{new.rule}: {old.state} → {new.state}"
        yield Difference(Aspect.CLOCK_STATE, what, case, event, _shown(old), _shown(new))


def _rule(clock: DecidedClock | None) -> str:
    return "" if clock is None else f"{clock.rule} ({clock.version})"


def _direction(old: datetime | None, new: datetime | None) -> str:
    if old is None or new is None:
        return "not-known"
    if old == new:
        return "otherwise"
    return "later" if new > old else "earlier"


def _due(clock: DecidedClock) -> str:
    if clock.due_to is None:
        return "not known"
    until = _local(clock.due_to)
    if clock.due_from is not None and clock.due_from != clock.due_to:
        until = f"{_local(clock.due_from)} … {until}"
    return f"{until} provisional" if clock.provisional else until


def _shown(clock: DecidedClock | None) -> str:
    return "" if clock is None else f"{clock.holder} {_rule(clock)} {_due(clock)} {clock.state}"


def _local(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds")

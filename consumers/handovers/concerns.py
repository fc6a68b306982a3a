"""Which duties an event can concern, by its type, and how: found once, so that most events cost one look-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from consumers.handovers.duty import Duty, Proof, Start, Stop
from consumers.handovers.holders import NAMES_AGENCY, NAMES_POLICE
from consumers.handovers.limits import may_bind
from consumers.handovers.statutes import STATUTES
from consumers.handovers.windows import CUSTODY
from schemas.units import Role

CALENDAR_ADOPTED = "calendar.adopted"
CORRECTIONS = frozenset({"case.corrected", "case.voided", CALENDAR_ADOPTED})
"""After these, every duty of the case is judged again."""

_NAMES = {Role.AGENCY: NAMES_AGENCY, Role.POLICE: NAMES_POLICE}
# Events before a transfer that name the offence, by which the limit for economic crime is chosen.
_NAMES_OFFENCE = ("lead.found", "transfer.suspected", "transfer.reported", "opinion.to_transfer_issued")


@dataclass(frozen=True, slots=True)
class Concern:
    """What an event of one type can do to the clocks of one duty, in a case that has certain types of event."""

    duty: Duty
    starts: tuple[Start, ...]  # those of the duty's starts and stops that the case has events of
    stops: tuple[Stop, ...]
    only_ends: bool  # the type can end a clock, and do nothing else
    only_proves: bool  # the type shows no more than that the act was done before
    economic: bool  # the duty is limited for economic crime alone
    fields: frozenset[str]  # and in these fields alone, unless empty


@lru_cache(maxsize=8192)
def possible(type_: str, present: frozenset[str]) -> tuple[Concern, ...]:
    """What an event of `type_` can concern in a case that has events of the types `present`.

    A correction concerns whatever any event of the case concerns.
    """
    types = present if type_ in CORRECTIONS else (type_,)
    concerned = {concern.duty.name: concern for one in sorted(types) for concern in _BY_TYPE.get(one, ())}
    return tuple(_within(one, present) for one in concerned.values() if _can_exist(one.duty, present))


@lru_cache(maxsize=8192)
def limited(type_: str, present: frozenset[str], profiles: frozenset[str]) -> tuple[Concern, ...]:
    """The same without the duties for which an office with these profiles has no limit turned on."""
    return tuple(one for one in possible(type_, present) if may_bind(one.duty.name, profiles))


def _can_exist(duty: Duty, present: frozenset[str]) -> bool:
    """Whether the case has what the duty begins with, and what it is owed for."""
    done = {stop.type for stop in duty.stops if stop.proof is Proof.ACT}
    needed = done if duty.if_done else duty.requires
    begun = any(start.type in present for start in duty.starts)
    return begun and (not needed or not present.isdisjoint(needed))


def _within(concern: Concern, present: frozenset[str]) -> Concern:
    return replace(
        concern,
        starts=tuple(start for start in concern.duty.starts if start.type in present),
        stops=tuple(stop for stop in concern.duty.stops if stop.type in present),
    )


def _concern(duty: Duty, type_: str) -> Concern:
    ends = [stop for stop in duty.stops if stop.type == type_]
    only_ends = bool(ends) and not duty.if_done and type_ not in _otherwise(duty)
    rows = [row for row in STATUTES if row.duty.name == duty.name]
    fields = frozenset[str]().union(*(row.fields for row in rows))
    return Concern(
        duty=duty,
        starts=duty.starts,
        stops=duty.stops,
        only_ends=only_ends,
        only_proves=only_ends and all(stop.proof is Proof.LATER for stop in ends),
        economic=all(row.economic for row in rows),
        fields=fields if all(row.fields for row in rows) else frozenset(),
    )


def _types(duty: Duty) -> frozenset[str]:
    """Every type of event that can change a clock of the duty."""
    return _otherwise(duty) | {stop.type for stop in duty.stops}


def _otherwise(duty: Duty) -> frozenset[str]:
    """The types that can change a clock otherwise than by ending it."""
    types = {start.type for start in duty.starts} | set(duty.requires)
    types |= {type_ for pause in duty.pauses for type_ in (pause.begins, pause.ends)}
    types |= {type_ for type_ in (duty.extended_by, duty.lengthened_by) if type_ is not None}
    rows = [row for row in STATUTES if row.duty.name == duty.name]
    types |= {row.if_said[0] for row in rows if row.if_said is not None}
    if duty.custody:
        types |= {type_ for type_, _ in CUSTODY}
    if any(not (start.speaker or start.addressed) for start in duty.starts):
        types |= set(_NAMES.get(duty.role, ()))
    if any(row.economic for row in rows):
        types |= set(_NAMES_OFFENCE)
    return frozenset(types)


DUTIES: tuple[Duty, ...] = tuple({row.duty.name: row.duty for row in STATUTES}.values())
"""Every duty that some row limits, once, in the order of the table."""

_BY_TYPE: dict[str, list[Concern]] = {}
for _duty in DUTIES:
    for _type in sorted(_types(_duty)):
        _BY_TYPE.setdefault(_type, []).append(_concern(_duty, _type))

CONCERNING = frozenset(_BY_TYPE) | CORRECTIONS
"""The types of event that can concern any duty at all."""

DUTY_OF: dict[tuple[str, str], str] = {row.key: row.duty.name for row in STATUTES}
"""The name of the duty that a clock's (rule, version) limits."""

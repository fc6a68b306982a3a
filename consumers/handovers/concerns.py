"""Which duties an event can concern, by its type, and how: found once, so that most events cost one look-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from consumers.handovers.duty import Duty, Proof
from consumers.handovers.holders import NAMES_AGENCY, NAMES_POLICE
from consumers.handovers.statutes import STATUTES
from consumers.handovers.windows import CUSTODY
from schemas.units import Role

CORRECTIONS = frozenset({"case.corrected", "case.voided"})
"""After these, every duty of the case is judged again."""

_NAMES = {Role.AGENCY: NAMES_AGENCY, Role.POLICE: NAMES_POLICE}
# Events before a transfer that name the offence, by which the limit for economic crime is chosen.
_NAMES_OFFENCE = ("lead.found", "transfer.suspected", "transfer.reported", "opinion.to_transfer_issued")


@dataclass(frozen=True, slots=True)
class Concern:
    """What events of one type can do to the clocks of one duty."""

    duty: Duty
    starts: frozenset[str]  # the duty can only exist if the case has one of these
    needs: frozenset[str]  # and, unless empty, one of these
    only_ends: bool  # the type can end a clock, and do nothing else
    only_proves: bool  # the type shows no more than that the act was done before
    economic: bool  # the duty is limited for economic crime alone
    fields: frozenset[str]  # and in these fields alone, unless empty


def concerns_of(duties: tuple[Duty, ...]) -> dict[str, tuple[Concern, ...]]:
    """What each type of event can concern; a type that is missing changes no clock."""
    found: dict[str, list[Concern]] = {type_: [] for type_ in CORRECTIONS}
    for duty in duties:
        for type_ in dict.fromkeys(_types(duty)):
            found.setdefault(type_, []).append(_concern(duty, type_))
    return {type_: tuple(concerns) for type_, concerns in found.items()}


def _concern(duty: Duty, type_: str) -> Concern:
    ends = [stop for stop in duty.stops if stop.type == type_]
    only_ends = bool(ends) and not duty.if_done and type_ not in _otherwise(duty)
    done = (stop.type for stop in duty.stops if stop.proof is Proof.ACT)
    return Concern(
        duty=duty,
        starts=frozenset(start.type for start in duty.starts),
        needs=frozenset(done) if duty.if_done else frozenset(duty.requires),
        only_ends=only_ends,
        only_proves=only_ends and all(stop.proof is Proof.LATER for stop in ends),
        economic=_is_economic(duty, always=True),
        fields=_fields(duty),
    )


def _types(duty: Duty) -> Iterator[str]:
    """Every type of event that can change a clock of the duty."""
    yield from _otherwise(duty)
    yield from (stop.type for stop in duty.stops)


def _otherwise(duty: Duty) -> frozenset[str]:
    """The types that can change a clock otherwise than by ending it."""
    types = {start.type for start in duty.starts} | set(duty.requires)
    types |= {type_ for type_ in (duty.pauses, duty.resumes, duty.extended_by) if type_ is not None}
    if duty.custody:
        types |= {type_ for type_, _ in CUSTODY}
    if any(not (start.speaker or start.addressed) for start in duty.starts):
        types |= set(_NAMES.get(duty.role, ()))
    if _is_economic(duty, always=False):
        types |= set(_NAMES_OFFENCE)
    return frozenset(types)


def _fields(duty: Duty) -> frozenset[str]:
    rows = [row.fields for row in STATUTES if row.duty.name == duty.name]
    return frozenset().union(*rows) if all(rows) else frozenset()


def _is_economic(duty: Duty, *, always: bool) -> bool:
    rows = [row.economic for row in STATUTES if row.duty.name == duty.name]
    return all(rows) if always else any(rows)


DUTIES: tuple[Duty, ...] = tuple({row.duty.name: row.duty for row in STATUTES}.values())
"""Every duty that some row limits, once, in the order of the table."""

CONCERNS: dict[str, tuple[Concern, ...]] = concerns_of(DUTIES)
"""What each type of event can concern."""


@lru_cache(maxsize=8192)
def possible(type_: str, present: frozenset[str]) -> tuple[Concern, ...]:
    """What an event of `type_` can concern in a case that has events of the types `present`.

    A correction concerns whatever any event of the case concerns.
    """
    types = present if type_ in CORRECTIONS else (type_,)
    found = {concern.duty.name: concern for one in sorted(types) for concern in CONCERNS.get(one, ())}
    return tuple(
        concern
        for concern in found.values()
        if not concern.starts.isdisjoint(present)
        and not (concern.needs and concern.needs.isdisjoint(present))
    )

"""Which duties an event can concern, by its type: found once, so that most events cost one look-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from consumers.handovers.duty import Duty
from consumers.handovers.holders import NAMES_AGENCY, NAMES_POLICE
from consumers.handovers.statutes import STATUTES
from consumers.handovers.windows import CUSTODY
from schemas.units import Role

CORRECTIONS = frozenset({"case.corrected", "case.voided"})
"""After these, every duty of the case is judged again."""

_NAMES = {Role.AGENCY: NAMES_AGENCY, Role.POLICE: NAMES_POLICE}


@dataclass(frozen=True, slots=True)
class Concern:
    """A duty and the types of event it can begin with."""

    duty: Duty
    starts: frozenset[str]


def _types(duty: Duty) -> Iterator[str]:
    """Every type of event that can change a clock of the duty."""
    yield from (start.type for start in duty.starts)
    yield from (stop.type for stop in duty.stops)
    yield from duty.requires
    yield from (type_ for type_ in (duty.pauses, duty.resumes, duty.extended_by) if type_ is not None)
    if duty.custody:
        yield from (type_ for type_, _ in CUSTODY)
    if any(not start.speaker for start in duty.starts):
        yield from _NAMES.get(duty.role, ())


DUTIES: tuple[Duty, ...] = tuple({row.duty.name: row.duty for row in STATUTES}.values())
"""Every duty that some row limits, once, in the order of the table."""


def _index() -> dict[str, tuple[Concern, ...]]:
    found: dict[str, list[Concern]] = {type_: [] for type_ in CORRECTIONS}
    for duty in DUTIES:
        concern = Concern(duty, frozenset(start.type for start in duty.starts))
        for type_ in dict.fromkeys(_types(duty)):
            found.setdefault(type_, []).append(concern)
    return {type_: tuple(concerns) for type_, concerns in found.items()}


CONCERNS: dict[str, tuple[Concern, ...]] = _index()
"""What each type of event can concern; a type that is not here changes no clock."""

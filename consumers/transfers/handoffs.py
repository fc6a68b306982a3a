"""Hand-offs (移送、转送) to organs outside the district: recorded with the organ, whether it is on the bus or not.

What the bus can deliver goes the ordinary way. An organ that is not in its register cannot be delivered to: the
sender is flagged that it must send by its own means, case management is told (see `routes`), and the case shows to
which organ the matter went, by which event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consumers.casefile import Case, CaseEvent, Identity
from schemas.units import Register

NAMES_ORGAN: Mapping[str, str] = {
    "lead.found": "addressee",
    "transfer.sent": "addressee",
    "transfer.on_site_handed": "addressee",
    "transfer.forwarded": "addressee",
    "transfer.out_of_remit": "proper_organ",
    "opinion.to_transfer_issued": "addressee",
    "case.sent_for_prosecution": "addressee",
    "returned.to_agency": "addressee",
    "reverse.case_moved": "addressee",
    "reverse.jurisdiction_settled": "proper_organ",
    "reverse.opinion_issued": "addressee",
    "reverse.followed_up": "addressee",
    "pil.suggested": "addressee",
    "intervention.requested": "addressee",
    "consult.asked": "addressee",
}
"""The events by which a matter goes on to another organ, and the payload field that names it."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """One event that took the matter to an organ outside the district of the case.

    `organ` is the unit's code if it is `on_the_bus`, else the organ as the event names it.
    """

    event: Identity
    type: str
    organ: str
    on_the_bus: bool


def handoffs(case: Case, district: str, register: Register) -> list[Handoff]:
    """The standing hand-offs of `case`, which belongs to `district`, in the order of the log."""
    return [found for event in case.standing(*NAMES_ORGAN) for found in _outside(event, district, register)]


def _outside(event: CaseEvent, district: str, register: Register) -> Iterator[Handoff]:
    organ = event.data.get(NAMES_ORGAN[event.type])
    if organ:
        unit = register.by_code.get(organ)
        if unit is None or unit.district != district:
            yield Handoff(event.identity, event.type, organ, on_the_bus=unit is not None)

"""Where a case stands as far as some of its events tell: pure, by the same tables that casework uses."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.casefile import Case, CaseEvent, Identity
from consumers.readmodel.views import Standing
from consumers.transfers.history import offence_of, replay
from consumers.transfers.routing import CORRECTIONS, regarding
from schemas.units import Register


def standing(events: Sequence[CaseEvent], register: Register) -> Standing:
    """The state to which `events`, at least one, in the order of the log, lead.

    A reader who may see only a part of a case is told the state that this part leads to, not the case's
    own: that would tell of events which were never delivered to it.
    """
    envelope = events[0].envelope
    case = Case(
        id=envelope.subject,
        origin_unit=envelope.origin_unit,
        origin_case=envelope.origin_case,
        district="",
        field=next((event.envelope.field for event in events if event.envelope.field), ""),
        offence=None,
        events=tuple(events),
        voided=_voided(events),
    )
    place, _ = replay(case, register)
    return Standing(case.field, offence_of(case), place.state, place.reverse_state)


def _voided(events: Sequence[CaseEvent]) -> frozenset[Identity]:
    """What was taken back by whoever had said it; a correction itself cannot be."""
    said = {event.identity for event in events if event.type not in CORRECTIONS}
    taken_back = ((event.envelope.source, regarding(event)) for event in events if event.type in CORRECTIONS)
    return frozenset(target for source, target in taken_back if target in said and target[0] == source)

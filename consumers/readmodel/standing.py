"""Where a case and its documents stand as far as some events tell: pure, by the same tables that casework uses."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.casefile import Case, CaseEvent, Identity
from consumers.documents.rules import packages
from consumers.readmodel.views import DocumentAsked, EventName, HandoffView, PackageView, Standing
from consumers.transfers.handoffs import handoffs
from consumers.transfers.history import offence_of, replay
from consumers.transfers.routing import CORRECTIONS, regarding
from consumers.transfers.side_states import side_states
from schemas.units import Register


def standing(events: Sequence[CaseEvent], register: Register) -> Standing:
    """The state to which `events`, at least one, in the order of the log, lead.

    A reader who may see only a part of a case is told the state that this part leads to, not the case's
    own: that would tell of events which were never delivered to it.
    """
    case = case_told_by(events)
    place, _ = replay(case, register)
    return Standing(
        case.field, offence_of(case), place.state, place.reverse_state, side_tracks=side_states(case)
    )


def package_views(events: Sequence[CaseEvent]) -> list[PackageView]:
    """The packages of the transfer letters among `events`: what each must have, and which of `events` brought it."""
    return [
        PackageView(
            letter=EventName(*package.letter),
            complete=not package.missing,
            documents=[
                DocumentAsked(
                    one.kind.zh,
                    one.kind.en,
                    one.basis.cited,
                    None if one.supplied_by is None else EventName(*one.supplied_by),
                )
                for one in package.asked
            ],
        )
        for package in packages(case_told_by(events))
    ]


def handoff_views(events: Sequence[CaseEvent], register: Register) -> list[HandoffView]:
    """By which of `events` the matter went to organs outside the district of the unit that opened the case."""
    case = case_told_by(events)
    district = register.district_of(case.origin_unit) or ""
    return [
        HandoffView(EventName(*one.event), one.type, one.organ, on_the_bus=one.on_the_bus)
        for one in handoffs(case, district, register)
    ]


def case_told_by(events: Sequence[CaseEvent]) -> Case:
    """The case as far as `events`, at least one, in the order of the log, tell of it, with nothing decided on it."""
    envelope = events[0].envelope
    return Case(
        id=envelope.subject,
        origin_unit=envelope.origin_unit,
        origin_case=envelope.origin_case,
        district="",
        field=next((event.envelope.field for event in events if event.envelope.field), ""),
        offence=None,
        events=tuple(events),
        voided=_voided(events),
    )


def _voided(events: Sequence[CaseEvent]) -> frozenset[Identity]:
    """What was taken back by whoever had said it; a correction itself cannot be."""
    said = {event.identity for event in events if event.type not in CORRECTIONS}
    taken_back = ((event.envelope.source, regarding(event)) for event in events if event.type in CORRECTIONS)
    return frozenset(target for source, target in taken_back if target in said and target[0] == source)

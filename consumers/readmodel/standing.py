"""Where a case and its documents stand as far as some events tell: pure, by the same tables that casework uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consumers.casefile import Case, CaseEvent, Identity
from consumers.documents.rules import packages
from consumers.readmodel.views import (
    CaseEntry,
    DocumentAsked,
    EventName,
    HandoffView,
    PackageView,
    PartyStanding,
    Standing,
)
from consumers.transfers.handoffs import handoffs
from consumers.transfers.history import offence_of, parties, replay
from consumers.transfers.routing import CORRECTIONS, regarding
from consumers.transfers.side_states import side_states
from consumers.views.masks import HIDDEN, mask_name
from schemas.units import Register


def standing(
    events: Sequence[CaseEvent], opened: Sequence[CaseEvent], shown: Sequence[CaseEntry], register: Register
) -> Standing:
    """The state to which `events`, at least one, in the order of the log, lead.

    `opened` are the same events as they were said, and `shown` as the reader gets them.

    A reader who may see only a part of a case is told the state that this part leads to, not the case's
    own: that would tell of events which were never delivered to it.
    """
    case = case_told_by(events)
    place, _ = replay(case, register)
    return Standing(
        case.field,
        offence_of(case),
        place.state,
        place.reverse_state,
        side_tracks=side_states(case),
        parties=_parties(case, opened, shown, register),
    )


def _parties(
    case: Case, opened: Sequence[CaseEvent], shown: Sequence[CaseEntry], register: Register
) -> list[PartyStanding]:
    """The parties under the names that the reader has seen, and only those of whom it has seen one."""
    said = dict(_pairs(case.events, opened))
    told = {name for entry in shown for name in _names(entry.event.data)}
    found = []
    for name, (state, reverse_state) in parties(case, register).items():
        clear = said[name]
        seen = next((one for one in (clear, mask_name(clear), HIDDEN) if one in told), None)
        if seen is not None:
            found.append(PartyStanding(seen, state, reverse_state or None))
    return found


def _pairs(events: Sequence[CaseEvent], opened: Sequence[CaseEvent]) -> Iterator[tuple[str, str]]:
    """Each name of a party as the log has it, which may be sealed, and as it was said."""
    for sealed, said in zip(events, opened, strict=True):
        yield from zip(_names(sealed.data), _names(said.data), strict=True)


def _names(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (party["name"] for party in data.get("parties") or ())
    if data.get("party") is not None:
        yield data["party"]


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

"""The fold: what one more event of the log makes of a case, all slices together. Pure.

Each slice looks at the case with the event already in it, and at what the slices before it have decided.
A case is nothing but this fold over its admitted events, so folding them again gives exactly the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly, ClockSet, Decision, Deliver, MirrorSet, Moved, Park, RoleTaken
from consumers.documents.rules import decide as decide_documents
from consumers.handovers.rules import decide as decide_handovers
from consumers.opinions.rules import decide as decide_opinions
from consumers.rulebook import Rulebook
from consumers.thresholds.rules import decide as decide_thresholds
from consumers.transfers.history import TRACKED, horizon, is_late, offence_of, opening
from consumers.transfers.routing import CORRECTIONS, regarding
from consumers.transfers.rules import decide as decide_transfers
from consumers.transfers.speakers import entry
from schemas.units import BUS_UNIT, Register


@dataclass(frozen=True, slots=True)
class Folded:
    """The case after an event, and what was decided on it; if it is `parked`, nothing happened to the case."""

    case: Case | None
    decisions: tuple[Decision, ...] = ()
    parked: Park | None = None


def fold(case: Case | None, event: CaseEvent, rulebook: Rulebook) -> Folded:
    """Fold `event`, which the log has after all events of `case`; None is a case not yet known.

    The caller has made sure that the event's identity is new to the case.
    """
    grown = with_event(case, event, rulebook.register)
    if event.envelope.type in CORRECTIONS:
        flaw = _flaw(grown, event)
        if flaw is not None:
            return _without_effect(case, grown, event, flaw, rulebook)
        grown = grown.having(voided=grown.voided | {regarding(event)})
    decisions = decide_transfers(grown, event, rulebook)
    if decisions and isinstance(decisions[0], Park):
        return Folded(case, parked=decisions[0])
    settled = _settled(grown, event, decisions)
    for decide in (decide_documents, decide_thresholds, decide_opinions, decide_handovers):
        more = decide(settled, event, rulebook)
        if more:
            settled = _evolved(settled, more)
            decisions += more
    return Folded(settled, tuple(decisions))


def refold(events: Iterable[CaseEvent], rulebook: Rulebook) -> Case | None:
    """The case that `events`, in the order of the log, make; None if there is none. Exactly what `fold` made."""
    case: Case | None = None
    for event in events:
        case = fold(case, event, rulebook).case
    return case


def _opened(event: CaseEvent, register: Register) -> Case:
    envelope = event.envelope
    origin = envelope.origin_unit
    # An origin unit that is not on the bus leaves its case with the district of who brought it here.
    district = register.district_of(origin) or register.district_of(envelope.source) or ""
    place = opening(origin, register)
    return Case(
        id=envelope.subject,
        origin_unit=origin,
        origin_case=envelope.origin_case,
        district=district,
        field=envelope.field,
        offence=None,
        roles=place.roles,
        participants=frozenset({origin}),
        state=place.state,
    )


def with_event(known: Case | None, event: CaseEvent, register: Register) -> Case:
    """The case with `event` in it and nothing decided on it yet: what every slice looks at."""
    case = known or _opened(event, register)
    return case.having(
        events=(*case.events, event),
        field=case.field or event.envelope.field,
        offence=_named(case, event),
        horizon=horizon(case.horizon, event),
    )


def _named(case: Case, event: CaseEvent) -> str | None:
    offence = event.data.get("offence")
    if offence and (case.offence is None or event.envelope.type in TRACKED):
        return str(offence)
    return case.offence


def _flaw(case: Case, event: CaseEvent) -> Anomaly | None:
    """Why this correction has no effect: only who said something may take it back, and only once."""
    target = regarding(event)
    name = f"{target[0]}/{target[1]}"
    original = next((other for other in case.events if other.identity == target), None)
    if original is None or original is event:
        return Anomaly(
            "unknown-event",
            f"本案没有事件{name}，更正或作废无效 — {event.type} of {name}: no event of this case",
        )
    if original.envelope.source != event.envelope.source:
        speaker = event.envelope.source
        return Anomaly(
            "foreign-correction",
            f"{speaker}不得更正或作废他单位的{name} — {speaker} may not take back {name}",
        )
    if original.envelope.type in CORRECTIONS:
        return Anomaly(
            "correction-of-correction",
            f"{name}本身是更正，应重新报送正确的事件 — {name} is itself a correction: say the event anew instead",
        )
    if target in case.voided:
        return Anomaly("already-voided", f"{name}已作废 — {name} does not stand any more")
    return None


def _without_effect(
    case: Case | None, grown: Case, event: CaseEvent, flaw: Anomaly, rulebook: Rulebook
) -> Folded:
    admitted = entry(grown, event, rulebook.register)
    if isinstance(admitted, Park):
        return Folded(case, parked=admitted)
    decisions: list[Decision] = [flaw] if admitted is None else [admitted, flaw]
    return Folded(_settled(grown, event, decisions), tuple(decisions))


def _settled(case: Case, event: CaseEvent, decisions: Sequence[Decision]) -> Case:
    """The case with what the transfers slice decided, and with who takes part in it from now on."""
    changes: dict[str, Any] = {}
    joining = {event.envelope.source}
    for decision in decisions:
        if isinstance(decision, Deliver):
            joining.add(decision.unit)
        elif isinstance(decision, Moved):
            changes["reverse_state" if decision.reverse else "state"] = decision.state or None
        elif isinstance(decision, RoleTaken):
            changes["roles"] = {**changes.get("roles", case.roles), decision.role: decision.unit}
    joining.discard(BUS_UNIT)
    if not joining <= case.participants:
        changes["participants"] = case.participants | joining
    if event.envelope.type in CORRECTIONS:
        changes["roles"] = {role: unit for role, unit in changes.get("roles", case.roles).items() if unit}
    if _renames(case, event):
        changes["offence"] = offence_of(case)
    return case.having(**changes) if changes else case


def _renames(case: Case, event: CaseEvent) -> bool:
    """Whether the offence must be looked up in the history: an event fell away, or came late and names one."""
    if event.envelope.type in CORRECTIONS:
        return True
    return bool(event.data.get("offence")) and is_late(case, event)


def _evolved(case: Case, decisions: Sequence[Decision]) -> Case:
    """The case with what the slices of mirrors and clocks decided."""
    changes: dict[str, Any] = {}
    clocks = {d.clock.id: d.clock for d in decisions if isinstance(d, ClockSet)}
    mirrors = {d.mirror.id: d.mirror for d in decisions if isinstance(d, MirrorSet)}
    alarmed = {d.unit for d in decisions if isinstance(d, Deliver)}
    if clocks:
        changes["clocks"] = {**case.clocks, **clocks}
    if mirrors:
        changes["mirrors"] = {**case.mirrors, **mirrors}
    if not alarmed <= case.participants:
        changes["participants"] = case.participants | alarmed
    return case.having(**changes) if changes else case

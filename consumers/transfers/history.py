"""How a case's events move it: the order they stand in, and where the tables of `transitions` lead in that order.

Reports come late. The state of a case is therefore the tables applied to its standing events in the order in
which they happened, as far as that is certain; of two events that may have happened either way, the one that
the log has first counts as first. An event that is certainly older than one already known is put in its
place, and the case is gone through again; any other event is one step from where the case stands, which
gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly
from consumers.transfers.flags import not_in_charge, out_of_order
from consumers.transfers.parties import party_states, read_for_party
from consumers.transfers.states import FORWARD_STATES, NO_STATE
from consumers.transfers.takes import TAKES, Take, Who
from consumers.transfers.tracks import FORWARD_TRACK, REVERSE_TRACK, Before, Track
from schemas.units import PROCURATORATE, Register, Role


class Place(NamedTuple):
    """Where a case stands: who acts in which role, and the state on both tracks."""

    roles: Mapping[Role, str]
    state: str
    reverse_state: str | None


_TAKES: dict[str, tuple[Take, ...]] = {
    event: tuple(take for take in TAKES if event in take.events) for row in TAKES for event in row.events
}

TRACKED = frozenset(FORWARD_TRACK.rows) | frozenset(REVERSE_TRACK.rows) | frozenset(_TAKES)
"""The event types that can move a case or give a role in it. All others are side tracks."""

_NO_ROLES: Mapping[Role, str] = MappingProxyType({})
_THEMSELVES = PROCURATORATE | {Role.POLICE, Role.COURT, Role.SUPERVISION}


def opening(origin_unit: str, register: Register) -> Place:
    """Where a case stands before its first event: its origin unit acts in it, as police if it is police."""
    for role in (Role.POLICE, Role.AGENCY):
        if register.has_role(origin_unit, role):
            return Place({role: origin_unit}, FORWARD_STATES[0].code, None)
    return Place(_NO_ROLES, FORWARD_STATES[0].code, None)


def horizon(known: datetime | None, event: CaseEvent) -> datetime | None:
    """The latest instant that some tracked event is certainly not older than, `event` included."""
    earliest = event.span.earliest
    if earliest is None or event.envelope.type not in TRACKED:
        return known
    return earliest if known is None or earliest > known else known


def is_late(case: Case, event: CaseEvent) -> bool:
    """Whether `event` certainly happened before a tracked event that `case` already knew."""
    latest = event.span.latest
    return case.horizon is not None and latest is not None and latest < case.horizon


def in_order(case: Case) -> list[CaseEvent]:
    """The standing tracked events in the order in which they happened, as far as certain, else as logged.

    Each event goes before the first one that it is certainly older than. No event then stands behind one
    that it is certainly older than, because "certainly older" is transitive.
    """
    ordered: list[CaseEvent] = []
    for event in case.events:
        if event.envelope.type in TRACKED and event.identity not in case.voided:
            ordered.insert(_position(ordered, event), event)
    return ordered


def _position(ordered: Sequence[CaseEvent], event: CaseEvent) -> int:
    latest = event.span.latest
    if latest is not None:
        for position, other in enumerate(ordered):
            if other.span.earliest is not None and latest < other.span.earliest:
                return position
    return len(ordered)


def step(case: Case, event: CaseEvent, register: Register) -> tuple[Place, list[Anomaly]]:
    """Where `case` stands after `event`, which is its last event, and what is odd about that."""
    if is_late(case, event):
        return replay(case, register, watched=event)

    place = Place(case.roles, case.state, case.reverse_state)
    return _apply(place, event, lambda: in_log_before(case), case.origin_unit, register)


def in_log_before(case: Case) -> list[CaseEvent]:
    """The standing tracked events before the last event of the case, as logged."""
    earlier, voided = case.events[:-1], case.voided
    return [
        e for e in earlier if e.envelope.type in TRACKED and (not voided or e.envelope.identity not in voided)
    ]


def replay(case: Case, register: Register, watched: CaseEvent | None = None) -> tuple[Place, list[Anomaly]]:
    """Where the standing events of `case` lead from its opening, and what is odd about `watched` in its place."""
    place, odd = opening(case.origin_unit, register), []
    ordered = in_order(case)
    for position, event in enumerate(ordered):
        before = _just(ordered[:position])
        place, anomalies = _apply(place, event, before, case.origin_unit, register)
        if event is watched:
            odd = anomalies
    return place, odd


def parties(case: Case, register: Register) -> Mapping[str, tuple[str, str]]:
    """The forward and the reverse state of each party of `case` by name; empty if fewer than two are known."""
    return party_states(in_order(case), lambda: opened_themselves(case.origin_unit, register))


def path(case: Case, register: Register) -> Iterator[tuple[CaseEvent, Place]]:
    """The standing tracked events of `case` in their order, each with where it leads."""
    place, ordered = opening(case.origin_unit, register), in_order(case)
    for position, event in enumerate(ordered):
        place, _ = _apply(place, event, _just(ordered[:position]), case.origin_unit, register)
        yield event, place


def next_states(state: str, *, reverse: bool = False) -> Iterator[tuple[str, str]]:
    """(event type, state to which it leads) for what may follow `state` in legal order on a track."""
    track = REVERSE_TRACK if reverse else FORWARD_TRACK
    seen: set[tuple[str, str]] = set()
    for type_, rows in track.rows.items():
        for row in rows:
            if row.to is not None and row.to != state and state in row.after and (type_, row.to) not in seen:
                seen.add((type_, row.to))
                yield type_, row.to


def _just(events: Sequence[CaseEvent]) -> Before:
    return lambda: events


def _apply(
    place: Place, event: CaseEvent, before: Before, origin_unit: str, register: Register
) -> tuple[Place, list[Anomaly]]:
    def own() -> bool:
        return opened_themselves(origin_unit, register)

    roles, state, reverse_state = place
    anomalies: list[Anomaly] = []
    type_ = event.envelope.type
    if type_ in _TAKES:
        roles = _take(roles, event, register, anomalies)
    if type_ in FORWARD_TRACK.rows:
        was = state
        state, legal = FORWARD_TRACK.lead(was, event, before, own)
        if not legal or event.data.get("party") is not None:
            anomalies += _odd(FORWARD_TRACK, was, event, before, own, legal=legal)
    if type_ in REVERSE_TRACK.rows:
        was = reverse_state or NO_STATE
        now, legal = REVERSE_TRACK.lead(was, event, before, own)
        reverse_state = now or None
        if not legal or event.data.get("party") is not None:
            anomalies += _odd(REVERSE_TRACK, was, event, before, own, legal=legal)
    return Place(roles, state, reverse_state), anomalies


def _odd(
    track: Track, was: str, event: CaseEvent, before: Before, own: Callable[[], bool], *, legal: bool
) -> list[Anomaly]:
    reverse = track is REVERSE_TRACK
    read = read_for_party(track, event, before, own, legal=legal)
    if read is None:
        return [] if legal else [out_of_order(event, track.states[was], reverse=reverse)]
    return [] if read.legal else [out_of_order(event, track.states[read.was], reverse=reverse, of_party=True)]


def opened_themselves(origin_unit: str, register: Register) -> bool:
    """Whether police, procuratorate, court or supervision organ opened the case."""
    unit = register.by_code.get(origin_unit)
    return unit is not None and not unit.roles.isdisjoint(_THEMSELVES)


def _take(
    roles: Mapping[Role, str], event: CaseEvent, register: Register, anomalies: list[Anomaly]
) -> Mapping[Role, str]:
    for take in _TAKES[event.envelope.type]:
        unit = event.envelope.source if take.who is Who.SPEAKER else event.data.get("addressee")
        holder = roles.get(take.role)
        if unit is None or unit == holder or not register.has_role(unit, take.role):
            continue
        if holder is None or take.replaces or stands_above(unit, holder, register):
            roles = {**roles, take.role: unit}
        elif take.role is Role.POLICE and not stands_above(holder, unit, register):
            anomalies.append(not_in_charge(event, unit, holder, register))
    return roles


def stands_above(unit: str, other: str, register: Register) -> bool:
    """Whether `unit` is a superior of `other`, at any distance."""
    above = register.by_code.get(other)
    for _ in range(len(register.units)):  # a register may be circular by mistake
        if above is None or above.superior is None:
            return False
        if above.superior == unit:
            return True
        above = register.by_code.get(above.superior)
    return False


def offence_of(case: Case) -> str | None:
    """The offence (罪名) as last named on the tracks; on side tracks only if nothing else names one."""
    for event in reversed(in_order(case)):
        if event.data.get("offence"):
            return str(event.data["offence"])
    for event in case.events:
        if event.data.get("offence") and event.identity not in case.voided:
            return str(event.data["offence"])
    return None

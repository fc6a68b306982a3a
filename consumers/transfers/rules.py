"""What follows from an event for the routing of its case: who receives it, and where the case stands then."""

from __future__ import annotations

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Decision, Moved, Park, RoleTaken
from consumers.rulebook import Rulebook
from consumers.transfers.history import TRACKED, Place, replay, step
from consumers.transfers.routing import CORRECTIONS, deliveries, regarding, retraction
from consumers.transfers.scene import Scene
from consumers.transfers.side_states import missing
from consumers.transfers.speakers import entry


def decide(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:
    """The decisions of this slice on `event`, which is already the last event of `case`. Pure.

    A `Park` comes alone: the event must then have no effect at all. For a correction, `case.voided` already
    holds the event that it takes back; whether it may is for the caller to have checked.
    """
    register = rulebook.register
    type_ = event.envelope.type
    decisions: list[Decision] = []
    if event.envelope.source not in case.participants:
        admitted = entry(case, event, register)
        if isinstance(admitted, Park):
            return [admitted]
        if admitted is not None:
            decisions.append(admitted)
    roles = case.roles
    if type_ in TRACKED:
        place, odd = step(case, event, register)
        roles = place.roles
        decisions += odd
        decisions += _changes(case, place)
    elif type_ in CORRECTIONS:
        place, _ = replay(case, register)
        roles = place.roles
        decisions += _changes(case, place)
    decisions += missing(case, event)
    decisions += _routed(Scene(case, event, roles, register), rulebook)
    return decisions


def _routed(scene: Scene, rulebook: Rulebook) -> list[Decision]:
    if scene.event.envelope.type in CORRECTIONS:
        return [*retraction(scene, regarding(scene.event), rulebook.profiles)]
    found, odd = deliveries(scene, rulebook.profiles)
    return [*odd, *found] if odd else [*found]


def _changes(case: Case, place: Place) -> list[Decision]:
    changes: list[Decision] = []
    if place.roles is not case.roles:
        changes += [
            RoleTaken(role, unit) for role, unit in place.roles.items() if case.roles.get(role) != unit
        ]
        changes += [RoleTaken(role, "") for role in case.roles if role not in place.roles]
    if place.state != case.state:
        changes.append(Moved(place.state))
    if place.reverse_state != case.reverse_state:
        changes.append(Moved(place.reverse_state or "", reverse=True))
    return changes

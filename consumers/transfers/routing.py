"""From the rows of `routes` to deliveries: each unit once, for its strongest reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from functools import lru_cache

from consumers.casefile import Case, CaseEvent, Identity
from consumers.decisions import Anomaly, Deliver, Delivery
from consumers.transfers.flags import by_row, nobody_acts, not_registered
from consumers.transfers.history import is_late, replay
from consumers.transfers.recipients import RESOLVE, To
from consumers.transfers.routes import ROUTES, Route
from consumers.transfers.scene import Scene
from schemas.spans import CHINA
from schemas.units import Role

STRENGTH: dict[Delivery, int] = {
    Delivery.COPY: 0,
    Delivery.RESULT: 1,
    Delivery.ALARM: 2,
    Delivery.MIRROR: 3,
    Delivery.DUTY: 4,
}
"""Which reason wins where a unit has several."""

CORRECTIONS = frozenset({"case.corrected", "case.voided"})
"""Events that take an earlier event out of the standing ones."""

_ROLE_ORDER = {role: position for position, role in enumerate(Role)}


class Row:
    """A row of the table as every event needs it: conditions and recipients looked up once."""

    __slots__ = ("by_name_only", "duty", "holds", "midnight", "resolvers", "route", "strength")

    def __init__(self, route: Route) -> None:
        self.route = route
        self.strength = STRENGTH[route.delivery]
        self.duty = route.delivery is Delivery.DUTY
        self.holds = None if route.when is None else route.when.holds
        self.midnight = None if route.since is None else datetime.combine(route.since, time(), CHINA)
        self.resolvers = tuple(RESOLVE[to] for to in route.to if to in RESOLVE)
        self.by_name_only = route.to == (To.ADDRESSEE,)


@lru_cache(maxsize=16)
def rows_for(profiles: frozenset[str]) -> Mapping[str, tuple[Row, ...]]:
    """The rows that are on under these office profiles, by event type."""
    found: dict[str, tuple[Row, ...]] = {}
    for route in ROUTES:
        if route.profile is None or route.profile in profiles:
            for event in route.events:
                found[event] = (*found.get(event, ()), Row(route))
    return found


def deliveries(scene: Scene, profiles: frozenset[str]) -> tuple[list[Deliver], list[Anomaly]]:
    """Who receives the scene's event, and what is odd about that: duties that nobody can take."""
    event = scene.event
    rows = rows_for(profiles).get(event.envelope.type)
    odd: list[Anomaly] = []
    if rows is None:
        return [], odd
    chosen: dict[str, Row] = {}
    for row in rows:
        if row.midnight is not None and not certainly_since(scene, row.midnight):
            continue
        if row.holds is not None and not row.holds(scene):
            continue
        if row.route.flag is not None:
            odd.append(by_row(row.route.flag, event, scene.addressee, row.route.basis, scene.register))
        for unit in named(scene, row, odd):
            known = chosen.get(unit)
            if known is None or known.strength < row.strength:
                chosen[unit] = row
    chosen.pop(event.envelope.source, None)
    return [_deliver(row.route, unit, _acts_as(scene, unit)) for unit, row in chosen.items()], odd


def named(scene: Scene, row: Row, odd: list[Anomaly]) -> tuple[str, ...]:
    """The registered units that `row` names; adds to `odd` if that leaves a duty with nobody."""
    registered = scene.register.by_code
    for resolve in row.resolvers:
        units = resolve(scene)
        if units:
            strangers = [unit for unit in units if unit not in registered]
            if not strangers:
                return units
            if row.duty:
                _note(odd, not_registered(scene.event, strangers))
            return tuple(unit for unit in units if unit in registered)
    if row.duty and not row.by_name_only:
        _note(odd, nobody_acts(scene.event, row.route.to))
    return ()


def _note(odd: list[Anomaly], anomaly: Anomaly) -> None:
    if anomaly not in odd:  # two rows may give the same duty, by an older and a newer text
        odd.append(anomaly)


def certainly_since(scene: Scene, midnight: datetime) -> bool:
    """Whether the event happened at `midnight` or later, on every day it can have happened.

    Unless it is late, it comes after what the case already knew, which may say more than its own date.
    """
    known, own = scene.case.horizon, scene.event.span.earliest
    if known is not None and not is_late(scene.case, scene.event):
        own = known if own is None else max(own, known)
    return own is not None and own >= midnight


def _acts_as(scene: Scene, unit: str) -> Role:
    for role, holder in scene.roles.items():
        if holder == unit:
            return role
    return _first(scene.register.by_code[unit].roles)


@lru_cache(maxsize=256)
def _first(roles: frozenset[Role]) -> Role:
    return min(roles, key=_ROLE_ORDER.__getitem__)


@lru_cache(maxsize=8192)
def _deliver(route: Route, unit: str, role: Role) -> Deliver:
    return Deliver(unit, route.delivery, role, route.basis.cited)


def retraction(scene: Scene, target: Identity, profiles: frozenset[str]) -> list[Deliver]:
    """Who must learn that the event `target` does not stand: whoever received it, or a mirror of it.

    Who received it is decided again by the same rows, on the case as it was when the event came.
    """
    heard = {row.unit: row.delivery for row in _heard(scene, target, profiles)}
    for mirror in scene.case.mirrors.values():
        if mirror.opinion == target:
            heard.setdefault(mirror.unit, Delivery.COPY)
    found = []
    for row in rows_for(profiles)[scene.event.envelope.type]:
        for unit, delivery in heard.items():
            if (delivery is Delivery.DUTY) == (To.DUTY_HEARERS in row.route.to) and unit != scene.speaker:
                found.append(_deliver(row.route, unit, _acts_as(scene, unit)))
    return found


def _heard(scene: Scene, target: Identity, profiles: frozenset[str]) -> list[Deliver]:
    case = scene.case
    position = next(at for at, event in enumerate(case.events) if event.identity == target)
    then = replace(case, events=case.events[: position + 1], voided=_voided_in(case, position))
    roles = replay(then, scene.register)[0].roles
    return deliveries(Scene(then, case.events[position], roles, scene.register), profiles)[0]


def _voided_in(case: Case, position: int) -> frozenset[Identity]:
    """What had been voided by the events up to `position`."""
    found = set()
    for event in case.events[: position + 1]:
        target = regarding(event) if event.type in CORRECTIONS else None
        if target in case.voided and target[0] == event.envelope.source:
            found.add(target)
    return frozenset(found)


def regarding(event: CaseEvent) -> Identity:
    """The event that a correction or a mirror decision refers to."""
    return (str(event.data.get("regarding_source")), str(event.data.get("regarding_id")))

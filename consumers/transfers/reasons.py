"""Why the tables of this slice decided as they did: each row looked at, and what of it did not hold. Pure.

Nothing is decided here: the rows, conditions and recipients are those that `routing` and `history` use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from consumers.casefile import Case, CaseEvent
from consumers.transfers.history import (
    TRACKED,
    Place,
    in_log_before,
    in_order,
    is_late,
    opened_themselves,
    replay,
)
from consumers.transfers.parties import read_for_party
from consumers.transfers.routes import ROUTES, Route
from consumers.transfers.routing import STRENGTH, Row, certainly_since, named, rows_for
from consumers.transfers.scene import Scene
from consumers.transfers.states import NO_STATE, State
from consumers.transfers.tracks import FORWARD_TRACK, REVERSE_TRACK, Before, Track
from consumers.transfers.transitions import OWN_START, Move
from schemas.units import Register

_EVERY_PROFILE = frozenset(route.profile for route in ROUTES if route.profile is not None)


class Unmet(StrEnum):
    """What keeps a routing row from sending an event on."""

    PROFILE = "profile-off"  # the office has not turned the row on
    SINCE = "not-since"  # the event did not certainly happen on or after the row's first day
    CONDITION = "condition"  # the row's condition does not hold
    NOBODY = "nobody"  # nobody in the register answers to the name


@dataclass(frozen=True, slots=True)
class Considered:
    """One row for the event's type. `units` receive the event by it or, if it is `unmet`, would.

    `facts` are the fields of the payload that the row looked at and found filled.
    """

    route: Route
    unmet: Unmet | None
    units: tuple[str, ...]
    facts: Mapping[str, Any]

    @property
    def strength(self) -> int:
        """Which row wins where several name a unit."""
        return STRENGTH[self.route.delivery]


class How(StrEnum):
    """How a row of the transitions reads an event in the state that it meets."""

    LEADS = "leads"  # in legal order, to the state that the row names
    WITHIN = "within"  # in legal order, and changes nothing
    OWN = "own"  # in order because the organ opened the case itself
    NEUTRAL = "neutral"  # says nothing about the state that the case is in
    OUT_OF_ORDER = "out-of-order"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the transitions of one track make of an event: by which row, from which state to which.

    `of_party`: read from where the party stands that it is about, not from where the case does.
    """

    reverse: bool
    move: Move
    was: State
    now: State
    how: How
    of_party: bool = False


class _Noting(Mapping[str, Any]):
    """A payload that remembers which of its fields were asked for."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self.asked: dict[str, None] = {}

    def __getitem__(self, name: str) -> Any:
        self.asked[name] = None
        return self._data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def facts(self) -> dict[str, Any]:
        """What was asked for and is there."""
        return {name: self._data[name] for name in self.asked if self._data.get(name) not in (None, "", [])}


def considered(scene: Scene, profiles: frozenset[str]) -> tuple[Considered, ...]:
    """Every row for the scene's event, those included that are off or do not hold."""
    rows = rows_for(profiles | _EVERY_PROFILE).get(scene.event.envelope.type, ())
    noting = _Noting(scene.event.data)
    looked_at = Scene(scene.case, replace(scene.event, data=noting), scene.roles, scene.register)
    return tuple(_considered(looked_at, row, profiles, noting) for row in rows)


def _considered(scene: Scene, row: Row, profiles: frozenset[str], noting: _Noting) -> Considered:
    noting.asked = {}
    units = named(scene, row, [])
    unmet = _unmet(scene, row, profiles)
    if unmet is None and not units:
        unmet = Unmet.NOBODY
    return Considered(row.route, unmet, units, noting.facts())


def _unmet(scene: Scene, row: Row, profiles: frozenset[str]) -> Unmet | None:
    if row.route.profile is not None and row.route.profile not in profiles:
        return Unmet.PROFILE
    if row.midnight is not None and not certainly_since(scene, row.midnight):
        return Unmet.SINCE
    return Unmet.CONDITION if row.holds is not None and not row.holds(scene) else None


def readings(case: Case, event: CaseEvent, register: Register) -> tuple[Reading, ...]:
    """What each track makes of `event`, the last event of `case`, in the place where it belongs.

    `case` has the roles and states from before it, as every slice looks at it.
    """
    if event.envelope.type not in TRACKED or event.identity in case.voided:
        return ()
    earlier, place = _before(case, event, register)
    read = _Read(event, earlier, lambda: opened_themselves(case.origin_unit, register))
    found = []
    if event.envelope.type in FORWARD_TRACK.rows:
        found.append(_reading(FORWARD_TRACK, place.state, read, reverse=False))
    if event.envelope.type in REVERSE_TRACK.rows:
        found.append(_reading(REVERSE_TRACK, place.reverse_state or NO_STATE, read, reverse=True))
    return tuple(reading for reading in found if reading is not None)


@dataclass(frozen=True, slots=True)
class _Read:
    """An event with the standing ones before it, and whether the organ opened the case itself."""

    event: CaseEvent
    earlier: Before
    own: Callable[[], bool]


def _before(case: Case, event: CaseEvent, register: Register) -> tuple[Before, Place]:
    if not is_late(case, event):
        return (lambda: in_log_before(case)), Place(case.roles, case.state, case.reverse_state)
    ordered = in_order(case)
    earlier = ordered[: next(n for n, other in enumerate(ordered) if other is event)]
    return (lambda: earlier), replay(case.having(events=tuple(earlier)), register)[0]


def _reading(track: Track, was: str, read: _Read, *, reverse: bool) -> Reading | None:
    move = track.move(read.event, read.earlier)
    if move is None:
        return None
    now, legal = track.follow(move, was, read.own)
    one = read_for_party(track, read.event, read.earlier, read.own, legal=legal)
    if one is not None:
        move, was, now, legal = one
    how = _how(move, was, legal=legal)
    return Reading(reverse, move, track.states[was], track.states[now], how, of_party=one is not None)


def _how(move: Move, was: str, *, legal: bool) -> How:
    if not legal:
        return How.OUT_OF_ORDER
    if was in move.after:
        return How.LEADS
    if move.own and was in OWN_START:
        return How.OWN
    return How.WITHIN if was in move.within else How.NEUTRAL

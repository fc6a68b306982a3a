"""The state of a case as a path: where it was, where it is, where it may go in legal order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consumers.casefile import Case, CaseEvent
from consumers.transfers.history import next_states, path
from schemas.units import Register


@dataclass(frozen=True, slots=True)
class Stop:
    """A state that the case has reached, and the event that led there."""

    state: str
    by: CaseEvent


@dataclass(frozen=True, slots=True)
class Way:
    """A state that may follow, and the events that lead there."""

    state: str
    events: Sequence[str]


@dataclass(frozen=True, slots=True)
class Track:
    """One track: the states in the order of being reached, the last of which is where it stands, and the next."""

    stops: Sequence[Stop]
    ways: Sequence[Way]


def tracks(case: Case, register: Register) -> tuple[Track, Track]:
    """The forward and the reverse track, as far as the events of `case` tell."""
    forward: list[Stop] = []
    reverse: list[Stop] = []
    for event, place in path(case, register):
        if place.state != (forward[-1].state if forward else "OPEN"):
            forward.append(Stop(place.state, event))
        if place.reverse_state and (not reverse or reverse[-1].state != place.reverse_state):
            reverse.append(Stop(place.reverse_state, event))
    return _track(forward, "OPEN", reverse=False), _track(reverse, "", reverse=True)


def _track(stops: list[Stop], first: str, *, reverse: bool) -> Track:
    if reverse and not stops:
        return Track((), ())
    ways: dict[str, list[str]] = {}
    for event, state in next_states(stops[-1].state if stops else first, reverse=reverse):
        ways.setdefault(state, []).append(event)
    return Track(tuple(stops), tuple(Way(state, tuple(events)) for state, events in ways.items()))

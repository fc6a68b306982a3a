"""The state of a case as a path and in a diagram: where it was, where it is, where it may go in legal order. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consumers.casefile import Case, CaseEvent
from consumers.transfers.history import next_states, path
from consumers.transfers.states import (
    FORWARD_STAGES,
    FORWARD_STATES,
    REVERSE_STAGES,
    REVERSE_STATES,
    Stage,
    by_stage,
)
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


class Mark(StrEnum):
    """What a state in the diagram is to the case."""

    NOW = "now"
    PASSED = "passed"
    NEXT = "next"  # may follow in legal order
    OTHER = "other"


Diagram = Sequence[tuple[Stage, Sequence[tuple[str, Mark]]]]
"""Every state of a track by stage of the procedure, in its order, with what it is to the case."""


@dataclass(frozen=True, slots=True)
class Track:
    """One track: the states in the order of being reached, the last of which is where it stands, and the next."""

    stops: Sequence[Stop]
    ways: Sequence[Way]
    diagram: Diagram


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
        return Track((), (), ())
    ways: dict[str, list[str]] = {}
    for event, state in next_states(stops[-1].state if stops else first, reverse=reverse):
        ways.setdefault(state, []).append(event)
    reached = [first, *(stop.state for stop in stops)]
    table = by_stage(REVERSE_STATES, REVERSE_STAGES) if reverse else by_stage(FORWARD_STATES, FORWARD_STAGES)
    diagram = tuple(
        (stage, tuple((state.code, _mark(state.code, reached, ways.keys())) for state in states))
        for stage, states in table
    )
    return Track(tuple(stops), tuple(Way(state, tuple(events)) for state, events in ways.items()), diagram)


def _mark(state: str, reached: Sequence[str], following: Collection[str]) -> Mark:
    if state == reached[-1]:
        return Mark.NOW
    if state in reached:
        return Mark.PASSED
    return Mark.NEXT if state in following else Mark.OTHER

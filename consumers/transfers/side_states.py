"""Where the side tracks of a case stand, and what an event of one presupposes: the table of `side_tracks` applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly
from consumers.transfers.flags import missing_step
from consumers.transfers.side_tracks import SIDE_TRACKS, SideTrack, Step
from consumers.transfers.states import NO_STATE

_TYPES: dict[str, frozenset[str]] = {
    track.code: frozenset(step.event for step in track.steps) for track in SIDE_TRACKS
}
_BY_EVENT: dict[str, tuple[SideTrack, ...]] = {
    step.event: tuple(track for track in SIDE_TRACKS if step.event in _TYPES[track.code])
    for any_track in SIDE_TRACKS
    for step in any_track.steps
}


def side_states(case: Case) -> dict[str, str]:
    """The state of every side track that has begun, by the code of the track."""
    found = {track.code: side_state(track, case) for track in SIDE_TRACKS}
    return {code: state for code, state in found.items() if state != NO_STATE}


def side_state(track: SideTrack, case: Case) -> str:
    """The state of one side track; `NO_STATE` if it has not begun."""
    return _state(track, case.standing(*_TYPES[track.code]))


def tracks_of(type_: str) -> Sequence[SideTrack]:
    """The side tracks of which an event of this type can be a step."""
    return _BY_EVENT.get(type_, ())


def missing(case: Case, event: CaseEvent) -> Sequence[Anomaly]:
    """What `event`, the last of `case`, presupposes on its side track and nobody has published."""
    return [odd for track in tracks_of(event.envelope.type) for odd in _missing(track, case, event)]


def _missing(track: SideTrack, case: Case, event: CaseEvent) -> list[Anomaly]:
    step = _step(track, event)
    if step is None or step.needs is None or step.basis is None:
        return []
    before = (other for other in case.standing(*_TYPES[track.code]) if other is not event)
    state = _state(track, before)
    in_order = state in step.after or state in step.within
    return [] if in_order else [missing_step(event, step.needs, step.basis)]


def moves(
    track: SideTrack, events: Iterable[CaseEvent], *, midway: bool = False
) -> Iterator[tuple[CaseEvent, str]]:
    """Those of `events` that move the track, each with the state that it leads to.

    `midway`: the first of them counts whatever it presupposes, for a reader who may not see what went before.
    """
    state = NO_STATE
    for event in events:
        step = _step(track, event)
        if step is not None and (state in step.after or (midway and state == NO_STATE)):
            state = step.to
            yield event, state


def _state(track: SideTrack, events: Iterable[CaseEvent]) -> str:
    reached = NO_STATE
    for _, state in moves(track, events):
        reached = state
    return reached


def _step(track: SideTrack, event: CaseEvent) -> Step | None:
    for step in track.steps:
        if step.event == event.envelope.type and (step.when is None or step.when.holds(event)):
            return step
    return None

"""The tracks of a case before and after an event, and how the tables of transitions read it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from consumers.casefile import Case, CaseEvent
from consumers.explaining.account import StateLabel, TrackChange, Words
from consumers.transfers.reasons import Reading
from consumers.transfers.side_states import side_state, tracks_of
from consumers.transfers.states import FORWARD_STATES, NO_STATE, REVERSE_STATES, State

_FORWARD = {state.code: state for state in FORWARD_STATES}
_REVERSE = {state.code: state for state in REVERSE_STATES}


def _label(state: State) -> StateLabel:
    return StateLabel(state.code, state.zh, state.en)


_FORWARD_TRACK, _REVERSE_TRACK = Words("正向移送", "forward track"), Words("反向移送", "reverse track")


def main_tracks(before: Case, after: Case, read: Sequence[Reading]) -> tuple[TrackChange, ...]:
    """The forward and the reverse track before and after an event, and how its rows read it."""
    by_track = {reading.reverse: reading for reading in read}
    was, now = _FORWARD[before.state], _FORWARD[after.state]
    forward = TrackChange("forward", _FORWARD_TRACK, _label(was), _label(now), None, None, None, None)
    was, now = _REVERSE[before.reverse_state or NO_STATE], _REVERSE[after.reverse_state or NO_STATE]
    reverse = TrackChange("reverse", _REVERSE_TRACK, _label(was), _label(now), None, None, None, None)
    return _read(forward, by_track.get(False)), _read(reverse, by_track.get(True))


def _read(track: TrackChange, reading: Reading | None) -> TrackChange:
    if reading is None:
        return track
    when = reading.move.when
    return replace(
        track,
        how=reading.how.value,
        read_from=_label(reading.was),
        read_to=_label(reading.now),
        condition=None if when is None else Words(when.zh, when.en),
        of_party=reading.of_party,
    )


def side_tracks(before: Case | None, after: Case, event: CaseEvent) -> Iterator[TrackChange]:
    """The side tracks to which the event belongs: their states follow from the standing events."""
    for track in tracks_of(event.type):
        states = {state.code: _label(state) for state in track.states}
        old = NO_STATE if before is None else side_state(track, before)
        yield TrackChange(
            track.code,
            Words(track.zh, track.en),
            states[old],
            states[side_state(track, after)],
            None, None, None, None,
        )  # fmt: skip

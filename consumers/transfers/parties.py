"""Where each party of a case stands: the tracks applied to what the events say of that party. Pure.

Nothing is stored: the states follow from the standing events whenever somebody asks, and an ordinary event of a
case with one party asks nothing. How far the last questions went is kept in memory, so that a case whose every
event asks is gone through once and not once per event. An event that names parties is about those. One that names
nobody is about every party for whom it is in legal order; if there is none, about all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import is_
from typing import NamedTuple
from uuid import UUID

from consumers.casefile import CaseEvent
from consumers.parties import known, named
from consumers.transfers.states import FORWARD_STATES, NO_STATE
from consumers.transfers.tracks import FORWARD_TRACK, REVERSE_TRACK, Before, Track
from consumers.transfers.transitions import Move

Own = Callable[[], bool]
"""Whether police, procuratorate or court opened the case themselves."""


class PartyReading(NamedTuple):
    """What a track makes of an event from where the party stands that it is about."""

    move: Move
    was: str
    now: str
    legal: bool


def party_states(ordered: Sequence[CaseEvent], own: Own) -> Mapping[str, tuple[str, str]]:
    """The forward and the reverse state of every party of a case; empty if fewer than two are known.

    `ordered` are the standing events of the tracks in their order. `NO_STATE`: the track has not begun for the party.
    """
    names = known(ordered)
    if len(names) < 2:
        return {}
    forward = _states(FORWARD_TRACK, FORWARD_STATES[0].code, names, ordered, own)
    reverse = _states(REVERSE_TRACK, NO_STATE, names, ordered, own)
    return {name: (forward[name], reverse[name]) for name in names}


def read_for_party(
    track: Track, event: CaseEvent, before: Before, own: Own, *, legal: bool
) -> PartyReading | None:
    """How the track reads `event` for the party that it is about; None: for the case as a whole.

    A decision about one of several parties known before is in legal order if it is for that party. Anything that
    is out of order for the case (`legal`) may still be in order for those it names or, if it names nobody, for one.
    """
    if legal and event.data.get("party") is None:
        return None
    earlier = before()
    walked = _walked(_walk_of(track, event.envelope.subject, own=own()), track, earlier, own)
    about = named(event)
    if len(about.union(walked.states)) < 2:
        return None
    states = walked.states
    read = [
        _reading(track, states[name], event, before, own) for name in states if not about or name in about
    ]
    found = [one for one in read if one is not None]
    if about:
        return next((one for one in found if not one.legal), found[0] if found else None)
    return next((one for one in found if one.legal), None)


class _Walked(NamedTuple):
    """Where each party stands after some events. Parties are in the order in which they were first named."""

    events: Sequence[CaseEvent]
    states: Mapping[str, str]


@dataclass(slots=True)
class _Walk:
    """How far a track was gone through for the parties of one case: the next question goes on from there."""

    walked: _Walked


@lru_cache(maxsize=512)
def _walk_of(track: Track, case_id: UUID, *, own: bool) -> _Walk:  # noqa: ARG001  (what is kept is kept for these)
    return _Walk(_Walked((), {}))


def _walked(walk: _Walk, track: Track, ordered: Sequence[CaseEvent], own: Own) -> _Walked:
    """The states after `ordered`. What is kept counts only for a beginning of the very same events.

    A party that is named for the first time was concerned by what came before, so all is gone through again.
    """
    kept = walk.walked
    start = len(kept.events)
    if start > len(ordered) or not all(map(is_, kept.events, ordered)):
        start, kept = 0, _Walked((), {})
    new = [name for name in known(ordered[start:]) if name not in kept.states]
    states = dict(kept.states)
    if new:
        start, states = 0, dict.fromkeys((*states, *new), next(iter(track.states)))
    _follow(track, states, ordered, start, own)
    walk.walked = _Walked(ordered, states)
    return walk.walked


def _states(
    track: Track, first: str, names: Iterable[str], ordered: Sequence[CaseEvent], own: Own
) -> dict[str, str]:
    states = dict.fromkeys(names, first)
    _follow(track, states, ordered, 0, own)
    return states


def _follow(track: Track, states: dict[str, str], ordered: Sequence[CaseEvent], start: int, own: Own) -> None:
    for position in range(start, len(ordered)):
        event = ordered[position]
        if event.envelope.type in track.rows:
            move = track.move_of_one(event, _first(ordered, position))
            if move is not None:
                _lead(track, move, states, named(event), own)


def _first(ordered: Sequence[CaseEvent], number: int) -> Before:
    return lambda: ordered[:number]


def _lead(track: Track, move: Move, states: dict[str, str], about: frozenset[str], own: Own) -> None:
    """Moves the parties that an event is about. Mostly all stand in one state, which is looked at once."""
    met = {states[name] for name in about if name in states} if about else set(states.values())
    read = {state: track.follow(move, state, own) for state in met}
    of_all = bool(about) or not any(legal for _, legal in read.values())
    changed = {state: now for state, (now, legal) in read.items() if now != state and (of_all or legal)}
    if changed:
        for name, state in states.items():
            if state in changed and (not about or name in about):
                states[name] = changed[state]


def _reading(track: Track, state: str, event: CaseEvent, before: Before, own: Own) -> PartyReading | None:
    move = track.move_of_one(event, before)
    return None if move is None else PartyReading(move, state, *track.follow(move, state, own))

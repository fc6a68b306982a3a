"""Where each party of a case stands: the tracks applied to what the events say of that party. Pure.

Nothing is stored: the states follow from the standing events whenever somebody asks, and an ordinary event of a
case with one party asks nothing. An event that names parties is about those. One that names nobody is about every
party for whom it is in legal order; if there is none, about all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

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
    names = known(earlier)
    about = named(event)
    if len(about.union(names)) < 2:
        return None
    states = _states(track, next(iter(track.states)), names, earlier, own)
    read = [_reading(track, states[name], event, before, own) for name in names if not about or name in about]
    found = [one for one in read if one is not None]
    if about:
        return next((one for one in found if not one.legal), found[0] if found else None)
    return next((one for one in found if one.legal), None)


def _states(
    track: Track, first: str, names: Iterable[str], ordered: Sequence[CaseEvent], own: Own
) -> dict[str, str]:
    states = dict.fromkeys(names, first)
    for position, event in enumerate(ordered):
        if event.envelope.type in track.rows:
            move = track.move_of_one(event, _first(ordered, position))
            if move is not None:
                _lead(track, move, states, named(event), own)
    return states


def _first(ordered: Sequence[CaseEvent], number: int) -> Before:
    return lambda: ordered[:number]


def _lead(track: Track, move: Move, states: dict[str, str], about: frozenset[str], own: Own) -> None:
    """Moves the parties that an event is about. Several mostly stand in one state, which is looked at once."""
    concerned = [name for name in states if name in about] if about else states
    read = {state: track.follow(move, state, own) for state in {states[name] for name in concerned}}
    of_all = bool(about) or not any(legal for _, legal in read.values())
    for name in concerned:
        now, legal = read[states[name]]
        if of_all or legal:
            states[name] = now


def _reading(track: Track, state: str, event: CaseEvent, before: Before, own: Own) -> PartyReading | None:
    move = track.move_of_one(event, before)
    return None if move is None else PartyReading(move, state, *track.follow(move, state, own))

"""The tables of `transitions` ready to be applied: where one event leads on one track, and whether that is in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from consumers.casefile import CaseEvent
from consumers.transfers.states import FORWARD_STATES, REVERSE_STATES, State
from consumers.transfers.transitions import FOR_ALL, FORWARD, OWN_START, REVERSE, Move

Before = Callable[[], Sequence[CaseEvent]]
"""The standing events before the one that is looked at; asked for only where a condition needs them."""


class Track:
    """One track's rows by event type, and how far along each state is."""

    def __init__(self, moves: Iterable[Move], states: Sequence[State]) -> None:
        self.rows: dict[str, tuple[Move, ...]] = {}
        for move in moves:
            for event in move.events:
                self.rows[event] = (*self.rows.get(event, ()), move)
        self.rank = {state.code: rank for rank, state in enumerate(states)}
        self.states = {state.code: state for state in states}

    def lead(self, state: str, event: CaseEvent, before: Before, own: Callable[[], bool]) -> tuple[str, bool]:
        """The state after `event`, and whether it is in legal order."""
        move = self.move(event, before)
        return (state, True) if move is None else self.follow(move, state, own)

    def move(self, event: CaseEvent, before: Before) -> Move | None:
        """The row that says what `event` means for the track: the first one whose condition holds."""
        for move in self.rows[event.envelope.type]:
            if move.when is None or move.when.holds(before(), event):
                return move
        return None

    def move_of_one(self, event: CaseEvent, before: Before) -> Move | None:
        """The same for one party that the event is about: what depends on the other parties holds."""
        for move in self.rows[event.envelope.type]:
            if move.when is None or move.when in FOR_ALL or move.when.holds(before(), event):
                return move
        return None

    def follow(self, move: Move, state: str, own: Callable[[], bool]) -> tuple[str, bool]:
        """Where a row leads from `state`, and whether that is in legal order."""
        to = move.to or state
        if state in move.after or (move.own and state in OWN_START and own()):
            return to, True
        if state in move.within or move.neutral:
            return state, True
        return (to if self.rank[to] > self.rank[state] else state), False


FORWARD_TRACK = Track(FORWARD, FORWARD_STATES)
REVERSE_TRACK = Track(REVERSE, REVERSE_STATES)

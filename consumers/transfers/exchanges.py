"""What two units have with each other in a case: a consultation, an obstacle lead, an early intervention. Pure.

A side track says in which order its events come; here the events of one matter are put together by its number, and
it follows who opened it, how it stands and who has to act next: whoever the event that led there was delivered to
as a duty, if its roles may say what comes next. Nothing is stored; a reader's exchanges follow from the events that
the reader may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from consumers.casefile import CaseEvent, Identity
from consumers.decisions import Delivery
from consumers.transfers.side_states import moves
from consumers.transfers.side_tracks import SIDE_TRACKS, SideTrack
from schemas.catalogue import BY_NAME
from schemas.units import Register

Delivered = Mapping[Identity, Mapping[str, str]]
"""As what each event was delivered to which units, as far as the reader may know."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What one side track is about. `number` tells which exchange an event belongs to.

    `opening` begins an exchange. `answers`: in each state that waits for somebody, the events that may follow, by
    whoever has to act.
    """

    track: str
    opening: str
    number: Callable[[CaseEvent], str]
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One matter in a case, as one reader sees it. `moved` is the event that led to `state`, `first` the first one.

    `turn`: the units that have to act, empty if it is over or the reader may not know. `also`: who may act besides,
    because it passed the matter on and still answers for it.
    """

    track: str
    number: str
    state: str
    first: CaseEvent
    moved: CaseEvent
    events: tuple[CaseEvent, ...]
    turn: tuple[str, ...]
    also: tuple[str, ...]

    @property
    def waits(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in MATTERS[self.track].answers

    @property
    def answers(self) -> tuple[str, ...]:
        """The events that may follow."""
        return MATTERS[self.track].answers.get(self.state, ())


def _of(field: str) -> Callable[[CaseEvent], str]:
    return lambda event: str(event.data[field])


def _organ(event: CaseEvent) -> str:
    """The organ whose investigation the procuratorate joins: it asks and answers, the department opines to it."""
    told = event.type == "intervention.opined"
    return str(event.data["addressee"]) if told else event.envelope.source


MATTERS: Mapping[str, Matter] = {
    matter.track: matter
    for matter in (
        Matter("consult", "consult.asked", _of("consultation_no"), {"ASKED": ("consult.answered",)}),
        Matter(
            "obstacle",
            "obstacle.reported",
            _of("obstacle_no"),
            {
                "REPORTED": ("obstacle.cleared", "obstacle.assigned"),
                "ASSIGNED": ("obstacle.cleared", "obstacle.assigned"),
            },
        ),
        Matter(
            "intervention",
            "intervention.requested",
            _organ,
            {"REQUESTED": ("intervention.opined",), "OPINED": ("intervention.adopted",)},
        ),
    )
}
"""The side tracks that are a matter between two units, by the code of the track."""
TRACKS: Mapping[str, SideTrack] = {track.code: track for track in SIDE_TRACKS if track.code in MATTERS}
TRACK_OF: Mapping[str, str] = {step.event: track.code for track in TRACKS.values() for step in track.steps}
"""The track of each event type that belongs to one of them."""


def exchanges(
    standing: Iterable[CaseEvent], delivered: Delivered, register: Register, *, midway: bool
) -> list[Exchange]:
    """The exchanges of one case in the order of their first events.

    `standing`: its events that were not voided, in the order of the log. `midway` as for `side_states.moves`.
    """
    threads: dict[tuple[str, str], list[CaseEvent]] = {}
    for event in standing:
        if track := TRACK_OF.get(event.type):
            threads.setdefault((track, MATTERS[track].number(event)), []).append(event)
    found = (
        _exchange(track, number, events, delivered, register, midway=midway)
        for (track, number), events in threads.items()
    )
    return [one for one in found if one is not None]


def may_answer(one: Exchange, unit: str, register: Register) -> tuple[str, ...]:
    """The events by which `unit` may go on with the exchange now: none unless it is its turn."""
    if unit not in one.turn and unit not in one.also:
        return ()
    return tuple(type_ for type_ in one.answers if _may_say(unit, type_, register))


def may_open(unit: str, register: Register) -> tuple[str, ...]:
    """The tracks on which `unit` may begin an exchange, by the table of speakers."""
    return tuple(code for code, matter in MATTERS.items() if _may_say(unit, matter.opening, register))


def _exchange(
    track: str,
    number: str,
    events: list[CaseEvent],
    delivered: Delivered,
    register: Register,
    *,
    midway: bool,
) -> Exchange | None:
    path = list(moves(TRACKS[track], events, midway=midway))
    if not path:
        return None
    moved, state = path[-1]
    answers = MATTERS[track].answers.get(state, ())
    heard = delivered.get(moved.identity, {})
    return Exchange(
        track=track,
        number=number,
        state=state,
        first=events[0],
        moved=moved,
        events=tuple(events),
        turn=tuple(
            unit
            for unit, as_what in heard.items()
            if as_what == Delivery.DUTY and any(_may_say(unit, type_, register) for type_ in answers)
        ),
        also=(moved.envelope.source,) if state == "ASSIGNED" else (),
    )


def _may_say(unit: str, type_: str, register: Register) -> bool:
    known = register.by_code.get(unit)
    return known is not None and not known.roles.isdisjoint(BY_NAME[type_].speakers)

"""What a side-track event presupposes: asked about if it is not there, never refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly
from consumers.sources import PUBLIC_INTEREST, Source, agreed
from consumers.transfers.flags import missing_step


@dataclass(frozen=True, slots=True, eq=False)
class Prerequisite:
    """Before one of `events` (whose `kind` is one of `kinds`, if given) a `needs` must stand in the case."""

    events: tuple[str, ...]
    needs: str
    basis: Source
    kinds: tuple[str, ...] = ()


_ANSWER = agreed("回应须以在先的事项为前提", "an answer answers something")

PREREQUISITES: tuple[Prerequisite, ...] = (
    Prerequisite(
        ("pil.suit_filed",),
        "pil.announced",
        PUBLIC_INTEREST.at(
            "13", zh="提起民事公益诉讼前公告30日", en="announcement of 30 days before a civil suit"
        ),
        kinds=("civil", "criminal_attached_civil"),
    ),
    Prerequisite(
        ("pil.suit_filed",),
        "pil.suggested",
        PUBLIC_INTEREST.at(
            "21", zh="提起行政公益诉讼前提出检察建议", en="suggestion before an administrative suit"
        ),
        kinds=("administrative",),
    ),
    Prerequisite(("pil.replied", "pil.verified"), "pil.suggested", _ANSWER),
    Prerequisite(("consult.answered",), "consult.asked", _ANSWER),
    Prerequisite(("intervention.adopted",), "intervention.opined", _ANSWER),
    Prerequisite(("obstacle.cleared",), "obstacle.reported", _ANSWER),
)

_ROWS: dict[str, tuple[Prerequisite, ...]] = {
    event: tuple(other for other in PREREQUISITES if event in other.events)
    for row in PREREQUISITES
    for event in row.events
}


def missing(case: Case, event: CaseEvent) -> Sequence[Anomaly]:
    """What `event` presupposes and nobody has published."""
    rows = _ROWS.get(event.envelope.type)
    return () if rows is None else tuple(_missing(rows, case, event))


def _missing(rows: Iterable[Prerequisite], case: Case, event: CaseEvent) -> Iterator[Anomaly]:
    for row in rows:
        fits = not row.kinds or event.data.get("kind") in row.kinds
        if fits and not case.standing(row.needs):
            yield missing_step(event, row.needs, row.basis)

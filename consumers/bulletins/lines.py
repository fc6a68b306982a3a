"""What a case adds to each figure: the lines that every number is the count of. Pure.

Only statements that stand count: what was voided or corrected is gone, its replacement counts for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from consumers.bulletins.figure import Figure, Per, Whose
from consumers.bulletins.figures import FIGURES, SENDING
from consumers.casefile import Case, CaseEvent, Clock, ClockKind, ClockState, Identity
from consumers.handovers.statutes import BY_KEY
from consumers.transfers.routing import CORRECTIONS, regarding
from schemas.spans import CHINA
from schemas.units import BUS_UNIT


class Line(NamedTuple):
    """One unit of one number: `figure` counts 1 for `unit` in `field` on `day`, by what `about` names.

    `about` is `source/id` of an event, or the id of a clock.
    """

    figure: str
    unit: str
    field: str
    day: date
    case_id: UUID
    about: str


class Limit(NamedTuple):
    """A clock as far as figures look at it."""

    id: UUID
    rule: str
    version: str
    kind: ClockKind
    holder: str
    state: ClockState
    due: datetime | None


def limit_of(clock: Clock) -> Limit:
    """The same of a folded clock."""
    return Limit(clock.id, clock.rule, clock.version, clock.kind, clock.holder, clock.state, clock.due_latest)


def lines_of(case: Case, limits: Iterable[Limit]) -> frozenset[Line]:
    """Everything that a case adds to the figures, over all time."""
    standing = [event for event in case.events if event.identity not in case.voided]
    owed = [limit for limit in limits if _counts(limit)]
    return frozenset(
        line
        for figure in FIGURES
        for line in (
            _of_limits(figure, case, owed) if figure.per is Per.CLOCK else _of_events(figure, case, standing)
        )
    )


def taken_back(events: Iterable[CaseEvent]) -> frozenset[Identity]:
    """What of `events`, in the order of the log, was voided or corrected, by the same rule as the fold's.

    Only who said something may take it back, and only after the log has it; a correction itself cannot be.
    """
    said: set[Identity] = set()
    voided: set[Identity] = set()
    for event in events:
        if event.type not in CORRECTIONS:
            said.add(event.identity)
        elif (target := regarding(event)) in said and target[0] == event.envelope.source:
            voided.add(target)
    return frozenset(voided)


def day_of(event: CaseEvent) -> date:
    """The day in China on which an event counts: that of its latest possible instant, else of its earliest.

    An event of which neither is known counts on the day on which it was recorded.
    """
    at = event.span.latest or event.span.earliest or event.recorded_at
    return at.astimezone(CHINA).date()


def _of_events(figure: Figure, case: Case, standing: list[CaseEvent]) -> Iterator[Line]:
    found = [
        Line(figure.code, unit, case.field, day_of(event), case.id, "/".join(event.identity))
        for event in standing
        if event.type in figure.types
        and (figure.told is None or figure.told.holds(event.data))
        and (unit := _unit(figure.whose, event, standing))
    ]
    if figure.per is Per.EVENT:
        yield from found
        return
    seen: set[str] = set()
    for line in sorted(found, key=lambda line: line.day):  # keeps the order of the log within a day
        if line.unit not in seen:
            seen.add(line.unit)
            yield line


def _of_limits(figure: Figure, case: Case, owed: list[Limit]) -> Iterator[Line]:
    for limit in owed:
        if limit.state is figure.state and limit.due is not None:
            due = limit.due.astimezone(CHINA).date()
            yield Line(figure.code, limit.holder, case.field, due, case.id, str(limit.id))


def _counts(limit: Limit) -> bool:
    """Whether it is a limit of the law that an act had to keep, and not an office's own target."""
    return limit.kind is ClockKind.DEADLINE and not BY_KEY[limit.rule, limit.version].office


def _unit(whose: Whose, event: CaseEvent, standing: list[CaseEvent]) -> str:
    """Whose number the event adds to; empty: nobody's."""
    if whose is Whose.ADDRESSEE:
        return str(event.data.get("addressee") or "")
    if whose is Whose.SENDER:
        return _sender(event, standing)
    return "" if event.envelope.source == BUS_UNIT else event.envelope.source


def _sender(event: CaseEvent, standing: list[CaseEvent]) -> str:
    """Who had sent the case when `event` was recorded; if nobody had, who did first. Empty: nobody did."""
    sent = [other for other in standing if other.type in SENDING]
    before = [other for other in sent if other.offset < event.offset]
    if before:
        return before[-1].envelope.source
    return sent[0].envelope.source if sent else ""

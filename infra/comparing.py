"""What sets of rules decide on past cases, in pairs: from the database, or on published case files played in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from consumers.casefile import CaseEvent
from consumers.casework.fold import Folded
from consumers.explaining.deciding import DecidedCase, decided, summary
from consumers.explaining.rehearsing import Rehearsal
from consumers.explaining.stored import cases_since
from consumers.rulebook import Rulebook
from infra.database import COMPUTING
from infra.demo.playing import Play, plan
from infra.rule_sets import Recorded
from producers.histories import read_histories
from producers.records import record_of
from schemas.codec import encode
from schemas.units import Register

Side = Rulebook | Recorded
Pair = tuple[DecidedCase | None, DecidedCase | None]
_SETTLED = timedelta(days=1)


def of_database(connection: Connection, a: Side, b: Side, since: datetime | None) -> Iterator[Pair]:
    """Both decisions on every case that the log had an event of since then. Reads only.

    Alarms and what else the bus said are in the log as they were: they are not said anew.
    """
    connection.execute(COMPUTING)
    for events in cases_since(connection, since):
        yield _on(events, a), _on(events, b)


def _on(events: list[CaseEvent], side: Side) -> DecidedCase | None:
    if isinstance(side, Recorded):
        return side.cases.get(events[0].envelope.subject)
    return decided(events, side)


def of_histories(folder: Path, a: Side, b: Side, register: Register) -> Iterator[Pair]:
    """Both decisions on every published case, told in one go on the first day after the year of its publication.

    What the bus says itself follows at once, and the alarms that are due ring; each side says its own. Raises
    producers.histories.HistoryError.
    """
    for play in plan(read_histories(folder), register):
        was, now = _played(play, a), _played(play, b)
        for case_id in dict.fromkeys((*was, *now)):
            yield was.get(case_id), now.get(case_id)


def _played(play: Play, side: Side) -> Mapping[UUID, DecidedCase]:
    if isinstance(side, Recorded):
        return {case_id: side.cases[case_id] for case_id in play.case_ids if case_id in side.cases}
    at = datetime(int(play.history.published_on[:4]) + 1, 1, 1, tzinfo=UTC)
    rehearsal = Rehearsal(side)
    heard = []
    for saying in play.translation.sayings:
        record = record_of(saying.statement, unit=saying.unit, encode=encode)
        heard += rehearsal.hear(record.headers, record.value, at)
    heard += rehearsal.ring(at + _SETTLED)
    told: dict[UUID, list[tuple[CaseEvent, Folded]]] = {}
    for one in heard:
        if one.folded is not None:
            told.setdefault(one.event.envelope.subject, []).append((one.event, one.folded))
    return _summaries(told.items())


def _summaries(
    told: Iterable[tuple[UUID, list[tuple[CaseEvent, Folded]]]],
) -> dict[UUID, DecidedCase]:
    found = {case_id: summary(events) for case_id, events in told}
    return {case_id: case for case_id, case in found.items() if case is not None}

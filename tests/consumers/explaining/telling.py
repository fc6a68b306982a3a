"""Published cases and examples as rehearsals: every event with what the fold made of it and its account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from consumers.explaining.rehearsing import Heard, Rehearsal
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.demo.playing import Play, plan
from producers.histories import read_histories
from producers.records import record_of
from schemas.codec import encode, encode_json
from schemas.envelope import write_headers
from schemas.samples import Sample
from schemas.units import Register

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HISTORIES = read_histories(Path(__file__).parents[2] / "cases")
OFF = ("supplement-pauses", "hours-from-next-full-hour")


def rulebook(register: Register, *profiles: str) -> Rulebook:
    return Rulebook(register, published_calendar(), profiles=frozenset(profiles))


def plays(register: Register) -> tuple[Play, ...]:
    return plan(HISTORIES, register)


def played(play: Play, rules: Rulebook) -> list[Heard]:
    """A published case to its end, alarms that are due by then included."""
    rehearsal = Rehearsal(rules)
    heard: list[Heard] = []
    for saying in play.translation.sayings:
        record = record_of(saying.statement, unit=saying.unit, encode=encode)
        heard += rehearsal.hear(record.headers, record.value, NOW)
    return heard + rehearsal.ring(NOW + timedelta(minutes=2))


def told_alone(sample: Sample, rules: Rulebook) -> list[Heard]:
    """An example as the first event of its case."""
    value = encode_json(sample.envelope.type, sample.data)
    return Rehearsal(rules).hear(write_headers(sample.envelope), value, NOW)

"""Cases of these days: the stories of the contracts' examples, moved so that each is under way now.

The published cases are years old, so everything in them is over or overdue. These show what a working day looks
like: limits that run, opinions to decide on, answers that are awaited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from producers.records import Statement
from schemas.catalogue import BY_NAME
from schemas.samples import Sample, samples
from schemas.units import BUS_UNIT, Register

_UNDER_WAY = (0.25, 0.5, 0.75, 1.0)
"""How much of each story has happened; one case for each."""
_AT_MOST = timedelta(days=120)
"""Longer stories begin so long ago at most: the limits of these days are what is wanted."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one unit says now, or said lately."""

    unit: str
    statement: Statement


def fresh_cases(now: datetime, register: Register) -> tuple[Said, ...]:
    """What the units of the register say in these cases, in the order of happening, nothing later than `now`."""
    told = [said for story in _stories() for n in range(len(_UNDER_WAY)) for said in _moved(story, n, now)]
    told.append(_question(now))
    known = [said for said in told if said.unit in register.by_code]
    return tuple(sorted(known, key=lambda said: said.statement.occurred_at))


def _question(now: datetime) -> Said:
    """A question that waits for the public-interest department, to which the examples put none."""
    statement = Statement(
        type="consult.asked",
        case_number="白环立〔2026〕31-3号",
        occurred_at=now - timedelta(hours=20),
        data={
            "addressee": "by-pil",
            "consultation_no": "白环咨〔2026〕3号",
            "question": "渗坑内残留废水的应急处置费用，能否一并列入公益损害赔偿？",
            "written": True,
        },
        id="env-consult-3",
        case_unit="by-env",
    )
    return Said("by-env", statement)


def _stories() -> Iterator[Sequence[Sample]]:
    """The examples of each case in their order; single ones tell no story."""
    cases: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for name in BY_NAME:
        for sample in samples(name):
            if sample.envelope.source != BUS_UNIT:
                cases[sample.envelope.origin_unit, sample.envelope.origin_case].append(sample)
    yield from (
        sorted(story, key=lambda one: one.envelope.time) for story in cases.values() if len(story) > 1
    )


def _moved(story: Sequence[Sample], n: int, now: datetime) -> Iterator[Said]:
    """The part of the story that has happened, ending a little before `now`."""
    part = story[: max(1, round(len(story) * _UNDER_WAY[n]))]
    end = part[-1].envelope.time
    scale = min(1.0, _AT_MOST / max(end - part[0].envelope.time, timedelta(days=1)))
    for sample in part:
        said = sample.envelope
        at = now - timedelta(minutes=30 + 200 * n) - (end - said.time) * scale
        statement = Statement(
            type=said.type,
            case_number=f"{said.origin_case.removesuffix('号')}-{n + 1}号",
            occurred_at=at,
            data=sample.data,
            id=f"{said.id}-{n + 1}",
            case_unit=said.origin_unit,
            field=said.field,
        )
        yield Said(said.source, statement)

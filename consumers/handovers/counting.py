"""Answers to “when is this limit due?” for the command line and the HTTP route: one limit, one start, every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from consumers.handovers.echoes import ECHOES, PARTS
from consumers.handovers.explanations import Step, steps
from consumers.handovers.open_points import (
    Answered,
    answered,
    as_read,
    points_of,
    words_of,
)
from consumers.handovers.periods import Due, Period, Unit, calendar_days, due
from consumers.handovers.statute import Statute, first_instant
from consumers.handovers.statutes import STATUTES
from consumers.sources import NOBODY, Mark, SignOff
from consumers.workdays import Calendar
from schemas.fields import FIELD_BY_CODE
from schemas.spans import CHINA, parse_time


@dataclass(frozen=True, slots=True)
class Question:
    """Which limit, from when: a day, or an instant (RFC 3339) for a limit in hours."""

    rule: str
    start: str
    field: str = ""
    version: str = ""
    profiles: frozenset[str] = frozenset()


class UncountableError(ValueError):
    """A question without an answer. `asked` is the part of it that is at fault: rule, from, field or version."""

    def __init__(self, asked: str, message: str) -> None:
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Extension:
    """Until when the limit runs if `approver` has approved `days` in all."""

    approver: str
    days: int
    due: Due


@dataclass(frozen=True, slots=True)
class Answer:
    """One limit counted. `rule` is the code asked for, `statute` the row that gives it.

    `binds`: whether clocks run by it under these profiles; a row from memory or of another place does not.
    """

    rule: str
    statute: Statute
    basis: str
    mark: Mark
    period: Period
    due: Due
    steps: Sequence[Step]
    extensions: Sequence[Extension]
    points: Sequence[Answered]
    calendar: str
    binds: bool


def count(
    question: Question, calendar: Calendar, signed: Mapping[str, SignOff] = NOBODY
) -> tuple[Answer, ...]:
    """The answer, or one for each limit of an article that has several. Raises UncountableError."""
    began, exact = _start(question.start)
    if question.field and question.field not in FIELD_BY_CODE:
        raise UncountableError(
            "field", f"{question.field!r} is no field; accepted: {', '.join(FIELD_BY_CODE)}"
        )
    asked = _Asked(question, began, exact, calendar, signed)
    if question.rule not in PARTS:
        return (_answer(question.rule, asked),)
    found, failed = [], None
    for part in PARTS[question.rule]:
        try:
            found.append(_answer(part, asked))
        except UncountableError as error:
            failed = failed or error
    if not found and failed is not None:
        raise failed
    return tuple(found)


def _start(text: str) -> tuple[datetime, bool]:
    """The start and whether its time of day is known."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), CHINA), False
    except ValueError:
        pass
    try:
        return parse_time(text), True
    except ValueError as error:
        raise UncountableError("from", f"{error}; or a day such as 2026-03-11") from None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with its start read, and by what it is answered."""

    question: Question
    began: datetime
    exact: bool  # whether the time of day is known
    calendar: Calendar
    signed: Mapping[str, SignOff]


def _answer(rule: str, asked: _Asked) -> Answer:
    question, began, calendar = asked.question, asked.began, asked.calendar
    statute, binds = _statute(rule, question, began)
    if statute.period is None:
        raise UncountableError("rule", f"{rule} has no period of its own: the letter sets it")
    period = as_read(statute.period, statute, question.profiles)
    if period.unit is Unit.HOURS and not asked.exact:
        raise UncountableError("from", f"{rule} counts hours: give the time as well")
    basis, mark = ECHOES[rule] if rule != statute.code else (statute.source, statute.mark)
    try:
        return Answer(
            rule,
            statute,
            basis,
            mark,
            period,
            due(period, began, calendar),
            steps(period, began, calendar),
            tuple(
                Extension(approver, days, due(calendar_days(days), began, calendar))
                for approver, days in statute.extensions
            ),
            tuple(answered(point, question.profiles, asked.signed) for point in points_of(statute)),
            calendar.version,
            binds,
        )
    except OverflowError:
        raise UncountableError("from", f"{question.start} lies beyond every calendar") from None


def _statute(rule: str, question: Question, began: datetime) -> tuple[Statute, bool]:
    """The row in force at the start, the general one first, and whether it binds under these profiles."""
    named = [row for row in STATUTES if rule == row.code or rule in row.also]
    if not named:
        accepted = ", ".join(dict.fromkeys(row.code for row in STATUTES))
        raise UncountableError("rule", f"{rule!r} is no limit; accepted: {accepted}")
    fitting = [row for row in named if _fits(row, named, question, began)]
    if not fitting:
        raise UncountableError("rule", f"{rule} does not bind then; it has {_conditions(named)}")
    on = [row for row in fitting if row.profile is None or row.profile in question.profiles]
    chosen = (on or fitting)[0]
    return chosen, bool(on) and not chosen.on_request


def _fits(row: Statute, named: Sequence[Statute], question: Question, began: datetime) -> bool:
    wanted = row.version == question.version if question.version else _general(row, named)
    return (
        wanted
        and first_instant(row.since) <= began
        and (row.until is None or began < first_instant(row.until))
        and (not row.fields or question.field in row.fields)
    )


def _general(row: Statute, named: Sequence[Statute]) -> bool:
    """Whether the row can be meant by its code alone: one of several for certain starts only cannot."""
    return len(named) == 1 or not (row.only or row.economic)


def _conditions(rows: Sequence[Statute]) -> str:
    """What each row asks for, in one line."""
    return "; ".join(
        f"version {row.version} for starts from {row.since}"
        + (f" until before {row.until}" if row.until else "")
        + (f" with field {' or '.join(sorted(row.fields))}" if row.fields else "")
        + (f" with profile {row.profile}" if row.profile else "")
        for row in rows
    )


def as_json(rule: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """The answer to a question about `rule` as JSON has it; an article with several has each under `parts`."""
    parts = [_plain(one) for one in answers]
    return parts[0] | {"rule": rule, "parts": parts if len(parts) > 1 else []}


def _plain(answer: Answer) -> dict[str, Any]:
    statute = answer.statute
    return {
        "rule": answer.rule,
        "row": statute.code,
        "version": statute.version,
        "zh": statute.zh,
        "en": statute.en,
        "due": _rfc3339(answer.due),
        "provisional": answer.due.provisional,
        "basis": answer.basis,
        "mark": answer.mark.value,
        "office": statute.office,
        "binds": answer.binds,
        "profile": statute.profile,
        "clocked": not statute.on_request,
        "calendar": answer.calendar,
        "steps": [{"zh": step.zh, "en": step.en} for step in answer.steps],
        "extensions": [
            {
                "approver": one.approver,
                "days": one.days,
                "due": _rfc3339(one.due),
                "provisional": one.due.provisional,
            }
            for one in answer.extensions
        ],
        "open_points": [_point(one) for one in answer.points],
    }


def _point(one: Answered) -> dict[str, Any]:
    zh, en = words_of(one)
    signed = one.signed
    return {
        "point": one.point.code,
        "choice": one.choice.code,
        "zh": zh,
        "en": en,
        "signed": None
        if signed is None
        else {"who": signed.who, "when": signed.when.isoformat(), "reference": signed.reference},
    }


def _rfc3339(one: Due) -> str:
    return one.at.astimezone(CHINA).isoformat()


def remarks(answer: Answer) -> tuple[Step, ...]:
    """What a reader must know beside the date: that it is no law, not in force here, or not counted by a clock."""
    statute, said = answer.statute, []
    if statute.office:
        said.append(Step("内部时限，不是法定期限", "an office target, no statutory limit"))
    if answer.mark is Mark.MEMORY:
        said.append(
            Step("依据仅凭记忆，未核对条文（M）", "known from memory only, the text was not read (M)")
        )
    if not answer.binds and statute.profile is not None:
        said.append(
            Step(f"未启用：须启用配置 {statute.profile}", f"off: only with the profile {statute.profile}")
        )
    if statute.on_request:
        trigger_zh, _, trigger_en = statute.duty.trigger.partition(" — ")
        said.append(
            Step(
                f"总线上没有事件使其起算（{trigger_zh}），只作计算，不计时",
                f"no event begins it ({trigger_en}): counted here, but no clock runs",
            )
        )
    return tuple(said)

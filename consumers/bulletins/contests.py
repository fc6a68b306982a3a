"""Numbers that a unit contests, and what the procuratorate or the operators answer. Only added to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from consumers.bulletins.figures import FIGURE_BY_CODE
from consumers.bulletins.shelf import Issued
from infra.bulletin_tables import bulletin_answers, bulletin_contests
from schemas.identity import derived_id

SHORTEST_REASON = 4
LONGEST_REASON = 2000


class Verdict(StrEnum):
    """What became of a contest. A bulletin never changes: what is granted is said anew as events."""

    GRANTED = "granted"  # 予以更正: told in the corrections of the next bulletin
    KEPT = "kept"  # 维持


class NotContested(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """A contest or an answer that was not taken; `code` says why: no_number, no_reason or no_verdict."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    verdict: Verdict
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contest:
    """That `unit` contests its number. `answer` None: nobody has answered yet."""

    id: UUID
    bulletin_id: UUID
    figure: str
    unit: str
    reason: str
    by: str
    at: datetime
    answer: Answer | None


def contest(
    connection: Connection, issued: Issued, figure: str, unit: str, reason: str, *, by: str, now: datetime
) -> UUID:
    """Enters that `unit` contests its number, once however often it is said with the same reason.

    The caller commits. Raises NotContested.
    """
    if figure not in FIGURE_BY_CODE or unit not in issued.units:
        raise NotContested("no_number")
    _check(reason)
    identity = derived_id(str(issued.id), f"contest {figure}", f"{unit}\n{reason}")
    row = insert(bulletin_contests).values(
        contest_id=identity,
        bulletin_id=issued.id,
        figure=figure,
        unit=unit,
        reason=reason,
        raised_by=by,
        raised_at=now,
    )
    connection.execute(row.on_conflict_do_nothing())
    return identity


def answer(
    connection: Connection, contest_id: UUID, verdict: str, reason: str, *, by: str, now: datetime
) -> None:
    """Answers a contest, once: a second answer changes nothing. The caller commits. Raises NotContested."""
    if verdict not in list(Verdict):
        raise NotContested("no_verdict")
    _check(reason)
    row = insert(bulletin_answers).values(
        contest_id=contest_id, verdict=verdict, reason=reason, answered_by=by, answered_at=now
    )
    connection.execute(row.on_conflict_do_nothing())


def contests_of(connection: Connection, bulletin_id: UUID) -> list[Contest]:
    """Every contest of a bulletin's numbers, the latest first."""
    return _contests(connection, bulletin_contests.c.bulletin_id == bulletin_id)


def contest_of(connection: Connection, contest_id: UUID) -> Contest | None:
    """One contest."""
    return next(iter(_contests(connection, bulletin_contests.c.contest_id == contest_id)), None)


def open_contests(connection: Connection) -> Mapping[UUID, int]:
    """How many contests of each bulletin wait for an answer."""
    joined = bulletin_contests.outerjoin(
        bulletin_answers, bulletin_answers.c.contest_id == bulletin_contests.c.contest_id
    )
    rows = (
        select(bulletin_contests.c.bulletin_id, func.count())
        .select_from(joined)
        .where(bulletin_answers.c.contest_id.is_(None))
        .group_by(bulletin_contests.c.bulletin_id)
    )
    return MappingProxyType(dict(connection.execute(rows).all()))


def _contests(connection: Connection, which: ColumnElement[bool]) -> list[Contest]:
    joined = bulletin_contests.outerjoin(
        bulletin_answers, bulletin_answers.c.contest_id == bulletin_contests.c.contest_id
    )
    answered = bulletin_answers.c
    rows = (
        select(
            bulletin_contests,
            answered.verdict,
            answered.reason.label("answer"),
            answered.answered_by,
            answered.answered_at,
        )
        .select_from(joined)
        .where(which)
        .order_by(bulletin_contests.c.raised_at.desc(), bulletin_contests.c.contest_id)
    )
    return [_contest(row) for row in connection.execute(rows)]


def _contest(row: Any) -> Contest:
    answered = None
    if row.verdict is not None:
        answered = Answer(Verdict(row.verdict), row.answer, row.answered_by, row.answered_at)
    return Contest(
        id=row.contest_id,
        bulletin_id=row.bulletin_id,
        figure=row.figure,
        unit=row.unit,
        reason=row.reason,
        by=row.raised_by,
        at=row.raised_at,
        answer=answered,
    )


def _check(reason: str) -> None:
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise NotContested("no_reason")

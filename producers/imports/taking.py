"""Taking sheets in the name of a unit, whoever brings them: read, checked, put on record, and said after all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine, text

from infra.problems import BUSY, NOT_FOUND, REFUSED, ProblemError
from producers.gateway.desk import Seal
from producers.gateway.statements import Reader
from producers.imports import jobs
from producers.imports.apart import read_apart
from producers.imports.cells import as_text
from producers.imports.checking import STATES, Checker, Row, RowState
from producers.imports.jobs import Job, JobState
from producers.imports.reading import Sheet
from producers.imports.rows import Headings, NotTheTemplateError, find_headings, fitting, ignored_headers
from producers.imports.template import Template
from producers.imports.templates import BY_NAME, TEMPLATES
from producers.imports.writing import Outcome, annotated, blank
from schemas.catalogue import BY_NAME as EVENTS

WRONG = (RowState.FLAWED, RowState.CONFLICT, RowState.REFUSED)
"""Rows that an office has to look at."""
_MOST_RUNNING = 5
_KEPT = timedelta(days=90)
"""How long the content of a finished import is kept."""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('import of ' || :unit, 0))"


@dataclass(frozen=True, slots=True)
class Brought:
    """A sheet as it was brought. `import_id` is the same whenever the same sheet is brought by the same form.

    `template` empty: told by the headers. `check`: nothing is said. `partial`: the right rows are said although
    others are wrong.
    """

    import_id: UUID
    name: str
    content: bytes
    template: str = ""
    check: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Imports:
    """The imports of every unit. `clock` gives the aware time that future-dated events are judged by. Blocks."""

    engine: Engine
    reader: Reader
    clock: Callable[[], datetime]
    seal: Seal = list

    def take(self, unit: str, brought: Brought) -> Job:
        """Checks every row and puts the import on record; a gateway says what is to be said.

        The same sheet brought again is the same import. Raises UnreadableError, NotTheTemplateError, ProblemError.
        """
        sheet = read_apart(brought.content, name=brought.name)
        template = _chosen(brought.template, sheet)
        checker = self._checker(template, sheet, unit)
        self._check_speaker(unit, template)
        drafts = checker.drafts(sheet)
        with self.engine.begin() as connection:
            if (known := self._before(connection, unit, brought.import_id)) is not None:
                return known
            rows = _settled(connection, checker, drafts)
            state = _state(rows, check=brought.check, partial=brought.partial)
            if state in (JobState.CHECKED, JobState.FLAWED):
                rows = [_held(row, draft) for row, draft in zip(rows, drafts, strict=True)]
            job = Job(
                import_id=brought.import_id,
                unit=unit,
                template=template.name,
                filename=brought.name,
                headers=_headers(checker, sheet),
                state=state,
                created_at=checker.now,
                finished_at=None if state is JobState.RUNNING else checker.now,
                counts=_counts(rows),
            )
            jobs.add(connection, job, rows)
            jobs.forget(connection, before=checker.now - _KEPT)
        return job

    def say_held(self, unit: str, import_id: UUID) -> Job:
        """An import of the rows that were right and not said, compared anew with what was said since.

        Asked again it is the same one. Raises ProblemError: there is none such, nothing of it is left to say.
        """
        now = self.clock()
        with self.engine.begin() as connection:
            if (known := self._before(connection, unit, held_id(import_id))) is not None:
                return known
            job = jobs.find(connection, import_id, unit=unit)
            held = [] if job is None else jobs.rows_of(connection, import_id, RowState.HELD)
            drafts = [replace(row, state=RowState.READY) for row in held if row.events]
            if job is None or job.template not in BY_NAME or not drafts:
                raise ProblemError(
                    NOT_FOUND, f"nothing of an import {import_id} of yours can be said: bring the sheet again"
                )
            template = BY_NAME[job.template]
            self._check_speaker(unit, template)
            # Rows that are drafts already are only compared with what is on record: that needs no headings.
            checker = Checker(template, Headings(0, {}, ()), self.reader, unit, now, self.seal)
            rows = _settled(connection, checker, drafts)
            state = _state(rows, check=False, partial=True)
            again = replace(
                job,
                import_id=held_id(import_id),
                state=state,
                created_at=now,
                finished_at=None if state is JobState.RUNNING else now,
                counts=_counts(rows),
            )
            jobs.add(connection, again, rows)
        return again

    def latest(self, unit: str, *, most: int) -> list[Job]:
        """The unit's latest imports, the newest first."""
        with self.engine.connect() as connection:
            return jobs.latest(connection, unit, most=most)

    def found(
        self, unit: str, import_id: UUID, *states: RowState, most: int | None
    ) -> tuple[Job, list[Row]] | None:
        """An import of the unit with its rows in these states (none given: all), in the order of the sheet."""
        with self.engine.connect() as connection:
            job = jobs.find(connection, import_id, unit=unit)
            return None if job is None else (job, jobs.rows_of(connection, import_id, *states, most=most))

    def sheet(self, unit: str, import_id: UUID, *, zh: bool) -> tuple[str, bytes] | None:
        """Name and content of the sheet with what became of each row."""
        found = self.found(unit, import_id, most=None)
        if found is None:
            return None
        job, rows = found
        content = annotated(job.headers, [_outcome(row, zh=zh) for row in rows], frozenset(ignored(job)))
        return f"导入结果-{job.filename.rpartition('.')[0] or job.filename}.xlsx", content

    def template(self, name: str) -> tuple[str, bytes] | None:
        """Name and content of a template to fill in."""
        known = BY_NAME.get(name)
        return None if known is None else (f"{known.zh}.xlsx", blank(known, self.reader.register))

    def may_say(self, unit: str, template: Template) -> bool:
        """Whether the unit may say the events of this template."""
        speaker = self.reader.register.by_code.get(unit)
        return speaker is not None and not speaker.roles.isdisjoint(EVENTS[template.event].speakers)

    def _checker(self, template: Template, sheet: Sheet, unit: str) -> Checker:
        headings = find_headings(template, sheet.lines)
        return Checker(template, headings, self.reader, unit, self.clock(), self.seal)

    def _check_speaker(self, unit: str, template: Template) -> None:
        if not self.may_say(unit, template):
            raise ProblemError(
                REFUSED,
                f"{unit} may not say {template.event}: see docs/catalogue.md",
                reason="wrong-speaker",
            )

    def _before(self, connection: Connection, unit: str, import_id: UUID) -> Job | None:
        """The import, if it was taken before; otherwise there is room for it, and nobody else takes one now."""
        connection.execute(text(_ONE_AT_A_TIME), {"unit": unit})
        if (known := jobs.find(connection, import_id, unit=unit)) is not None:
            return known
        if jobs.running_of(connection, unit) >= _MOST_RUNNING:
            raise ProblemError(
                BUSY, f"{_MOST_RUNNING} imports of yours are under way: wait for one to be done"
            )
        return None


def held_id(import_id: UUID) -> UUID:
    """The import by which the rows are said that this one held back."""
    return uuid5(import_id, "held")


def ignored(job: Job) -> tuple[str, ...]:
    """Headers of the sheet that its template has not; none if there is no such template any more."""
    template = BY_NAME.get(job.template)
    return () if template is None else ignored_headers(template, job.headers)


def _settled(connection: Connection, checker: Checker, drafts: list[Row]) -> list[Row]:
    known = jobs.ledger(connection, checker.unit, {row.row_id for row in drafts})
    return [checker.settled(row, known) for row in drafts]


def _state(rows: list[Row], *, check: bool, partial: bool) -> JobState:
    states = {row.state for row in rows}
    if states & {*WRONG} and not partial:
        return JobState.FLAWED
    if check:
        return JobState.CHECKED
    return JobState.RUNNING if RowState.READY in states else JobState.DONE


def _held(row: Row, draft: Row) -> Row:
    """The row as it is kept if it is not said now: what it would say, whatever was said before."""
    return replace(draft, state=RowState.HELD) if row.state is RowState.READY else row


def _counts(rows: list[Row]) -> dict[str, int]:
    return {one: sum(row.state is one for row in rows) for one in {row.state for row in rows}}


def _headers(checker: Checker, sheet: Sheet) -> tuple[str, ...]:
    (header,) = (line for line in sheet.lines if line.number == checker.headings.row)
    return tuple(as_text(cell) for cell in header.cells)


def _chosen(name: str, sheet: Sheet) -> Template:
    if name and name not in BY_NAME:
        raise ProblemError(NOT_FOUND, f"there is no template {name!r}: see /v1/imports/templates")
    if name:
        return BY_NAME[name]
    fits = fitting(TEMPLATES, sheet.lines)
    if len(fits) != 1:
        told = "、".join(one.zh for one in fits) or "无"
        raise NotTheTemplateError(
            f"无法从表头判断所用模板（相符的：{told}）：请指定模板（template）",
            f"the headers do not tell the template (fitting: {[one.name for one in fits]}): name it as `template`",
        )
    return fits[0]


def _outcome(row: Row, *, zh: bool) -> Outcome:
    status = STATES[row.state][0 if zh else 1]
    told = [
        f"{flaw.column}：{flaw.zh}" if zh and flaw.column else flaw.zh if zh else f"{flaw.column}: {flaw.en}"
        for flaw in row.flaws
    ]
    return Outcome(row.cells, status, "\n".join(told), frozenset(flaw.column for flaw in row.flaws))

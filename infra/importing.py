"""What the console needs for sheets of an office: the gateway's own way of taking them, without its HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID, uuid5

from sqlalchemy import Engine

from consumers.console.desk import Clock
from consumers.console.imports.taking import (
    BUSY,
    NO_FORM,
    NOT_SPEAKER,
    NOTHING_HELD,
    UNREADABLE,
    Brought,
    Count,
    Flaw,
    Form,
    Imported,
    NotTakenError,
)
from infra import problems
from infra.problems import ProblemError
from infra.settings import Settings
from producers.gateway.statements import Reader
from producers.imports import taking
from producers.imports.checking import STATES, RowState
from producers.imports.jobs import Job
from producers.imports.reading import MOST_BYTES, UnreadableError
from producers.imports.rows import NotTheTemplateError
from producers.imports.taking import WRONG, Imports, held_id, ignored
from producers.imports.templates import BY_NAME, TEMPLATES
from producers.sealing import Sealer
from schemas.units import Register

_NAMESPACE = UUID("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c04")
_SAID = (RowState.SAID, RowState.KNOWN, RowState.CORRECTED)
_WORDS = {problems.BUSY: BUSY, problems.REFUSED: NOT_SPEAKER}


class SheetDesk:
    """Takes sheets as the gateway does; a gateway says their rows in the background. Safe between threads."""

    most_bytes = MOST_BYTES

    def __init__(self, settings: Settings, register: Register, engine: Engine, clock: Clock) -> None:
        sealer = Sealer(engine, register.by_code, clock)
        self._imports = Imports(engine, Reader(register, settings.max_event_bytes), clock, sealer.rehearsed)

    def forms(self, unit: str) -> Sequence[Form]:
        """The templates whose events the unit may say."""
        return [_form(one.name) for one in TEMPLATES if self._imports.may_say(unit, one)]

    def form(self, unit: str, name: str) -> tuple[str, bytes] | None:
        """Name and content of a template to fill in, if it is one of these."""
        return self._imports.template(name) if name in {one.name for one in self.forms(unit)} else None

    def latest(self, unit: str, *, most: int) -> Sequence[Imported]:
        """The unit's latest imports, the newest first."""
        return [_imported(job) for job in self._imports.latest(unit, most=most)]

    def find(self, unit: str, imported: UUID, *, most: int) -> tuple[Imported, Sequence[Flaw]] | None:
        """An import of the unit, and what is wrong with the first `most` of its wrong rows."""
        found = self._imports.found(unit, imported, *WRONG, most=most)
        if found is None:
            return None
        job, rows = found
        saying = self._imports.found(unit, held_id(imported), most=0)
        flaws = [Flaw(row.number, flaw.column, flaw.zh, flaw.en) for row in rows for flaw in row.flaws]
        return _imported(job, saying=None if saying is None else saying[0].import_id), flaws

    def sheet(self, unit: str, imported: UUID, *, zh: bool) -> tuple[str, bytes] | None:
        """Name and content of the sheet with what became of each row."""
        return self._imports.sheet(unit, imported, zh=zh)

    def take(self, unit: str, brought: Brought) -> UUID:
        """Checks a sheet and puts it on record, once however often the form is sent. Raises NotTakenError."""
        sheet = taking.Brought(
            _import_id(unit, brought),
            brought.filename,
            brought.content,
            template=brought.form,
            check=brought.check,
            partial=brought.partial,
        )
        try:
            return self._imports.take(unit, sheet).import_id
        except (UnreadableError, NotTheTemplateError) as error:
            raise NotTakenError(UNREADABLE, error.zh, error.en) from error
        except ProblemError as error:
            raise NotTakenError(_WORDS.get(error.problem, NO_FORM)) from error

    def say_held(self, unit: str, imported: UUID) -> UUID:
        """The import that says the rows which this one held back, once however often asked. Raises NotTakenError."""
        try:
            return self._imports.say_held(unit, imported).import_id
        except ProblemError as error:
            raise NotTakenError(_WORDS.get(error.problem, NOTHING_HELD)) from error


def _import_id(unit: str, brought: Brought) -> UUID:
    """Follows from the form, by whom and when it was opened: sent again, it is the same import."""
    chosen = [brought.form, brought.check, brought.partial]
    told = [
        unit,
        brought.user,
        brought.opened,
        brought.filename,
        *chosen,
        sha256(brought.content).hexdigest(),
    ]
    return uuid5(_NAMESPACE, json.dumps(told, ensure_ascii=False))


def _form(name: str) -> Form:
    known = BY_NAME.get(name)
    return Form(name, name, name) if known is None else Form(name, known.zh, known.en)


def _imported(job: Job, *, saying: UUID | None = None) -> Imported:
    def rows(*states: RowState) -> int:
        return sum(job.counts.get(state, 0) for state in states)

    return Imported(
        id=job.import_id,
        form=_form(job.template),
        filename=job.filename,
        state=str(job.state),
        created_at=job.created_at,
        rows=sum(job.counts.values()),
        said=rows(*_SAID),
        wrong=rows(*WRONG),
        held=rows(RowState.HELD),
        counts=[Count(*STATES[state], job.counts[state]) for state in RowState if job.counts.get(state)],
        ignored=ignored(job),
        saying=saying,
    )

"""Checking a sheet before anything of it is said: what each row says, and whether it was said before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from infra.problems import ProblemError
from producers.gateway.desk import Seal
from producers.gateway.statements import Reader
from producers.gateway.submissions import Identity, Submission
from producers.imports.cells import as_text
from producers.imports.reading import Sheet
from producers.imports.rows import Flaw, Headings, Line, Said, column_of, say
from producers.imports.template import Template
from producers.records import Record


class RowState(StrEnum):
    """Where a row stands. Everything but `ready` is final."""

    READY = "ready"
    FLAWED = "flawed"
    HELD = "held"  # right, but not said: it was a check only, or another row is wrong
    SAID = "said"
    KNOWN = "known"  # said before, with the same content
    CORRECTED = "corrected"
    CONFLICT = "conflict"  # said before, with other content and no reason for a correction
    REFUSED = "refused"


STATES: Mapping[RowState, tuple[str, str]] = {
    RowState.READY: ("等待报送", "waiting"),
    RowState.FLAWED: ("有误", "wrong"),
    RowState.HELD: ("未报送", "not said"),
    RowState.SAID: ("已报送", "said"),
    RowState.KNOWN: ("此前已报送，内容相同", "said before, the same"),
    RowState.CORRECTED: ("已更正", "corrected"),
    RowState.CONFLICT: ("此前已报送，内容不同", "said before, with other content"),
    RowState.REFUSED: ("被拒绝", "refused"),
}

_NOT_CALCULATED = (
    "公式未计算：请在 Excel 或 WPS 中打开并保存后再上传",
    "the formula was never calculated: open the file in Excel or WPS, save it, and upload it again",
)
_CONFLICT_EN = (
    "this row was said before with other content; if that was a mistake, give the reason in the column 更正理由 and "
    "upload it again: case.corrected will take the old event back"
)
DESTROYED = (
    "该案的密钥已销毁，不再接收其任何事件",
    "the key of this case was destroyed: nothing is taken for it any more",
)
CONFLICT = (
    "该行此前已报送，内容不同。如属更正，请在“更正理由”列填写理由后重新上传（系统将发出 case.corrected）",
    _CONFLICT_EN,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an import: what the sheet has, what is to be said, and where it stands.

    `row_id` identifies the row for ever, `event_id` what it says now; they differ for a correction. `events`
    are said in this order.
    """

    number: int
    cells: tuple[str, ...]
    state: RowState
    row_id: str = ""
    event_id: str = ""
    events: tuple[dict[str, Any], ...] = ()
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is on record: for each row that was said the event that stands now, and what was submitted as that."""

    submissions: Mapping[Identity, Submission]
    standing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the rows of one sheet in the name of a unit at an aware time; `seal` as for `producers.gateway.desk`."""

    template: Template
    headings: Headings
    reader: Reader
    unit: str
    now: datetime
    seal: Seal = list

    def drafts(self, sheet: Sheet) -> list[Row]:
        """The rows below the header, without regard to what was said before. A wrong row tells all its flaws."""
        rows = [
            self._draft(line, sheet.uncalculated) for line in sheet.lines if line.number > self.headings.row
        ]
        return list(_without_twins(rows))

    def settled(self, row: Row, ledger: Ledger) -> Row:
        """The row in the light of what was said before."""
        if row.state is not RowState.READY:
            return row
        said, *correction = row.events
        standing = ledger.standing.get(row.row_id, row.row_id)
        before = ledger.submissions.get((self.unit, standing))
        if before is None:
            return replace(row, events=(said,))
        (as_kept,) = self.seal([self._record(said | {"id": standing})])
        if as_kept is not None and before.digest == as_kept.digest:
            known = before.position is not None or standing != row.row_id
            return replace(row, events=(said,), state=RowState.KNOWN if known else RowState.READY)
        if not correction:
            return replace(row, state=RowState.CONFLICT, flaws=(Flaw("", *CONFLICT),))
        instead = _replacement_id(said, standing)
        return replace(row, event_id=instead, events=self._correction(said, correction[0], standing, instead))

    def _draft(self, line: Line, uncalculated: frozenset[tuple[int, int]]) -> Row:
        said = say(self.template, self.headings, line, unit=self.unit, register=self.reader.register)
        flaws = said.flaws + tuple(
            Flaw(column.header, *_NOT_CALCULATED)
            for place, column in self.headings.columns.items()
            if (line.number, place) in uncalculated
        )
        draft = Row(line.number, tuple(as_text(cell) for cell in line.cells), RowState.FLAWED, flaws=flaws)
        if flaws:
            return draft
        try:
            self._record(said.event)
        except ProblemError as problem:
            return replace(draft, flaws=(self._refused(problem),))
        event_id = said.event["id"]
        events = (said.event, *([_corrected(said, self.now)] if said.correction else []))
        return replace(draft, state=RowState.READY, row_id=event_id, event_id=event_id, events=events)

    def _record(self, event: dict[str, Any]) -> Record:
        return self.reader.record(event, unit=self.unit, now=self.now, entropy=b"")

    def _refused(self, problem: ProblemError) -> Flaw:
        path = problem.flaws[0].path if problem.flaws else ""
        told = f"{problem.reason}: {problem.detail}" if problem.reason else problem.detail
        return Flaw(
            column_of(self.template, path), f"总线不会接收：{told}", f"the bus would refuse it: {told}"
        )

    def _correction(
        self, said: dict[str, Any], correction: dict[str, Any], standing: str, instead: str
    ) -> tuple[dict[str, Any], ...]:
        """The row's event under a new id, then what takes the old one back."""
        concerned = {
            "regarding_source": self.unit,
            "regarding_id": standing,
            "replacement_id": instead,
        }
        return (
            said | {"id": instead},
            correction | {"id": f"{instead}.c", "data": correction["data"] | concerned},
        )


def _replacement_id(event: dict[str, Any], standing: str) -> str:
    """Follows from the row, its content and what it replaces, so that the same correction is the same event."""
    content = json.dumps([event, standing], sort_keys=True, ensure_ascii=False)
    return f"{event['id']}.{sha256(content.encode()).hexdigest()[:12]}"


def _corrected(said: Said, now: datetime) -> dict[str, Any]:
    """The correction that the row would need if it was said before."""
    return {
        "type": "case.corrected",
        "case": said.event["case"],
        "time": now.isoformat(),
        "data": {"reason": said.correction},
    } | ({"field": said.event["field"]} if "field" in said.event else {})


def _without_twins(rows: Sequence[Row]) -> Iterator[Row]:
    """Two rows with one key are one row if they say the same, and a mistake if they do not."""
    first: dict[str, Row] = {}
    for row in rows:
        twin = first.setdefault(row.row_id, row) if row.row_id else row
        if twin is row:
            yield row
        elif twin.events[0] == row.events[0]:
            note = Flaw("", f"与第{twin.number}行相同", f"the same as row {twin.number}")
            yield replace(row, state=RowState.KNOWN, events=(), flaws=(note,))
        else:
            wrong = Flaw(
                "",
                f"与第{twin.number}行的编号相同而内容不同",
                f"it has the number of row {twin.number} and other content",
            )
            yield replace(row, state=RowState.FLAWED, events=(), flaws=(wrong,))

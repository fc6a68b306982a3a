"""Computing a bulletin again from the log: every case is folded anew up to the position that the bulletin states.

Nothing that was counted for issuing it is used, so that it also proves the index and the read model under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from consumers.bulletins.figures import definitions_digest
from consumers.bulletins.issuing import earlier, known, scope_of
from consumers.bulletins.lines import Line, limit_of, lines_of
from consumers.bulletins.sealing import Correction, Scope, corrections, digest
from consumers.casefile import CaseEvent
from consumers.casework.fold import refold
from consumers.readmodel.rows import EVENT_COLUMNS, case_event
from consumers.rulebook import Rulebook
from infra.bulletin_tables import bulletin_lines, bulletins
from infra.tables import cases, events

_CASES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What computing a bulletin again came to. `same_figures`: they are defined as when it was issued.

    `missing` and `added` are lines that only the bulletin has, or only the computation.
    """

    issued: bytes
    computed: bytes
    same_figures: bool
    missing: tuple[Line, ...]
    added: tuple[Line, ...]

    @property
    def holds(self) -> bool:
        """Whether the digest is the same."""
        return self.issued == self.computed


def recompute(engine: Engine, rulebook: Rulebook, bulletin_id: UUID) -> Checked | None:
    """Computes a bulletin again at its position; None if there is none of that id. Blocks: reads every case."""
    with engine.connect() as connection:
        row = connection.execute(
            select(bulletins).where(bulletins.c.bulletin_id == bulletin_id)
        ).one_or_none()
        if row is None:
            return None
        scope = scope_of(row)
        before = [one for one in earlier(connection, scope) if one.n < row.n]
        scopes = {bulletin_id: scope, **{one.bulletin_id: scope_of(one) for one in before}}
        told = _lines(connection, rulebook, scope.positions, scopes)
        changed = [
            one
            for issued in before
            for one in corrections(
                issued.bulletin_id,
                known(connection, issued.bulletin_id, before=row.n),
                frozenset(told[issued.bulletin_id]),
            )
        ]
        stored = _stored(connection, bulletin_id)
    lines = told[bulletin_id]
    return Checked(
        issued=bytes(row.digest),
        computed=_digest(scope, lines, changed),
        same_figures=scope.definitions == definitions_digest(),
        missing=tuple(sorted(stored - lines)),
        added=tuple(sorted(lines - stored)),
    )


def _digest(scope: Scope, lines: set[Line], changed: list[Correction]) -> bytes:
    return digest(scope._replace(definitions=definitions_digest()), lines, changed)


def _lines(
    connection: Connection, rulebook: Rulebook, positions: tuple[int, ...], scopes: dict[UUID, Scope]
) -> dict[UUID, set[Line]]:
    """The lines of each bulletin, of the events before `positions`."""
    found: dict[UUID, set[Line]] = {name: set() for name in scopes}
    units = {name: frozenset(scope.units) for name, scope in scopes.items()}
    for told in _cases(connection, positions):
        case = refold(told, rulebook)
        if case is None:
            continue
        for line in lines_of(case, map(limit_of, case.clocks.values())):
            for name, scope in scopes.items():
                if scope.period.first <= line.day < scope.period.end and line.unit in units[name]:
                    found[name].add(line)
    return found


def _cases(connection: Connection, positions: tuple[int, ...]) -> Iterator[list[CaseEvent]]:
    """The events of each case before `positions`, in the order of the log."""
    ids = list(connection.execute(select(cases.c.case_id).order_by(cases.c.case_id)).scalars())
    for start in range(0, len(ids), _CASES_AT_ONCE):
        some = ids[start : start + _CASES_AT_ONCE]
        wanted = select(*EVENT_COLUMNS).where(events.c.case_id.in_(some))
        told: dict[UUID, list[CaseEvent]] = defaultdict(list)
        for row in connection.execute(wanted.order_by(events.c.partition, events.c.log_offset)):
            if row.partition < len(positions) and row.log_offset < positions[row.partition]:
                event = case_event(row)
                told[event.envelope.subject].append(event)
        connection.commit()
        yield from told.values()


def _stored(connection: Connection, bulletin_id: UUID) -> set[Line]:
    column = bulletin_lines.c
    rows = select(column.figure, column.unit, column.field, column.day, column.case_id, column.about).where(
        column.bulletin_id == bulletin_id, column.regarding.is_(None)
    )
    return {Line(*row) for row in connection.execute(rows)}

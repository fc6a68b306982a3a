"""Mirrored opinions as work: the ones that a department has to decide on, with the office's target for each."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from consumers.handovers.duties import HANDLE_MIRROR
from consumers.handovers.statutes import STATUTES
from consumers.readmodel import scope
from consumers.readmodel.rows import AnyRow, mirror_view
from consumers.readmodel.scope import Unit
from consumers.readmodel.views import CaseName, MirrorWork
from infra.tables import cases, clocks, mirrors
from schemas.identity import derived_id

OPEN = "copied"
_RULES = tuple(row.code for row in STATUTES if row.duty is HANDLE_MIRROR)


def mirrors_for(connection: Connection, unit: Unit, *, state: str, limit: int) -> list[MirrorWork]:
    """Mirrors in `state` that `unit` has to decide on, or whose opinion it gave; the oldest first."""
    wanted = mirrors.c.state == state
    return _work(connection, _rows(connection, wanted, scope.mirrors_for(unit), limit))


def mirror_of(connection: Connection, unit: Unit, mirror_id: UUID) -> MirrorWork | None:
    """One mirror; None if `unit` has nothing to do with it."""
    rows = _rows(connection, mirrors.c.mirror_id == mirror_id, scope.mirrors_for(unit), 1)
    return next(iter(_work(connection, rows)), None)


def _rows(connection: Connection, wanted: object, visible: object, limit: int) -> Sequence[AnyRow]:
    named = select(*mirrors.c, cases.c.origin_unit, cases.c.origin_case, cases.c.field)
    joined = named.select_from(mirrors.join(cases, cases.c.case_id == mirrors.c.case_id))
    ordered = joined.where(wanted, visible).order_by(mirrors.c.copied_at, mirrors.c.mirror_id)  # type: ignore[arg-type]
    return connection.execute(ordered.limit(limit)).all()


def _work(connection: Connection, rows: Sequence[AnyRow]) -> list[MirrorWork]:
    """With the clock that the bus's own `mirror.copied` started for each department."""
    holding = select(clocks).where(
        clocks.c.case_id.in_({row.case_id for row in rows}), clocks.c.rule.in_(_RULES)
    )
    targets = {(clock.started_id, clock.holder): clock for clock in connection.execute(holding)}
    found = []
    for row in rows:
        copied = str(derived_id(f"{row.opinion_source}/{row.opinion_id}", "mirror", ""))
        target = targets.get((copied, row.unit))
        found.append(
            MirrorWork(
                mirror=mirror_view(row),
                case=CaseName(row.case_id, row.origin_unit, row.origin_case),
                field=row.field,
                due=None if target is None else target.due_to,
                overdue=target is not None and target.state in ("breached", "met-late"),
            )
        )
    return found

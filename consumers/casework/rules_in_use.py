"""Which rules and calendar editions the database was decided by: noted by each worker before it applies anything.

A changed row, register or profile decides what comes next; the clocks of cases that no event touches stay as they
were decided. From the positions noted here `linkage doctor` and the metrics count them, and a rebuild decides them
anew. A new edition of the calendar needs no rebuild, but it must be known before the events that it counts.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_new

from consumers.explaining.rule_sets import rule_set
from consumers.rulebook import Rulebook
from consumers.workdays import Edition
from infra.rule_tables import editions_in_use, rules_in_use
from infra.tables import events, progress


class LateEdition(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """An edition of the calendar was entered after events that it should have counted."""


def note_rules(engine: Engine, rulebook: Rulebook, topic: str) -> None:
    """Note the rules of `rulebook` if others were in use, and editions not seen before. Blocks.

    `topic` is the log. Raises LateEdition, and then notes nothing: a replay would count by the edition what was
    counted without it.
    """
    named = _name(rulebook)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE rules_in_use IN EXCLUSIVE MODE"))
        last = select(rules_in_use.c.rules).order_by(rules_in_use.c.n.desc()).limit(1)
        known: dict[str, Any] | None = connection.execute(last).scalar()
        for edition in rulebook.calendar.editions:
            _note_edition(connection, edition, first=known is None)
        if known != named:
            positions = {} if known is None else _positions(connection, topic)
            connection.execute(
                insert(rules_in_use).values(rules=named, positions=positions, since=func.now())
            )


def _name(rulebook: Rulebook) -> dict[str, Any]:
    """What names the rules as far as they decide when something is due."""
    named = asdict(rule_set(rulebook))
    named["profiles"] = sorted(named["profiles"])
    del named["settling_seconds"]
    return named


def _positions(connection: Connection, topic: str) -> dict[str, int]:
    rows = select(progress.c.partition, progress.c.next_offset).where(progress.c.topic == topic)
    return {str(partition): next_offset for partition, next_offset in connection.execute(rows)}


def _note_edition(connection: Connection, edition: Edition, *, first: bool) -> None:
    """`first`: nothing was ever noted here, so that whatever is in the file may have been in use all along."""
    seen = editions_in_use.c.edition == _digest(edition)
    if connection.execute(select(editions_in_use.c.known_from).where(seen)).scalar() is not None:
        return
    latest: datetime | None = connection.execute(select(func.max(events.c.recorded_at))).scalar()
    if not first and latest is not None and latest >= edition.known_from:
        raise LateEdition(
            f"LINKAGE_HOLIDAYS: the edition with known_from {edition.known_from.isoformat()} is new here, but events "
            f"up to {latest.isoformat()} were counted without it: give it a known_from that still lies ahead"
        )
    connection.execute(
        insert_new(editions_in_use)
        .values(edition=_digest(edition), known_from=edition.known_from, seen_at=func.now())
        .on_conflict_do_nothing()
    )


def _digest(edition: Edition) -> str:
    """The edition by its days alone: another release of the library of holidays does not make it another."""
    return f"{edition.known_from.isoformat()} {edition.calendar.version.partition('+')[2]}"

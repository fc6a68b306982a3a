"""The outbox on its way into the log: what the bus decided itself, sent by the relay and marked once it is there."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from consumers.casework.store import single_statement

MAX_ROWS = 1000


class Unsent(NamedTuple):
    """An outbox row that the broker has not acknowledged."""

    event_id: str
    case_id: UUID
    headers: bytes
    value: bytes


_UNSENT = """
SELECT event_id, case_id, headers, value FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT %s
"""

_SENT = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE outbox SET published_at = now() FROM quick WHERE event_id = ANY(%s)
"""


def unsent(engine: Engine, limit: int = MAX_ROWS) -> list[Unsent]:
    """The oldest rows that are not marked yet. Blocks."""
    with single_statement(engine) as cursor:
        return [Unsent(*row) for row in cursor.execute(_UNSENT, (limit,))]


def mark_sent(engine: Engine, rows: list[Unsent]) -> None:
    """Mark rows that are in the log. Casework deletes them when it meets them there. Blocks.

    Does not wait for the disk: should the database forget it, they are said again, and casework knows them.
    """
    with single_statement(engine) as cursor:
        cursor.execute(_SENT, ([row.event_id for row in rows],))

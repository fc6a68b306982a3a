"""What came of tries to send, in PostgreSQL: of many at once, each delivery and its receiver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Engine

from consumers.casework.store import raw_cursor
from consumers.webhooks.queue import Taken
from consumers.webhooks.rules import TRIPPED, Answer, Circuit, fare, jitter_of, settle


class Ended(NamedTuple):
    """A try, what came of it, and when."""

    taken: Taken
    answer: Answer
    at: datetime


# Locked in one order, so that two processes never wait for each other.
_FAILURES = (
    "SELECT webhook_id, failures FROM webhooks WHERE webhook_id = ANY(%s) ORDER BY webhook_id FOR UPDATE"
)
_SETTLE = """
UPDATE webhook_deliveries d SET state = t.state, due_at = t.due, answer = t.answer
FROM jsonb_to_recordset(%s::jsonb) AS t(
  webhook uuid, seq int8, state text, due timestamptz, answer text, accepted bool, attempts int)
WHERE d.webhook_id = t.webhook AND d.seq = t.seq AND d.state = 'queued'
  AND (t.accepted OR d.attempts = t.attempts)
"""
_FARE = """
UPDATE webhooks w SET failures = t.failures, open_until = t.until, answer = t.answer,
  state = CASE WHEN t.gone THEN 'paused' ELSE w.state END
FROM jsonb_to_recordset(%s::jsonb) AS t(
  webhook uuid, failures int, until timestamptz, answer text, gone bool)
WHERE w.webhook_id = t.webhook AND w.state = 'active'
"""
_RECOVERED = """
UPDATE webhook_deliveries d SET due_at = t.at
FROM jsonb_to_recordset(%s::jsonb) AS t(webhook uuid, at timestamptz)
WHERE d.webhook_id = t.webhook AND d.state = 'queued' AND d.attempts > 0
"""


def settle_all(engine: Engine, ended: Sequence[Ended]) -> None:
    """Record what these tries came to, in the order in which they ended; one transaction. Blocks.

    An accepted delivery counts even if its lease ran out in the meantime; a failure of an older try does not.
    """
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        rows = cursor.execute(_FAILURES, (list({one.taken.webhook_id for one in ended}),))
        known: dict[UUID, int] = dict(rows)
        faring, recovered = _faring(ended, known)
        cursor.execute(_SETTLE, (_json(list(_settled(ended).values())),))
        cursor.execute(_FARE, (_json(list(faring.values())),))
        if recovered:
            cursor.execute(_RECOVERED, (_json(recovered),))


def _settled(ended: Sequence[Ended]) -> dict[tuple[UUID, int], dict[str, Any]]:
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    for taken, answer, at in ended:
        jitter = jitter_of(f"{taken.message_id}.{taken.attempts}")
        after = settle(answer, attempts=taken.attempts, expires_at=taken.expires_at, now=at, jitter=jitter)
        place = (taken.webhook_id, taken.seq)
        if place not in rows or answer.accepted:
            rows[place] = {
                "webhook": taken.webhook_id,
                "seq": taken.seq,
                "state": after.state,
                "due": after.due_at,
                "answer": answer.told,
                "accepted": answer.accepted,
                "attempts": taken.attempts,
            }
    return rows


def _faring(
    ended: Sequence[Ended], known: dict[UUID, int]
) -> tuple[dict[UUID, dict[str, Any]], list[dict[str, Any]]]:
    """How each receiver fares after all of its tries, and which have recovered. What follows a 410 is not heard."""
    faring: dict[UUID, dict[str, Any]] = {}
    recovered = []
    for taken, answer, at in ended:
        webhook = taken.webhook_id
        if webhook in faring and faring[webhook]["gone"]:
            continue
        before = known.get(webhook, 0)
        circuit = fare(before, answer, at)
        if answer.accepted and before >= TRIPPED:
            recovered.append({"webhook": webhook, "at": at})
        known[webhook] = circuit.failures
        faring[webhook] = _row(webhook, circuit, answer)
    return faring, recovered


def _row(webhook: UUID, circuit: Circuit, answer: Answer) -> dict[str, Any]:
    return {
        "webhook": webhook,
        "failures": circuit.failures,
        "until": circuit.open_until,
        "answer": answer.told,
        "gone": answer.gone,
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()

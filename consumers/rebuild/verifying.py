"""Verifying the audit chain: every applied event is there, unchanged and in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine

from consumers.casework.records import link, unpack_headers
from consumers.casework.store import raw_cursor
from infra.positions import CHAIN_START
from schemas.digests import digest
from schemas.envelope import EnvelopeError, read_headers


@dataclass(frozen=True, slots=True)
class Verified:
    """One partition's verdict. `bad_offset` is the first event that does not fit; None: all fit."""

    partition: int
    events: int
    bad_offset: int | None
    detail: str = ""


def verify(engine: Engine, topic: str) -> list[Verified]:
    """Check each partition of the log against the database's copy. Blocks.

    An event that was changed does not hash to its digest; one that was removed, added or moved breaks
    the chain at the next; a cut tail does not end in the head that `progress` holds.
    """
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        cursor.execute("SELECT partition, chain FROM progress WHERE topic = %s ORDER BY partition", (topic,))
        heads = cursor.fetchall()
        return [_verify(cursor, partition, head) for partition, head in heads]


_EVENTS = """
SELECT log_offset, source, event_id, type, case_id, recorded_at, headers, value, digest, chain
FROM events WHERE partition = %s ORDER BY log_offset
"""


def _verify(cursor: psycopg.Cursor[Any], partition: int, head: bytes) -> Verified:
    chain, count = CHAIN_START, 0
    for (
        offset,
        source,
        event_id,
        type_,
        case_id,
        recorded_at,
        headers,
        value,
        stored,
        head_then,
    ) in cursor.stream(_EVENTS, (partition,)):
        problem = _content_problem((source, event_id, type_, case_id), headers, value, stored)
        chain = link(chain, stored, recorded_at, headers)
        if problem is None and chain != head_then:
            problem = "the chain breaks here: this event or one before it was changed, removed or added"
        if problem is not None:
            return Verified(partition, count, offset, problem)
        count += 1
    if chain != head:
        return Verified(
            partition, count, -1, "the chain does not end in the recorded head: events at the end are missing"
        )
    return Verified(partition, count, None)


def _content_problem(columns: tuple[Any, ...], headers: bytes, value: bytes, stored: bytes) -> str | None:
    try:
        envelope = read_headers(unpack_headers(headers))
    except (EnvelopeError, ValueError) as error:
        return f"its headers cannot be read: {error}"
    if (envelope.source, envelope.id, envelope.type, envelope.subject) != columns:
        return "its columns differ from its headers"
    if digest(envelope, value) != stored:
        return "its content does not match its digest"
    return None

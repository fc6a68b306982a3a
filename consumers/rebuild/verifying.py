"""Verifying the audit chain: every applied event is there, unchanged and in order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, select

from consumers.casework.records import leaf, link, unpack_headers
from consumers.casework.store import raw_cursor
from consumers.proof.heads import Head, head_of
from consumers.proof.signing import is_signed
from infra.positions import CHAIN_START
from infra.proof_tables import signed_heads
from schemas.digests import digest
from schemas.envelope import EnvelopeError, read_headers


@dataclass(frozen=True, slots=True)
class Verified:
    """One partition's verdict. `bad_offset` is the first event that does not fit; None: all fit."""

    partition: int
    events: int
    bad_offset: int | None
    detail: str = ""


def verify(engine: Engine, topic: str, *, public: bytes | None = None) -> list[Verified]:
    """Check each partition's chain in the database. Blocks.

    An event that was changed does not hash to its digest; one that was removed, added or moved breaks
    the chain at the next; a cut tail does not end in the head that `progress` holds. A chain that was written
    anew does not meet the signed heads; with `public` every head must be signed by that key.
    """
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        cursor.execute("SELECT partition, chain FROM progress WHERE topic = %s ORDER BY partition", (topic,))
        heads = cursor.fetchall()
        return [
            _verify(cursor, partition, head, _Signed(_signed_heads(connection, partition), public))
            for partition, head in heads
        ]


_EVENTS = """
SELECT log_offset, source, event_id, type, case_id, recorded_at, headers, value, digest, chain
FROM events WHERE partition = %s ORDER BY log_offset
"""


@dataclass
class _Signed:
    """Signed heads of one partition that the chain has still to meet, the one with the lowest offset first."""

    heads: deque[Head]
    public: bytes | None

    def problem(self, chain: bytes, offset: int | None) -> str | None:
        """What is wrong with the heads before the event at `offset`; None: with all that are left."""
        while self.heads and (offset is None or self.heads[0].next_offset <= offset):
            head = self.heads.popleft()
            when = f"the head signed {head.signed_at:%Y-%m-%d %H:%M:%S} UTC before offset {head.next_offset}"
            if not is_signed(head.text, head.signature, self.public or head.public):
                return f"{when} has no valid signature by this key"
            if head.chain != chain:
                return f"the chain was written anew: it does not meet {when}"
        return None


def _signed_heads(connection: Connection, partition: int) -> deque[Head]:
    here = select(signed_heads).where(signed_heads.c.partition == partition)
    rows = connection.execute(here.order_by(signed_heads.c.next_offset, signed_heads.c.signed_at)).mappings()
    return deque(head_of(row) for row in rows)


def _verify(cursor: psycopg.Cursor[Any], partition: int, head: bytes, signed: _Signed) -> Verified:
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
        problem = problem or signed.problem(chain, offset)
        chain = link(chain, leaf(offset, stored, recorded_at, headers))
        if problem is None and chain != head_then:
            problem = "the chain breaks here: this event or one before it was changed, removed or added"
        if problem is not None:
            return Verified(partition, count, offset, problem)
        count += 1
    if chain != head:
        return Verified(
            partition, count, -1, "the chain does not end in the recorded head: events at the end are missing"
        )
    if problem := signed.problem(chain, None):
        return Verified(partition, count, -1, problem)
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

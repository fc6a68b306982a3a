"""Signing the heads of all feeds, each going on from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from consumers.casework.store import raw_cursor
from consumers.feeds.heads import FeedHead
from consumers.feeds.statement import START, extended
from consumers.proof.signing import instant
from infra.proof_tables import feed_heads
from infra.signing_key import Signer
from infra.tables import feeds

_ENTRIES = """
SELECT p.seq, e.digest FROM feed_positions p
JOIN events e ON (e.partition, e.log_offset) = (p.partition, p.log_offset)
WHERE p.unit = %s AND p.seq > %s AND p.seq <= %s ORDER BY p.seq
"""


def sign_feeds(
    connection: Connection, signer: Signer, *, namespace: str, log_heads: Sequence[str], now: datetime
) -> int:
    """Sign where each feed stands, together with the heads of the log as they are signed; how many feeds. Blocks.

    `now` is without parts of a second. The caller commits. A feed that has a gap is not signed: reconciliation
    names the gap.
    """
    log = log_digest(log_heads)
    signed = 0
    standing = connection.execute(select(feeds.c.unit, feeds.c.published).where(feeds.c.published > 0))
    for unit, published in standing.all():
        digest = _digest_upto(connection, unit, published)
        if digest is None:
            continue
        told = FeedHead(
            namespace, unit, published, digest.hex(), log, instant(now), signer.public.hex(), signature=""
        )
        head = replace(told, signature=signer.sign(told.text).hex())
        connection.execute(insert(feed_heads).values(_row(head, now)).on_conflict_do_nothing())
        signed += 1
    return signed


def log_digest(log_heads: Sequence[str]) -> str:
    """What a feed's head says of the log: the SHA-256 over the texts of its heads, in the order of partitions."""
    return sha256("\n\n".join(log_heads).encode()).hexdigest()


def _digest_upto(connection: Connection, unit: str, published: int) -> bytes | None:
    one = feed_heads.c
    before = select(one.upto, one.digest).where(one.unit == unit, one.upto <= published)
    row = connection.execute(before.order_by(one.upto.desc()).limit(1)).first()
    upto, chain = (0, START) if row is None else (row.upto, row.digest)
    for seq, digest in raw_cursor(connection).stream(_ENTRIES, (unit, upto, published)):
        if seq != upto + 1:
            return None
        upto, chain = seq, extended(chain, seq, digest)
    return chain if upto == published else None


def _row(head: FeedHead, now: datetime) -> dict[str, object]:
    return {
        "unit": head.unit,
        "upto": head.upto,
        "digest": bytes.fromhex(head.digest),
        "log": bytes.fromhex(head.log),
        "namespace": head.namespace,
        "signed_at": now,
        "public_key": bytes.fromhex(head.public_key),
        "signature": bytes.fromhex(head.signature),
    }

"""Signed heads: where each partition's audit chain stood at a time, so that nobody can write it anew later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert

from consumers.casework.store import RELAY_CHANNEL, raw_cursor
from consumers.proof.feed_heads import sign_feeds
from consumers.proof.signing import head_text
from infra.proof_tables import signed_heads
from infra.signing_key import Signer
from infra.tables import progress

EVERY = timedelta(hours=1)

_LOCK = 4_716_021
"""Advisory lock of whoever signs: several clock processes make one set of heads, not several."""


@dataclass(frozen=True, slots=True)
class Head:
    """That all events of a partition before `next_offset` end in `chain`, signed as `head_text` puts it."""

    namespace: str
    partition: int
    next_offset: int
    chain: bytes
    signed_at: datetime
    public: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return head_text(self.namespace, self.partition, self.next_offset, self.chain, self.signed_at)


def sign_due(engine: Engine, signer: Signer, *, namespace: str, topic: str, now: datetime) -> int:
    """Sign the head of every partition and of every feed if the last were signed an hour before `now`.

    Returns how many partitions. Blocks.
    """
    with engine.begin() as connection:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        last = connection.scalar(select(func.max(signed_heads.c.signed_at)))
        if last is not None and now - last < EVERY:
            return 0
        return len(_sign(connection, signer, namespace, topic, now))


def sign_now(engine: Engine, signer: Signer, *, namespace: str, topic: str, now: datetime) -> list[Head]:
    """Sign the head of every partition, whenever the last were signed; the same heads in one second are one. Blocks."""
    with engine.begin() as connection:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        return _sign(connection, signer, namespace, topic, now)


def heads(
    connection: Connection, *, partition: int | None = None, before: datetime | None = None, limit: int = 100
) -> list[Head]:
    """Signed heads, the latest first; of one partition, or signed before a time."""
    wanted = select(signed_heads).order_by(signed_heads.c.signed_at.desc(), signed_heads.c.partition)
    if partition is not None:
        wanted = wanted.where(signed_heads.c.partition == partition)
    if before is not None:
        wanted = wanted.where(signed_heads.c.signed_at < before)
    return [head_of(row) for row in connection.execute(wanted.limit(limit)).mappings()]


def head_of(row: Any) -> Head:
    """The head in a row of `signed_heads`."""
    return Head(
        namespace=row["namespace"],
        partition=row["partition"],
        next_offset=row["next_offset"],
        chain=bytes(row["chain"]),
        signed_at=row["signed_at"],
        public=bytes(row["public_key"]),
        signature=bytes(row["signature"]),
    )


def _sign(connection: Connection, signer: Signer, namespace: str, topic: str, now: datetime) -> list[Head]:
    at = now.replace(microsecond=0)
    here = select(progress.c.partition, progress.c.next_offset, progress.c.chain).where(
        progress.c.topic == topic
    )
    positions = connection.execute(here.order_by(progress.c.partition)).all()
    signed = [_signed(signer, namespace, at, position) for position in positions]
    _write(connection, signed)
    texts = [head.text for head in signed]
    if sign_feeds(connection, signer, namespace=namespace, log_heads=texts, now=at):
        raw_cursor(connection).execute(f"NOTIFY {RELAY_CHANNEL}")
    return signed


def _signed(signer: Signer, namespace: str, at: datetime, position: Any) -> Head:
    partition, next_offset, chain = position
    said = head_text(namespace, partition, next_offset, bytes(chain), at)
    return Head(namespace, partition, next_offset, bytes(chain), at, signer.public, signer.sign(said))


def _write(connection: Connection, signed: Sequence[Head]) -> None:
    # The clock and an operator may sign in the same second; with nothing between them it is the same head.
    for head in signed:
        connection.execute(
            insert(signed_heads)
            .values(
                namespace=head.namespace,
                partition=head.partition,
                next_offset=head.next_offset,
                chain=head.chain,
                signed_at=head.signed_at,
                public_key=head.public,
                signature=head.signature,
            )
            .on_conflict_do_nothing()
        )

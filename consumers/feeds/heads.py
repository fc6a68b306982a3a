"""Signed heads of feeds: that a unit's feed up to a number is this and nothing else, carried in the feed itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, select, text, tuple_, update

from infra.batches import Outgoing
from infra.proof_tables import feed_heads
from infra.tables import feeds, suspensions
from schemas.topics import TopicNames

HEAD = "linkage-head"
"""The header of a record in a feed topic that is a head and no entry: it has no number."""
MOST_SENT = 1000


class NoHead(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """What should be a signed head of a feed has not the form of one."""


@dataclass(frozen=True, slots=True)
class FeedHead:
    """That the entries 1 to `upto` of the feed of `unit` have `digest` (`statement.Tally`), signed by the bus.

    `log` is the SHA-256 over the heads of the log that were signed at the same time (`GET /v1/heads`): who keeps
    this keeps the whole log. Bytes are in hexadecimal digits.
    """

    namespace: str
    unit: str
    upto: int
    digest: str
    log: str
    signed_at: str
    public_key: str
    signature: str

    @property
    def text(self) -> str:
        """What is signed: seven lines."""
        told = (self.namespace, self.unit, self.upto, self.digest, self.log, self.signed_at)
        return "\n".join(map(str, ("linkage feed head 1", *told)))


def read_head(told: Mapping[str, Any] | bytes) -> FeedHead:
    """The head in what a feed carries. Raises NoHead; says nothing of its signature."""
    try:
        given = json.loads(told) if isinstance(told, bytes) else told
        head = FeedHead(**given)
        bytes.fromhex(head.digest + head.signature + head.log + head.public_key)
    except (ValueError, TypeError) as error:
        raise NoHead(f"this is no head of a feed: {error}") from None
    if not isinstance(head.upto, int):
        raise NoHead("this is no head of a feed: upto is no number")
    return head


def head_of_row(row: Any) -> FeedHead:
    """The head in a row of `feed_heads`."""
    return FeedHead(
        namespace=row.namespace,
        unit=row.unit,
        upto=row.upto,
        digest=row.digest.hex(),
        log=row.log.hex(),
        signed_at=row.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        public_key=row.public_key.hex(),
        signature=row.signature.hex(),
    )


_UPTO = text("""
SELECT w.unit, w.seq, h.namespace, h.upto, h.digest, h.log, h.signed_at, h.public_key, h.signature
FROM unnest(CAST(:units AS text[]), CAST(:seqs AS int8[])) AS w(unit, seq) CROSS JOIN LATERAL (
  SELECT * FROM feed_heads f WHERE f.unit = w.unit AND f.upto <= w.seq ORDER BY f.signed_at DESC LIMIT 1
) h
""")


def heads_upto(connection: Connection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], FeedHead]:
    """For each unit and number the last signed head that covers no further entry; those without any are left out."""
    places = list(wanted)
    told = {"units": [unit for unit, _ in places], "seqs": [seq for _, seq in places]}
    return {(row.unit, row.seq): head_of_row(row) for row in connection.execute(_UPTO, told)}


def unsent_heads(engine: Engine) -> list[FeedHead]:
    """Heads that are not in their feed topics, though everything that they cover is. Blocks.

    Those of suspended units go on waiting.
    """
    covered = and_(feeds.c.unit == feed_heads.c.unit, feeds.c.published >= feed_heads.c.upto)
    held = select(suspensions.c.unit)
    wanted = (
        select(feed_heads)
        .join(feeds, covered)
        .where(feed_heads.c.sent_at.is_(None), feed_heads.c.unit.not_in(held))
        .order_by(feed_heads.c.signed_at, feed_heads.c.unit)
        .limit(MOST_SENT)
    )
    with engine.connect() as connection:
        return [head_of_row(row) for row in connection.execute(wanted)]


def head_records(heads: Iterable[FeedHead], topics: TopicNames) -> Iterable[Outgoing]:
    """The records of heads: JSON under a header of their own, without a number."""
    for head in heads:
        headers = [(HEAD, b"1"), ("content-type", b"application/json")]
        value = json.dumps(asdict(head)).encode()
        yield Outgoing(topics.feed(head.unit), 0, head.unit.encode(), value, headers)


def mark_heads_sent(engine: Engine, heads: Sequence[FeedHead]) -> None:
    """Note that the broker has these heads, and wake whoever waits for their feeds. Blocks."""
    names = [(head.unit, head.upto, bytes.fromhex(head.signature)) for head in heads]
    one = feed_heads.c
    with engine.begin() as connection:
        sent = tuple_(one.unit, one.upto, one.signature).in_(names)
        connection.execute(update(feed_heads).where(sent).values(sent_at=func.now()))
        for unit in {head.unit for head in heads}:
            connection.execute(select(func.pg_notify("feed", unit)))

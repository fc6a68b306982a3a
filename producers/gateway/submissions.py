"""The gateway's receipts in PostgreSQL: reserved before an event is produced, completed after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Integer,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from infra.tables import submissions
from producers.receipts import Position

Identity = tuple[str, str]

_KEY = (submissions.c.source, submissions.c.event_id)
_ROW = (
    *_KEY,
    submissions.c.digest,
    submissions.c.received_at,
    submissions.c.topic,
    submissions.c.partition,
    submissions.c.log_offset,
)


def _told(**columns: Any) -> TableValuedAlias:
    """The parameter `rows` as a table. One JSON text: psycopg would build an array element by element."""
    wanted = [
        column("source", Text),
        column("event_id", Text),
        *(column(n, kind) for n, kind in columns.items()),
    ]
    rows = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON))
    return rows.table_valued(*wanted).render_derived("told", with_types=True)


def _reservation() -> Any:
    told = _told(digest=Text)
    now = bindparam("now", type_=DateTime(timezone=True))
    rows = select(told.c.source, told.c.event_id, func.decode(told.c.digest, "hex"), now)
    columns = [*_KEY, submissions.c.digest, submissions.c.received_at]
    return insert(submissions).from_select(columns, rows).on_conflict_do_nothing().returning(*_KEY)


def _completion() -> Any:
    told = _told(topic=Text, partition=Integer, log_offset=BigInteger)
    return (
        update(submissions)
        .values(topic=told.c.topic, partition=told.c.partition, log_offset=told.c.log_offset)
        .where(submissions.c.source == told.c.source, submissions.c.event_id == told.c.event_id)
        .where(submissions.c.topic.is_(None))
        .returning(*_ROW)
    )


_RESERVE = _reservation()
_COMPLETE = _completion()


@dataclass(frozen=True, slots=True)
class Submission:
    """What is on record for one identity. Without a position its outcome is unknown: nobody has a receipt."""

    digest: bytes
    received_at: datetime
    position: Position | None


def reserve(
    connection: Connection, digests: Mapping[Identity, bytes], *, now: datetime
) -> dict[Identity, Submission]:
    """Puts each new identity on record and returns what stands there for all of them. The caller commits.

    For an identity that was on record before, that is the earlier submission, maybe with another digest.
    Rows go in sorted, so that two requests with the same identities wait for each other and do not lock up.

    The commit need not wait for the disk. If the reservation is lost in a crash, so is every receipt that
    came after it, because `complete` does wait and the log of the database is written in order; the sender
    has no receipt, repeats, and the bus takes the identity once.
    """
    connection.execute(text("SET LOCAL synchronous_commit TO off"))
    rows = [{"source": key[0], "event_id": key[1], "digest": digests[key].hex()} for key in sorted(digests)]
    parameters = {"rows": orjson.dumps(rows).decode(), "now": now}
    made = {(source, event_id) for source, event_id in connection.execute(_RESERVE, parameters)}
    standing = {key: Submission(digests[key], now, None) for key in made}
    return standing | on_record(connection, digests.keys() - made)


def complete(connection: Connection, positions: Mapping[Identity, Position]) -> dict[Identity, Submission]:
    """Records where the broker put each event, once, and returns what stands there. The caller commits.

    A position that another request recorded in the meantime stays: the first receipt is the receipt.
    """
    rows = [
        {
            "source": key[0],
            "event_id": key[1],
            "topic": at.topic,
            "partition": at.partition,
            "log_offset": at.offset,
        }
        for key, at in sorted(positions.items())
    ]
    done = dict(map(_submission, connection.execute(_COMPLETE, {"rows": orjson.dumps(rows).decode()})))
    return done | on_record(connection, positions.keys() - done.keys())


def on_record(connection: Connection, identities: Iterable[Identity]) -> dict[Identity, Submission]:
    """What is on record for those of the identities that are known. Reads only."""
    wanted = list(identities)
    if not wanted:
        return {}
    rows = connection.execute(select(*_ROW).where(tuple_(*_KEY).in_(wanted)))
    return dict(map(_submission, rows))


def _submission(row: Any) -> tuple[Identity, Submission]:
    source, event_id, digest, received_at, topic, partition, offset = row
    position = None if topic is None else Position(topic, partition, offset)
    return (source, event_id), Submission(digest, received_at, position)

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
    true,
    tuple_,
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
    quick = func.set_config("synchronous_commit", "off", true()).table_valued("quick")
    now = bindparam("now", type_=DateTime(timezone=True))
    rows = select(told.c.source, told.c.event_id, func.decode(told.c.digest, "hex"), now)
    columns = [*_KEY, submissions.c.digest, submissions.c.received_at]
    reserved = insert(submissions).from_select(columns, rows.select_from(told.join(quick, true())))
    return reserved.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _completion() -> Any:
    """An insertion that meets its reservation. An UPDATE would join, by a plan that was made for a smaller table."""
    told = _told(
        digest=Text,
        received_at=DateTime(timezone=True),
        topic=Text,
        partition=Integer,
        log_offset=BigInteger,
    )
    position = (told.c.topic, told.c.partition, told.c.log_offset)
    digest = func.decode(told.c.digest, "hex")
    rows = select(told.c.source, told.c.event_id, digest, told.c.received_at, *position)
    put = insert(submissions).from_select(_ROW, rows)
    completed = put.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: put.excluded[name] for name in ("topic", "partition", "log_offset")},
        where=submissions.c.topic.is_(None) & (submissions.c.digest == put.excluded.digest),
    )
    return completed.execution_options(preserve_rowcount=True)


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
    """Puts each new identity on record and returns what stands there for all of them. One statement, if all are new.

    For an identity that was on record before, that is the earlier submission, maybe with another digest.
    Rows go in sorted, so that two requests with the same identities wait for each other and do not lock up.

    The commit need not wait for the disk. If the reservation is lost in a crash, so is every receipt that
    came after it, because `complete` does wait and the log of the database is written in order; the sender
    has no receipt, repeats, and the bus takes the identity once.
    """
    rows = [{"source": key[0], "event_id": key[1], "digest": digests[key].hex()} for key in sorted(digests)]
    parameters = {"rows": orjson.dumps(rows).decode(), "now": now}
    if connection.execute(_RESERVE, parameters).rowcount == len(rows):
        return {key: Submission(digest, now, None) for key, digest in digests.items()}
    return on_record(connection, digests)


def complete(
    connection: Connection, positions: Mapping[Identity, Position], before: Mapping[Identity, Submission]
) -> dict[Identity, Submission]:
    """Records where the broker put each event, once, and returns what stands there. `before` is what stood there.

    A position that another request recorded in the meantime stays: the first receipt is the receipt. A reservation
    that the database lost in a crash is made again.
    """
    rows = [
        {
            "source": key[0],
            "event_id": key[1],
            "digest": before[key].digest.hex(),
            "received_at": before[key].received_at,
            "topic": at.topic,
            "partition": at.partition,
            "log_offset": at.offset,
        }
        for key, at in sorted(positions.items())
    ]
    if connection.execute(_COMPLETE, {"rows": orjson.dumps(rows).decode()}).rowcount == len(rows):
        return {
            key: Submission(before[key].digest, before[key].received_at, at) for key, at in positions.items()
        }
    return on_record(connection, positions)


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

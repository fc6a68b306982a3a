"""Which applied event names which document: an index over the log, brought up to date when somebody asks.

Casework does not write it, so that applying an event costs nothing for it. It follows from `events` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, and_, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from consumers.decisions import Delivery
from consumers.views.kinds import View, view_of
from infra.tables import document_mentions, document_progress, documents, events, feed_entries
from schemas import codec
from schemas.units import Role

_PAGE = 2000
_LOCK = 7_310_023
"""Key of the advisory lock under which the index grows, so that two who ask do not do the work twice."""
_WITH_DOCUMENTS = [
    (delivery.value, role.value)
    for delivery in Delivery
    for role in Role
    if role is not Role.BUS and view_of(delivery, role) in (View.FULL, View.HANDLING)
]
"""Deliveries that documents come with: a file cannot be cut to a view, so only whoever has to act gets it (mark D)."""
_A_HASH = re.compile(rb"[0-9a-f]{64}")


def bring_up_to_date(engine: Engine, partitions: int) -> None:
    """Looks through every event that was applied since the last time. Blocks; long only after a long time."""
    for partition in range(partitions):
        while _look_on(engine, partition):
            pass


def _look_on(engine: Engine, partition: int) -> bool:
    """One page of a partition, in one transaction; False if that was the last."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        reached = connection.execute(
            select(document_progress.c.log_offset).where(document_progress.c.partition == partition)
        ).scalar_one_or_none()
        rows = connection.execute(
            select(events.c.log_offset, events.c.value)
            .where(
                events.c.partition == partition, events.c.log_offset > (-1 if reached is None else reached)
            )
            .order_by(events.c.log_offset)
            .limit(_PAGE)
        ).all()
        if not rows:
            return False
        found = [
            {"digest": digest, "partition": partition, "log_offset": offset}
            for offset, value in rows
            for digest in set(documents_in(value))
        ]
        if found:
            connection.execute(insert(document_mentions).on_conflict_do_nothing(), found)
        _move(connection, partition, rows[-1].log_offset)
        return len(rows) == _PAGE


def documents_in(value: bytes) -> Iterator[bytes]:
    """The digests of the documents that an event names, from its record's value."""
    if not _A_HASH.search(value):
        return
    for document in codec.decode(value).data.get("documents", ()):
        if document["sha256"] is not None and _A_HASH.fullmatch(document["sha256"].encode()):
            yield bytes.fromhex(document["sha256"])


def document_for(connection: Connection, unit: str, digest: bytes) -> str | None:
    """The media type of a document that `unit` sent, or that an event names which it said or must act on; else None.

    One statement, whether there is such a document or not.
    """
    entry = feed_entries.c
    to_act_on = exists().where(
        entry.partition == events.c.partition,
        entry.log_offset == events.c.log_offset,
        entry.unit == unit,
        tuple_(entry.delivery, entry.role).in_(_WITH_DOCUMENTS),
    )
    named = (
        select(events.c.log_offset)
        .join(
            document_mentions,
            and_(
                document_mentions.c.partition == events.c.partition,
                document_mentions.c.log_offset == events.c.log_offset,
            ),
        )
        .where(document_mentions.c.digest == digest, or_(events.c.source == unit, to_act_on))
    )
    wanted = (
        select(documents.c.media_type)
        .where(documents.c.digest == digest, or_(documents.c.unit == unit, named.exists()))
        .order_by(documents.c.unit != unit, documents.c.stored_at, documents.c.unit)
        .limit(1)
    )
    return connection.execute(wanted).scalar_one_or_none()


def _move(connection: Connection, partition: int, reached: int) -> None:
    row = {"partition": partition, "log_offset": reached}
    moved = insert(document_progress).values(row)
    connection.execute(
        moved.on_conflict_do_update(index_elements=["partition"], set_={"log_offset": reached})
    )

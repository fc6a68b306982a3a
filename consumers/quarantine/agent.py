"""The Faust agent that projects the dead letters into the quarantine table, where people and senders see them."""

from __future__ import annotations

import asyncio
from functools import partial

import faust
from sqlalchemy import Engine

from consumers.casework.records import append_time
from consumers.casework.rows import Row, quarantine_row
from consumers.casework.store import write_quarantine
from consumers.patience import until_done
from infra import metrics, streams
from infra.batches import Batch, Record, Wave, place_of
from infra.kafka import security_options
from infra.positions import CHAIN_START, lock_position, move_position
from infra.rereading import read_range
from infra.settings import Settings
from schemas.envelope import Envelope, EnvelopeError, read_headers


class Quarantine:
    """Writes each dead letter once, in one transaction with the topic's position. Blocks."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine

    def apply(self, batch: Batch) -> None:
        """Project a batch of dead letters. Raises what the database or the broker raises; then apply it again."""
        topic, partition = batch[0].topic, batch[0].partition
        with self._engine.begin() as connection:
            standing = lock_position(connection, topic, partition)
            new = [record for record in batch if record.offset >= standing.next_offset]
            if not new:
                return
            if new[0].offset > standing.next_offset:
                ranges = read_range(
                    self._settings.bootstrap,
                    topic,
                    partition,
                    standing.next_offset,
                    new[0].offset,
                    options=security_options(self._settings),
                )
                new = [record for earlier in ranges for record in earlier] + new
            write_quarantine(connection, [dead_letter_row(record) for record in new])
            move_position(
                connection,
                topic,
                partition,
                expected=standing.next_offset,
                next_offset=new[-1].offset + 1,
                chain=CHAIN_START,
            )


def dead_letter_row(record: Record) -> Row:
    """The quarantine row of a dead letter: reason and speaker from the headers that intake added last."""
    said = {name: (raw or b"").decode(errors="replace") for name, raw in record.headers}
    return quarantine_row(
        record,
        kind="refused",
        reason=said.get("linkage-reason", "unknown"),
        detail=said.get("linkage-detail", ""),
        owner=said.get("linkage-speaker", ""),
        envelope=_claimed(record),
        recorded_at=append_time(record),
    )


def _claimed(record: Record) -> Envelope | None:
    try:
        return read_headers(record.headers)
    except (EnvelopeError, OverflowError):
        return None


def attach(app: faust.App, settings: Settings, quarantine: Quarantine) -> None:
    """Make this the only reader of the dead letters in this app."""

    async def project(wave: Wave) -> None:
        for batch in wave:
            with metrics.batch("quarantine", len(batch)):
                await until_done(
                    partial(asyncio.to_thread, quarantine.apply, batch),
                    what=place_of([batch]),
                    give_up_after=settings.stall_seconds,
                )

    streams.attach(app, [settings.topics.dead_letters], "quarantine", project)

"""The Faust agent of intake: reads what units write, admits it into the log or sends it to the dead letters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import faust
import structlog
from sqlalchemy import Engine

from consumers.casework.records import append_time
from consumers.intake.checking import outgoing
from consumers.patience import until_done
from infra import streams
from infra.batches import Batch, BatchProducer, Outgoing, Record
from infra.failpoints import failpoint
from infra.positions import CHAIN_START, LostGuard, lock_position, move_position
from infra.rereading import read_range
from infra.settings import Settings
from schemas.topics import GATEWAY
from schemas.units import Register

log = structlog.get_logger(__name__)


class Intake:
    """Takes each batch once: send, wait for the broker, then move the position.

    A crash in between sends the batch again; casework drops what it has by identity, so the log may hold
    a repeat but no effect happens twice. The order of a unit's records is kept.
    """

    def __init__(
        self,
        settings: Settings,
        register: Register,
        engine: Engine,
        producer: BatchProducer,
    ) -> None:
        self._settings = settings
        self._register = register
        self._engine = engine
        self._producer = producer
        self._standings: dict[tuple[str, int], int] = {}  # where each partition stood when we last moved it

    async def take(self, batch: Batch) -> None:
        """Carry a batch into the log. Raises what the broker or the database raises; then take it again."""
        topic, partition = batch[0].topic, batch[0].partition
        standing = self._standings.pop((topic, partition), None)
        if standing != batch[0].offset:  # not known, or not what comes next: the database says
            standing = await asyncio.to_thread(self._standing, topic, partition)
        new = [record for record in batch if record.offset >= standing]
        if not new:
            return
        if new[0].offset > standing:
            log.warning("gap", topic=topic, partition=partition, start=standing, end=new[0].offset)
            new = await asyncio.to_thread(self._missing, topic, partition, standing, new[0].offset) + new
        failpoint("intake-before-produce")
        await self._producer.send_all([self._outgoing(record) for record in new])
        failpoint("intake-after-produce")
        next_offset = new[-1].offset + 1
        if await asyncio.to_thread(self._move, topic, partition, standing, next_offset):
            self._standings[topic, partition] = next_offset
        failpoint("intake-after-commit")

    def _outgoing(self, record: Record) -> Outgoing:
        return outgoing(
            record,
            register=self._register,
            topics=self._settings.topics,
            partitions=self._settings.partitions,
            now=append_time(record),
            max_bytes=self._settings.max_event_bytes,
        )

    def _standing(self, topic: str, partition: int) -> int:
        with self._engine.begin() as connection:
            return lock_position(connection, topic, partition).next_offset

    def _missing(self, topic: str, partition: int, start: int, end: int) -> list[Record]:
        ranges = read_range(self._settings.bootstrap, topic, partition, start, end)
        return [record for earlier in ranges for record in earlier]

    def _move(self, topic: str, partition: int, standing: int, next_offset: int) -> bool:
        try:
            with self._engine.begin() as connection:
                move_position(
                    connection,
                    topic,
                    partition,
                    expected=standing,
                    next_offset=next_offset,
                    chain=CHAIN_START,
                )
        except LostGuard:
            # Another worker carried the same records in: the log has them twice, their identity once.
            log.info("carried in twice", topic=topic, partition=partition, offset=standing)
            return False
        return True


def attach(app: faust.App, settings: Settings, register: Register, intake: Intake) -> None:
    """Make intake the only reader of every unit's ingress topic, and of the gateway's.

    An agent for each topic: a unit that says much does not hold up the others.
    """

    async def carry_in(batch: Batch) -> None:
        await until_done(
            lambda: intake.take(batch),
            what=f"{batch[0].topic}/{batch[0].partition}",
            give_up_after=settings.stall_seconds,
        )

    for topic in ingress_topics(settings, register):
        streams.attach(app, [topic], f"intake-{topic}", carry_in)


def ingress_topics(settings: Settings, register: Register) -> list[str]:
    """The topics that intake reads."""
    writers: Sequence[str] = [unit.code for unit in register.units] + [GATEWAY]
    return [settings.topics.ingress(code) for code in writers]

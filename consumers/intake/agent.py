"""The Faust agent of intake: reads what units write, admits it into the log or sends it to the dead letters."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import faust
import structlog
from sqlalchemy import Engine

from consumers.casework.records import append_time
from consumers.intake.checking import ADDED, REASON, outgoing
from consumers.patience import until_done
from infra import metrics, streams
from infra.batches import Batch, BatchProducer, Outgoing, Record, Wave, place_of
from infra.failpoints import failpoint
from infra.positions import LostGuard, Move, lock_position, move_positions
from infra.rereading import read_range
from infra.settings import Settings
from schemas.topics import GATEWAY
from schemas.units import Register

log = structlog.get_logger(__name__)


class Intake:
    """Takes each record once: send, wait for the broker, then move the positions.

    A crash in between sends the records again; casework drops what it has by identity, so the log may hold
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

    async def take(self, *wave: Batch) -> None:
        """Carry batches of different partitions into the log.

        Raises what the broker or the database raises; then take them again.
        """
        carried = [taken for batch in wave if (taken := await self._new(batch)) is not None]
        if not carried:
            return
        failpoint("intake-before-produce")
        judged = [self._outgoing(record) for _, new in carried for record in new]
        await self._producer.send_all(judged)
        failpoint("intake-after-produce")
        moves = [
            Move(new[0].topic, new[0].partition, standing, new[-1].offset + 1) for standing, new in carried
        ]
        if await asyncio.to_thread(self._move, moves):
            self._standings.update({(move.topic, move.partition): move.next_offset for move in moves})
            self._count(judged)
        failpoint("intake-after-commit")

    async def _new(self, batch: Batch) -> tuple[int, Batch] | None:
        """Where the partition stands, and its records from there on; None if there are none."""
        topic, partition = batch[0].topic, batch[0].partition
        standing = self._standings.pop((topic, partition), None)
        if standing != batch[0].offset:  # not known, or not what comes next: the database says
            standing = await asyncio.to_thread(self._standing, topic, partition)
        new = [record for record in batch if record.offset >= standing]
        if new and new[0].offset > standing:
            log.warning("gap", topic=topic, partition=partition, start=standing, end=new[0].offset)
            new = await asyncio.to_thread(self._missing, topic, partition, standing, new[0].offset) + new
        return (standing, new) if new else None

    def _outgoing(self, record: Record) -> Outgoing:
        return outgoing(
            record,
            register=self._register,
            topics=self._settings.topics,
            partitions=self._settings.partitions,
            now=append_time(record),
            max_bytes=self._settings.max_event_bytes,
        )

    def _count(self, judged: Sequence[Outgoing]) -> None:
        refused = [one for one in judged if one.topic == self._settings.topics.dead_letters]
        reasons = Counter(
            raw.decode() for one in refused for name, raw in one.headers[-ADDED:] if name == REASON and raw
        )
        metrics.count_refused(reasons, admitted=len(judged) - len(refused))

    def _standing(self, topic: str, partition: int) -> int:
        with self._engine.begin() as connection:
            return lock_position(connection, topic, partition).next_offset

    def _missing(self, topic: str, partition: int, start: int, end: int) -> list[Record]:
        ranges = read_range(self._settings.bootstrap, topic, partition, start, end)
        return [record for earlier in ranges for record in earlier]

    def _move(self, moves: Sequence[Move]) -> bool:
        try:
            with self._engine.begin() as connection:
                move_positions(connection, moves)
        except LostGuard as error:
            # Another worker carried the same records in: the log has them twice, their identity once.
            log.info("carried in twice", detail=str(error))
            return False
        return True


def attach(app: faust.App, settings: Settings, register: Register, intake: Intake) -> None:
    """Make intake the only reader of every unit's ingress topic, and of the gateway's."""

    async def carry_in(wave: Wave) -> None:
        with metrics.batch("intake", sum(map(len, wave))):
            await until_done(
                lambda: intake.take(*wave), what=place_of(wave), give_up_after=settings.stall_seconds
            )

    streams.attach(app, ingress_topics(settings, register), "intake", carry_in)


def ingress_topics(settings: Settings, register: Register) -> list[str]:
    """The topics that intake reads."""
    writers: Sequence[str] = [unit.code for unit in register.units] + [GATEWAY]
    return [settings.topics.ingress(code) for code in writers]

"""The Faust agent of intake: reads what units write, admits it into the log or sends it to the dead letters."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import faust
import structlog
from sqlalchemy import Engine

from consumers.casework.records import append_time
from consumers.intake.checking import ADDED, REASON, dead_letter, outgoing
from consumers.intake.opening import IntakeOpener
from consumers.intake.sealing import IntakeSealer
from consumers.patience import until_done
from infra import metrics, streams
from infra.batches import Batch, BatchProducer, Outgoing, Record, Wave, place_of
from infra.failpoints import failpoint
from infra.ingress_keys import Openings
from infra.kafka import security_options
from infra.positions import LostGuard, Move, lock_position, move_positions
from infra.rereading import end_offset, read_range
from infra.settings import Settings
from infra.suspensions import Suspensions
from infra.tracing import Hop
from schemas.admission import Refusal
from schemas.sealed.ingress import is_sealed
from schemas.topics import ingress_topics
from schemas.units import Register

log = structlog.get_logger(__name__)
_HOP = Hop("intake")


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
        # None: the installation seals nothing, and intake is spared the thread.
        sealer = IntakeSealer(engine, register.by_code, settings.topics, settings.clear_ingress)
        self._seal = None if settings.master_keys is None else sealer
        self._open = IntakeOpener(Openings(engine.connect))
        self._suspensions = Suspensions(engine)
        self._standings: dict[tuple[str, int], int] = {}  # where each partition stood when we last moved it

    async def held(self) -> frozenset[str]:
        """The ingress topics that have to wait, because their units are suspended."""
        known = self._suspensions.remembered()
        if known is None:
            known = await asyncio.to_thread(self._suspensions.units)
        return frozenset(self._settings.topics.ingress(unit) for unit in known) if known else known

    async def catch_up(self, topic: str, partition: int) -> int:
        """Carry in what is unread of a partition, and return up to where. Raises as `take` does; call it again."""
        options = security_options(self._settings)
        where = (self._settings.bootstrap, topic, partition)
        end = await asyncio.to_thread(partial(end_offset, *where, options=options))
        standing = await asyncio.to_thread(self._standing, topic, partition)
        if standing < end:
            batches = read_range(*where, standing, end, options=options)
            while batch := await asyncio.to_thread(next, batches, None):
                await self.take(batch)
        return end

    async def take(self, *wave: Batch) -> None:
        """Carry batches of different partitions into the log.

        Raises what the broker or the database raises; then take them again.
        """
        carried = [taken for batch in wave if (taken := await self._new(batch)) is not None]
        if not carried:
            return
        failpoint("intake-before-produce")
        began = _HOP.began()
        records = [record for _, new in carried for record in new]
        refused: Mapping[int, Refusal] = {}
        if any(is_sealed(record.value) for record in records):
            records, refused = await asyncio.to_thread(self._open, records)
        judged = [self._outgoing(record, refused.get(number)) for number, record in enumerate(records)]
        if self._seal is not None:
            judged = await asyncio.to_thread(self._seal, records, judged)
        await self._producer.send_all(judged)
        failpoint("intake-after-produce")
        moves = [
            Move(new[0].topic, new[0].partition, standing, new[-1].offset + 1) for standing, new in carried
        ]
        if await asyncio.to_thread(self._move, moves):
            self._standings.update({(move.topic, move.partition): move.next_offset for move in moves})
            self._count(judged)
        failpoint("intake-after-commit")
        _HOP.ended(began, (one.headers for one in judged))

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

    def _outgoing(self, record: Record, unopened: Refusal | None) -> Outgoing:
        if unopened is not None:
            topics = self._settings.topics
            owner = topics.ingress_owner(record.topic)
            return dead_letter(record, unopened, owner=owner, topic=topics.dead_letters)
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
        ranges = read_range(
            self._settings.bootstrap,
            topic,
            partition,
            start,
            end,
            options=security_options(self._settings),
        )
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


class Carrying:
    """What the agent of the ingress topics does with a wave: takes it, but for batches of suspended units.

    A batch that is left moves no position, so it stays unread; the agent is free, and no other unit waits for
    this one. A watch for each partition looks whether the suspension is over and then carries in what was left.
    """

    def __init__(self, intake: Intake, *, give_up_after: float, look_seconds: float = 1.0) -> None:
        self._intake = intake
        self._give_up_after = give_up_after
        self._look = look_seconds
        self._left: dict[tuple[str, int], int] = {}  # up to where each watched partition has been left unread
        self._watches: set[asyncio.Task[None]] = set()

    async def carry_in(self, wave: Wave) -> None:
        """Returns when the wave is in the log, or left to watches."""
        await self._until_done(lambda: self._take(wave), place_of(wave))

    async def _take(self, wave: Wave) -> None:
        held = await self._intake.held()
        free = [batch for batch in wave if not self._leaves(batch, held)] if held or self._left else wave
        if free:
            await self._intake.take(*free)

    def _leaves(self, batch: Batch, held: frozenset[str]) -> bool:
        place = (batch[0].topic, batch[0].partition)
        known = self._left.get(place)
        if known is None and place[0] not in held:
            return False
        self._left[place] = max(known or 0, batch[-1].offset + 1)
        if known is None:
            log.info("held", topic=place[0])
            work = streams.shielded("held", lambda: self._release(*place), where=place[0])
            watch = asyncio.ensure_future(work)
            self._watches.add(watch)
            watch.add_done_callback(self._watches.discard)
        return True

    async def _release(self, topic: str, partition: int) -> None:
        reached = 0

        async def look() -> None:
            nonlocal reached
            if topic not in await self._intake.held():
                reached = await self._intake.catch_up(topic, partition)

        while reached < self._left[topic, partition]:  # more may have been left while it caught up
            await asyncio.sleep(self._look)
            await self._until_done(look, f"{topic}/{partition}")
        del self._left[topic, partition]
        log.info("released", topic=topic)

    async def _until_done(self, work: Callable[[], Awaitable[None]], what: str) -> None:
        await until_done(work, what=what, give_up_after=self._give_up_after)


def attach(app: faust.App, settings: Settings, register: Register, intake: Intake) -> None:
    """Make intake the only reader of every unit's ingress topic, and of the gateway's."""
    carrying = Carrying(intake, give_up_after=settings.stall_seconds)

    async def carry_in(wave: Wave) -> None:
        with metrics.batch("intake", sum(map(len, wave))):
            await carrying.carry_in(wave)

    streams.attach(app, ingress_topics(settings.topics, register), "intake", carry_in)

"""Faust with one event for all that a poll brought: the transport, the app and the shell of every handler.

Faust schedules coroutines per partition, follows rebalances and gives the worker its command line. It keeps
no state, commits no offset that matters and never sees an exception of ours (docs/adr/0002-faust.md):
positions live in PostgreSQL (`infra/positions.py`), Kafka's committed offset is a hint for lag monitors.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import faust
import structlog
from faust.serializers.schemas import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from infra.batches import Batch, Wave, place_of
from infra.kafka import security_options
from infra.settings import Settings

FETCH_WAIT_MS = 20
FETCH_BYTES = 1024 * 1024
"""The broker gathers what comes within this time, from all partitions, unless it has so much at once."""
PARTITIONS_PER_MS = 8
"""Every fetch names every partition anew, which broker and worker pay for: with many of them they gather for longer."""
EXIT_UNEXPECTED = 70
"""EX_SOFTWARE: a handler met something nobody foresaw. Nothing was acknowledged; a restart tries again."""


Handler = Callable[[Wave], Awaitable[None]]
Positions = Callable[[set[TP]], Awaitable[Mapping[TP, int]]]
"""Where to read on, for each partition; missing ones start at the beginning of the log."""

log = structlog.get_logger(__name__)


class _PassThrough(Schema[Any, Any]):
    """Hands the wave to the agent as it is: decoding happens in the handler, where a bad record is one record."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ARG002  (Faust passes it by name)
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ARG002
        return message.value


def gather_ms(partitions: int) -> int:
    """How long the broker gathers for a worker that holds so many partitions."""
    return max(FETCH_WAIT_MS, partitions // PARTITIONS_PER_MS)


class _Thread(driver.AIOKafkaConsumerThread):
    """Reads on from the positions in PostgreSQL instead of the group's committed offsets."""

    positions: Positions

    def _create_worker_consumer(self, transport: Any) -> Any:
        """Faust has no setting for how long the broker gathers a fetch, and answers the first record alone.

        A transaction for each single record would keep the machine busy at a fraction of what it can do.
        """
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        consumer._fetch_min_bytes = FETCH_BYTES  # noqa: SLF001
        return consumer

    async def seek_to_committed(self) -> Mapping[TP, int]:
        assigned = {TP(tp.topic, tp.partition) for tp in self._ensure_consumer().assignment()}
        known = await self.positions(assigned)
        return cast(
            "Mapping[TP, int]",
            await self.call_thread(self._seek_all, {tp: known.get(tp, 0) for tp in assigned}),
        )

    async def _seek_all(self, offsets: Mapping[TP, int]) -> Mapping[TP, int]:
        consumer = self._ensure_consumer()
        held = {TP(tp.topic, tp.partition) for tp in consumer.assignment()}
        consumer._fetcher._fetch_max_wait_ms = gather_ms(len(held))  # noqa: SLF001
        for tp, offset in offsets.items():
            if tp in held:
                consumer.seek(driver.ensure_aiokafka_TP(tp), offset)
        return offsets


class _Consumer(driver.Consumer):
    """Yields what one poll brought for one agent as one message: value = a batch for each partition.

    The message stands under the first of its partitions; acknowledging it acknowledges every batch in it. An
    agent with `concurrency=1` takes its messages in order, so that the highest acknowledged offset of a
    partition is the one to commit.
    """

    positions: Positions
    lanes: Mapping[str, str]
    """Which agent reads a topic."""

    def _new_consumer_thread(self) -> Any:
        thread = _Thread(self, loop=self.loop, beacon=self.beacon)
        thread.positions = self.positions
        return thread

    async def getmany(
        self,
        timeout: float,  # noqa: ASYNC109  (the name is Faust's)
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if not records or self.should_stop:
            return
        flowing = self.flow_active
        if not flowing:
            await self.perform_seek()
            return
        readable = (active or set()) | self._buffered_partitions
        waves: dict[str, list[Batch]] = {}
        for tp, batch in records.items():
            if batch and tp in readable:
                waves.setdefault(self.lanes[tp.topic], []).append(batch)
        for wave in waves.values():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return  # the partitions may be somebody else's now; the next assignment seeks again
            message = self._message(wave)
            yield message.tp, message

    def _message(self, wave: Wave) -> ConsumerMessage:
        last = wave[0][-1]
        return ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,  # type: ignore[attr-defined]  # aiokafka's own records
            None,
            None,
            cast("Any", wave),  # Faust means bytes; the pass-through schema hands on whatever is here
            None,
            0,
            0,
            TP(last.topic, last.partition),
            generation_id=self.app.consumer_generation_id,
        )

    def ack(self, message: Any) -> bool:
        acknowledged: bool = super().ack(message)
        if acknowledged:
            for batch in message.value[1:]:
                self._acked[TP(batch[-1].topic, batch[-1].partition)].append(batch[-1].offset)
        return acknowledged

    def on_buffer_full(self, tp: TP) -> None:
        """Go on reading `tp`: a full buffer makes the next batch wait, and with it every partition alike.

        Faust stops the partition instead and, as the buffer drains, resumes any one of those stopped: with a
        long backlog one may be passed over until the others have none left.
        """

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets inside a batch are no gap; real gaps are found by the guard in PostgreSQL."""

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        last = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return int(last) + 1


def build_app(settings: Settings, name: str, positions: Positions, *, slot: str = "") -> faust.App:
    """A Faust app that hands waves of records to its agents. Nothing starts before its worker does.

    `name` is the consumer group (under the namespace); `slot` names this worker's seat in it, so that a
    restarted process takes its partitions back at once instead of waiting for the old session to expire.
    """
    app = faust.App(
        settings.namespace + name,
        broker="kafka://" + ";kafka://".join(settings.bootstrap.split(",")),
        broker_credentials=_credentials(settings),
        store="memory://",
        datadir=str(Path(tempfile.gettempdir()) / "linkage-faust"),  # made at start, never used: no tables
        web_enabled=False,
        processing_guarantee="at_least_once",
        table_standby_replicas=0,
        topic_disable_leader=True,
        topic_allow_declare=False,
        broker_commit_interval=1.0,
        broker_max_poll_records=settings.batch_records,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 5,
        broker_request_timeout=max(60.0, settings.session_timeout_seconds),
        broker_rebalance_timeout=60.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024 * 1024,
        consumer_group_instance_id=f"{settings.namespace}{name}-{slot}" if slot else None,
        stream_buffer_maxsize=4,
        stream_wait_empty=False,
        Stream=faust.Stream,
        worker_redirect_stdouts=False,
    )
    consumer = type("Consumer", (_Consumer,), {"positions": staticmethod(positions), "lanes": {}})
    app.transport.Consumer = consumer  # type: ignore[misc]  # Faust's own hook is this attribute
    return app


def _credentials(settings: Settings) -> Any:
    """The security settings in Faust's own words; None without any."""
    given = security_options(settings)
    if "sasl_mechanism" in given:
        return faust.SASLCredentials(
            username=given["sasl_plain_username"],
            password=given["sasl_plain_password"],
            mechanism=given["sasl_mechanism"],
            ssl_context=given.get("ssl_context"),
        )
    return faust.SSLCredentials(given["ssl_context"]) if given else None


def attach(app: faust.App, topics: list[str], name: str, handler: Handler) -> None:
    """Make `handler` the only agent on `topics`, one wave at a time per worker."""
    channel = app.topic(*topics, schema=_PassThrough())
    lanes = cast("dict[str, str]", cast("Any", app.transport.Consumer).lanes)
    lanes.update(dict.fromkeys(topics, name))

    async def agent(stream: Any) -> None:
        async for wave in stream:
            await shielded(name, partial(handler, wave), where=place_of(wave))

    app.agent(channel, name=name, concurrency=1)(agent)


async def shielded(name: str, work: Callable[[], Awaitable[object]], *, where: str) -> None:
    """Do the work so that no exception leaves it: Faust would acknowledge the wave that raised (F1).

    What nobody foresaw ends the process, hard: a hard exit acknowledges nothing.
    """
    try:
        await work()
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.exception("unexpected", agent=name, where=where)
        os._exit(EXIT_UNEXPECTED)

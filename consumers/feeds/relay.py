"""The relay: publishes feed entries to `feed-<unit>` in dense order, and the outbox to the log. One is active."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from consumers.casework.records import unpack_headers
from consumers.casework.store import RELAY_CHANNEL
from consumers.feeds.heads import head_records, mark_heads_sent, unsent_heads
from consumers.feeds.numbering import Numbered, begin_term, mark_published, number_next, unpublished
from consumers.feeds.outbox import Unsent, mark_sent, unsent
from consumers.intake.checking import partition_of
from consumers.patience import TRANSIENT, until_done
from consumers.views.cutting import NO_KEYS, CaseKeys, Sight, needs_opening
from consumers.views.kinds import view_of
from infra import metrics
from infra.batches import BatchProducer, Outgoing
from infra.database import listening_connection
from infra.failpoints import failpoint
from infra.positions import LostGuard
from infra.settings import Settings
from infra.tracing import Hop
from infra.vault import case_keys
from schemas.topics import TopicNames

LOCK = 7_310_022
"""Key of the PostgreSQL advisory lock that makes one relay of an installation the active one."""
FALLBACK_SECONDS = 2.0
"""Looks for work this often even if no notification came: a notification is a hint, not a promise."""

GATHER_SECONDS = 0.005
"""After a notification waits so long for what other workers commit at the same time."""
STAND_BY_SECONDS = 1.0
HEADS_SECONDS = 5.0
"""Heads are signed each hour: looking for them costs busy feeds nothing."""

_WORTH_WAITING = tuple(kind for kind in TRANSIENT if kind is not LostGuard)

Listener = psycopg.AsyncConnection[tuple[Any, ...]]

log = structlog.get_logger(__name__)
_HOP = Hop("deliver")


class Relay:
    """Sends what casework left to be sent, for one term. Lives in one event loop; database work runs in threads."""

    def __init__(self, settings: Settings, engine: Engine, producer: BatchProducer, term: int) -> None:
        self._settings = settings
        self._engine = engine
        self._producer = producer
        self._term = term
        # Whether entries may have a number and not be sent: left by a crash, or by a sending that failed.
        self._left_over = True
        # Whether entries wait for a suspended unit: looked at anew each time, since it may be resumed.
        self._held = False

    async def drain(self) -> None:
        """Send everything there is. Raises what the broker or the database raises; then drain again.

        What a crash left numbered but unacknowledged goes first: the same entries under the same numbers. So
        does what was held for a unit that is suspended no longer.
        """
        self._left_over |= self._held
        while self._left_over:
            left = await asyncio.to_thread(unpublished, self._engine)
            await self._publish(left.numbered)
            self._left_over, self._held = left.more, left.held
        self._left_over = True
        while await self._step():
            pass
        self._left_over = False

    async def send_heads(self) -> None:
        """Send the signed heads that are not in their feeds yet. Sent twice, they say the same."""
        while heads := await asyncio.to_thread(unsent_heads, self._engine):
            await self._producer.send_all(head_records(heads, self._settings.topics))
            await asyncio.to_thread(mark_heads_sent, self._engine, heads)

    async def _step(self) -> bool:
        rows, step = await asyncio.gather(
            asyncio.to_thread(unsent, self._engine),
            asyncio.to_thread(number_next, self._engine, self._settings.partitions, self._term),
        )
        self._held |= step.held
        if step.numbered:
            failpoint("relay-numbered")
        if rows:
            await self._say(rows)
        await self._publish(step.numbered)
        return bool(rows) or step.more

    async def _publish(self, entries: list[Numbered]) -> None:
        if not entries:
            return
        began = _HOP.began()
        keys = await asyncio.to_thread(self._keys, entries) if self._settings.master_keys else NO_KEYS
        await self._producer.send_all(feed_records(entries, self._settings.topics, keys))
        _HOP.ended(began, (entry.event.headers for entry in entries))
        failpoint("relay-published")
        highest = {entry.unit: entry.seq for entry in entries}
        await asyncio.to_thread(mark_published, self._engine, highest)
        metrics.published.labels("feed").inc(len(entries))

    def _keys(self, entries: list[Numbered]) -> CaseKeys:
        wanted = {
            UUID(bytes.decode(entry.event.key))
            for entry in entries
            if needs_opening(entry.event.value, view_of(entry.delivery, entry.role))
        }
        with self._engine.connect() as connection:
            return case_keys(connection, wanted)

    async def _say(self, rows: list[Unsent]) -> None:
        await self._producer.send_all(
            log_records(rows, self._settings.topics.case_events, self._settings.partitions)
        )
        failpoint("outbox-published")
        await asyncio.to_thread(mark_sent, self._engine, rows)
        metrics.published.labels("outbox").inc(len(rows))


def feed_records(
    entries: Iterable[Numbered], topics: TopicNames, keys: CaseKeys = NO_KEYS
) -> Iterator[Outgoing]:
    """The records of feed entries: the event's own envelope, its value in this unit's view, and why it gets it."""
    seen: dict[tuple[int, int], Sight] = {}
    for unit, seq, delivery, role, basis, event in entries:
        view = view_of(delivery, role)
        sight = seen.get((event.partition, event.offset))
        if sight is None:
            sight = seen[event.partition, event.offset] = Sight(event.headers, event.value, keys)
        value, hidden = sight.shown(view)
        headers = [
            *event.headers,
            ("linkage-seq", str(seq).encode()),
            ("linkage-delivery", delivery.encode()),
            ("linkage-role", role.encode()),
            ("linkage-basis", _quoted(basis)),
            ("linkage-view", view.encode()),
        ]
        if hidden:
            headers.append(("linkage-hidden", ",".join(hidden).encode()))
        yield Outgoing(topics.feed(unit), 0, event.key, value, headers)


@lru_cache(maxsize=1024)
def _quoted(basis: str) -> bytes:
    """Percent-encoded; the rules know some dozens of bases, the relay sends them thousands of times."""
    return quote(basis).encode()


def log_records(rows: Iterable[Unsent], topic: str, partitions: int) -> Iterable[Outgoing]:
    """The records of outbox rows, on the partition of their case."""
    for row in rows:
        key = str(row.case_id).encode()
        yield Outgoing(
            topic, partition_of(row.case_id, partitions), key, row.value, unpack_headers(row.headers)
        )


async def run(settings: Settings, engine: Engine, producer: BatchProducer, ready: Callable[[], None]) -> None:
    """Be the relay, or wait to become it. Ends only when cancelled; gives the process up when stalled.

    `ready` is called once this process serves or stands by.
    """
    while True:
        try:
            async with await listening_connection(settings) as connection:
                ready()
                await _become_active(connection)
                term = await asyncio.to_thread(begin_term, engine)
                log.info("relay active", term=term)
                await _serve(settings, Relay(settings, engine, producer, term), connection)
        except LostGuard:
            log.warning("another relay has taken over")
        except (psycopg.Error, DBAPIError) as error:
            log.warning("database away", error=str(error).split("\n")[0])
            await asyncio.sleep(1.0)


async def _become_active(connection: Listener) -> None:
    """Wait for the lock that one relay holds as long as its connection lives."""
    while True:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
        if (await cursor.fetchone()) == (True,):
            break
        await asyncio.sleep(STAND_BY_SECONDS)
    await connection.execute(f"LISTEN {RELAY_CHANNEL}")


async def _serve(settings: Settings, relay: Relay, connection: Listener) -> None:
    monotonic = asyncio.get_running_loop().time
    heads_at = monotonic()
    while True:
        await until_done(
            relay.drain, what="relay", give_up_after=settings.stall_seconds, transient=_WORTH_WAITING
        )
        if monotonic() >= heads_at:
            heads_at = monotonic() + HEADS_SECONDS
            await until_done(
                relay.send_heads, what="heads", give_up_after=settings.stall_seconds, transient=_WORTH_WAITING
            )
        async for _ in connection.notifies(timeout=FALLBACK_SECONDS, stop_after=1):
            await asyncio.sleep(GATHER_SECONDS)

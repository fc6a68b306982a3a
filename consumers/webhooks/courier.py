"""The webhook process: queues what feeds publish, and sends it to each receiver for itself."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from consumers.feeds.heads import FeedHead
from consumers.readmodel.views import FeedItem, to_json
from consumers.readmodel.wakeups import CHANNEL as PUBLISHED
from consumers.webhooks.queue import TAKEN_AT_ONCE, Taken, items_of, queue_published, take
from consumers.webhooks.registry import CHANNEL as REGISTERED
from consumers.webhooks.registry import Unconfirmed, confirm, unconfirmed
from consumers.webhooks.rules import Answer
from consumers.webhooks.sending import Message, Sender
from consumers.webhooks.settling import Ended, settle_all
from infra.database import listening_connection
from infra.settings import Settings

MOST_TO_ONE = 8
"""Requests under way to one receiver: one that hangs holds up nobody else."""
FALLBACK_SECONDS = 1.0
GATHER_SECONDS = 0.02
"""After news waits so long for what else comes: a round costs the same for one delivery and for many."""
_PAUSE_SECONDS = 1.0

Listener = psycopg.AsyncConnection[tuple[Any, ...]]

log = structlog.get_logger(__name__)


class _Due(NamedTuple):
    """What is to be sent now; `bodies` of the deliveries by unit and number."""

    handshakes: Sequence[Unconfirmed]
    deliveries: list[Taken]
    bodies: dict[tuple[str, int], str]


class Courier:
    """Sends what is due. Lives in one event loop; database work runs in threads. Several may run at once.

    `news` is set when a request has ended, or by whoever knows that there is something to do.
    """

    def __init__(self, engine: Engine, sender: Sender, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._sender = sender
        self._clock = clock
        self._under_way: Counter[UUID] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self.news = asyncio.Event()

    async def round(self) -> int:
        """Settle what has ended, queue what was published and begin to send what is due; how much was begun."""
        await self._settle()
        due = await asyncio.to_thread(self._take, self._clock(), self._busy())
        for one in due.handshakes:
            self._begin(one.webhook_id, self._handshake(one))
        for delivery in due.deliveries:
            body = due.bodies[delivery.unit, delivery.seq]
            self._begin(delivery.webhook_id, self._deliver(delivery, body))
        return len(due.handshakes) + len(due.deliveries)

    async def _settle(self) -> None:
        """What the database did not take in is settled the next time."""
        ended, self._ended = self._ended, []
        try:
            if ended:
                await asyncio.to_thread(settle_all, self._engine, ended)
        except BaseException:
            self._ended = [*ended, *self._ended]
            raise

    def _busy(self) -> list[UUID]:
        return [webhook for webhook, count in self._under_way.items() if count >= MOST_TO_ONE]

    def _take(self, now: datetime, busy: list[UUID]) -> _Due:
        handshakes = unconfirmed(self._engine, now)
        while queue_published(self._engine, now):
            pass
        taken = take(self._engine, now, each=MOST_TO_ONE, busy=busy)
        items, heads = items_of(self._engine, taken) if taken else ({}, {})
        bodies = {place: body_of(place[0], item, heads.get(place)) for place, item in items.items()}
        return _Due(handshakes, taken, bodies)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, webhook_id: UUID, work: Coroutine[Any, Any, None]) -> None:
        self._under_way[webhook_id] += 1
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._done(webhook_id, done))

    def _done(self, webhook_id: UUID, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._under_way[webhook_id] -= 1
        if not self._under_way[webhook_id]:
            del self._under_way[webhook_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a delivery is not settled; it is due again when its lease ends", error=str(error))
        self.news.set()

    async def _deliver(self, taken: Taken, body: str) -> None:
        message = Message(taken.message_id, body)
        reply = await self._sender.post(taken.unit, taken.url, taken.secret, message, self._clock())
        self._ended.append(Ended(taken, reply.answer, self._clock()))

    async def _handshake(self, one: Unconfirmed) -> None:
        word = challenge(one.secret, one.failures)
        told = {"type": "linkage.handshake", "unit": one.unit, "challenge": word}
        message = Message(f"{one.webhook_id}.handshake.{one.failures}", orjson.dumps(told).decode())
        reply = await self._sender.post(one.unit, one.url, one.secret, message, self._clock())
        answer = reply.answer
        if answer.accepted and not _echoes(reply.body, word):
            answer = Answer(None, 'the answer to the handshake is not {"challenge": …} with the same word')
        state = await asyncio.to_thread(confirm, self._engine, one, answer, self._clock())
        log.info("handshake", webhook=str(one.webhook_id), unit=one.unit, state=state, answer=answer.told)


def body_of(unit: str, item: FeedItem, head: FeedHead | None = None) -> str:
    """What a receiver gets: an entry of the feed as the pull API has it, in the view of the unit.

    `head` is the last signed head of the feed up to this entry, if there is one.
    """
    proof = "" if head is None else f',"head":{to_json(head).decode()}'
    return f'{{"type":"linkage.entry","unit":"{unit}","entry":{to_json(item).decode()}{proof}}}'


def challenge(secret: str, attempt: int) -> str:
    """The word that a receiver has to say back; nobody can know it without the request."""
    return hmac.new(secret.encode(), f"handshake {attempt}".encode(), sha256).hexdigest()


def _echoes(body: bytes, word: str) -> bool:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and hmac.compare_digest(str(told.get("challenge")).encode(), word.encode())


async def run(
    settings: Settings,
    engine: Engine,
    sender: Sender,
    clock: Callable[[], datetime],
    ready: Callable[[], None],
) -> None:
    """Send until cancelled; a database that is away is waited for. `ready` is called once it listens."""
    courier = Courier(engine, sender, clock)
    while True:
        try:
            async with await listening_connection(settings) as connection:
                await connection.execute(f"LISTEN {PUBLISHED}")
                await connection.execute(f"LISTEN {REGISTERED}")
                ready()
                await _serve(courier, connection)
        except (psycopg.Error, DBAPIError) as error:
            log.warning("database away", error=str(error).split("\n")[0])
            await asyncio.sleep(_PAUSE_SECONDS)


async def _serve(courier: Courier, connection: Listener) -> None:
    listening = asyncio.create_task(_listen(connection, courier.news))
    try:
        while not listening.done():
            courier.news.clear()
            if await courier.round() < TAKEN_AT_ONCE:
                await _until(courier.news)
                await asyncio.sleep(GATHER_SECONDS)
        await listening
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(connection: Listener, news: asyncio.Event) -> None:
    async for _ in connection.notifies():
        news.set()


async def _until(news: asyncio.Event) -> None:
    """A notification is a hint, not a promise, and retries come due without one."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FALLBACK_SECONDS):
            await news.wait()

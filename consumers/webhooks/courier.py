"""The webhook process: queues what feeds publish, and sends it to each receiver for itself."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from consumers.feeds.heads import FeedHead
from consumers.readmodel.views import FeedItem, to_json
from consumers.readmodel.wakeups import CHANNEL as PUBLISHED
from consumers.webhooks.queue import Taken, items_of, queue_published, settle_one, take
from consumers.webhooks.registry import CHANNEL as REGISTERED
from consumers.webhooks.registry import Unconfirmed, confirm, unconfirmed
from consumers.webhooks.rules import Answer
from consumers.webhooks.sending import Message, Sender
from infra.database import listening_connection
from infra.settings import Settings

MOST_TO_ONE = 8
"""Requests under way to one receiver: one that hangs holds up nobody else."""
FALLBACK_SECONDS = 1.0
_PAUSE_SECONDS = 1.0

Listener = psycopg.AsyncConnection[tuple[Any, ...]]

log = structlog.get_logger(__name__)


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
        self.news = asyncio.Event()

    async def round(self) -> int:
        """Queue and begin to send everything that is due now; returns how much was begun."""
        now = self._clock()
        while await asyncio.to_thread(queue_published, self._engine, now):
            pass
        begun = 0
        for one in await asyncio.to_thread(unconfirmed, self._engine, now):
            self._begin(one.webhook_id, self._handshake(one))
            begun += 1
        busy = [webhook for webhook, count in self._under_way.items() if count >= MOST_TO_ONE]
        taken = await asyncio.to_thread(take, self._engine, now, each=MOST_TO_ONE, busy=busy)
        if taken:
            items, heads = await asyncio.to_thread(items_of, self._engine, taken)
            for delivery in taken:
                place = (delivery.unit, delivery.seq)
                self._begin(delivery.webhook_id, self._deliver(delivery, items[place], heads.get(place)))
        return begun + len(taken)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, webhook_id: UUID, work: Coroutine[Any, Any, None]) -> None:
        self._under_way[webhook_id] += 1
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(webhook_id, done))

    def _ended(self, webhook_id: UUID, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._under_way[webhook_id] -= 1
        if not self._under_way[webhook_id]:
            del self._under_way[webhook_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a delivery is not settled; it is due again when its lease ends", error=str(error))
        self.news.set()

    async def _deliver(self, taken: Taken, item: FeedItem, head: FeedHead | None) -> None:
        message = Message(taken.message_id, body_of(taken.unit, item, head))
        reply = await self._sender.post(taken.unit, taken.url, taken.secret, message, self._clock())
        await asyncio.to_thread(settle_one, self._engine, taken, reply.answer, self._clock())

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
            if not await courier.round():
                await _until(courier.news)
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

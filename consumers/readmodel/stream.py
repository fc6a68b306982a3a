"""A feed as server-sent events: what is new as it comes, with heartbeats, for as long as the reader keeps up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass

import structlog
from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from consumers.feeds.heads import FeedHead
from consumers.readmodel.views import FeedPage, to_json
from consumers.readmodel.wakeups import Wakeups

RETRY_MS = 2_000
HEARTBEAT = b": still here\n\n"
_UNWATCHED_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may take, in seconds.

    `heartbeat`: silence that ends with a comment line. `patience`: a reader that takes nothing off its
    connection for this long is cut off; it resumes by Last-Event-ID. `longest`: every stream ends after this,
    so that a revoked key does not read on.
    """

    heartbeat: float = 15.0
    patience: float = 30.0
    longest: float = 900.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A page of a feed in the event-stream format. Everything up to `next` was looked at."""

    text: bytes
    next: int
    published: int
    head: FeedHead | None = None


def piece(page: FeedPage, after: int) -> Piece:
    """The page that was read behind `after`. Pure.

    The id of an event is its number. Numbers that a filter leaves out become an id without data: the reader's
    last id moves, and nothing is dispatched.
    """
    parts = [b"id: %d\ndata: %b\n\n" % (item.seq, to_json(item)) for item in page.items]
    last = page.items[-1].seq if page.items else after
    if page.next != last:
        parts.append(b"id: %d\n\n" % page.next)
    return Piece(b"".join(parts), page.next, page.published, page.head)


class SharedReads:
    """Reads of feeds that several streams want at once are done once. Used on one event loop.

    A read is shared only while no notification has come since it began: whoever joins it would have missed
    the entry that the notification was about.
    """

    def __init__(self, wakeups: Wakeups) -> None:
        self._wakeups = wakeups
        self._running: dict[Hashable, asyncio.Task[Piece]] = {}

    async def __call__(self, what: Hashable, read: Callable[[], Piece]) -> Piece:
        """What `read` returns, from a thread. Raises what it raises."""
        key = (what, self._wakeups.heard)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(run_in_threadpool(read))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)


ReadOn = Callable[[int], Awaitable[Piece | None]]
"""What follows a number of the feed; None if the reader may not read on."""


async def feed_events(
    unit: str, after: int, read: ReadOn, wakeups: Wakeups, pace: Pace
) -> AsyncGenerator[bytes, None]:
    """The stream of `unit` behind number `after`. Ends by itself after `pace.longest`, or with the process.

    The last signed head follows the entries, as an event `head` without an id; each once.
    """
    held = None
    ends = time.monotonic() + pace.longest
    yield b"retry: %d\n\n" % RETRY_MS
    with wakeups.watching(unit) as woken:
        while not wakeups.ended and (left := ends - time.monotonic()) > 0:
            if woken is not None:
                woken.clear()  # before reading: what comes from now on wakes again
            found = await read(after)
            if found is None:
                return
            after = found.next
            if found.text:
                yield found.text
            if found.head is not None and found.head != held:
                held = found.head
                yield b"event: head\ndata: %b\n\n" % to_json(held)
            if after >= found.published and await _silence(woken, min(pace.heartbeat, left)):
                yield HEARTBEAT


async def _silence(woken: asyncio.Event | None, seconds: float) -> bool:
    """Wait to be woken; True if that did not happen."""
    try:
        async with asyncio.timeout(seconds if woken else min(seconds, _UNWATCHED_SECONDS)):
            await (woken or asyncio.Event()).wait()
    except TimeoutError:
        return True
    return False


class EventStream(Response):
    """Sends the pieces as they come, and gives a reader up that takes none for `patience` seconds."""

    media_type = "text/event-stream"

    def __init__(self, pieces: AsyncGenerator[bytes, None], *, patience: float) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._pieces = pieces
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Ends when the reader is gone, too slow, or the stream is over."""
        sending = asyncio.ensure_future(self._send(send))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            gone.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async with aclosing(self._pieces):
                async for text in self._pieces:
                    async with asyncio.timeout(self._patience):
                        await send({"type": "http.response.body", "body": text, "more_body": True})
        except TimeoutError:
            log.info("a stream was given up: its reader does not keep up")
            return
        except SQLAlchemyError as error:
            log.warning("a stream ends: the database did not answer", error=str(error).split("\n")[0])
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

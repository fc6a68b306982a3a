"""Waking requests that wait for a feed to grow: one PostgreSQL LISTEN for all of them, no polling."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog

CHANNEL = "feed"
"""The relay notifies it with the unit's code after the broker has acknowledged entries of that unit's feed."""
_MOST_WAITING = 2_000
_PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


class Wakeups:
    """Who waits for which feed. Used on one event loop; `run` has to be running for anybody to be woken.

    `heard` counts notifications: two moments with the same count lie between the same two.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._count = 0
        self.heard = 0
        self.listening = False
        self.ended = False

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._count

    @contextmanager
    def watching(self, unit: str) -> Iterator[asyncio.Event | None]:
        """An event that is set when the feed of `unit` may have grown since; None if nobody can wait now.

        Enter before reading the feed, or what comes between reading and waiting is missed; who stays inside for
        many readings clears the event before each.
        """
        if self.ended or self._count >= _MOST_WAITING:
            yield None
            return
        woken = asyncio.Event()
        waiting = self._waiting.setdefault(unit, set())
        waiting.add(woken)
        self._count += 1
        try:
            yield woken
        finally:
            self._count -= 1
            waiting.discard(woken)
            if not waiting and self._waiting.get(unit) is waiting:
                del self._waiting[unit]

    def end(self) -> None:
        """Wakes everybody and lets nobody wait again: the process is stopping."""
        self.ended = True
        self._wake_all()

    async def run(self) -> None:
        """Listens until cancelled; reconnects when the database goes away, and then wakes everybody."""
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.listening = True
                    self._wake_all()
                    async for notification in connection.notifies():
                        self.wake(notification.payload)
            except psycopg.Error as error:
                self.listening = False
                log.warning("no notifications from the database", error=str(error).split("\n")[0])
                await asyncio.sleep(_PAUSE_SECONDS)

    def wake(self, unit: str) -> None:
        """The feed of `unit` may have grown: wakes whoever waits for it."""
        self.heard += 1
        for woken in self._waiting.get(unit, ()):
            woken.set()

    def _wake_all(self) -> None:
        for unit in self._waiting:
            self.wake(unit)

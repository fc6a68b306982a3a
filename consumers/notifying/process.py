"""The notify process: looks for what is to be told, composes it, and sends it. Several may run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from consumers.notifying.gathering import gather
from consumers.notifying.queue import Taken, compose_due, settled, take
from consumers.notifying.sending import Carrier
from consumers.workdays import Calendar

log = structlog.get_logger(__name__)


class Notifier:
    """One round after the other. `console` is the address of the console, to which links lead."""

    def __init__(
        self,
        engine: Engine,
        carrier: Carrier,
        calendar: Calendar,
        console: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._carrier = carrier
        self._calendar = calendar
        self._console = console.rstrip("/")
        self._clock = clock

    async def round(self) -> int:
        """Gathers, composes and sends everything that is due now; returns how many messages were tried."""
        calendar = self._calendar.at(self._clock())
        await asyncio.to_thread(gather, self._engine, calendar, self._clock())
        await asyncio.to_thread(compose_due, self._engine, calendar, self._console, self._clock())
        tried = 0
        while taken := await asyncio.to_thread(take, self._engine, calendar, self._clock()):
            await asyncio.gather(*(self._send(one) for one in taken))
            tried += len(taken)
        return tried

    async def _send(self, taken: Taken) -> None:
        answer = await self._carrier.carry(taken)
        jitter = random.random()  # noqa: S311 - spreads retries, hides nothing
        state = await asyncio.to_thread(settled, self._engine, taken, answer, self._clock(), jitter=jitter)
        log.info(
            "notification", message=str(taken.id), kind=taken.channel.kind, state=state, answer=answer.told
        )


async def run(notifier: Notifier, interval: float, ready: Callable[[], None]) -> None:
    """Rounds until cancelled; a database that is away is waited for."""
    ready()
    while True:
        try:
            await notifier.round()
        except DBAPIError as error:
            log.warning("database away", error=str(error).split("\n")[0])
        await asyncio.sleep(interval)

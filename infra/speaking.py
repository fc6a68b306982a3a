"""The gateway's own way of saying, without its HTTP: for events that people say by a form of the console."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Engine

from consumers.console.desk import BUSY, CONFLICTING, REFUSED, Clock, UnsaidError
from infra import problems
from infra.gateway import ingress_of
from infra.problems import ProblemError
from infra.settings import Settings
from producers.errors import PublishError
from producers.gateway.desk import Desk
from producers.gateway.routes import settled_one
from producers.gateway.statements import Reader
from producers.sealing import Sealer
from schemas.units import Register

_PATIENCE_SECONDS = 10.0
_WORDS = {problems.BUSY: BUSY, problems.CONFLICT: CONFLICTING}


class Sayings:
    """Says events as the gateway does: with a receipt on record before and after the broker has them.

    A process that is killed in between leaves nothing half done: the same form says the same event. People say
    things seldom, so each has a connection of its own. Safe between threads.
    """

    def __init__(self, settings: Settings, register: Register, engine: Engine, clock: Clock) -> None:
        self._settings = settings
        self._reader = Reader(register, settings.max_event_bytes)
        self._sealer = Sealer(engine, register.by_code, clock)
        self._engine = engine
        self._clock = clock

    def say(self, unit: str, item: Mapping[str, object]) -> None:
        """Returns once the broker has the event. Raises UnsaidError. Blocks."""
        try:
            record = self._reader.record(item, unit=unit, now=self._clock(), entropy=b"")

            async def settle(desk: Desk) -> None:
                await settled_one(desk, record)

            at_a_desk(self._settings, self._engine, self._clock, self._sealer, settle)
        except ProblemError as error:
            raise UnsaidError(_WORDS.get(error.problem, REFUSED), error.detail) from error
        except PublishError as error:
            raise UnsaidError(BUSY) from error


def at_a_desk(
    settings: Settings, engine: Engine, clock: Clock, sealer: Sealer, do: Callable[[Desk], Awaitable[None]]
) -> None:
    """Does something at a desk of the gateway that is opened for it. Raises PublishError and what `do` raises."""

    async def run() -> None:
        async with ingress_of(settings, _PATIENCE_SECONDS) as ingress:
            await ingress.find()
            desk = Desk(engine, ingress, clock=clock, patience_seconds=_PATIENCE_SECONDS + 1, seal=sealer)
            try:
                await do(desk)
            finally:
                await desk.close()

    asyncio.run(run())

"""What the console needs for deciding on mirrored opinions: the gateway's own way of saying, without its HTTP."""

from __future__ import annotations

import asyncio
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Engine

from consumers.console.desk import Clock, Decided, UndecidedError
from infra.gateway import connected, mirrors_of
from infra.problems import BUSY, DECIDED, NOT_FOUND, ProblemError
from infra.settings import Settings
from producers.broker import Broker
from producers.errors import PublishError
from producers.gateway.desk import Desk
from producers.gateway.mirrors import Decision, DecisionIn, settle
from producers.gateway.statements import Reader
from schemas.topics import GATEWAY
from schemas.units import Register

_PATIENCE_SECONDS = 10.0
_WORDS = {BUSY: "mirror.busy", DECIDED: "mirror.decided", NOT_FOUND: "error.not_found"}


class Decisions:
    """Says decisions as the gateway does. People decide seldom, so each decision has a connection of its own.

    Safe between threads.
    """

    def __init__(self, settings: Settings, register: Register, engine: Engine, clock: Clock) -> None:
        self._settings = settings
        self._reader = Reader(register, settings.max_event_bytes)
        self._engine = engine
        self._clock = clock

    def decide(self, unit: str, mirror_id: UUID, decided: Decided) -> None:
        """Returns once the broker has the event. Raises UndecidedError. Blocks."""
        try:
            told = DecisionIn(
                decision=Decision.ACCEPT if decided.accept else Decision.DISMISS,
                time=decided.time,
                reason=decided.reason,
                clue_no=decided.clue_no,
                operator=decided.operator,
            )
            self._say(unit, mirror_id, told)
        except ValidationError:
            raise UndecidedError("mirror.malformed") from None
        except ProblemError as error:
            raise UndecidedError(_WORDS.get(error.problem, "mirror.malformed")) from error
        except PublishError as error:
            raise UndecidedError("mirror.busy") from error

    def _say(self, unit: str, mirror_id: UUID, told: DecisionIn) -> None:
        topic = self._settings.topics.ingress(GATEWAY)
        broker = connected(self._settings, topic, _PATIENCE_SECONDS, 1)
        try:
            asyncio.run(self._settle(broker, topic, unit, mirror_id, told))
        finally:
            broker.close(seconds=1)

    async def _settle(self, broker: Broker, topic: str, unit: str, mirror_id: UUID, told: DecisionIn) -> None:
        desk = Desk(self._engine, broker, topic, clock=self._clock, patience_seconds=_PATIENCE_SECONDS + 1)
        try:
            find = mirrors_of(self._engine)
            await settle(
                desk, self._reader, find, unit=unit, mirror_id=mirror_id, told=told, now=self._clock()
            )
        finally:
            await desk.close()

"""What the console needs for deciding on mirrored opinions: the gateway's own way of saying, without its HTTP."""

from __future__ import annotations

from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Engine

from consumers.console.desk import Clock, Decided, UndecidedError
from infra.gateway import mirrors_of
from infra.problems import BUSY, DECIDED, NOT_FOUND, ProblemError
from infra.settings import Settings
from infra.speaking import at_a_desk
from producers.errors import PublishError
from producers.gateway.desk import Desk
from producers.gateway.mirrors import Decision, DecisionIn, settle
from producers.gateway.statements import Reader
from producers.sealing import Sealer
from schemas.units import Register

_WORDS = {BUSY: "mirror.busy", DECIDED: "mirror.decided", NOT_FOUND: "error.not_found"}


class Decisions:
    """Says decisions as the gateway does. People decide seldom, so each decision has a connection of its own.

    Safe between threads.
    """

    def __init__(self, settings: Settings, register: Register, engine: Engine, clock: Clock) -> None:
        self._settings = settings
        self._reader = Reader(register, settings.max_event_bytes)
        self._sealer = Sealer(engine, register.by_code, clock)
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
        find = mirrors_of(self._engine)

        async def decide(desk: Desk) -> None:
            await settle(
                desk, self._reader, find, unit=unit, mirror_id=mirror_id, told=told, now=self._clock()
            )

        at_a_desk(self._settings, self._engine, self._clock, self._sealer, decide)

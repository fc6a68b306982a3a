"""Playing the published cases: what each unit says, stage by stage, through the gateway or straight to Kafka."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self
from uuid import UUID

import httpx

from infra.demo.cast import cast_of
from infra.dev.process import DevError
from producers.histories import History, Saying, Translation, translate
from producers.publisher import Publisher
from producers.records import Statement
from schemas.identity import case_id
from schemas.units import Register

_SECONDS = 60.0


class DemoError(DevError):
    """The demonstration cannot go on: the message says what was expected and where to look."""


class Way(StrEnum):
    """How the units of a case reach the bus."""

    GATEWAY = "gateway"
    KAFKA = "kafka"


@dataclass(frozen=True, slots=True)
class Play:
    """One published case with its cast, what is said in it, and the way it is said."""

    history: History
    cast: Mapping[str, str]
    translation: Translation
    way: Way

    @property
    def steps(self) -> dict[str, int]:
        """Event id → step."""
        return {saying.statement.id: saying.step for saying in self.translation.sayings}

    @property
    def speakers(self) -> dict[str, str]:
        """Event id → the unit that says it."""
        return {saying.statement.id: saying.unit for saying in self.translation.sayings}

    @property
    def main_case(self) -> UUID:
        """The id of the case itself, as opposed to a linked one."""
        return _case_of(
            next(s.statement for s in self.translation.sayings if s.statement.case_number == self.history.id)
        )

    @property
    def case_ids(self) -> tuple[UUID, ...]:
        """The case and the linked ones, in the order in which they are first spoken of."""
        return tuple(dict.fromkeys(_case_of(saying.statement) for saying in self.translation.sayings))


def _case_of(statement: Statement) -> UUID:
    return case_id(statement.case_unit, statement.case_number)


def plan(histories: Iterable[History], register: Register) -> tuple[Play, ...]:
    """Every history with its cast; they go through the gateway and to Kafka in turn."""
    ways = tuple(Way)
    return tuple(
        _play(history, cast_of(history.id, history.field, register), ways[n % len(ways)])
        for n, history in enumerate(histories)
    )


def _play(history: History, cast: Mapping[str, str], way: Way) -> Play:
    return Play(history, cast, translate(history, cast), way)


class Speech(Protocol):
    """Carries what units say to the bus."""

    def say(self, way: Way, unit: str, statements: Sequence[Statement]) -> None:
        """Block until the bus has every statement. Raises what the way of saying raises."""


class Stages(Protocol):
    """Tells when the bus has dealt with what was said."""

    def wait_for(self, event_ids: Sequence[str]) -> None:
        """Block until each event is applied or held back. Raises DemoError if that takes too long."""


def publish(plays: Sequence[Play], speech: Speech, stages: Stages) -> None:
    """Say everything and return when all of it is applied or held back. Blocks.

    What different units say of one case travels on different topics, whose order nobody guarantees. So all
    first events of all cases go out together, then all second ones, each round once the one before is dealt
    with: each case is told in its order, and the cases do not wait for each other.
    """
    for stage in _stages(plays):
        for (way, unit), statements in _by_voice(stage).items():
            speech.say(way, unit, statements)
        stages.wait_for([saying.statement.id for _, saying in stage])


def _stages(plays: Sequence[Play]) -> Iterator[list[tuple[Way, Saying]]]:
    longest = max((len(play.translation.sayings) for play in plays), default=0)
    for n in range(longest):
        yield [(play.way, play.translation.sayings[n]) for play in plays if n < len(play.translation.sayings)]


def _by_voice(stage: Iterable[tuple[Way, Saying]]) -> dict[tuple[Way, str], list[Statement]]:
    groups: dict[tuple[Way, str], list[Statement]] = defaultdict(list)
    for way, saying in stage:
        groups[way, saying.unit].append(saying.statement)
    return groups


class Voices:
    """The units' own connections: an API key each for the gateway, a publisher each for Kafka. A context manager.

    Connections are made when a unit first speaks. Use from one thread.
    """

    def __init__(
        self, *, gateway: str, keys: Mapping[str, str], bootstrap: str, register: Register, **publisher: Any
    ) -> None:
        self._keys = keys
        self._bootstrap = bootstrap
        self._register = register
        self._options = publisher
        self._publishers: dict[str, Publisher] = {}
        self._open = ExitStack()
        self._http = self._open.enter_context(httpx.Client(base_url=gateway, timeout=_SECONDS))

    def say(self, way: Way, unit: str, statements: Sequence[Statement]) -> None:
        """Blocks until the broker has every statement. Raises DemoError, PublishError or httpx.TransportError."""
        if way is Way.KAFKA:
            self._publisher(unit).publish_many(statements)
            return
        headers = {"Authorization": f"Bearer {self._keys[unit]}"}
        answer = self._http.post("/v1/events", json=[_item(one) for one in statements], headers=headers)
        if answer.status_code != httpx.codes.MULTI_STATUS:
            raise DemoError(f"the gateway answered {unit} with {answer.status_code}: {answer.text}")
        failed = [item["problem"]["detail"] for item in answer.json()["items"] if "problem" in item]
        if failed:
            raise DemoError(f"the gateway refused what {unit} said: {failed[0]}")

    def _publisher(self, unit: str) -> Publisher:
        if unit not in self._publishers:
            publisher = Publisher(unit, self._bootstrap, register=self._register, **self._options)
            self._publishers[unit] = self._open.enter_context(publisher)
        return self._publishers[unit]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def _item(statement: Statement) -> dict[str, Any]:
    """The statement as the gateway takes it."""
    return {
        "type": statement.type,
        "case": {"number": statement.case_number, "unit": statement.case_unit},
        "time": statement.occurred_at.isoformat(),
        "precision": statement.precision.value,
        "field": statement.field,
        "id": statement.id,
        "data": dict(statement.data),
    }

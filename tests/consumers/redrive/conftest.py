"""Operators' hands on an installation: on a log made by hand for most tests, on the real broker for the journeys."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from consumers.casework.transaction import Casework
from consumers.intake.checking import outgoing
from consumers.quarantine.agent import Quarantine
from consumers.redrive import jobs, selecting
from consumers.redrive.rules import Action, plan
from consumers.redrive.running import Redriver
from consumers.redrive.selecting import Selection
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.batches import BatchProducer
from infra.database import engine as make_engine
from infra.kafka import apply_topics, wait_for_kafka
from infra.settings import Settings
from schemas.topics import CASE_EVENTS, DEAD_LETTERS, TopicNames
from schemas.units import Register
from tests.conftest import DEMO_UNITS
from tests.consumers.casework.logged import Log
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.scripts import AG, CM, PC, PSB, STRANGER

SPEAKERS = {AG, PSB, STRANGER, PC, CM, "hd-police"}


class ApplyingProducer(BatchProducer):
    """A real producer; behind it casework applies what the broker has, as its worker would meanwhile."""

    bus: ByHand

    async def send_all(self, records):
        await super().send_all(records)
        await asyncio.to_thread(self.bus.apply)


@dataclass
class HandMade:
    """Log and dead letters without a broker: what is appended is applied at once."""

    settings: Settings
    register: Register
    engine: Engine
    logs: dict[tuple[str, int], Log] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rulebook = Rulebook(self.register, published_calendar(), settling=timedelta(0))
        self._casework = Casework(self.engine, rulebook, self._range, cached_events=1000, topic=CASE_EVENTS)
        self._quarantine = Quarantine(self.settings, self.engine)

    def say(self, sendings, register: Register | None = None) -> None:
        """Units say this, and intake judges it, by another register if one is given."""
        for one in sendings:
            [record] = self._log(TopicNames().ingress(one.unit), 0).add(one)
            self.append(
                [
                    outgoing(
                        record, register=register or self.register, topics=TopicNames(),
                        partitions=self.settings.partitions,
                        now=datetime.now(UTC), max_bytes=self.settings.max_event_bytes,
                    )
                ]
            )  # fmt: skip

    def append(self, records) -> None:
        """What a producer sends, as casework and the projection of the dead letters meet it."""
        for one in records:
            batch = self._log(one.topic, one.partition).add(one)
            (self._quarantine if one.topic == DEAD_LETTERS else self._casework).apply(batch)

    async def send_all(self, records) -> None:
        """As the producer that a job sends through."""
        await asyncio.to_thread(self.append, list(records))

    def _log(self, topic: str, partition: int) -> Log:
        return self.logs.setdefault((topic, partition), Log(topic, partition))

    def _range(self, topic: str, partition: int, start: int, end: int):
        yield from self._log(topic, partition).range(topic, partition, start, end)


@dataclass
class Desk:
    """An operator: each method does what a command or a page of the console does."""

    bus: Any
    settings: Settings
    engine: Engine
    register: Register
    producer: Callable[[], Any]

    def plan(self, selection=None, action=Action.REDRIVE, *, cap=10_000, insist=False):
        with self.engine.connect() as connection:
            chosen = selecting.candidates(
                connection, selection or Selection(), self.register, max_bytes=256 * 1024
            )
            siblings = selecting.siblings(connection, chosen)
        return plan(chosen, action, siblings=siblings, cap=cap, insist=insist)

    def propose(self, planned, action=Action.REDRIVE, *, by="王某", approval=False, rate=10_000):
        job = uuid.uuid4()
        with self.engine.begin() as connection:
            jobs.propose(
                connection, job, planned, action, by=by, reason="起因已消除", rate=rate,
                needs_approval=approval, now=datetime.now(UTC),
            )  # fmt: skip
        return job

    def carry_out(self, job, *, register=None, report=lambda _: None):
        async def run():
            producer = self.producer()
            redriver = Redriver(
                self.settings, register or self.register, self.engine, producer,
                clock=lambda: datetime.now(UTC), report=report,
            )  # fmt: skip
            try:
                return await redriver.carry_out(job)
            finally:
                if isinstance(producer, BatchProducer):
                    await producer.close()

        return asyncio.run(run())

    def do(self, selection=None, action=Action.REDRIVE, **more):
        """Plan, propose, carry out: returns the job as it ended."""
        return self.carry_out(self.propose(self.plan(selection, action, **more), action))


@pytest.fixture
def few(register):
    """The units of the cases told here."""
    return Register(tuple(unit for unit in register.units if unit.code in SPEAKERS))


@pytest.fixture
def without_agency(few):
    """A register from which the agency has been left out by mistake."""
    return Register(tuple(unit for unit in few.units if unit.code != AG))


@pytest.fixture
def desk(database, few):
    """An operator of an installation without a broker."""
    own = Settings(database=database, units=DEMO_UNITS, partitions=2, stall_seconds=5)
    connector = make_engine(own)
    bus = HandMade(own, few, connector)
    yield Desk(bus, own, connector, few, lambda: bus)
    connector.dispose()


@pytest.fixture
def broker_desk(settings, few):
    """An operator of an installation on the real broker."""
    own = settings.model_copy(update={"partitions": 2})
    wait_for_kafka(own, seconds=30)
    apply_topics(own, few)
    connector = make_engine(own)
    bus = ByHand(own, Rulebook(few, published_calendar(), settling=timedelta(0)), connector)

    def producer():
        made = ApplyingProducer(own.bootstrap, "redrive")
        made.bus = bus
        return made

    yield Desk(bus, own, connector, few, producer)
    connector.dispose()

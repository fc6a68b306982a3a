"""The bus without its processes: each step of each part on the real broker and database, when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import closing

from kafka import KafkaProducer
from sqlalchemy import Engine

from consumers.casework.transaction import Casework
from consumers.clock.ringing import ring_due
from consumers.feeds.numbering import begin_term
from consumers.feeds.relay import Relay
from consumers.intake.agent import Intake
from consumers.quarantine.agent import Quarantine
from consumers.rulebook import Rulebook
from infra.batches import Batch, BatchProducer
from infra.positions import read_positions
from infra.rereading import end_offset, read_range
from infra.settings import Settings
from tests.faults.sendings import Sending


class ByHand:
    """One installation. Every method does its step once and returns when it is done."""

    def __init__(self, settings: Settings, rulebook: Rulebook, engine: Engine) -> None:
        self.settings = settings
        self.engine = engine
        self._register = rulebook.register
        self._casework = Casework(
            engine,
            rulebook,
            lambda topic, partition, start, end: read_range(settings.bootstrap, topic, partition, start, end),
            cached_events=1000,
            topic=settings.topics.case_events,
        )

    def say(self, sendings: Iterable[Sending]) -> None:
        """Units write to their ingress topics."""
        with closing(KafkaProducer(bootstrap_servers=self.settings.bootstrap)) as producer:
            for one in sendings:
                topic = self.settings.topics.ingress(one.unit)
                producer.send(topic, one.value, one.key, headers=one.headers).get(30)

    def carry_in(self) -> None:
        """Intake takes what the units have written."""

        async def take() -> None:
            async with BatchProducer(self.settings.bootstrap, "intake") as producer:
                intake = Intake(self.settings, self._register, self.engine, producer)
                for unit in self._register.units:
                    for batch in self._unread(self.settings.topics.ingress(unit.code), 0):
                        await intake.take(batch)

        asyncio.run(take())

    def apply(self) -> None:
        """Casework applies the log, and the dead letters are projected."""
        for partition in range(self.settings.partitions):
            for batch in self._unread(self.settings.topics.case_events, partition):
                self._casework.apply(batch)
        quarantine = Quarantine(self.settings, self.engine)
        for batch in self._unread(self.settings.topics.dead_letters, 0):
            quarantine.apply(batch)

    def relay(self) -> None:
        """A relay sends everything there is."""

        async def drain() -> None:
            async with BatchProducer(self.settings.bootstrap, "relay") as producer:
                await Relay(self.settings, self.engine, producer, begin_term(self.engine)).drain()

        asyncio.run(drain())

    def settle(self) -> None:
        """All parts do their work, until what they give each other to do is done."""
        for _ in range(3):
            self.carry_in()
            self.apply()
            ring_due(self.engine)
            self.relay()
        self.apply()
        self.relay()

    def _unread(self, topic: str, partition: int) -> Iterable[Batch]:
        with self.engine.begin() as connection:
            start = read_positions(connection, [(topic, partition)]).get((topic, partition), 0)
        end = end_offset(self.settings.bootstrap, topic, partition)
        return read_range(self.settings.bootstrap, topic, partition, start, end) if start < end else []

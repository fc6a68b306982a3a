"""The bus without its processes: each step of each part on the real broker and database, when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
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
from infra.rereading import read_range
from infra.settings import Settings
from schemas.topics import CASE_EVENTS, DEAD_LETTERS
from schemas.units import Register
from tests.faults.evidence import end_offsets
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

    def carry_in(self, register: Register | None = None) -> None:
        """Intake takes what the units have written, judging it by another register if one is given."""

        async def take() -> None:
            async with BatchProducer(self.settings.bootstrap, "intake") as producer:
                intake = Intake(self.settings, register or self._register, self.engine, producer)
                for batch in self._unread("ingress-"):
                    await intake.take(batch)

        asyncio.run(take())

    def apply(self) -> None:
        """Casework applies the log, and the dead letters are projected."""
        for batch in self._unread(CASE_EVENTS):
            self._casework.apply(batch)
        quarantine = Quarantine(self.settings, self.engine)
        for batch in self._unread(DEAD_LETTERS):
            quarantine.apply(batch)

    def relay(self) -> None:
        """A relay sends everything there is."""

        async def drain() -> None:
            async with BatchProducer(self.settings.bootstrap, "relay") as producer:
                relay = Relay(self.settings, self.engine, producer, begin_term(self.engine))
                await relay.drain()
                await relay.send_heads()

        asyncio.run(drain())

    def settle(self) -> None:
        """All parts do their work, until what they give each other to do is done."""
        self.carry_in()
        while True:
            self.apply()
            ring_due(self.engine)
            self.relay()
            if not any(True for _ in self._unread(CASE_EVENTS)):
                return

    def _unread(self, name: str) -> Iterator[Batch]:
        """What nobody has applied yet of the topics whose name begins so."""
        ends = end_offsets(self.settings, self._register)
        with self.engine.begin() as connection:
            known = read_positions(connection, ends)
        for place, end in ends.items():
            start = known.get(place, 0)
            if place[0].startswith(self.settings.namespace + name) and start < end:
                yield from read_range(self.settings.bootstrap, *place, start, end)

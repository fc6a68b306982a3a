"""A cut through the bus by offsets: everything that was written before it must be found behind the readers. Blocks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, select

from infra.kafka import client_options
from infra.positions import read_positions
from infra.settings import Settings
from infra.tables import feeds, suspensions
from schemas.topics import GATEWAY
from schemas.units import Register

Partition = tuple[str, int]
_LOOK_SECONDS = 0.2


class UnderWay(RuntimeError):  # noqa: N818  (reads as a statement at the raise)
    """The readers are behind what was written: there is nothing to compare yet. Lag has alarms of its own."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where everything stood: the offset before which each partition is compared.

    `ingress` is what units and the gateway had written, `log` what intake had made of it (the log and the dead
    letters), `feeds` where the feed topics ended after the database had `published` of each unit.
    """

    ingress: Mapping[Partition, int]
    log: Mapping[Partition, int]
    feeds: Mapping[Partition, int]
    published: Mapping[str, int]


def take_cut(settings: Settings, register: Register, engine: Engine, *, patience: float) -> Cut:
    """A cut at the present ends, once all readers have passed it.

    What a suspended unit has written is compared as far as intake has taken it. Raises UnderWay if the readers
    need longer than `patience` seconds, and what kafka-python or the database raise.
    """
    names = settings.topics
    ingress = [(names.ingress(code), 0) for code in (*register.by_code, GATEWAY)]
    log = [(names.dead_letters, 0), *((names.case_events, number) for number in range(settings.partitions))]
    consumer = KafkaConsumer(**client_options(settings), enable_auto_commit=False)
    try:
        written = _passed(engine, _ends(consumer, ingress), _held(settings, engine), patience)
        # Intake moves a position after the log has the records: all of them stand before these ends.
        carried = _passed(engine, _ends(consumer, log), frozenset(), patience)
        published = _published(engine)  # before the ends: what is published by now stands before them
        sent = _ends(consumer, [(names.feed(code), 0) for code in register.by_code])
    finally:
        consumer.close()
    return Cut(written, carried, sent, published)


def _passed(
    engine: Engine, ends: Mapping[Partition, int], held: frozenset[str], patience: float
) -> dict[Partition, int]:
    """The ends, once the readers have passed them; of `held` topics where the reader stands."""
    deadline = time.monotonic() + patience
    while True:
        with engine.connect() as connection:
            positions = read_positions(connection, ends)
        behind = [
            place for place, end in ends.items() if place[0] not in held and positions.get(place, 0) < end
        ]
        if not behind:
            return {
                place: positions.get(place, 0) if place[0] in held else end for place, end in ends.items()
            }
        if time.monotonic() > deadline:
            topic, partition = behind[0]
            raise UnderWay(
                f"{topic}/{partition} is read up to {positions.get(behind[0], 0)} of {ends[behind[0]]}: "
                "wait until the workers have caught up"
            )
        time.sleep(_LOOK_SECONDS)


def _ends(consumer: KafkaConsumer, partitions: list[Partition]) -> dict[Partition, int]:
    ends = consumer.end_offsets([TopicPartition(*partition) for partition in partitions])
    return {(tp.topic, tp.partition): int(end) for tp, end in ends.items()}


def _held(settings: Settings, engine: Engine) -> frozenset[str]:
    with engine.connect() as connection:
        return frozenset(map(settings.topics.ingress, connection.scalars(select(suspensions.c.unit))))


def _published(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        rows = connection.execute(select(feeds.c.unit, feeds.c.published))
        return {row.unit: row.published for row in rows}

"""Saying events at an even pace, for the benchmarks that measure delays."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import confluent_kafka

from schemas.envelope import Headers
from tests.benchmarks.installation import Installation
from tests.benchmarks.usage import Usage


class Sayable(Protocol):
    """One event as its speaker writes it."""

    @property
    def id(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def key(self) -> bytes: ...
    @property
    def value(self) -> bytes: ...
    @property
    def headers(self) -> Headers: ...


def say_evenly(
    bus: Installation,
    said: Sequence[Sayable],
    *,
    rate: int,
    lead_seconds: int,
    usage: Callable[[], Usage],
    clock: Callable[[], float] = time.time,
) -> tuple[dict[str, float], Usage]:
    """Say the events to their units' topics, `rate` a second. Blocks.

    Returns when each was handed to the client, by `clock`, and what was used from the end of the lead on.
    """
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": bus.settings.bootstrap, "enable.idempotence": True, "linger.ms": 0}
    )
    sent = {}
    started = time.monotonic()
    before = usage()
    for number, one in enumerate(said):
        pause = started + number / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        if number == rate * lead_seconds:
            before = usage()
        sent[one.id] = clock()
        topic = bus.settings.topics.ingress(one.unit)
        producer.produce(topic, one.value, one.key, 0, headers=list(one.headers))
        producer.poll(0)
    used = usage().since(before)
    producer.flush()
    return sent, used

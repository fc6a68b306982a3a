"""Delivery over a real broker and a real gateway: outages, kills in the middle, refusals, and the commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from infra.access import issue_key
from infra.database import engine as database_engine
from infra.dev.addresses import as_environment
from infra.dev.broker import Broker
from infra.dev.process import free_port
from infra.dev.service import Service
from infra.kafka import apply_topics
from infra.settings import Settings
from producers.outbox.backoff import Backoff
from producers.outbox.couriers import KafkaCourier
from producers.outbox.delivery import Delivery
from producers.outbox.gateway_courier import GatewayCourier
from producers.outbox.outbox import Outbox, State
from producers.publisher import Publisher
from schemas.envelope import read_headers
from schemas.topics import GATEWAY
from schemas.units import Register
from tests.conftest import DEMO_UNITS
from tests.producers.outbox.conftest import Saying
from tests.producers.outbox.test_order import wait_until

pytestmark = [pytest.mark.kafka]

QUICK = Backoff(0.05, 0.5)


@pytest.fixture
def bus(kafka: str, namespace: str, make_topics: Callable[..., None]) -> Settings:
    """The broker with the ingress topic of by-env."""
    settings = Settings(bootstrap=kafka, namespace=namespace, units=DEMO_UNITS)
    make_topics(settings, settings.topics.ingress("by-env"))
    return settings


@pytest.fixture
def outbox(tmp_path: Path, register: Register) -> Iterator[Outbox]:
    """On the system's clock, since other processes use it too."""
    made = Outbox.in_file(tmp_path / "outbox.sqlite", "by-env", register=register)
    yield made
    made.engine.dispose()


def connecting(settings: Settings, register: Register) -> Callable[[], Publisher]:
    return lambda: Publisher(
        "by-env",
        settings.bootstrap,
        register=register,
        names=settings.topics,
        delivery_seconds=3.0,
        connect_seconds=2.0,
    )


def written(settings: Settings, topic: str) -> list[tuple[str, str, bytes]]:
    """(id, case number, value) of every record in a topic of one partition."""
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning()
        end = consumer.end_offsets([partition])[partition]
        records: list[tuple[str, str, bytes]] = []
        while consumer.position(partition) < end:
            for batch in consumer.poll(timeout_ms=1000).values():
                for record in batch:
                    envelope = read_headers(record.headers)
                    records.append((envelope.id, envelope.origin_case, record.value))
        return records
    finally:
        consumer.close()


def assert_each_once_in_effect_and_in_order(records: list[tuple[str, str, bytes]], wanted: set[str]) -> None:
    """Every event arrived; a repetition is the same bytes; first arrivals of a case are in order."""
    values: dict[str, set[bytes]] = {}
    order: dict[str, list[int]] = {}
    for name, case, value in records:
        if name not in values:
            order.setdefault(case, []).append(int(name[2:]))
        values.setdefault(name, set()).add(value)
    assert values.keys() == wanted
    assert all(len(told) == 1 for told in values.values())
    assert all(numbers == sorted(numbers) for numbers in order.values())


def test_events_put_in_while_the_bus_is_down_arrive_when_it_is_back(
    outbox: Outbox, bus: Settings, register: Register, saying: Saying, broker: Broker
) -> None:
    broker.kill()
    try:
        with Delivery(outbox, KafkaCourier(connecting(bus, register)), backoff=QUICK):
            for n in range(12):
                outbox.put(saying(f"e-{n}", f"case {n % 3}"))
            wait_until(lambda: outbox.status().attempts > 0)
            assert "no Kafka broker answers" in outbox.status().problem
            broker.start()
            wait_until(lambda: outbox.status().sent == 12, seconds=60)
    finally:
        if not broker.child.alive:
            broker.start()
    records = written(bus, bus.topics.ingress("by-env"))
    assert_each_once_in_effect_and_in_order(records, {f"e-{n}" for n in range(12)})


def test_a_broker_that_dies_in_the_middle_gets_what_it_lacks_and_nothing_twice(
    outbox: Outbox, bus: Settings, register: Register, saying: Saying, broker: Broker
) -> None:
    """The client keeps what it could not deliver; the outbox asks for that instead of sending it again."""
    with Delivery(outbox, KafkaCourier(connecting(bus, register)), backoff=QUICK, poll_seconds=0.02):
        outbox.put(saying("e-0", "case 0"))
        wait_until(lambda: outbox.status().sent == 1, seconds=60)
        broker.kill()
        try:
            for n in range(1, 10):
                outbox.put(saying(f"e-{n}", f"case {n % 3}"))
            wait_until(lambda: outbox.status().attempts > 1, seconds=60)
        finally:
            broker.start()
        wait_until(lambda: outbox.status().sent == 10, seconds=60)
    records = written(bus, bus.topics.ingress("by-env"))
    assert_each_once_in_effect_and_in_order(records, {f"e-{n}" for n in range(10)})
    assert len(records) == 10


@pytest.mark.parametrize("failpoint", ["delivery-claimed", "delivery-receipted", "delivery-settled"])
def test_a_kill_at_any_point_of_delivery_loses_nothing_and_repeats_only_the_same_event(
    outbox: Outbox, bus: Settings, saying: Saying, failpoint: str
) -> None:
    for n in range(6):
        outbox.put(saying(f"e-{n}", f"case {n % 2}"))
    command = [
        sys.executable,
        "-m",
        "infra.cli",
        "outbox",
        "send",
        "--outbox",
        str(outbox.engine.url.database),
    ]
    environment = {**os.environ, **as_environment(bus), "LINKAGE_UNIT": "by-env"}
    killed = subprocess.run(
        command, env=environment | {"LINKAGE_FAILPOINT": f"{failpoint}:2"}, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    with outbox.engine.begin() as connection:  # as if the claim of the dead had run out
        connection.execute(outbox.table.update().values(claimed_until=0))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert outbox.status().sent == 6
    records = written(bus, bus.topics.ingress("by-env"))
    assert_each_once_in_effect_and_in_order(records, {f"e-{n}" for n in range(6)})
    assert len(records) == 6 + (2 if failpoint == "delivery-receipted" else 0)


def test_a_wrong_topic_sets_no_event_aside(
    outbox: Outbox, register: Register, bus: Settings, saying: Saying
) -> None:
    """It is the connection that is wrong, and every event would be refused for it."""
    nowhere = bus.model_copy(update={"namespace": "nowhere-"})
    outbox.put(saying("e-1"))
    delivery = Delivery(outbox, KafkaCourier(connecting(nowhere, register)))
    assert delivery.round().unsettled == 1
    delivery.stop()
    assert outbox.status().refused == 0
    assert "nowhere-ingress-by-env" in outbox.status().problem


@dataclass(frozen=True)
class Gateway:
    """A gateway process and how to reach it."""

    settings: Settings
    service: Service
    key: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings.gateway_port}"

    @property
    def topic(self) -> str:
        return self.settings.topics.ingress(GATEWAY)


@pytest.fixture
def gateway(settings: Settings, register: Register, tmp_path: Path) -> Iterator[Gateway]:
    own = settings.model_copy(update={"gateway_port": free_port()})
    apply_topics(own, register)
    connector = database_engine(own)
    with connector.begin() as connection:
        key = issue_key(connection, "by-env", now=datetime.now(UTC))
    connector.dispose()
    service = Service("gateway", "gateway", tmp_path, as_environment(own))
    yield Gateway(own, service, key)
    service.stop()


@pytest.mark.postgres
def test_over_https_outages_refusals_and_order_are_the_same(
    outbox: Outbox, gateway: Gateway, saying: Saying
) -> None:
    """The gateway starts late, is killed and comes back; one id was used before for something else."""
    for n in range(6):
        outbox.put(saying(f"e-{n}", f"case {n % 3}"))
    with Delivery(outbox, GatewayCourier(gateway.address, gateway.key), backoff=QUICK, poll_seconds=0.02):
        wait_until(lambda: outbox.status().attempts > 0)
        assert "the gateway does not answer" in outbox.status().problem
        gateway.service.start()
        wait_until(lambda: outbox.status().sent == 6, seconds=60)
        gateway.service.kill()
        outbox.put(saying("e-6", "case 0"))
        wait_until(lambda: outbox.status().attempts > 0)
        gateway.service.start()
        wait_until(lambda: outbox.status().sent == 7, seconds=60)
    (first, *_) = outbox.kept(State.SENT)
    assert first.receipt is not None
    assert first.receipt["topic"] == gateway.topic

    with outbox.engine.begin() as connection:  # an agency that restored its outbox from an old backup
        connection.execute(outbox.table.delete())
    outbox.put(saying("e-2", "case 2", offence="非法经营罪"))
    outbox.put(saying("e-7", "case 2"))
    outbox.put(saying("e-8", "case 1"))
    outbox.put(saying("e-1", "case 1"))  # said before, and the same
    delivery = Delivery(outbox, GatewayCourier(gateway.address, gateway.key))
    delivery.drain()
    delivery.stop()
    (refused,) = outbox.kept(State.REFUSED)
    assert (refused.id, refused.reason) == ("e-2", "conflict")
    assert {one.id for one in outbox.kept(State.SENT)} == {"e-8", "e-1"}
    records = written(gateway.settings, gateway.topic)
    assert_each_once_in_effect_and_in_order(records, {f"e-{n}" for n in (0, 1, 2, 3, 4, 5, 6, 8)})
    assert len(records) == 8


@pytest.mark.postgres
def test_a_wrong_key_keeps_every_event_and_says_so(outbox: Outbox, gateway: Gateway, saying: Saying) -> None:
    gateway.service.start()
    outbox.put(saying("e-1"))
    delivery = Delivery(outbox, GatewayCourier(gateway.address, "lk_wrong"))
    assert delivery.drain().failed
    delivery.stop()
    assert "answered 401: the key is unknown, revoked or expired" in outbox.status().problem


def test_two_programs_on_one_outbox_deliver_everything_once(
    outbox: Outbox, bus: Settings, register: Register, saying: Saying
) -> None:
    command = [sys.executable, "-m", "infra.cli", "outbox", "send", "--follow"]
    command += ["--outbox", str(outbox.engine.url.database), "--unit", "by-env"]
    environment = {**os.environ, **as_environment(bus)}
    both = [subprocess.Popen(command, env=environment) for _ in "ab"]
    try:
        for n in range(60):
            outbox.put(saying(f"e-{n}", f"case {n % 5}"))
        wait_until(lambda: outbox.status().sent == 60, seconds=60)
    finally:
        for one in both:
            one.send_signal(signal.SIGINT)
        for one in both:
            assert one.wait(30) in {0, 130, -signal.SIGINT}  # not 0: it was still loading
    records = written(bus, bus.topics.ingress("by-env"))
    assert_each_once_in_effect_and_in_order(records, {f"e-{n}" for n in range(60)})
    assert len(records) == 60


def command(outbox: Path, *words: str, told: Any = None) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", "outbox", *words],
        env={
            **os.environ,
            "LINKAGE_UNITS": str(DEMO_UNITS),
            "LINKAGE_OUTBOX": str(outbox),
            "LINKAGE_UNIT": "by-env",
        },
        input=None if told is None else json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


EVENT = {
    "type": "transfer.sent",
    "id": "t-17",
    "case": {"number": "白环移〔2026〕17号"},
    "time": "2026-03-11T09:30:00+08:00",
    "data": {"addressee": "by-police"},
}


def test_the_commands_keep_show_and_put_right(tmp_path: Path) -> None:
    place = tmp_path / "own.sqlite"
    assert command(place, "put", told=EVENT) == (0, "t-17\n", "")
    status, _, why = command(
        place, "put", told=[EVENT | {"id": "t-18"}, EVENT | {"id": "t-19", "type": "no.such"}]
    )
    assert status == 1
    assert why.startswith("linkage: nothing was kept: unknown-type: 'no.such'")
    status, told, _ = command(place, "status", "--json")
    standing = json.loads(told)
    assert (status, standing["queued"], standing["sent"]) == (0, 1, 0)
    assert standing["oldest_seconds"] >= 0
    assert command(place, "list", "--state", "queued")[1].split()[:3] == ["t-17", "queued", "transfer.sent"]
    assert "no state" in command(place, "list", "--state", "lost")[2]
    assert "no refused event" in command(place, "skip", "t-17", "--why", "x")[2]
    assert command(place, "retry", "--all")[1] == "0 back in the queue\n"

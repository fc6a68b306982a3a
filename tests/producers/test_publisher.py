"""The publisher on a real broker: receipts, bounds, and outcomes that are clear whatever the broker does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaTimeoutError

from infra.dev.broker import Broker
from infra.settings import Settings
from producers.errors import BusUnreachable, NotAccepted, NotSealed, PartlyPublished
from producers.publisher import Publisher
from producers.records import Statement
from schemas.codec import decode
from schemas.digests import digest
from schemas.envelope import read_headers
from schemas.sealed.ingress import IngressKey, Opening, public_half, unsealed
from schemas.sealed.suites import SUITES
from schemas.units import Register

pytestmark = pytest.mark.kafka

Publishing = Callable[..., Publisher]


@pytest.fixture
def bus(kafka: str, namespace: str, make_topics: Callable[..., None]) -> Settings:
    """Settings that name the broker and a namespace with the ingress topic of by-env."""
    settings = Settings(bootstrap=kafka, namespace=namespace)
    make_topics(settings, settings.topics.ingress("by-env"))
    return settings


@pytest.fixture
def publishing(bus: Settings, register: Register, now: datetime) -> Iterator[Publishing]:
    """Makes publishers for by-env; they are closed afterwards."""
    made: list[Publisher] = []

    def make(**options: Any) -> Publisher:
        options = {"register": register, "names": bus.topics, "clock": lambda: now} | options
        made.append(Publisher("by-env", bus.bootstrap, **options))
        return made[-1]

    yield make
    for publisher in made:
        publisher.close()


@pytest.fixture
def log(bus: Settings) -> Callable[[], list[Any]]:
    """Everything in the ingress topic of by-env."""

    def read() -> list[Any]:
        partition = TopicPartition(bus.topics.ingress("by-env"), 0)
        consumer = KafkaConsumer(bootstrap_servers=bus.bootstrap)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        end = consumer.end_offsets([partition])[partition]
        records: list[Any] = []
        while len(records) < end:
            records.extend(record for batch in consumer.poll(1000).values() for record in batch)
        consumer.close()
        return records

    return read


@pytest.fixture
def paused(broker: Broker) -> Iterator[Callable[[], None]]:
    """Stops the broker where it stands; it goes on when the returned function is called, or afterwards."""
    pid = broker.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    yield lambda: os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGCONT)


def test_the_receipt_names_the_record_that_the_broker_has(
    publishing: Publishing, statement: Statement, log: Callable[[], list[Any]]
) -> None:
    receipt = publishing().publish(
        statement.type,
        statement.case_number,
        occurred_at=statement.occurred_at,
        data=statement.data,
        event_id="t-17",
        operator="王",
    )
    (record,) = log()
    envelope = read_headers(record.headers)
    assert (receipt.topic, receipt.partition, receipt.offset) == (record.topic, 0, record.offset)
    assert (receipt.source, receipt.id) == envelope.identity == ("by-env", "t-17")
    assert receipt.digest == digest(envelope, record.value).hex()
    assert envelope.operator == "王"
    assert decode(record.value).data["addressee"] == "by-police"


def test_an_event_that_intake_would_refuse_is_never_sent(
    publishing: Publishing, statement: Statement, log: Callable[[], list[Any]]
) -> None:
    publisher = publishing()
    with pytest.raises(NotAccepted, match=r"time: .* ahead"):
        publisher.send(replace(statement, occurred_at=statement.occurred_at.replace(year=2027)))
    with pytest.raises(NotAccepted, match="addressee: is missing"):
        publisher.send(replace(statement, data={}))
    assert log() == []


def test_many_events_come_out_in_order_with_a_receipt_each(
    publishing: Publishing, statement: Statement, log: Callable[[], list[Any]]
) -> None:
    receipts = publishing(in_flight_records=50).publish_many(
        replace(statement, id=f"e-{n}") for n in range(1000)
    )
    assert [receipt.id for receipt in receipts] == [f"e-{n}" for n in range(1000)]
    assert [receipt.offset for receipt in receipts] == list(range(1000))
    assert [read_headers(record.headers).id for record in log()] == [f"e-{n}" for n in range(1000)]


def test_one_bad_event_among_many_is_named_and_the_others_are_published(
    publishing: Publishing, statement: Statement, log: Callable[[], list[Any]]
) -> None:
    events = [replace(statement, id="a"), replace(statement, id="b", data={}), replace(statement, id="c")]
    with pytest.raises(PartlyPublished, match="1 of 3") as raised:
        publishing().publish_many(events)
    assert raised.value.failures.keys() == {1}
    assert [raised.value.receipts[n].id for n in (0, 2)] == ["a", "c"]
    assert len(log()) == 2


def test_while_the_broker_is_silent_what_waits_is_bounded_and_the_caller_is_told(
    publishing: Publishing,
    statement: Statement,
    log: Callable[[], list[Any]],
    request: pytest.FixtureRequest,
) -> None:
    publisher = publishing(in_flight_records=10, delivery_seconds=1.0)
    publisher.publish_many([replace(statement, id="first")])
    go_on = request.getfixturevalue("paused")
    pending = [publisher.send(replace(statement, id=f"e-{n}")) for n in range(10)]
    started = time.monotonic()
    with pytest.raises(BusUnreachable, match="this one was not sent"):
        publisher.send(replace(statement, id="one-too-many"))
    assert 0.9 <= time.monotonic() - started < 5.0
    with pytest.raises(BusUnreachable, match="same id"):
        pending[0].result()
    with pytest.raises(BusUnreachable, match="10 events"):
        publisher.flush()
    go_on()
    deadline = time.monotonic() + 30
    while len(log()) < 11:
        assert time.monotonic() < deadline
    assert [read_headers(record.headers).id for record in log()] == ["first", *(f"e-{n}" for n in range(10))]


def test_an_outage_longer_than_the_delivery_time_is_survived(
    publishing: Publishing, statement: Statement, broker: Broker
) -> None:
    publisher = publishing(delivery_seconds=2.0)
    publisher.publish_many([replace(statement, id="before")])
    broker.kill()
    try:
        with pytest.raises(BusUnreachable):
            publisher.send(replace(statement, id="meanwhile")).result()
    finally:
        broker.start()
    deadline = time.monotonic() + 30
    while True:
        try:
            receipt = publisher.send(replace(statement, id="after")).result()
            break
        except BusUnreachable:
            assert time.monotonic() < deadline
    assert receipt.offset >= 2  # "meanwhile" went out first


def test_closing_without_broker_ends_in_time(
    publishing: Publishing, statement: Statement, request: Any
) -> None:
    publisher = publishing(delivery_seconds=1.0)
    publisher.publish_many([replace(statement, id="first")])
    request.getfixturevalue("paused")
    publisher.send(replace(statement, id="second"))
    started = time.monotonic()
    publisher.close()
    assert time.monotonic() - started < 10.0


def test_a_missing_topic_is_named(
    bus: Settings, register: Register, now: datetime, statement: Statement
) -> None:
    options = {"register": register, "names": bus.topics, "clock": lambda: now, "delivery_seconds": 1.0}
    publisher = Publisher("by-market", bus.bootstrap, **options)  # type: ignore[arg-type]
    with publisher, pytest.raises(BusUnreachable, match="ingress-by-market"):
        publisher.send(statement)


def test_kafka_python_forgets_its_producer_id_for_good_when_it_expires_a_batch_it_has_sent(
    bus: Settings, request: pytest.FixtureRequest
) -> None:
    """The fault of 3.0.12 that `Broker` avoids by never letting it expire one. Fails when it is mended."""
    producer = KafkaProducer(
        bootstrap_servers=bus.bootstrap, delivery_timeout_ms=1000, request_timeout_ms=500, linger_ms=0
    )
    topic = bus.topics.ingress("by-env")
    producer.send(topic, b"before").get(10)
    go_on = request.getfixturevalue("paused")
    with pytest.raises(KafkaTimeoutError):
        producer.send(topic, b"meanwhile").get(10)
    go_on()
    with pytest.raises(KafkaTimeoutError):
        producer.send(topic, b"after").get(5)
    producer._sender.force_close()


@pytest.mark.parametrize("options", [{"in_flight_records": 0}, {"in_flight_bytes": 1000}])
def test_bounds_that_nothing_fits_into_are_refused_at_once(
    register: Register, options: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match="in_flight"):
        Publisher("by-env", "127.0.0.1:1", register=register, **options)  # type: ignore[arg-type]


def test_a_unit_nobody_knows_is_refused_at_once(register: Register) -> None:
    with pytest.raises(ValueError, match="not in the register"):
        Publisher("nobody", "127.0.0.1:1", register=register)


def test_no_broker_at_all_is_said_so(register: Register) -> None:
    with pytest.raises(BusUnreachable, match=r"no Kafka broker answers at 127\.0\.0\.1:1"):
        Publisher("by-env", "127.0.0.1:1", register=register, connect_seconds=1.0)


def test_with_an_ingress_key_the_topic_has_nothing_of_the_payload_and_the_receipt_is_of_what_was_said(
    publishing: Publishing, statement: Statement, log: Callable[[], list[Any]], now: datetime
) -> None:
    secret = bytes(range(32))
    key = IngressKey("abcd_-12", SUITES["aes"], public_half(secret), now, now + timedelta(days=1))
    publisher = publishing(ingress=lambda: key)
    receipt = publisher.send(replace(statement, id="t-18")).result()
    (record,) = log()
    envelope = read_headers(record.headers)
    assert b"by-police" not in record.value
    opening = Opening(key.name, key.suite, key.expires_at, secret)
    said = unsealed(record.value, envelope, {key.name: opening}, now)
    assert isinstance(said, bytes)
    assert decode(said).data["addressee"] == "by-police"
    assert receipt.digest == digest(envelope, said).hex()


def test_for_want_of_an_ingress_key_nothing_is_sent_in_the_clear(
    publishing: Publishing, statement: Statement, log: Callable[[], list[Any]]
) -> None:
    with pytest.raises(NotSealed, match="no ingress key is known yet"):
        publishing(ingress=lambda: None).send(statement)
    assert log() == []

"""Ranges of a partition are read whole, or it is said that they cannot be."""

from __future__ import annotations

from contextlib import closing

import pytest
from kafka import KafkaProducer, TopicPartition

from infra.kafka import admin_client, wait_for_kafka
from infra.rereading import LogLost, RangeUnread, end_offset, read_range
from infra.settings import Settings
from tests.infra.test_streams import make_topics, send_in_transaction

pytestmark = pytest.mark.kafka

RECORDS = 2500  # more than one poll gives


@pytest.fixture(scope="module")
def installation(kafka):
    settings = Settings(bootstrap=kafka, namespace="rereading-")
    wait_for_kafka(settings, seconds=30)
    return settings


@pytest.fixture(scope="module")
def topic(installation):
    make_topics(installation, {"log": 1})
    name = f"{installation.namespace}log"
    with closing(KafkaProducer(bootstrap_servers=installation.bootstrap, linger_ms=5)) as producer:
        for number in range(RECORDS):
            producer.send(name, b"%d" % number)
        producer.flush()
    return name


def read(installation, topic, start, end):
    ranges = list(read_range(installation.bootstrap, topic, 0, start, end, timeout_seconds=2))
    return [record.value for batch in ranges for record in batch]


@pytest.mark.parametrize(
    ("start", "end"), [(0, RECORDS), (0, 1), (RECORDS - 1, RECORDS), (700, 2300), (5, 5)]
)
def test_a_range_is_read_whole_and_in_order(installation, topic, start, end):
    assert read(installation, topic, start, end) == [b"%d" % number for number in range(start, end)]


def test_the_end_is_the_offset_that_the_next_record_gets(installation, topic):
    assert end_offset(installation.bootstrap, topic, 0) == RECORDS


def test_a_range_beyond_the_end_is_not_there_yet(installation, topic):
    with pytest.raises(RangeUnread):
        read(installation, topic, RECORDS - 1, RECORDS + 1)


def test_a_range_that_the_log_has_lost_is_an_alarm(installation):
    make_topics(installation, {"cut": 1})
    name = f"{installation.namespace}cut"
    with closing(KafkaProducer(bootstrap_servers=installation.bootstrap)) as producer:
        for number in range(5):
            producer.send(name, b"%d" % number).get(10)
    with admin_client(installation) as client:
        client.delete_records({TopicPartition(name, 0): 3})
    assert read(installation, name, 3, 5) == [b"3", b"4"]
    with pytest.raises(LogLost, match="begins at 3, but 2 was never applied"):
        read(installation, name, 2, 5)


def test_the_markers_of_transactions_are_passed_over(installation):
    """A unit may write its own topic as it likes: offsets without a record are no gap that never heals."""
    make_topics(installation, {"marked": 1})
    name = f"{installation.namespace}marked"
    with closing(KafkaProducer(bootstrap_servers=installation.bootstrap)) as producer:
        producer.send(name, b"0").get(10)
        send_in_transaction(installation, name, b"1")
        producer.send(name, b"3").get(10)
        send_in_transaction(installation, name, b"4")
    assert read(installation, name, 2, 3) == []
    assert read(installation, name, 0, 4) == [b"0", b"1", b"3"]
    assert read(installation, name, 0, 6) == [b"0", b"1", b"3", b"4"]

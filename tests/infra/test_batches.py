"""The producer of record batches, on the real broker: what it asks the broker, and how often."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.client import AIOKafkaClient
from kafka.admin import NewTopic

from infra.batches import BatchProducer, Outgoing
from infra.kafka import admin_client, wait_for_kafka
from tests.faults.evidence import read_topics

pytestmark = pytest.mark.kafka

CONNECTING = 0
"""A client that connects asks about no topic."""


@pytest.fixture
def topics(settings):
    """Names of topics that the broker has."""
    wait_for_kafka(settings, seconds=30)
    names = [f"{settings.namespace}feed-{number}" for number in range(8)]
    with admin_client(settings) as admin:
        admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1) for name in names])
    return names


@pytest.fixture
def asked(monkeypatch):
    """How many topics each question to the broker was about."""
    numbers: list[int] = []
    ask = AIOKafkaClient._metadata_update

    async def counted(self, cluster, about):
        numbers.append(len(about))
        return await ask(self, cluster, about)

    monkeypatch.setattr(AIOKafkaClient, "_metadata_update", counted)
    return numbers


def one_for_each(topics):
    return [Outgoing(topic, 0, b"case", topic.encode(), []) for topic in topics]


def test_where_the_topics_of_a_sending_are_is_asked_for_all_at_once(settings, topics, asked):
    async def send():
        async with BatchProducer(settings.bootstrap, "relay") as producer:
            await producer.send_all(one_for_each(topics))

    asyncio.run(send())
    assert set(asked) - {CONNECTING} == {len(topics)}
    found = read_topics(settings, topics)
    assert {topic: [one.value for one in seen] for topic, seen in found.items()} == {
        topic: [topic.encode()] for topic in topics
    }


def test_topics_that_are_expected_are_not_asked_for_one_by_one_as_they_are_met(settings, topics, asked):
    async def send():
        async with BatchProducer(settings.bootstrap, "relay") as producer:
            await producer.expect(topics)
            for record in one_for_each(topics):
                await producer.send_all([record])

    asyncio.run(send())
    assert set(asked) - {CONNECTING} == {len(topics)}


def test_a_client_that_is_made_anew_asks_for_the_topics_of_the_one_before(settings, topics, asked):
    async def send():
        async with BatchProducer(settings.bootstrap, "relay") as producer:
            await producer.send_all(one_for_each(topics))
            await producer.close()
            asked.clear()
            for record in one_for_each(topics):
                await producer.send_all([record])

    asyncio.run(send())
    assert set(asked) - {CONNECTING} == {len(topics)}

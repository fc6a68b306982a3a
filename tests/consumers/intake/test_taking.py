"""Intake on the real broker: every record of a unit goes on, in order, wherever it was cut off."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from kafka import KafkaProducer, TopicPartition

from consumers.intake.agent import Carrying, Intake
from infra.batches import BatchProducer, NotDelivered
from infra.database import engine as make_engine
from infra.kafka import admin_client, apply_topics, wait_for_kafka
from infra.rereading import LogLost, read_range
from infra.suspensions import resume, suspend
from tests.consumers.casework.logged import told
from tests.faults.evidence import count, read_topics
from tests.faults.scripts import AG, SWIFT
from tests.infra.test_dev import until
from tests.infra.test_streams import send_in_transaction

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def bus(settings, register):
    """Settings of an installation with its topics, the log in one partition so that its order can be seen."""
    wait_for_kafka(settings, seconds=30)
    own = settings.model_copy(update={"partitions": 1})
    apply_topics(own, register)
    return own


@pytest.fixture
def connector(bus):
    connector = make_engine(bus)
    yield connector
    connector.dispose()


@pytest.fixture
def said(bus):
    """What the agency of some cases has written to its ingress topic; every fourth record is spoiled."""
    records = [one for one in told(SWIFT, SWIFT, SWIFT, SWIFT) if one.unit == AG]
    records = [replace(one, value=b"x") if number % 4 == 3 else one for number, one in enumerate(records)]
    with closing(KafkaProducer(bootstrap_servers=bus.bootstrap)) as producer:
        for one in records:
            producer.send(bus.topics.ingress(AG), one.value, one.key, headers=one.headers).get(30)
    return records


def taken(bus, register, connector, work):
    """Runs `work` with an intake."""

    async def run():
        async with BatchProducer(bus.bootstrap, "intake", timeout_seconds=2.0) as producer:
            return await work(Intake(bus, register, connector, producer))

    return asyncio.run(run())


def batch(bus, start, end):
    ranges = read_range(bus.bootstrap, bus.topics.ingress(AG), 0, start, end)
    return [record for one in ranges for record in one]


def carried(bus):
    """The ingress offsets of what is in the log and in the dead letters, in their order there."""
    topics = read_topics(bus, [bus.topics.case_events, bus.topics.dead_letters])
    log = [int(one.headers["linkage-ingress"].rpartition("/")[2]) for one in topics[bus.topics.case_events]]
    return log, [int(one.headers["__streams.errors.offset"]) for one in topics[bus.topics.dead_letters]]


def position(connector):
    return count(connector, "SELECT coalesce(max(next_offset), 0) FROM progress")


GOOD = [number for number in range(20) if number % 4 != 3]
BAD = [3, 7, 11, 15, 19]


def test_sound_records_go_into_the_log_and_the_others_to_the_dead_letters_in_order(
    bus, register, connector, said
):
    taken(bus, register, connector, lambda intake: intake.take(batch(bus, 0, 20)))
    assert carried(bus) == (GOOD, BAD)
    assert position(connector) == 20


@pytest.mark.parametrize("start", [0, 10])
def test_what_was_taken_is_not_taken_again(bus, register, connector, said, start):
    async def work(intake):
        await intake.take(batch(bus, 0, 15))
        await intake.take(batch(bus, start, 15))
        await intake.take(batch(bus, start, 20))

    taken(bus, register, connector, work)
    assert carried(bus) == (GOOD, BAD)


def test_records_that_were_leapt_over_are_taken_first(bus, register, connector, said):
    taken(bus, register, connector, lambda intake: intake.take(batch(bus, 13, 20)))
    assert carried(bus) == (GOOD, BAD)


def test_nothing_is_taken_behind_records_that_the_topic_has_lost(bus, register, connector, said):
    with admin_client(bus) as client:
        client.delete_records({TopicPartition(bus.topics.ingress(AG), 0): 5})
    with pytest.raises(LogLost):
        taken(bus, register, connector, lambda intake: intake.take(batch(bus, 13, 20)))
    assert carried(bus) == ([], [])
    assert position(connector) == 0


def test_the_marker_of_a_units_transaction_is_no_gap(bus, register, connector, said):
    topic = bus.topics.ingress(AG)
    send_in_transaction(bus, topic, b"no event")
    with closing(KafkaProducer(bootstrap_servers=bus.bootstrap)) as producer:
        producer.send(topic, b"no event either").get(30)

    async def work(intake):
        await intake.take(batch(bus, 0, 21))
        await intake.take(batch(bus, 22, 23))

    taken(bus, register, connector, work)
    assert carried(bus) == (GOOD, [*BAD, 20, 22])
    assert position(connector) == 23


def test_what_the_broker_does_not_take_is_taken_again(bus, register, connector, said):
    """The dead letters' topic is missing: the position stays, and nothing is left out when it is there."""
    with admin_client(bus) as client:
        client.delete_topics([bus.topics.dead_letters])
        while bus.topics.dead_letters in client.list_topics():
            pass
    with pytest.raises(NotDelivered):
        taken(bus, register, connector, lambda intake: intake.take(batch(bus, 0, 20)))
    assert position(connector) == 0
    apply_topics(bus, register)
    taken(bus, register, connector, lambda intake: intake.take(batch(bus, 0, 20)))
    log, dead = carried(bus)
    assert dead == BAD
    assert list(dict.fromkeys(log)) == GOOD


def test_two_workers_with_one_batch_lose_nothing_and_move_the_position_once(bus, register, connector, said):
    """What both carry in is in the log twice; casework knows it by its identity."""

    async def work(intake):
        await asyncio.gather(*(intake.take(batch(bus, 0, 20)) for _ in range(2)))

    taken(bus, register, connector, work)
    log, dead = carried(bus)
    assert list(dict.fromkeys(log)) == GOOD
    assert list(dict.fromkeys(dead)) == BAD
    assert position(connector) == 20


def test_what_a_suspended_unit_wrote_is_left_unread_and_carried_in_when_it_is_resumed(
    bus, register, connector, said
):
    def hold(*, ends=False):
        with connector.begin() as connection:
            if ends:
                resume(connection, AG)
            else:
                suspend(connection, AG, reason="exercise", now=datetime(2026, 3, 11, tzinfo=UTC))

    hold()

    async def lives(intake):
        carrying = Carrying(intake, give_up_after=30, look_seconds=0.05)
        await carrying.carry_in([batch(bus, 0, 3)])
        await carrying.carry_in([batch(bus, 3, 5)])
        assert carried(bus) == ([], [])
        assert position(connector) == 0
        hold(ends=True)
        await asyncio.to_thread(until, lambda: position(connector) == len(said), 20)
        await carrying.carry_in([batch(bus, len(said) - 1, len(said))])

    taken(bus, register, connector, lives)
    log, dead = carried(bus)
    assert log == sorted(log)
    assert sorted(log + dead) == list(range(len(said)))

"""Feeds are dense and complete on the real broker, wherever the relay was cut off."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from consumers.casework.transaction import Casework
from consumers.feeds.numbering import begin_term, mark_published, number_next, unpublished
from consumers.feeds.outbox import unsent
from consumers.feeds.relay import Relay, feed_records, run
from consumers.intake.checking import partition_of
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.batches import BatchProducer, NotDelivered
from infra.database import engine as make_engine
from infra.kafka import admin_client, apply_topics, wait_for_kafka
from infra.positions import LostGuard
from infra.suspensions import resume, suspend
from tests.consumers.casework.logged import Log, told
from tests.faults.evidence import count, read_topics, rows
from tests.faults.scripts import AG, CM, OPINION, PC, PSB, SWIFT

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PARTITIONS = 3


@pytest.fixture
def bus(settings, register):
    """Settings of an installation with its topics."""
    wait_for_kafka(settings, seconds=30)
    own = settings.model_copy(update={"partitions": PARTITIONS})
    apply_topics(own, register)
    return own


@pytest.fixture
def connector(bus):
    connector = make_engine(bus)
    yield connector
    connector.dispose()


@pytest.fixture
def apply(bus, connector, register):
    """Has casework apply what units say, each case on its partition."""
    topic = bus.topics.case_events
    logs = [Log(topic, number) for number in range(PARTITIONS)]
    work = Casework(
        connector, Rulebook(register, published_calendar()), Log.range, cached_events=1000, topic=topic
    )

    def say(*sendings):
        for one in sendings:
            log = logs[partition_of(one.envelope.subject, PARTITIONS)]
            work.apply(log.add(one))

    return say


def drain(bus, connector, term=None):
    """What a relay that has just become active does."""

    async def once():
        async with BatchProducer(bus.bootstrap, "relay", timeout_seconds=2.0) as producer:
            await Relay(bus, connector, producer, term or begin_term(connector)).drain()

    asyncio.run(once())


def publish(bus, entries):
    async def once():
        async with BatchProducer(bus.bootstrap, "relay") as producer:
            await producer.send_all(feed_records(entries, bus.topics))

    asyncio.run(once())


def feed(bus, unit):
    """(number, (source, id)) of every record of a feed, as the topic has them."""
    topic = bus.topics.feed(unit)
    return [(int(one.headers["linkage-seq"]), one.identity) for one in read_topics(bus, [topic])[topic]]


def test_every_entry_is_in_the_feed_of_its_unit_under_the_next_number(bus, connector, apply):
    said = told(SWIFT, SWIFT)
    apply(*said)
    drain(bus, connector)
    sizes = {AG: 4, PSB: 4, PC: 12, CM: 0}
    assert {unit: [seq for seq, _ in feed(bus, unit)] for unit in sizes} == {
        unit: list(range(1, size + 1)) for unit, size in sizes.items()
    }


def test_a_record_is_the_event_itself_and_says_why_it_came(bus, connector, apply):
    said = told(SWIFT)
    apply(*said)
    drain(bus, connector)
    topic = bus.topics.feed(PSB)
    record = read_topics(bus, [topic])[topic][0]
    [sent] = [one for one in said if one.envelope.type == "transfer.sent"]
    assert (record.key, record.value) == (sent.key, sent.value)
    assert (
        dict(sent.headers).items() <= {name: text.encode() for name, text in record.headers.items()}.items()
    )
    assert (record.headers["linkage-delivery"], record.headers["linkage-role"]) == ("duty", "PSB")
    assert "第5条" in unquote(record.headers["linkage-basis"])


def test_the_events_of_a_case_keep_their_order(bus, connector, apply):
    said = told(SWIFT, SWIFT, OPINION)
    apply(*said)
    drain(bus, connector)
    order = {one.envelope.identity: position for position, one in enumerate(said)}
    case = {one.envelope.identity: one.envelope.subject for one in said}
    got = [identity for _, identity in feed(bus, PC)]
    for subject in set(case.values()):
        of_case = [order[identity] for identity in got if case[identity] == subject]
        assert of_case == sorted(of_case)


def test_what_is_published_is_not_published_again(bus, connector, apply):
    apply(*told(SWIFT))
    drain(bus, connector)
    before = feed(bus, PC)
    drain(bus, connector)
    assert feed(bus, PC) == before
    assert unpublished(connector).numbered == []


def test_what_was_numbered_before_the_relay_died_keeps_its_number(bus, connector, apply):
    """And goes out before anything that came later."""
    apply(*told(SWIFT))
    numbered = number_next(connector, PARTITIONS, begin_term(connector)).numbered
    apply(*told(SWIFT, seed="later"))
    drain(bus, connector)
    assert feed(bus, PC)[:6] == [(one.seq, identity_of(one)) for one in numbered if one.unit == PC]
    assert [seq for seq, _ in feed(bus, PC)] == list(range(1, 13))


def identity_of(entry):
    headers = dict(entry.event.headers)
    return headers["ce_source"].decode(), headers["ce_id"].decode()


def test_what_was_published_but_not_marked_comes_again_under_the_same_number(bus, connector, apply):
    apply(*told(SWIFT))
    publish(bus, number_next(connector, PARTITIONS, begin_term(connector)).numbered)
    once = feed(bus, PC)
    drain(bus, connector)
    assert feed(bus, PC) == once + once


def test_a_relay_whose_term_is_over_can_number_nothing(bus, connector, apply):
    apply(*told(SWIFT))
    old = begin_term(connector)
    begin_term(connector)
    with pytest.raises(LostGuard):
        number_next(connector, PARTITIONS, old)
    with pytest.raises(LostGuard):
        drain(bus, connector, term=old)
    assert count(connector, "SELECT count(*) FROM feed_positions") == 0


@pytest.mark.parametrize("limit", [1, 4, 7, 5000])
def test_however_few_entries_are_numbered_at_a_time_the_feeds_are_whole(bus, connector, apply, limit):
    """And an event's entries are never parted."""
    apply(*told(SWIFT, OPINION, SWIFT))
    term, more = begin_term(connector), True
    while more:
        step = number_next(connector, PARTITIONS, term, limit=limit)
        more = step.more
        assert all(whole(connector, one) for one in step.numbered)
    left = "SELECT count(*) FROM feed_entries f LEFT JOIN feed_positions p USING (partition, log_offset, n) WHERE seq IS NULL"
    assert count(connector, left) == 0


def whole(connector, entry) -> bool:
    place = f"WHERE partition = {entry.event.partition} AND log_offset = {entry.event.offset}"
    entries = count(connector, f"SELECT count(*) FROM feed_entries {place}")
    return count(connector, f"SELECT count(*) FROM feed_positions {place}") == entries


def test_what_the_bus_says_goes_to_the_partition_of_its_case_and_is_marked(bus, connector, apply):
    said = told(OPINION)[:2]
    apply(*said)
    [row] = unsent(connector)
    drain(bus, connector)
    log = bus.topics.case_events
    [record] = read_topics(bus, [log])[log]
    subject = said[0].envelope.subject
    assert (record.partition, record.key) == (partition_of(subject, PARTITIONS), str(subject).encode())
    assert (record.identity, record.value) == (("bus", row.event_id), row.value)
    assert unsent(connector) == []


def test_what_the_broker_does_not_take_stays_to_be_sent(bus, connector, apply):
    """One feed's topic is missing: nothing is marked, and the numbers are kept for when it is there."""
    apply(*told(SWIFT))
    with admin_client(bus) as client:
        client.delete_topics([bus.topics.feed(PC)])
        while bus.topics.feed(PC) in client.list_topics():
            pass
    with pytest.raises(NotDelivered):
        drain(bus, connector)
    assert count(connector, "SELECT sum(published) FROM feeds") == 0
    with admin_client(bus) as client:
        client.create_topics({bus.topics.feed(PC): {"num_partitions": 1, "replication_factor": 1}})
        client.wait_for_topics([bus.topics.feed(PC)])
    drain(bus, connector)
    assert [seq for seq, _ in feed(bus, PC)] == list(range(1, 7))
    assert {seq for seq, _ in feed(bus, AG)} == {1, 2}


def test_marking_never_goes_back(connector, apply):
    apply(*told(SWIFT))
    number_next(connector, PARTITIONS, begin_term(connector))
    mark_published(connector, {PC: 5})
    mark_published(connector, {PC: 3})
    assert rows(connector, "SELECT published FROM feeds WHERE unit = :unit", unit=PC) == [{"published": 5}]


def test_one_relay_is_active_and_another_takes_over_when_it_goes(bus, connector, apply):
    async def relays():
        async with BatchProducer(bus.bootstrap, "one") as one, BatchProducer(bus.bootstrap, "two") as two:
            first = asyncio.create_task(run(bus, connector, one, lambda: None))
            await until(lambda: term_of(connector) == 1)
            second = asyncio.create_task(run(bus, connector, two, lambda: None))
            await asyncio.to_thread(apply, *told(SWIFT))
            await until(lambda: published(connector) == 10)
            assert term_of(connector) == 1
            await cancelled(first)
            await until(lambda: term_of(connector) == 2)
            await asyncio.to_thread(apply, *told(SWIFT, seed="later"))
            await until(lambda: published(connector) == 20)
            await cancelled(second)

    asyncio.run(relays())
    assert [seq for seq, _ in feed(bus, PC)] == list(range(1, 13))


def term_of(connector) -> int:
    return count(connector, "SELECT coalesce(max(next_offset), 0) FROM progress WHERE topic = 'relay'")


def published(connector) -> int:
    return count(connector, "SELECT coalesce(sum(published), 0) FROM feeds")


async def until(true, seconds: float = 20.0):
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(true):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def cancelled(task):
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def suspension(connector, unit, *, ends=False):
    with connector.begin() as connection:
        if ends:
            resume(connection, unit)
        else:
            suspend(connection, unit, reason="exercise", now=datetime(2026, 3, 11, tzinfo=UTC))


def test_a_suspended_unit_gets_numbers_and_nothing_else_until_it_is_resumed(bus, connector, apply):
    suspension(connector, PSB)
    apply(*told(SWIFT))
    drain(bus, connector)
    assert feed(bus, PSB) == []
    assert [seq for seq, _ in feed(bus, PC)] == list(range(1, 7))
    assert count(connector, f"SELECT assigned FROM feeds WHERE unit = '{PSB}'") == 2
    suspension(connector, PSB, ends=True)
    drain(bus, connector)
    assert [seq for seq, _ in feed(bus, PSB)] == [1, 2]


def test_what_came_after_the_resumption_does_not_overtake_what_was_held(bus, connector, apply):
    """One relay all along: it is not told of the resumption, and numbers the new entries before it looks."""

    async def lives():
        async with BatchProducer(bus.bootstrap, "relay") as producer:
            relay = Relay(bus, connector, producer, begin_term(connector))
            suspension(connector, PSB)
            apply(*told(SWIFT))
            await relay.drain()
            suspension(connector, PSB, ends=True)
            apply(*told(SWIFT, seed="later"))
            await relay._step()
            assert feed(bus, PSB) == []
            await relay.drain()

    asyncio.run(lives())
    assert [seq for seq, _ in feed(bus, PSB)] == [1, 2, 3, 4]


def test_a_suspension_costs_no_work_while_it_lasts(bus, connector, apply):
    async def lives():
        async with BatchProducer(bus.bootstrap, "relay") as producer:
            relay = Relay(bus, connector, producer, begin_term(connector))
            suspension(connector, PSB)
            apply(*told(SWIFT))
            for _ in range(3):
                await asyncio.wait_for(relay.drain(), 20)

    asyncio.run(lives())
    assert [seq for seq, _ in feed(bus, PC)] == list(range(1, 7))

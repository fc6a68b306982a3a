"""The database can be built again from the topics: the same rows, and nothing said, numbered or sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from kafka import TopicPartition

from consumers.clock.ringing import ring_due
from consumers.feeds.numbering import begin_term, number_next
from consumers.proof.heads import sign_due
from consumers.rebuild import dump
from consumers.rebuild.replaying import NotEmpty, rebuild
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import create_database
from infra.database import engine as make_engine
from infra.kafka import admin_client, apply_topics, wait_for_kafka
from infra.rereading import LogLost
from infra.signing_key import new_key
from schemas.units import Register
from tests.consumers.casework.logged import told
from tests.consumers.rebuild.by_hand import ByHand
from tests.faults.evidence import count, read_topics, rows
from tests.faults.scripts import AG, CM, JU, OPINION, OVERDUE, PA, PC, PI, PSB, PV, STRANGE, STRANGER, SWIFT

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CASES = (SWIFT, OVERDUE, OPINION, STRANGE)


SPEAKERS = {AG, PSB, STRANGER, PC, PA, PV, PI, CM, JU}


@pytest.fixture
def few(register):
    """The units of these cases alone: each unit more has two topics more."""
    return Register(tuple(unit for unit in register.units if unit.code in SPEAKERS))


@pytest.fixture
def rulebook(few):
    return Rulebook(few, published_calendar(), settling=timedelta(0))


@pytest.fixture
def bus(settings, few, rulebook):
    """An installation with its topics, worked by hand."""
    wait_for_kafka(settings, seconds=30)
    own = settings.model_copy(update={"partitions": 2})
    apply_topics(own, few)
    connector = make_engine(own)
    yield ByHand(own, rulebook, connector)
    connector.dispose()


@pytest.fixture
def again(bus, rulebook, postgres_url, template_database):
    """Rebuilds the bus's database into a fresh one; returns the bus on it."""
    made = []

    def build():
        url = create_database(
            postgres_url, f"{bus.settings.namespace}{len(made)}", template=template_database
        )
        fresh = bus.settings.model_copy(update={"database": url})
        made.append(make_engine(fresh))
        rebuild(fresh, rulebook, made[-1])
        return ByHand(fresh, rulebook, made[-1])

    yield build
    for connector in made:
        connector.dispose()


def feeds(bus):
    """Every feed as its topic has it: (number, identity) of each record."""
    units = (AG, PSB, PC, CM)
    topics = {bus.settings.topics.feed(unit): unit for unit in units}
    found = read_topics(bus.settings, list(topics))
    return {
        topics[topic]: [(int(one.headers["linkage-seq"]), one.identity) for one in found[topic]]
        for topic in topics
    }


def said(bus):
    spoiled = [replace(one, value=None) for one in told(SWIFT, seed="spoiled")]
    bus.say([*told(*CASES), *spoiled])


def test_the_rows_the_numbers_and_the_positions_are_the_same(bus, again, tmp_path):
    said(bus)
    bus.settle()
    signer = new_key(tmp_path / "key.pem")
    sign_due(bus.engine, signer, namespace="", topic=bus.settings.topics.case_events, now=datetime.now(UTC))
    bus.relay()  # the feed topics have signed heads too, which are no entries
    rebuilt = again()
    assert count(bus.engine, "SELECT count(*) FROM clocks WHERE state = 'breached'") == 1
    assert list(dump.lines(rebuilt.engine)) == list(dump.lines(bus.engine))
    for query in (
        "SELECT * FROM feed_positions ORDER BY unit, seq",
        "SELECT unit, assigned, published FROM feeds ORDER BY unit",
        "SELECT * FROM progress WHERE topic <> 'relay' AND next_offset > 0 ORDER BY topic, partition",
    ):
        assert rows(rebuilt.engine, query) == rows(bus.engine, query)


def test_nothing_is_said_sent_or_rung_again(bus, again):
    said(bus)
    bus.settle()
    before = feeds(bus)
    rebuilt = again()
    rebuilt.settle()
    assert ring_due(rebuilt.engine) == 0
    assert feeds(rebuilt) == before


def test_what_the_bus_had_not_said_yet_is_still_to_be_said(bus, again):
    bus.say(told(OPINION)[:2])
    bus.carry_in()
    bus.apply()
    query = "SELECT event_id, case_id, headers, value FROM outbox"
    assert len(rows(bus.engine, query)) == 1
    assert rows(again().engine, query) == rows(bus.engine, query)


def test_entries_that_were_numbered_and_never_sent_get_the_next_numbers(bus, again):
    """The relay died between the two: some numbers are nowhere but in the lost database."""
    bus.say(told(SWIFT))
    bus.settle()
    sent = feeds(bus)
    bus.say(told(SWIFT, seed="later"))
    bus.carry_in()
    bus.apply()
    number_next(bus.engine, bus.settings.partitions, begin_term(bus.engine))
    rebuilt = again()
    rebuilt.relay()
    for unit, feed in feeds(rebuilt).items():
        assert [seq for seq, _ in feed] == list(range(1, len(feed) + 1))
        assert feed[: len(sent[unit])] == sent[unit]
        assert len(feed) == 2 * len(sent[unit])


def test_an_event_that_reached_only_some_feeds_reaches_the_others(bus, again):
    """The relay died in the middle of sending: the feed of the criminal department lacks its record."""
    bus.say(told(SWIFT)[:4])
    bus.carry_in()
    bus.apply()
    topic = bus.settings.topics.feed(PC)
    bus.relay()
    whole = feeds(bus)
    with admin_client(bus.settings) as client:
        client.delete_topics([topic])
        while topic in client.list_topics():
            pass
        client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
        client.wait_for_topics([topic])
    rebuilt = again()
    rebuilt.relay()
    assert feeds(rebuilt) == whole


def test_a_database_that_holds_something_is_not_built_over(bus, rulebook):
    said(bus)
    bus.settle()
    with pytest.raises(NotEmpty):
        rebuild(bus.settings, rulebook, bus.engine)


def test_a_log_that_has_lost_its_beginning_is_an_alarm(bus, again):
    bus.say(told(SWIFT))
    bus.settle()
    log = bus.settings.topics.case_events
    [partition] = {row["partition"] for row in rows(bus.engine, "SELECT partition FROM events")}
    with admin_client(bus.settings) as client:
        client.delete_records({TopicPartition(log, partition): 2})
    with pytest.raises(LogLost):
        again()

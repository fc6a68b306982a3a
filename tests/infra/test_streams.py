"""Faust's faults on the real broker: what its stock agents still do, and that our handlers are not exposed to it.

F1, F3 … are their names in docs/adr/0002-faust.md. When a test `stock_faust_…` fails, Faust has changed: perhaps
a fault is mended and a precaution of ours can go.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from sqlalchemy import create_engine

from infra.batches import BatchProducer, NotDelivered, Outgoing
from infra.database import sqlalchemy_url
from infra.dev.supervisor import as_environment
from infra.kafka import admin_client, wait_for_kafka
from infra.positions import CHAIN_START, lock_position, move_position
from infra.settings import Settings
from infra.streams import EXIT_UNEXPECTED, FETCH_WAIT_MS, gather_ms
from tests.infra.batch_faust import GROUP
from tests.infra.stock_faust import COMMIT_SECONDS, FAULTS

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

REPO = Path(__file__).parents[2]
SECONDS = 30.0

# What stands in each topic. Offset 2 of `marker` is the commit marker of a transaction, which is no record.
RECORDS = {
    "raise": [b"a", b"bad", b"c"],
    "slow": [b"slow", b"b", b"c"],
    "marker": [b"a", b"b", b"slow", b"d"],
    "poison": [b"1", b"2", b"\xff"],
    "reply": [b"case-1"],
    "flush": [b"v"],
}


class Line(NamedTuple):
    """What a program's handler noted: which records of which topic it started or finished."""

    topic: str
    what: str
    places: tuple[str, ...]


class Program:
    """A Faust program in a process of its own, and what it noted."""

    def __init__(self, process: subprocess.Popen[bytes], witness: Path) -> None:
        self.process = process
        self._witness = witness

    def lines(self, topic: str, what: str) -> list[tuple[str, ...]]:
        said = (
            [line.split() for line in self._witness.read_text().splitlines()]
            if self._witness.exists()
            else []
        )
        return [tuple(words[2:]) for words in said if words[:2] == [topic, what]]

    def wait_for(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not true():
            assert self.process.poll() is None, f"it ended with {self.process.returncode} before {what}"
            assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}"
            time.sleep(0.05)


@contextmanager
def running(
    module: str, *arguments: object, witness: Path, environment: Mapping[str, str]
) -> Iterator[Program]:
    command = [sys.executable, "-m", f"tests.infra.{module}", *map(str, arguments)]
    with (witness.with_suffix(".log")).open("ab") as log:
        process = subprocess.Popen(command, cwd=REPO, env=os.environ | environment, stdout=log, stderr=log)
        try:
            yield Program(process, witness)
        finally:
            process.kill()
            process.wait()


def fill(settings: Settings, topics: list[str]) -> None:
    """Make the topics, with the records of `RECORDS` in them."""
    wait_for_kafka(settings, seconds=SECONDS)
    make_topics(settings, dict.fromkeys((*topics, "victim"), 1))
    prefix = settings.namespace
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap)) as producer:
        for topic in topics:
            for number, value in enumerate(RECORDS[topic]):
                if topic == "marker" and number == 1:
                    send_in_transaction(settings, prefix + topic, value)
                    continue
                headers = [("Faust-Ag-ReplyTo", f"{prefix}victim".encode()), ("Faust-Ag-CorrelationId", b"1")]
                producer.send(prefix + topic, value, headers=headers if topic == "reply" else []).get(SECONDS)


def make_topics(settings: Settings, partitions: Mapping[str, int]) -> None:
    wanted = {
        settings.namespace + name: {"num_partitions": count, "replication_factor": 1}
        for name, count in partitions.items()
    }
    with admin_client(settings) as client:
        client.create_topics(wanted)
        client.wait_for_topics(list(wanted))


def send_in_transaction(settings: Settings, topic: str, value: bytes) -> None:
    """Send it so that a commit marker takes the offset after it."""
    before = end(settings, topic)
    name = f"{topic}-transaction"
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id=name)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(topic, value)
        producer.commit_transaction()
    deadline = time.monotonic() + SECONDS
    while end(settings, topic) < before + 2:  # the broker writes the marker after it has said yes
        assert time.monotonic() < deadline, "no commit marker"


def end(settings: Settings, topic: str, partition: int = 0) -> int:
    tp = TopicPartition(topic, partition)
    with closing(KafkaConsumer(bootstrap_servers=settings.bootstrap)) as consumer:
        return consumer.end_offsets([tp])[tp]


def committed(settings: Settings, group: str) -> dict[str, int]:
    """The group's committed offsets by topic, for topics of one partition."""
    with admin_client(settings) as client:
        offsets = client.list_group_offsets(settings.namespace + group)[settings.namespace + group]
    return {tp.topic.removeprefix(settings.namespace): at.offset for tp, at in offsets.items()}


# --- Stock Faust ---


@pytest.fixture(scope="module")
def stock_settings(kafka):
    return Settings(bootstrap=kafka, namespace=f"stock{time.time_ns()}-")


@pytest.fixture(scope="module")
def stock(stock_settings, tmp_path_factory):
    """What stock Faust has committed, and what it has noted, once it has nothing left to do."""
    fill(stock_settings, list(FAULTS))
    witness = tmp_path_factory.mktemp("stock") / "witness"
    arguments = (stock_settings.bootstrap, stock_settings.namespace, witness)
    with running("stock_faust", *arguments, witness=witness, environment={}) as program:
        program.wait_for(lambda: everything_met(program), "every agent has met its fault")
        yield program, settled(lambda: committed(stock_settings, "stock"))


def everything_met(program: Program) -> bool:
    last = {"raise": ("2",), "slow": ("2",), "marker": ("4",), "poison": ("0",)}
    return all(place in program.lines(topic, "started") for topic, place in last.items())


def settled(look: Callable[[], dict[str, int]]) -> dict[str, int]:
    """What `look` sees once it has not changed for five commit intervals."""
    seen, since = look(), time.monotonic()
    while time.monotonic() < since + 5 * COMMIT_SECONDS:
        if (now := look()) != seen:
            seen, since = now, time.monotonic()
    return seen


def test_stock_faust_acknowledges_the_record_whose_handler_raised(stock):
    """F1: record 1 raised and was never finished, yet the group's offset stands beyond it."""
    program, offsets = stock
    assert program.lines("raise", "started") == [("0",), ("1",), ("2",)]
    assert program.lines("raise", "finished") == [("0",), ("2",)]
    assert offsets["raise"] == 3


def test_stock_faust_commits_past_a_record_still_in_hand_at_the_head(stock):
    """F3: record 0 is still in hand when the acknowledgements of 1 and 2 move the offset beyond all three."""
    program, offsets = stock
    assert ("0",) not in program.lines("slow", "finished")
    assert offsets["slow"] == 3


def test_stock_faust_takes_the_record_behind_a_marker_for_part_of_the_gap(stock):
    """F5: record 3, behind the marker at 2, is still in hand when the acknowledgement of 4 moves the offset to 5."""
    program, offsets = stock
    assert ("3",) in program.lines("marker", "started")
    assert ("3",) not in program.lines("marker", "finished")
    assert offsets["marker"] == 5


def test_stock_faust_trusts_a_flush_that_has_not_sent(stock, stock_settings):
    """F6: the record is committed although not one of the five records it gave rise to could be sent."""
    _, offsets = stock
    assert offsets["flush"] == 1
    with closing(KafkaConsumer(bootstrap_servers=stock_settings.bootstrap)) as consumer:
        assert f"{stock_settings.namespace}not-there-yet" not in consumer.topics()


def test_stock_faust_skips_good_records_that_wait_before_a_poisoned_one(stock):
    """F9: 0 is in hand, 1 waits, 2 cannot be decoded: the offset moves beyond all three."""
    program, offsets = stock
    assert program.lines("poison", "started") == [("0",)]
    assert offsets["poison"] == 3


def test_stock_faust_answers_to_the_topic_that_a_header_names(stock, stock_settings):
    """F10: what the agent yields goes where the sender of a record wants it."""
    assert end(stock_settings, f"{stock_settings.namespace}victim") == 1


# --- Our handlers ---


@pytest.fixture
def batches(settings, tmp_path):
    """Starts the program with our handlers; `misbehave`: they raise at `bad` and never return from `slow`."""

    @contextmanager
    def start(*topics: str, misbehave: bool = False) -> Iterator[Program]:
        quick = settings.model_copy(update={"session_timeout_seconds": 6.0})
        environment = {**as_environment(quick), "MISBEHAVE": "1" if misbehave else "0"}
        names = [settings.namespace + topic for topic in topics]
        witness = tmp_path / "witness"
        with running("batch_faust", witness, *names, witness=witness, environment=environment) as program:
            yield program

    return start


def hexed(*values: bytes) -> tuple[str, ...]:
    return tuple(value.hex() for value in values)


def test_a_handler_that_raises_ends_the_process_and_acknowledges_nothing(settings, batches):
    """Not F1: exit status 70, no offset committed, and the same batch comes again after a restart."""
    fill(settings, ["raise"])
    topic = f"{settings.namespace}raise"
    whole = ("0", "0", "2", *hexed(*RECORDS["raise"]))
    with batches("raise", misbehave=True) as program:
        assert program.process.wait(SECONDS) == EXIT_UNEXPECTED
    assert committed(settings, GROUP) == {}
    with batches("raise") as program:
        program.wait_for(lambda: bool(program.lines(topic, "finished")), "the batch again")
        assert program.lines(topic, "started") == [whole, whole]
        assert program.lines(topic, "finished") == [whole]


def test_nothing_is_acknowledged_past_a_batch_in_hand(settings, batches):
    """Not F3 and F5: neither the batch in hand nor what comes after it, with or without a marker between."""
    fill(settings, ["marker"])
    topic = f"{settings.namespace}marker"
    with batches("marker", misbehave=True) as program:
        program.wait_for(lambda: bool(program.lines(topic, "started")), "the first batch")
        with closing(KafkaProducer(bootstrap_servers=settings.bootstrap)) as producer:
            producer.send(topic, b"later").get(SECONDS)
        time_to_commit = time.monotonic() + 2.5
        program.wait_for(lambda: time.monotonic() > time_to_commit, "two commit intervals")
        assert len(program.lines(topic, "started")) == 1
        assert committed(settings, GROUP) == {}
    with batches("marker") as program:
        program.wait_for(lambda: len(program.lines(topic, "finished")) == 1, "all records again")
        assert program.lines(topic, "finished") == [("0", "0", "5", *hexed(*RECORDS["marker"], b"later"))]


def test_handlers_get_bytes_that_nobody_can_decode_together_with_the_good_ones(settings, batches):
    """Not F9: decoding is the handler's, so a poisoned record is one record of its batch."""
    fill(settings, ["poison"])
    topic = f"{settings.namespace}poison"
    with batches("poison") as program:
        program.wait_for(lambda: bool(program.lines(topic, "finished")), "the batch")
        assert program.lines(topic, "finished") == [("0", "0", "2", *hexed(*RECORDS["poison"]))]


def test_a_header_that_names_a_reply_topic_has_no_effect(settings, batches):
    """Not F10: handlers yield nothing."""
    fill(settings, ["reply"])
    topic = f"{settings.namespace}reply"
    with batches("reply") as program:
        program.wait_for(lambda: committed(settings, GROUP).get("reply") == 1, "the record is done with")
        assert program.lines(topic, "finished")
        assert end(settings, f"{settings.namespace}victim") == 0


def test_a_district_is_gathered_for_as_short_as_can_be_and_a_thousand_units_for_longer():
    assert gather_ms(75) == FETCH_WAIT_MS
    assert FETCH_WAIT_MS < gather_ms(500) <= 100


def test_what_is_sent_is_with_the_broker_when_sending_returns(settings):
    """Not F6: no flush is relied on."""
    wait_for_kafka(settings, seconds=SECONDS)
    make_topics(settings, {"out": 1})
    topic = f"{settings.namespace}out"

    async def send() -> None:
        async with BatchProducer(settings.bootstrap, "test") as producer:
            await producer.send_all(Outgoing(topic, 0, None, b"%d" % n, []) for n in range(500))
            assert end(settings, topic) == 500

    asyncio.run(send())


def test_sending_to_where_nothing_can_be_sent_is_an_error(settings):
    """Not F6 and F7: the handler hears of it, and its batch is not acknowledged."""

    async def send() -> None:
        async with BatchProducer(settings.bootstrap, "test", timeout_seconds=1.0) as producer:
            await producer.send_all([Outgoing(f"{settings.namespace}nowhere", 0, None, b"v", [])])

    with pytest.raises(NotDelivered):
        asyncio.run(send())


def test_batches_arrive_whole_and_in_order(settings, batches):
    """Each batch is consecutive records of one partition, and each record comes once."""
    wait_for_kafka(settings, seconds=SECONDS)
    make_topics(settings, {"many": 3})
    topic = f"{settings.namespace}many"
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=5)) as producer:
        for number in range(9_000):
            producer.send(topic, b"%d" % number, partition=number % 3)
        producer.flush()
        with batches("many") as program:
            program.wait_for(lambda: bool(program.lines(topic, "finished")), "the first batch")
            for number in range(900):
                producer.send(topic, b"%d" % number, partition=number % 3)
            producer.flush()
            program.wait_for(lambda: reached(program, topic) == {0: 3300, 1: 3300, 2: 3300}, "the last batch")
    assert sum(last - first + 1 for _, first, last in ranges(program, topic)) == 9_900
    for partition in range(3):
        expected = 0
        for number, first, last in ranges(program, topic):
            if number == partition:
                assert first == expected
                expected = last + 1


def ranges(program: Program, topic: str) -> list[tuple[int, int, int]]:
    return [(int(p), int(first), int(last)) for p, first, last, *_ in program.lines(topic, "finished")]


def reached(program: Program, topic: str) -> dict[int, int]:
    return {partition: last + 1 for partition, _, last in ranges(program, topic)}


def test_reading_goes_on_from_the_position_in_postgresql_whatever_the_group_has_committed(settings, batches):
    """Committed offsets were moved to the end of all partitions: nothing is lost for it."""
    wait_for_kafka(settings, seconds=SECONDS)
    make_topics(settings, {"many": 3})
    topic = f"{settings.namespace}many"
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap)) as producer:
        for number in range(300):
            producer.send(topic, b"%d" % number, partition=number % 3)
        producer.flush()
    commit_ahead(settings, topic)
    stand_at(settings, topic, {1: 40, 2: 100})  # nobody has been at partition 0 yet
    with batches("many") as program:
        program.wait_for(lambda: reached(program, topic) == {0: 100, 1: 100}, "the end of both")
        assert min(first for partition, first, _ in ranges(program, topic) if partition == 0) == 0
        assert min(first for partition, first, _ in ranges(program, topic) if partition == 1) == 40
        assert not any(partition == 2 for partition, _, _ in ranges(program, topic))


def commit_ahead(settings: Settings, topic: str) -> None:
    with closing(
        KafkaConsumer(bootstrap_servers=settings.bootstrap, group_id=settings.namespace + GROUP)
    ) as consumer:
        consumer.assign([TopicPartition(topic, number) for number in range(3)])
        consumer.commit(
            {TopicPartition(topic, number): OffsetAndMetadata(100, "", -1) for number in range(3)}
        )


def stand_at(settings: Settings, topic: str, positions: Mapping[int, int]) -> None:
    with create_engine(sqlalchemy_url(settings.database)).begin() as connection:
        for partition, offset in positions.items():
            lock_position(connection, topic, partition)
            move_position(connection, topic, partition, expected=0, next_offset=offset, chain=CHAIN_START)

"""What units should not send: each refused with its reason, and nothing else disturbed."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import psutil
import pytest
from kafka import KafkaProducer

from tests.faults.evidence import read_topics
from tests.faults.scripts import AG, OVERDUE, SWIFT
from tests.faults.sendings import SPOILERS, Sending, sending

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

COURT = "by-court"
MEBIBYTE = 1024 * 1024
UNMOVED = 50 * MEBIBYTE


def sound(number: str) -> Sending:
    return sending(
        AG,
        "transfer.suspected",
        f"{number}/transfer.suspected",
        case=(AG, number),
        at=datetime.now(UTC),
        data={},
    )


def test_every_kind_of_bad_record_is_refused_with_its_reason_between_good_ones(bus):
    """Byte-identical in the dead letters, visible in quarantine, and the cases beside it go on."""
    bus.tell(2)
    for how in SPOILERS:
        bus.sender.spoil(sound(f"bad-{how}"), how, f"bad-{how}")
        bus.sender.send(sound(f"good-beside-{how}"))
    bus.conclude()


def test_a_flood_of_bad_records_does_not_move_the_workers_memory(bus):
    bus.tell(2)
    bus.conclude()
    worker = psutil.Process(bus.plant.pid("worker-1"))
    before = worker.memory_info().rss
    for number in range(40):
        for how in ("oversize", "bomb", "truncated", "noise"):
            bus.sender.spoil(sound(f"flood-{number}"), how, f"flood-{how}-{number}")
    bus.conclude()
    assert worker.memory_info().rss - before < UNMOVED


def test_a_header_that_names_a_reply_topic_has_no_effect(bus):
    """F10: nothing goes to the topic it names, and the header does not even reach the log."""
    names = bus.plant.settings.topics
    victim = names.feed(COURT)
    record = sound("reply").with_header("Faust-Ag-ReplyTo", victim.encode())
    bus.sender.send(record.with_header("Faust-Ag-CorrelationId", b"1"))
    bus.tell(1)
    bus.conclude()
    topics = read_topics(bus.plant.settings, [victim, names.case_events])
    assert topics[victim] == []
    [logged] = [seen for seen in topics[names.case_events] if seen.identity == record.envelope.identity]
    assert not any(name.startswith("Faust") for name in logged.headers)


def test_an_alarm_that_comes_into_the_log_again_does_not_ring_again(bus):
    """As a relay writes it that was given up and goes on, or whoever copies a topic."""
    bus.tell(3, (OVERDUE, SWIFT))
    bus.conclude()
    log = bus.plant.settings.topics.case_events
    said = [
        seen for seen in read_topics(bus.plant.settings, [log])[log] if seen.headers["ce_source"] == "bus"
    ]
    assert said
    with closing(KafkaProducer(bootstrap_servers=bus.plant.settings.bootstrap)) as producer:
        for seen in said:
            headers = [(name, text.encode()) for name, text in seen.headers.items()]
            producer.send(log, seen.value, seen.key, headers=headers, partition=seen.partition).get(30)
    bus.conclude()

"""What becomes of a record that a unit wrote: into the log as it is, or to the dead letters as it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from consumers.intake.checking import outgoing, partition_of
from schemas.topics import TopicNames
from tests.consumers.casework.logged import MORNING, Logged
from tests.faults.scripts import AG, PSB
from tests.faults.sendings import SPOILERS, Sending, sending

TOPICS = TopicNames("x-")
PARTITIONS = 5
MAX_BYTES = 256 * 1024


@pytest.fixture
def sound() -> Sending:
    return sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data={"addressee": PSB})


def logged(record: Sending, topic: str = "", offset: int = 7) -> Logged:
    stamp = int(datetime.now(UTC).timestamp() * 1000)
    return Logged(
        topic or TOPICS.ingress(record.unit), 0, offset, stamp, record.key, record.value, record.headers
    )


def carried(record: Logged, register):
    now = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return outgoing(
        record, register=register, topics=TOPICS, partitions=PARTITIONS, now=now, max_bytes=MAX_BYTES
    )


def test_a_sound_record_goes_into_the_log_byte_for_byte_on_its_cases_partition(sound, register):
    out = carried(logged(sound), register)
    assert (out.topic, out.key, out.value) == (TOPICS.case_events, sound.key, sound.value)
    assert out.partition == partition_of(sound.envelope.subject, PARTITIONS)


def test_it_says_where_it_was_taken_from(sound, register):
    out = carried(logged(sound, offset=41), register)
    assert dict(out.headers)["linkage-ingress"] == f"{TOPICS.ingress(AG)}/0/41".encode()


def test_headers_that_are_not_part_of_the_envelope_do_not_go_into_the_log(sound, register):
    """Among them those that would make a stream processor answer somewhere, or that intake itself writes."""
    traced = sound.with_header("traceparent", b"00-1-1-01")
    extra = traced.with_header("Faust-Ag-ReplyTo", b"x-feed-by-court").with_header(
        "linkage-ingress", b"forged"
    )
    out = carried(logged(extra), register)
    names = Counter(name for name, _ in out.headers)
    assert set(names) == {name for name, _ in traced.headers} | {"linkage-ingress"}
    assert set(names.values()) == {1}
    assert dict(out.headers)["linkage-ingress"] != b"forged"


@pytest.mark.parametrize("how", SPOILERS)
def test_a_spoiled_record_is_kept_as_it_was_with_its_reason(sound, register, how):
    reason, change = SPOILERS[how]
    spoiled = change(sound)
    record = logged(spoiled)
    out = carried(record, register)
    assert (out.topic, out.partition, out.key, out.value) == (
        TOPICS.dead_letters,
        0,
        spoiled.key,
        spoiled.value,
    )
    assert list(out.headers[: len(spoiled.headers)]) == list(spoiled.headers)
    added = dict(out.headers[len(spoiled.headers) :])
    assert added["linkage-reason"] == reason.encode()
    assert added["__streams.errors.topic"] == record.topic.encode()
    assert (added["__streams.errors.partition"], added["__streams.errors.offset"]) == (b"0", b"7")
    assert added["linkage-detail"]


def test_a_unit_cannot_say_itself_why_it_was_refused(sound, register):
    """Whoever reads the headers takes the last of a name, and those are intake's."""
    forged = (
        replace(sound, value=None)
        .with_header("linkage-reason", b"none")
        .with_header("linkage-speaker", b"by-court")
    )
    out = carried(logged(forged), register)
    assert dict(out.headers)["linkage-reason"] == b"no-value"
    assert dict(out.headers)["linkage-speaker"] == AG.encode()


def test_behind_the_gateway_the_sender_is_whom_the_gateway_names(sound, register):
    """Only the gateway may write there; a record that it refuses belongs to whom it names."""
    through = logged(sound, TOPICS.ingress("gateway"))
    assert carried(through, register).topic == TOPICS.case_events
    late = logged(sound.with_header("ce_time", b"2150-01-01T00:00:00Z"), TOPICS.ingress("gateway"))
    assert dict(carried(late, register).headers)["linkage-speaker"] == AG.encode()


def test_a_record_is_judged_by_when_the_broker_took_it_and_so_always_the_same(sound, register):
    record = logged(sound.with_header("ce_time", b"2026-11-23T12:00:00Z"))
    early = replace(record, timestamp=int(datetime(2026, 11, 23, 11, 54, tzinfo=UTC).timestamp() * 1000))
    in_time = replace(record, timestamp=int(datetime(2026, 11, 23, 11, 56, tzinfo=UTC).timestamp() * 1000))
    assert carried(early, register).topic == TOPICS.dead_letters
    assert carried(in_time, register).topic == TOPICS.case_events


def test_cases_spread_evenly_over_the_partitions():
    counted = Counter(partition_of(uuid4(), 8) for _ in range(8000))
    assert set(counted) == set(range(8))
    assert min(counted.values()) > 800

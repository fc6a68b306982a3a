"""Records of the log become events, and what the database keeps of them becomes the same events again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consumers.casework.records import (
    Unreadable,
    leaf,
    link,
    pack_headers,
    read_record,
    stored_event,
    unpack_headers,
)
from infra.positions import CHAIN_START
from schemas.envelope import write_headers
from tests.consumers.casework.logged import Log, told
from tests.faults.scripts import OPINION, SWIFT

NOW = datetime(2026, 11, 23, 1, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("said", told(SWIFT, OPINION), ids=lambda one: one.envelope.type)
def test_an_event_read_back_from_its_row_is_the_event_of_the_log(said):
    [record] = Log().add(said)
    read = read_record(record)
    row = {
        "partition": record.partition,
        "log_offset": record.offset,
        "recorded_at": read.event.recorded_at,
        "headers": read.headers,
        "value": record.value,
    }
    assert stored_event(row) == read.event


def test_headers_come_out_as_they_went_in():
    headers = write_headers(told(SWIFT)[0].envelope)
    assert unpack_headers(pack_headers(headers)) == headers


def test_the_time_of_the_log_is_kept_to_the_millisecond():
    log = Log(began=NOW)
    [record] = log.add(told(SWIFT)[0])
    assert read_record(record).event.recorded_at == NOW


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (None, []),
        (b"", []),
        (b"\x00", [("ce_id", None)]),
        (b"\x00\x00\x00\x00\x08", [("ce_id", b"\xff")]),
        (b"\x00\x00\x00\x00\x08", [("ce_id", b"x"), ("ce_id", b"y")]),
    ],
)
def test_no_bytes_make_reading_fail(value, headers):
    read = read_record(Log().add_raw(value, headers))
    assert isinstance(read, Unreadable)
    assert read.detail


def test_a_value_of_another_type_than_the_envelope_names_is_no_event():
    """Intake refuses it, so that somebody else must have written it into the log."""
    sent, handed = told(SWIFT)[3], told(SWIFT)[6]
    log = Log()
    record = log.add_raw(handed.value, sent.headers)
    assert isinstance(read_record(record), Unreadable)


@pytest.mark.parametrize(
    "other",
    [
        (8, b"digest", NOW, b"headers"),
        (7, b"another", NOW, b"headers"),
        (7, b"digest", NOW.replace(microsecond=124_000), b"headers"),
        (7, b"digest", NOW, b"other headers"),
    ],
    ids=["place", "content", "time", "headers"],
)
def test_a_leaf_depends_on_everything_that_the_rules_go_by(other):
    assert leaf(*other) != leaf(7, b"digest", NOW, b"headers")


def test_a_link_depends_on_the_one_before_and_on_the_event():
    links = {link(CHAIN_START, bytes(32)), link(b"\x01" * 32, bytes(32)), link(CHAIN_START, b"\x01" * 32)}
    assert len(links) == 3

"""From a statement to a record: what the bus would refuse is refused here, with the same reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from producers.errors import NotAccepted
from producers.records import Record, Statement, check, new_id, record_of
from schemas.codec import encode
from schemas.digests import digest
from schemas.envelope import read_headers
from schemas.identity import case_id
from schemas.spans import Precision
from schemas.units import Register

MOST = 256 * 1024


def test_the_record_carries_the_statement(statement: Statement) -> None:
    record = record_of(statement, unit="by-env", encode=encode)
    envelope = read_headers(record.headers)
    assert envelope == record.envelope
    assert envelope.subject == case_id("by-env", statement.case_number)
    assert record.key == str(envelope.subject).encode()
    assert (envelope.source, envelope.id, envelope.time) == ("by-env", "t-17", statement.occurred_at)


def test_a_case_of_another_unit_keeps_its_id(statement: Statement) -> None:
    police = replace(
        statement, type="transfer.received", case_unit="by-env", data={"receipt_no": "1", "receiver": "王"}
    )
    record = record_of(police, unit="by-police", encode=encode)
    assert record.envelope.subject == record_of(statement, unit="by-env", encode=encode).envelope.subject


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "no.such"}, "unknown-type"),
        ({"data": {}}, "undecodable"),
        ({"data": {"addressee": "nobody"}}, "addressee"),
        ({"case_number": " "}, "case-id"),
        ({"case_unit": "nobody"}, "case-id"),
        ({"occurred_at": datetime(2026, 3, 11)}, "time"),  # noqa: DTZ001  (that is the mistake)
        ({"occurred_at": datetime(2026, 3, 11, 9, tzinfo=UTC)}, "time"),
        ({"occurred_at": datetime(1901, 1, 1, tzinfo=UTC)}, "time"),
        ({"id": "two words"}, "envelope"),
        ({"operator": "x" * 2000}, "envelope"),
        ({"data": {"addressee": "by-police", "summary": "案" * 100_000}}, "too-large"),
        ({"type": "deadline.breached"}, "undecodable"),
        ({"type": "filing.accepted", "data": {"filing_no": "1"}}, "wrong-speaker"),
    ],
    ids=str,
)
def test_what_intake_would_refuse_is_refused_before_it_is_sent(
    statement: Statement, register: Register, now: datetime, change: dict[str, Any], reason: str
) -> None:
    def say() -> None:
        record = record_of(replace(statement, **change), unit="by-env", encode=encode)
        check(record, unit="by-env", register=register, now=now, max_bytes=MOST)

    with pytest.raises(NotAccepted) as refused:
        say()
    assert refused.value.reason == reason
    assert str(refused.value).startswith(f"{reason}: ")


def test_a_unit_cannot_speak_for_another(statement: Statement, register: Register, now: datetime) -> None:
    record = record_of(statement, unit="by-market", encode=encode)
    with pytest.raises(NotAccepted, match="wrong-source"):
        check(record, unit="by-env", register=register, now=now, max_bytes=MOST)


@pytest.fixture
def record(statement: Statement) -> Record:
    return record_of(statement, unit="by-env", encode=encode)


def test_the_digest_depends_on_the_instant_and_not_on_how_it_is_written(record: Record) -> None:
    peking = record.envelope.time.astimezone(timezone(timedelta(hours=8)))
    assert digest(replace(record.envelope, time=peking), record.value) == record.digest


@pytest.mark.parametrize(
    "change",
    [
        {"source": "by-market"},
        {"id": "t-18"},
        {"type": "transfer.approved"},
        {"subject": UUID(int=1)},
        {"time": datetime(2026, 3, 11, 1, 31, tzinfo=UTC)},
        {"precision": Precision.DAY},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_changes_with_what_identifies_the_event(record: Record, change: dict[str, Any]) -> None:
    assert digest(replace(record.envelope, **change), record.value) != record.digest


def test_the_digest_changes_with_one_byte_of_the_value(record: Record) -> None:
    assert digest(record.envelope, record.value + b"\x00") != record.digest


@pytest.mark.parametrize(
    "change", [{"operator": "王"}, {"causation": "x"}, {"correlation": "y"}, {"traceparent": "z"}]
)
def test_the_digest_leaves_out_what_may_be_filled_in_later(record: Record, change: dict[str, str]) -> None:
    assert digest(replace(record.envelope, **change), record.value) == record.digest


def test_made_ids_are_uuid_7_and_sort_by_time(now: datetime) -> None:
    entropy = bytes(range(10))
    early, late = (UUID(new_id(now + timedelta(milliseconds=ms), entropy)) for ms in (0, 1))
    assert early.version == 7
    assert early.variant == "specified in RFC 4122"
    assert early < late
    assert early.int >> 80 == int(now.timestamp() * 1000)

"""From a statement to a record: what the bus would refuse is refused here, with the same reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from producers.errors import NotAccepted
from producers.records import Record, Statement, check, new_id, passes, record_of
from schemas import codec
from schemas.admission import Admitted, admit
from schemas.catalogue import BY_NAME
from schemas.codec import encode, encode_json
from schemas.digests import digest
from schemas.envelope import read_headers
from schemas.identity import case_id
from schemas.spans import Precision
from schemas.units import Register
from tests.schemas.payloads import payloads_of

MOST = 256 * 1024
UNHASHED = {"kind": "移送书", "title": "移送书", "sha256": "none"}
ZONES = (UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30)))


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
        ({"operator": "王\0"}, "envelope"),
        ({"field": "a\0b"}, "envelope"),
        ({"data": {"addressee": "by-police", "documents": [UNHASHED]}}, "document"),
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
        said = replace(statement, **change)
        record = record_of(said, unit="by-env", encode=encode)
        assert not passes(record, said, unit="by-env", register=register, now=now, max_bytes=MOST)
        check(record, unit="by-env", register=register, now=now, max_bytes=MOST)

    with pytest.raises(NotAccepted) as refused:
        say()
    assert refused.value.reason == reason
    assert str(refused.value).startswith(f"{reason}: ")


def test_a_unit_cannot_speak_for_another(statement: Statement, register: Register, now: datetime) -> None:
    record = record_of(statement, unit="by-market", encode=encode)
    with pytest.raises(NotAccepted, match="wrong-source"):
        check(record, unit="by-env", register=register, now=now, max_bytes=MOST)


def test_an_ordinary_statement_passes_without_being_read_back(
    statement: Statement, register: Register, now: datetime
) -> None:
    record = record_of(statement, unit="by-env", encode=encode_json)
    assert passes(record, statement, unit="by-env", register=register, now=now, max_bytes=MOST)


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_passes_is_admitted_as_it_was_said(
    register: Register, now: datetime, data: st.DataObject
) -> None:
    draw = data.draw
    odd = draw(
        st.sampled_from(["", "", "", "texts", "id", "case", "addressee", "documents", "size", "speaker"])
    )
    event_type = draw(st.sampled_from([row for row in BY_NAME.values() if row.speakers - {"BUS"}]))
    units = [unit.code for unit in register.units]
    speaking = [unit.code for unit in register.units if not unit.roles.isdisjoint(event_type.speakers)]
    payload = draw(payloads_of(event_type.name))
    if payload.get("addressee") is not None:
        payload["addressee"] = "nobody" if odd == "addressee" else draw(st.sampled_from(units))
    if odd != "documents":
        payload.pop("documents", None)
    plain = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x9FFF), max_size=20)
    text = st.text("0%\0案 ", max_size=5) | st.just("x" * 1100) if odd == "texts" else plain
    ids = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7F), min_size=1, max_size=130)
    statement = Statement(
        event_type.name,
        draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)),
        draw(st.datetimes(datetime(1940, 1, 1), datetime(2026, 3, 13), timezones=st.sampled_from(ZONES))),  # noqa: DTZ001
        codec.decode_json(codec.encode(event_type.name, payload)),
        id=draw(ids if odd == "id" else st.from_regex(r"[!-~]{1,128}", fullmatch=True)),
        case_unit=draw(st.sampled_from(["nobody", "\0"] if odd == "case" else ["", *units])),
        precision=draw(st.sampled_from(Precision)),
        field=draw(text),
        operator=draw(text),
        correlation=draw(text),
    )
    unit = draw(st.sampled_from(units if odd == "speaker" or not speaking else speaking))
    most = 700 if odd == "size" else MOST
    record = record_of(statement, unit=unit, encode=encode_json)
    if passes(record, statement, unit=unit, register=register, now=now, max_bytes=most):
        verdict = admit(
            key=record.key,
            value=record.value,
            headers=record.headers,
            owner=unit,
            register=register,
            now=now,
            max_bytes=most,
        )
        assert isinstance(verdict, Admitted), verdict
        assert verdict.envelope == record.envelope
        assert verdict.event_type.name == statement.type
        assert encode(statement.type, verdict.data) == record.value
        event("passes")
    else:
        event("does not pass")


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

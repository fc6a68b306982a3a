"""From one JSON item to a record: what is wrong is named by reason and path, before anything is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.problems import ProblemError
from producers.gateway.statements import Reader
from producers.records import Record
from schemas.codec import decode
from schemas.units import Register

ENTROPY = bytes(10)


@pytest.fixture
def reader(register: Register) -> Reader:
    return Reader(register, 256 * 1024)


def refused(reader: Reader, item: object, now: datetime) -> ProblemError:
    with pytest.raises(ProblemError) as raised:
        reader.record(item, unit="by-env", now=now, entropy=ENTROPY)
    return raised.value


def test_an_item_becomes_a_record_of_the_caller(reader: Reader, event: dict[str, Any], now: datetime) -> None:
    record = reader.record(event, unit="by-env", now=now, entropy=ENTROPY)
    assert isinstance(record, Record)
    assert (record.envelope.source, record.envelope.origin_unit) == ("by-env", "by-env")
    assert decode(record.value).data["addressee"] == "by-police"


def test_an_item_without_id_gets_one_from_time_and_entropy(
    reader: Reader, event: dict[str, Any], now: datetime
) -> None:
    del event["id"]
    first = reader.record(event, unit="by-env", now=now, entropy=b"0123456789").envelope.id
    same = reader.record(event, unit="by-env", now=now, entropy=b"0123456789").envelope.id
    other = reader.record(event, unit="by-env", now=now, entropy=b"9876543210").envelope.id
    assert first == same != other
    assert first[14] == "7"


def test_bytes_in_json_are_base64(reader: Reader, event: dict[str, Any], now: datetime) -> None:
    """No type that a unit may say has a bytes field; the bus's own one is refused for its speaker, not its bytes."""
    item = event | {
        "type": "mirror.copied",
        "data": {
            "opinion_source": "by-criminal",
            "opinion_id": "o",
            "opinion_type": "x",
            "copies": [],
            "opinion_value": "AAECAw==",
        },
    }
    assert refused(reader, item, now).reason == "wrong-speaker"


@pytest.mark.parametrize(
    ("change", "status", "reason", "path", "words"),
    [
        ({"type": "transfer.snet"}, 422, "unknown-type", "type", "docs/catalogue.md"),
        ({"type": None}, 422, None, "type", "string"),
        ({"data": {}}, 422, "undecodable", "data.addressee", "missing"),
        ({"data": {"addressee": 7}}, 422, "undecodable", "data.addressee", "a string"),
        (
            {"data": {"addressee": "by-police", "parties": [{"name": "某公司", "kind": "martian"}]}},
            422,
            "undecodable",
            "data.parties[0].kind",
            "natural_person",
        ),
        (
            {"data": {"addressee": "by-police", "ofence": "x"}},
            422,
            "undecodable",
            "data.ofence",
            "no such field",
        ),
        ({"data": {"addressee": "nobody"}}, 422, "addressee", None, "nobody"),
        ({"data": []}, 422, None, "data", "dictionary"),
        ({"time": "yesterday"}, 422, None, "time", "RFC 3339"),
        ({"time": "2026-03-11T09:30:00"}, 422, None, "time", "offset"),
        ({"time": "0001-01-01T00:00:00+14:00"}, 422, None, "time", "out of range"),
        ({"time": "1900-01-01T00:00:00Z"}, 422, "time", None, "before"),
        ({"precision": "minute"}, 422, None, "precision", "second"),
        ({"case": {"number": "  "}}, 422, "case-id", None, "case_number"),
        ({"case": {"number": "1", "unit": "nobody"}}, 422, "case-id", None, "nobody"),
        ({"case": "1"}, 422, None, "case", "dictionary"),
        ({"type": "filing.accepted", "data": {"filing_no": "1"}}, 422, "wrong-speaker", None, "AG"),
        ({"id": "with space"}, 422, None, "id", "pattern"),
        ({"id": "x" * 129}, 422, None, "id", "128"),
        ({"colour": "red"}, 422, None, "colour", "Extra"),
        ({"operator": "名" * 300}, 422, "envelope", None, "1024"),
        ({"operator": "a\x00b"}, 422, "envelope", None, "NUL"),
        ({"data": {"addressee": "by-police", "summary": "x" * 300_000}}, 422, None, None, "at most"),
        ({"source": "by-market"}, 403, None, None, "by-market"),
        ({"source": "bus"}, 403, None, None, "bus"),
    ],
    ids=str,
)
def test_a_wrong_event_is_answered_with_reason_and_path(
    reader: Reader,
    event: dict[str, Any],
    now: datetime,
    *,
    change: dict[str, Any],
    status: int,
    reason: str | None,
    path: str | None,
    words: str,
) -> None:
    error = refused(reader, event | change, now)
    assert error.problem.status == status
    assert reason is None or error.reason == reason
    assert words in error.detail
    assert path is None or [flaw.path for flaw in error.flaws] == [path]


def test_five_minutes_ahead_are_a_clock_that_runs_fast_and_more_is_the_future(
    reader: Reader, event: dict[str, Any], now: datetime
) -> None:
    def at(minutes: float) -> dict[str, Any]:
        return event | {"time": (now + timedelta(minutes=minutes)).isoformat()}

    assert reader.record(at(4.9), unit="by-env", now=now, entropy=ENTROPY)
    assert refused(reader, at(5.1), now).reason == "time"


@pytest.mark.parametrize("item", [None, 7, "x", [], {}, True])
def test_an_item_that_is_no_event_is_malformed(reader: Reader, item: object, now: datetime) -> None:
    assert refused(reader, item, now).problem.slug == "malformed"

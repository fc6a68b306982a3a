"""Receipts over HTTP on a real broker and database: given after the broker has the event, once per identity."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, func, select, update

from infra.settings import Settings
from infra.tables import submissions
from schemas.codec import decode
from schemas.digests import digest
from schemas.envelope import read_headers
from schemas.identity import case_id
from schemas.topics import GATEWAY

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def log(settings: Settings) -> Callable[[], list[Any]]:
    """Everything that the gateway has written."""

    def read() -> list[Any]:
        partition = TopicPartition(settings.topics.ingress(GATEWAY), 0)
        consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, consumer_timeout_ms=10_000)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        end = consumer.end_offsets([partition])[partition]
        records: list[Any] = []
        while len(records) < end:
            records.extend(record for batch in consumer.poll(1000).values() for record in batch)
        consumer.close()
        return records

    return read


def test_the_receipt_names_the_record_that_the_broker_has(
    client: TestClient, event: dict[str, Any], log: Callable[[], list[Any]]
) -> None:
    answer = client.post("/v1/events", json=event)
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    (record,) = log()
    envelope = read_headers(record.headers)
    assert (receipt["topic"], receipt["partition"], receipt["offset"]) == (record.topic, 0, record.offset)
    assert (receipt["source"], receipt["id"]) == envelope.identity == ("by-env", "t-17")
    assert receipt["digest"] == digest(envelope, record.value).hex()
    assert record.key.decode() == str(envelope.subject) == str(case_id("by-env", "白环移〔2026〕17号"))
    assert decode(record.value).data["offence"] == "污染环境罪"
    assert record.timestamp_type == 1  # LogAppendTime


def test_the_same_event_again_gets_the_first_receipt(
    client: TestClient, event: dict[str, Any], log: Callable[[], list[Any]]
) -> None:
    first = client.post("/v1/events", json=event)
    again = client.post("/v1/events", json=event | {"time": "2026-03-11T01:30:00Z", "operator": "李"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(log()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-03-11T09:31:00+08:00"},
        {"precision": "day"},
        {"case": {"number": "another"}},
        {
            "type": "transfer.on_site_handed",
            "data": {"addressee": "by-police", "place": "现场", "handed_by": "甲", "received_by": "乙"},
        },
        {"data": {"addressee": "by-police", "offence": "危险作业罪"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_same_id_with_other_content_is_a_conflict(
    client: TestClient, event: dict[str, Any], change: dict[str, Any], log: Callable[[], list[Any]]
) -> None:
    client.post("/v1/events", json=event)
    answer = client.post("/v1/events", json=event | change)
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "by-env/t-17" in answer.json()["detail"]
    assert len(log()) == 1


def test_two_units_may_use_the_same_id(
    client: TestClient, event: dict[str, Any], as_unit: Callable[[str], dict[str, str]]
) -> None:
    client.post("/v1/events", json=event)
    other = client.post("/v1/events", json=event, headers=as_unit("by-market"))
    assert other.status_code == 201
    assert other.json()["source"] == "by-market"


def test_an_event_without_id_gets_a_new_one_each_time(client: TestClient, event: dict[str, Any]) -> None:
    del event["id"]
    first, second = (client.post("/v1/events", json=event).json() for _ in range(2))
    assert first["id"] != second["id"]
    assert first["offset"] != second["offset"]


def test_a_list_has_a_result_for_each_item(
    client: TestClient, event: dict[str, Any], log: Callable[[], list[Any]]
) -> None:
    client.post("/v1/events", json=event)
    said = [
        event,  # was said before
        event | {"id": "t-18"},
        event | {"id": "t-18"},  # twice in one list
        event | {"id": "t-18", "time": "2026-03-10T00:00:00Z"},  # other content in one list
        event | {"id": "t-19", "type": "filing.accepted", "data": {}},  # not for an agency, and incomplete
        event | {"id": "t-20"},
    ]
    answer = client.post("/v1/events", json=said)
    assert answer.status_code == 207
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [200, 201, 200, 409, 422, 201]
    assert items[1]["receipt"] == items[2]["receipt"]
    assert items[4]["problem"]["instance"] == "/v1/events#4"
    assert answer.json()["accepted"] == 4
    assert [dict(record.headers)["ce_id"] for record in log()] == [b"t-17", b"t-18", b"t-20"]


def test_events_of_one_list_are_written_in_its_order(
    client: TestClient, event: dict[str, Any], log: Callable[[], list[Any]]
) -> None:
    answer = client.post("/v1/events", json=[event | {"id": f"e-{n}"} for n in range(500)])
    assert answer.json()["accepted"] == 500
    assert [dict(record.headers)["ce_id"].decode() for record in log()] == [f"e-{n}" for n in range(500)]


def test_a_crash_between_reservation_and_receipt_is_completed_by_the_retry(
    client: TestClient, event: dict[str, Any], engine: Engine, log: Callable[[], list[Any]]
) -> None:
    """The record may be in the log or not; the sender knows neither. The retry gets a receipt that is true."""
    before = client.post("/v1/events", json=event).json()
    with engine.begin() as connection:
        connection.execute(update(submissions).values(topic=None, partition=None, log_offset=None))
    retried = client.post("/v1/events", json=event)
    assert retried.status_code == 201
    receipt = retried.json()
    records = {record.offset: record for record in log()}
    assert dict(records[receipt["offset"]].headers)["ce_id"] == b"t-17"
    assert receipt["received_at"] == before["received_at"]
    assert client.post("/v1/events", json=event).json() == receipt


def test_other_content_is_refused_while_the_first_is_still_without_receipt(
    client: TestClient, event: dict[str, Any], engine: Engine
) -> None:
    client.post("/v1/events", json=event)
    with engine.begin() as connection:
        connection.execute(update(submissions).values(topic=None, partition=None, log_offset=None))
    assert client.post("/v1/events", json=event | {"precision": "day"}).status_code == 409


def test_many_senders_of_one_event_at_once_all_get_the_same_receipt(
    client: TestClient, event: dict[str, Any], engine: Engine
) -> None:
    with ThreadPoolExecutor(16) as senders:
        answers = list(senders.map(lambda _: client.post("/v1/events", json=event), range(48)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.text for answer in answers}) == 1
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(submissions)).scalar_one() == 1

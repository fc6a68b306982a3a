"""A department decides on a mirrored opinion over HTTP: an event in its own name, once, and nobody else's business."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, insert, update

from infra.settings import Settings
from infra.tables import cases, clocks, mirrors
from schemas.codec import decode
from schemas.envelope import read_headers
from schemas.identity import case_id, derived_id
from schemas.topics import GATEWAY
from tests.producers.gateway.conftest import Key

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CASE = ("by-labour", "白人社监〔2026〕42号")
NOW = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)
ACCEPT = {"decision": "accept", "time": "2026-03-18T10:00:00+08:00", "clue_no": "白检民线〔2026〕15号"}
DISMISS = {"decision": "dismiss", "time": "2026-03-18T10:00:00+08:00", "reason": "不属于公益诉讼法定领域。"}


@pytest.fixture
def mirror(engine: Engine) -> UUID:
    """An opinion of by-criminal, mirrored to by-civil, with the office's target."""
    mirror_id = derived_id("by-criminal/o-1", "mirror", "by-civil")
    case = {"case_id": case_id(*CASE), "partition": 0}
    with engine.begin() as connection:
        connection.execute(
            insert(cases).values(
                **case,
                origin_unit=CASE[0],
                origin_case=CASE[1],
                district="baiyun",
                field="labour",
                state="OPINION_TO_TRANSFER",
                events=2,
                opened_at=NOW,
                updated_at=NOW,
                last_offset=1,
            )
        )
        connection.execute(
            insert(mirrors).values(
                **case,
                mirror_id=mirror_id,
                opinion_source="by-criminal",
                opinion_id="o-1",
                unit="by-civil",
                why="支持起诉",
                state="copied",
                copied_at=NOW,
                reason="",
                clue_no="",
            )
        )
        connection.execute(
            insert(clocks).values(
                **case,
                clock_id=uuid4(),
                rule="T-mirror",
                version="1",
                kind="deadline",
                holder="by-civil",
                started_source="bus",
                started_id=str(derived_id("by-criminal/o-1", "mirror", "")),
                started_offset=0,
                assumed_start=False,
                due_to=datetime(2026, 3, 24, 15, 59, 59, tzinfo=UTC),
                provisional=False,
                state="running",
                certain=True,
                breach_withdrawn=False,
                reported_late=False,
            )
        )
    return mirror_id


def said(settings: Settings) -> list[Any]:
    """What the gateway has written."""
    partition = TopicPartition(settings.topics.ingress(GATEWAY), 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, consumer_timeout_ms=3000)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    records: list[Any] = []
    while len(records) < end:
        records.extend(record for batch in consumer.poll(1000).values() for record in batch)
    consumer.close()
    return records


@pytest.mark.parametrize("told", [ACCEPT, DISMISS])
def test_a_decision_is_said_as_an_event_of_the_department_in_the_case(
    client: TestClient,
    as_unit: Key,
    settings: Settings,
    mirror: UUID,
    told: dict[str, str],
) -> None:
    answer = client.post(f"/v1/mirrors/{mirror}", json=told, headers=as_unit("by-civil"))
    assert answer.status_code == 201, answer.text
    [record] = said(settings)
    type_name = {"accept": "mirror.accepted", "dismiss": "mirror.dismissed"}[told["decision"]]
    envelope = read_headers(record.headers)
    data = decode(record.value).data
    assert (envelope.source, envelope.type, envelope.subject) == ("by-civil", type_name, case_id(*CASE))
    assert (envelope.field, envelope.causation, envelope.id) == ("labour", "o-1", answer.json()["id"])
    assert (data["regarding_source"], data["regarding_id"]) == ("by-criminal", "o-1")
    assert data["reason"] == told.get("reason")
    assert data["clue_no"] == told.get("clue_no")


def test_the_same_decision_again_gets_the_first_receipt_even_after_it_took_effect(
    client: TestClient, as_unit: Key, settings: Settings, engine: Engine, mirror: UUID
) -> None:
    headers = as_unit("by-civil")
    first = client.post(f"/v1/mirrors/{mirror}", json=ACCEPT, headers=headers).json()
    with engine.begin() as connection:
        decided = {"state": "accepted", "decided_source": "by-civil", "decided_id": first["id"]}
        connection.execute(update(mirrors).values(**decided))
    again = client.post(f"/v1/mirrors/{mirror}", json=ACCEPT, headers=headers)
    assert (again.status_code, again.json()) == (200, first)
    other = client.post(f"/v1/mirrors/{mirror}", json=DISMISS, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "urn:linkage:problem:decided")
    assert len(said(settings)) == 1


def test_a_dismissal_without_a_reason_is_refused_by_name(
    client: TestClient, as_unit: Key, mirror: UUID
) -> None:
    told = {**DISMISS, "reason": " "}
    answer = client.post(f"/v1/mirrors/{mirror}", json=told, headers=as_unit("by-civil"))
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"path": "reason", "message": "a dismissal gives its reason"}]


@pytest.mark.parametrize("unit", ["by-criminal", "by-pil", "by-police"])
def test_only_the_department_that_has_the_mirror_decides_on_it(
    client: TestClient, as_unit: Key, mirror: UUID, unit: str
) -> None:
    headers = as_unit(unit)
    for wanted in (mirror, uuid4()):
        assert client.post(f"/v1/mirrors/{wanted}", json=ACCEPT, headers=headers).status_code == 404


def test_open_work_is_listed_with_its_target_for_the_department_and_the_speaker(
    client: TestClient, as_unit: Key, mirror: UUID
) -> None:
    for unit in ("by-civil", "by-criminal"):
        [work] = client.get("/v1/mirrors", headers=as_unit(unit)).json()
        assert (work["mirror"]["id"], work["case"]["number"]) == (str(mirror), CASE[1])
        assert (work["due"], work["overdue"]) == ("2026-03-24T15:59:59+00:00", False)
    assert client.get("/v1/mirrors", headers=as_unit("by-pil")).json() == []
    assert client.get("/v1/mirrors?state=accepted", headers=as_unit("by-civil")).json() == []

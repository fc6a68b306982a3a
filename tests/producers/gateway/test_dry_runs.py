"""Dry runs over HTTP: the checks and errors of the real thing, what would happen, and nothing written anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, text

from infra.settings import Settings
from infra.tables import metadata
from schemas.topics import GATEWAY

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

DRY = {"dry_run": True}


@pytest.fixture
def everything(engine: Engine, settings: Settings) -> Callable[[], tuple[str, int]]:
    """The digest of every row of every table, and where the gateway's topic ends."""

    def read() -> tuple[str, int]:
        hashed = hashlib.sha256()
        with engine.connect() as connection:
            for table in sorted(metadata.tables):
                for (row,) in connection.execute(text(f"SELECT t::text FROM {table} t ORDER BY 1")):
                    hashed.update(f"{table} {row}".encode())
        partition = TopicPartition(settings.topics.ingress(GATEWAY), 0)
        consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
        end = consumer.end_offsets([partition])[partition]
        consumer.close()
        return hashed.hexdigest(), end

    return read


def said(type_: str, event_id: str, data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "type": type_,
        "id": event_id,
        "case": {"number": "白环移〔2026〕17号"},
        "time": "2026-03-11T09:30:00+08:00",
        "field": "environment",
        "data": data,
    } | changes


STEPS = [
    said("transfer.approved", "s-1", {"approver": "局长"}),
    said(
        "transfer.sent",
        "s-2",
        {"addressee": "by-police", "offence": "污染环境罪"},
        time="2026-03-11T10:30:00+08:00",
    ),
]


def test_nothing_is_written_anywhere(
    client: TestClient, event: dict[str, Any], everything: Callable[[], tuple[str, int]]
) -> None:
    client.post("/v1/events", json=event)
    before = everything()
    assert client.post("/v1/events", params=DRY, json=event).status_code == 200
    assert client.post("/v1/events", params=DRY, json=STEPS).status_code == 207
    assert client.post("/v1/events", params=DRY, json={"type": "nothing"}).status_code == 422
    assert everything() == before
    client.post("/v1/events", json=STEPS)
    assert everything() != before  # it would have been seen


def test_the_checks_and_errors_are_those_of_the_real_thing(client: TestClient, event: dict[str, Any]) -> None:
    client.post("/v1/events", json=event)
    items: list[Any] = [
        event,
        event | {"id": "n-1"},
        event | {"id": "n-1"},
        event | {"id": "n-1", "precision": "day"},
        event | {"precision": "day"},
        event | {"id": "n-2", "data": {}},
        event | {"id": "n-3", "source": "by-police"},
        event | {"id": "n-4", "type": "filing.accepted", "data": {"filing_no": "1"}},
        event | {"id": "n-5", "time": "2999-01-01T00:00:00Z"},
        7,
    ]
    dry = client.post("/v1/events", params=DRY, json=items).json()
    real = client.post("/v1/events", json=items).json()
    assert dry["accepted"] == real["accepted"] == 3
    for foreseen, happened in zip(dry["items"], real["items"], strict=True):
        problems = [item.get("problem") and (item["problem"]["status"], item["problem"].get("reason"))
                    for item in (foreseen, happened)]  # fmt: skip
        assert problems[0] == problems[1]
    assert [item["foreseen"]["known"] for item in dry["items"] if "foreseen" in item] == [True, False, False]
    assert [item["status"] for item in dry["items"]] == [200, 200, 200, 409, 409, 422, 403, 422, 422, 422]


def test_an_event_of_a_list_sees_what_those_before_it_would_have_done(client: TestClient) -> None:
    items = client.post("/v1/events", params=DRY, json=STEPS).json()["items"]
    approved, sent = (item["foreseen"]["effect"] for item in items)
    assert [track["after"]["code"] for track in approved["tracks"]] == ["APPROVED", ""]
    assert [track["before"]["code"] for track in sent["tracks"]] == ["APPROVED", ""]
    assert [track["after"]["code"] for track in sent["tracks"]] == ["TRANSFERRED", ""]
    (clock,) = (clock for clock in sent["clocks"] if clock["rule"] == "O310-05c")
    assert (clock["change"], clock["state"]) == ("stopped", "met")
    alone = client.post("/v1/events", params=DRY, json=STEPS[1]).json()["effect"]
    assert alone["tracks"][0]["before"]["code"] == "OPEN"


def test_it_says_who_would_receive_the_event_why_and_with_what_hidden(client: TestClient) -> None:
    party = {"name": "陈小明", "kind": "natural_person", "id_no": "440111199001011234", "role": "举报人"}
    data = {"addressee": "by-police", "offence": "污染环境罪", "parties": [party]}
    effect = client.post("/v1/events", params=DRY, json=said("transfer.sent", "p-1", data)).json()["effect"]
    received = {one["unit"]["code"]: one for one in effect["received"]}
    assert received["by-police"]["delivery"] == "duty"
    assert received["by-police"]["hidden"] == []
    assert received["by-police"]["basis"]["mark"] in ("V", "V~", "D")
    assert received["by-criminal"]["view"] == "supervising"
    assert "parties" in received["by-criminal"]["hidden"]
    assert "陈小明" not in str(effect)


def test_a_stranger_is_told_that_it_would_be_parked_and_nothing_of_the_case(
    client: TestClient, as_unit: Callable[[str], dict[str, str]]
) -> None:
    item = said(
        "transfer.approved",
        "x-1",
        {"approver": "局长"},
        case={"unit": "by-env", "number": "白环移〔2026〕17号"},
    )
    answer = client.post("/v1/events", params=DRY, json=item, headers=as_unit("hd-market")).json()
    assert answer["effect"]["outcome"] == "parked"
    assert answer["effect"]["held"]["code"] == "wrong-speaker"
    assert (answer["effect"]["received"], answer["effect"]["clocks"], answer["follows"]) == ([], [], [])


def test_the_api_document_gives_dry_runs_the_shape_of_accounts(client: TestClient) -> None:
    shapes = client.get("/openapi.json").json()["components"]["schemas"]
    assert shapes["ForeseenOut"]["properties"]["effect"]["$ref"] == "#/components/schemas/Account"
    assert "not_received" in shapes["Account"]["properties"]

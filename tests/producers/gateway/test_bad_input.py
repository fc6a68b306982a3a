"""Bad requests: each is answered with what is wrong and where, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from infra.access import revoke_keys
from infra.tables import submissions

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client(shared_client: TestClient, shared_engine: Engine) -> Iterator[TestClient]:
    """One gateway for all: a bad request leaves nothing behind, and that is checked at the end."""
    yield shared_client
    with shared_engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(submissions)).scalar_one() == 0


def test_the_problem_document_has_the_members_of_rfc_9457(client: TestClient, event: dict[str, Any]) -> None:
    answer = client.post("/v1/events", json=event | {"data": {"addressee": 7}})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:linkage:problem:refused",
        "title": "The bus would refuse this event",
        "status": 422,
        "detail": "transfer.sent: addressee: expected a string, got 7",
        "instance": "/v1/events",
        "reason": "undecodable",
        "errors": [
            {"path": "data.addressee", "message": "transfer.sent: addressee: expected a string, got 7"}
        ],
    }


def test_an_event_of_tomorrow_is_refused(client: TestClient, event: dict[str, Any]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    problem = client.post("/v1/events", json=event | {"time": tomorrow}).json()
    assert problem["reason"] == "time"
    assert "ahead" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b'{"type": "transfer.sent", "id"', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"time": NaN}', 400),
        (b"\xff\xfe", 400),
        (b'{"id": "\\ud800"}', 400),
        (b"null", 422),
        (b"7", 422),
        (b"[]", 422),
        (b"[" + b",".join([b"{}"] * 501) + b"]", 413),
        (b'{"x": "' + b"y" * 8_400_000 + b'"}', 413),
    ],
    ids=lambda value: str(value[:12]) if isinstance(value, bytes) else str(value),
)
def test_a_body_that_is_no_event_is_refused(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/v1/events", content=body, headers=JSON)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_without_declared_length_is_cut_off_when_it_grows_too_large(client: TestClient) -> None:
    asked = 0

    def endless() -> Any:
        nonlocal asked
        for _ in range(100):
            asked += 1
            yield b"[" * 1_000_000

    assert client.post("/v1/events", content=endless(), headers=JSON).status_code == 413


def test_items_of_a_list_that_are_no_events_have_problems_of_their_own(client: TestClient) -> None:
    answer = client.post("/v1/events", json=[None, 7, "x", [], {}])
    assert answer.status_code == 207
    assert [item["status"] for item in answer.json()["items"]] == [422] * 5


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_media_type_is_refused_by_name(client: TestClient, event: dict[str, Any], media: str) -> None:
    answer = client.post("/v1/events", content=json.dumps(event), headers={"Content-Type": media})
    assert answer.status_code == 415
    assert media in answer.json()["detail"]


@pytest.mark.parametrize("authorization", ["", "Basic x", "Bearer", "Bearer ", "Bearer lk_wrong", "lk_wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/events"),
        ("GET", "/v1/events/by-env/t-17"),
        ("GET", "/v1/cases/by-env:1"),
        ("GET", "/v1/clocks"),
        ("GET", "/v1/feeds/me"),
        ("POST", "/v1/feeds/me/ack"),
        ("GET", "/v1/quarantine"),
    ],
)
def test_every_route_needs_a_valid_key(
    client: TestClient, authorization: str, method: str, path: str
) -> None:
    answer = client.request(method, path, headers={"Authorization": authorization}, json={"seq": 0})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:linkage:problem:no-key"


def test_every_route_but_health_and_its_description_asks_for_a_key(client: TestClient) -> None:
    """A route added later cannot forget it: everything in the OpenAPI document but /health has a security entry."""
    document = client.get("/openapi.json").json()
    open_routes = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if not operation.get("security")
    }
    assert open_routes == {"/health"}


def test_a_revoked_key_is_refused(
    client: TestClient,
    event: dict[str, Any],
    shared_engine: Engine,
    shared_key: Callable[[str], dict[str, str]],
) -> None:
    headers = shared_key("by-tax")
    with shared_engine.begin() as connection:
        assert revoke_keys(connection, "by-tax", now=datetime.now(UTC)) == 1
    assert client.post("/v1/events", json=event, headers=headers).status_code == 401


def test_titles_come_in_the_reader_s_language(client: TestClient) -> None:
    asked = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8", "Authorization": "Bearer no"}
    answer = client.get("/v1/clocks", headers=asked)
    assert answer.json()["title"] == "需要有效的接口密钥"
    assert answer.headers["content-language"] == "zh"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/v1/events", 405), ("GET", "/v1/clocks?limit=0", 422)],
)
def test_the_framework_s_own_errors_are_problem_documents(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_the_openapi_document_describes_the_request(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    shapes = document["components"]["schemas"]
    assert {"EventIn", "CaseReference", "ReceiptOut", "ListOut", "FeedPage", "CaseView"} <= shapes.keys()
    assert "id" not in shapes["EventIn"]["required"]

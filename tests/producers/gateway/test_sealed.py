"""Payloads that come sealed over HTTP, and the key that they are sealed to, on a gateway that seals."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete

from infra.database import engine as database_engine
from infra.gateway import create_app
from infra.ingress_keys import expire
from infra.settings import Settings
from infra.vault_tables import ingress_keys
from producers.gateway.statements import statement_of
from producers.records import record_of
from schemas.codec import encode_json
from schemas.sealed.ingress import IngressKey, read_ingress_key, sealed_for
from schemas.topics import GATEWAY
from schemas.units import Register
from tests.infra.ingress import new_ingress_key
from tests.infra.sealing import sealing_settings
from tests.producers.gateway.conftest import issuer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture(scope="module")
def sealing(shared_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    own = sealing_settings(shared_settings.database, tmp_path_factory.mktemp("keys"))
    return shared_settings.model_copy(update={"master_keys": own.master_keys})


@pytest.fixture(scope="module")
def connector(sealing: Settings) -> Iterator[Engine]:
    made = database_engine(sealing, pool=1)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def asking(
    sealing: Settings, connector: Engine, register: Register, make_topics: Callable[..., None]
) -> Iterator[TestClient]:
    make_topics(sealing, sealing.topics.ingress(GATEWAY))
    with TestClient(create_app(sealing, register), headers=issuer(connector)("by-env")) as client:
        yield client


@pytest.fixture
def key(connector: Engine) -> Iterator[IngressKey]:
    yield new_ingress_key(connector, datetime.now(UTC))
    with connector.begin() as connection:
        connection.execute(delete(ingress_keys))


@pytest.fixture
def said(event: dict[str, Any]) -> dict[str, Any]:
    """An event that no other test says."""
    return event | {"id": secrets.token_hex(6)}


def sealed(event: dict[str, Any], key: IngressKey, **changed: Any) -> dict[str, Any]:
    """The event as an outbox tells it that has sealed it; `changed` afterwards."""
    record = record_of(statement_of(event, unit="by-env"), unit="by-env", encode=encode_json)
    value = sealed_for(key, record.envelope, record.value, secrets.token_bytes)
    told = {name: one for name, one in event.items() if name != "data"}
    return told | {"sealed": b64encode(value).decode()} | changed


def test_a_unit_is_told_the_current_key_and_how_long_the_answer_is_good(
    asking: TestClient, key: IngressKey
) -> None:
    answer = asking.get("/v1/ingress-key")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert read_ingress_key(answer.json()["text"]).public == key.public
    assert (answer.json()["name"], answer.json()["suite"]) == (key.name, "A")


def test_without_an_api_key_nobody_is_told(asking: TestClient, key: IngressKey) -> None:
    assert key
    assert asking.get("/v1/ingress-key", headers={"Authorization": "Bearer lk_wrong"}).status_code == 401


def test_where_there_is_none_the_answer_says_so(asking: TestClient) -> None:
    answer = asking.get("/v1/ingress-key")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:linkage:problem:no-ingress-key")


def test_sealed_or_not_it_is_one_event_with_one_receipt(
    asking: TestClient, key: IngressKey, said: dict[str, Any]
) -> None:
    first = asking.post("/v1/events", json=sealed(said, key))
    assert first.status_code == 201, first.text
    again = asking.post("/v1/events", json=sealed(said, key))
    clear = asking.post("/v1/events", json=said)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (clear.status_code, clear.json()) == (200, first.json())


def test_other_content_under_the_same_id_is_a_conflict_as_ever(
    asking: TestClient, key: IngressKey, said: dict[str, Any]
) -> None:
    assert asking.post("/v1/events", json=said).status_code == 201
    other = said | {"data": said["data"] | {"offence": "非法经营罪"}}
    assert asking.post("/v1/events", json=sealed(other, key)).status_code == 409


def test_a_list_may_mix_both_and_each_item_has_its_own_answer(
    asking: TestClient, key: IngressKey, said: dict[str, Any]
) -> None:
    other = said | {"id": secrets.token_hex(6)}
    broken = sealed(said | {"id": "x"}, key, id="y")
    answer = asking.post("/v1/events", json=[sealed(said, key), other, broken]).json()
    assert [item["status"] for item in answer["items"]] == [201, 201, 422]
    assert answer["items"][2]["problem"]["reason"] == "not-opened"


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"id": "another"}, 422, "not-opened"),
        ({"time": "2026-03-11T09:31:00+08:00"}, 422, "not-opened"),
        ({"case": {"number": "another"}}, 422, "not-opened"),
        ({"sealed": "no base64!"}, 422, "not-opened"),
        ({"sealed": b64encode(b"anything").decode()}, 422, "ingress-key"),
        ({"data": {}}, 422, None),
        ({"id": ""}, 422, None),
    ],
)
def test_what_does_not_open_is_refused_with_where_to_look(
    asking: TestClient,
    key: IngressKey,
    said: dict[str, Any],
    *,
    changed: dict[str, Any],
    status: int,
    reason: str,
) -> None:
    answer = asking.post("/v1/events", json=sealed(said, key, **changed))
    assert (answer.status_code, answer.json().get("reason")) == (status, reason)


def test_a_payload_that_opens_is_checked_like_any_other(
    asking: TestClient, key: IngressKey, said: dict[str, Any]
) -> None:
    unknown = said | {"data": said["data"] | {"addressee": "nobody"}}
    answer = asking.post("/v1/events", json=sealed(unknown, key))
    assert (answer.status_code, answer.json()["reason"]) == (422, "addressee")


def test_an_expired_key_is_named_and_so_is_the_remedy(
    connector: Engine, sealing: Settings, register: Register, key: IngressKey, said: dict[str, Any]
) -> None:
    with connector.begin() as connection:
        expire(connection, key.name, datetime.now(UTC))
    with TestClient(create_app(sealing, register), headers=issuer(connector)("by-env")) as client:
        answer = client.post("/v1/events", json=sealed(said, key))
    assert (answer.status_code, answer.json()["reason"]) == (422, "ingress-key")
    assert f"{key.name}, which expired at" in answer.json()["detail"]
    assert "GET /v1/ingress-key" in answer.json()["detail"]

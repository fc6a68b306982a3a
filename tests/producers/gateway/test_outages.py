"""The gateway while the broker or the database is away: no receipt, no growth, and it recovers by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, column, func, select, text

from infra.dev.broker import Broker
from infra.dev.postgres import Postgres
from infra.gateway import create_app
from infra.settings import Settings
from producers.errors import PublishError
from schemas.topics import GATEWAY
from schemas.units import Register

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

MOST = 40


@pytest.fixture
def client(
    settings: Settings,
    register: Register,
    make_topics: Callable[..., None],
    as_unit: Callable[[str], dict[str, str]],
) -> Iterator[TestClient]:
    """A gateway that gives up on a record after two seconds and holds few of them."""
    make_topics(settings, settings.topics.ingress(GATEWAY))
    app = create_app(settings, register, delivery_seconds=2.0, in_flight_records=MOST)
    with TestClient(app, headers=as_unit("by-env")) as asking:
        yield asking


@pytest.fixture
def broker_killed(broker: Broker, client: TestClient) -> Iterator[Broker]:
    """The broker dies under a gateway that has been talking to it."""
    assert client.get("/health").status_code == 200
    broker.kill()
    yield broker
    if not broker.child.alive:
        broker.start()


def until(ask: Callable[[], Response], status: int, *, seconds: float = 60.0) -> Response:
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer.status_code == status or time.monotonic() > deadline:
            assert answer.status_code == status, answer.text
            return answer


def test_without_broker_there_is_no_receipt_and_the_retry_afterwards_gets_one(
    client: TestClient, event: dict[str, Any], broker_killed: Broker
) -> None:
    answer = client.post("/v1/events", json=event)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert "same id" in answer.json()["detail"]
    broker_killed.start()
    receipt = until(lambda: client.post("/v1/events", json=event), 201).json()
    assert client.post("/v1/events", json=event).json() == receipt


def test_without_broker_what_waits_is_bounded_and_the_rest_is_turned_away_quickly(
    client: TestClient, event: dict[str, Any], broker_killed: Broker
) -> None:
    with ThreadPoolExecutor(30) as senders:
        said = [[event | {"id": f"e-{n}-{m}"} for m in range(10)] for n in range(30)]
        answers = list(senders.map(lambda items: client.post("/v1/events", json=items), said))
    assert {answer.status_code for answer in answers} == {503}
    until(lambda: client.get("/health"), 503)
    started = time.monotonic()
    turned_away = client.post("/v1/events", json=event | {"id": "another"})
    assert time.monotonic() - started < 1.0
    assert "acknowledged nothing" in turned_away.json()["detail"]
    broker_killed.start()
    until(lambda: client.post("/v1/events", json=event), 201)
    until(lambda: client.get("/health"), 200)


def test_more_events_than_may_wait_are_turned_away_even_while_the_broker_is_there(
    client: TestClient, event: dict[str, Any]
) -> None:
    answer = client.post("/v1/events", json=[event | {"id": f"e-{n}"} for n in range(MOST + 1)])
    assert answer.status_code == 503


def test_without_database_nothing_is_taken_or_shown_and_both_work_again_afterwards(
    client: TestClient, event: dict[str, Any], postgres: Postgres
) -> None:
    client.post("/v1/events", json=event | {"id": "before"})
    postgres.stop()
    try:
        assert client.post("/v1/events", json=event).status_code == 503
        assert client.get("/v1/clocks").status_code == 503
        assert client.get("/health").json()["database"] is False
    finally:
        postgres.start()
    until(lambda: client.post("/v1/events", json=event), 201)
    assert until(lambda: client.get("/v1/events/by-env/t-17"), 200).json()["state"] == "pending"


def test_connections_that_the_database_ended_are_replaced_without_anybody_noticing(
    client: TestClient, event: dict[str, Any], engine: Engine
) -> None:
    client.post("/v1/events", json=event)
    with engine.connect() as connection:
        ended = select(func.pg_terminate_backend(column("pid"))).select_from(text("pg_stat_activity"))
        ours = text("datname = current_database() AND pid <> pg_backend_pid()")
        assert all(connection.execute(ended.where(ours)).scalars())
    assert client.post("/v1/events", json=event | {"id": "afterwards"}).status_code == 201


def test_a_gateway_without_its_topic_does_not_start(settings: Settings, register: Register) -> None:
    with pytest.raises(PublishError, match="ingress-gateway"):
        create_app(settings, register, delivery_seconds=1.0)

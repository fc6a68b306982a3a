"""A unit registers, sees, resumes and removes its own webhooks, and only to receivers that were approved for it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from consumers.webhooks.http import router
from consumers.webhooks.receivers import Receiver, Receivers
from consumers.webhooks.registry import MOST_OF_A_UNIT
from infra import callers, problems
from infra.access import KeyRing, issue_key
from tests.consumers.webhooks.conftest import START, Desk

pytestmark = pytest.mark.postgres

URL = "https://hooks.example/linkage"
APPROVED = Receivers(
    tuple(
        Receiver(unit, "hooks.example", 443, (ip_network("10.0.0.0/8"),), plain=False)
        for unit in ("by-env", "by-police")
    )
)


@pytest.fixture
def ask(desk: Desk) -> Callable[[str], TestClient]:
    """Clients of the routes, by unit; the random bytes count up."""
    drawn = iter(range(1, 200))
    app = FastAPI()
    problems.install(app)
    callers.install(app, KeyRing(desk.engine))
    app.include_router(
        router(desk.engine, APPROVED, clock=lambda: START, entropy=lambda n: bytes([next(drawn)]) * n)
    )

    def client(unit: str) -> TestClient:
        with desk.engine.begin() as connection:
            key = issue_key(connection, unit, now=START)
        return TestClient(app, headers={"Authorization": f"Bearer {key}"})

    return client


def test_the_secret_is_shown_once_and_the_webhook_waits_for_its_handshake(
    desk: Desk, ask: Callable[[str], TestClient]
) -> None:
    desk.publish("A", "B")
    client = ask("by-env")
    answer = client.post("/v1/webhooks", json={"url": URL, "types": ["transfer.received"]})
    assert answer.status_code == 201
    made = answer.json()
    assert made["secret"].startswith("whsec_")
    listed = client.get("/v1/webhooks")
    assert made["secret"] not in listed.text
    [shown] = listed.json()
    assert (shown["id"], shown["state"], shown["url"]) == (made["id"], "pending", URL)
    assert (shown["types"], shown["cursor"], shown["queued"]) == (["transfer.received"], 2, 0)


def test_what_is_older_is_sent_too_if_asked_for(desk: Desk, ask: Callable[[str], TestClient]) -> None:
    desk.publish("A", "B")
    client = ask("by-env")
    client.post("/v1/webhooks", json={"url": URL, "after": 1})
    assert client.get("/v1/webhooks").json()[0]["cursor"] == 1


@pytest.mark.parametrize(
    ("unit", "told", "status", "problem"),
    [
        ("by-env", {"url": "https://evil.example/"}, 422, "receiver-not-approved"),
        ("by-env", {"url": "http://hooks.example/"}, 422, "receiver-not-approved"),
        ("by-env", {"url": "https://hooks.example@127.0.0.1/"}, 422, "receiver-not-approved"),
        ("by-tax", {"url": URL}, 422, "receiver-not-approved"),
        ("by-env", {"url": URL, "types": ["transfer.send"]}, 400, "bad-request"),
        ("by-env", {"url": URL, "fields": ["sea"]}, 400, "bad-request"),
        ("by-env", {"url": URL, "secret": "mine"}, 422, "malformed"),
        ("by-env", {"url": URL, "after": -1}, 422, "malformed"),
        ("by-env", {}, 422, "malformed"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_the_reason(
    ask: Callable[[str], TestClient], unit: str, told: dict[str, object], status: int, problem: str
) -> None:
    answer = ask(unit).post("/v1/webhooks", json=told)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:linkage:problem:{problem}")


def test_a_foreign_webhook_is_answered_like_one_that_does_not_exist(
    ask: Callable[[str], TestClient],
) -> None:
    mine = ask("by-env").post("/v1/webhooks", json={"url": URL}).json()["id"]
    stranger = ask("by-police")
    assert stranger.get("/v1/webhooks").json() == []
    for webhook in (mine, uuid4()):
        assert stranger.delete(f"/v1/webhooks/{webhook}").status_code == 404
        assert stranger.post(f"/v1/webhooks/{webhook}/resume").status_code == 404
    assert ask("by-env").get("/v1/webhooks").json()[0]["state"] == "pending"


def test_a_removed_webhook_is_gone_and_makes_room(ask: Callable[[str], TestClient]) -> None:
    client = ask("by-env")
    made = [client.post("/v1/webhooks", json={"url": URL}).json() for _ in range(MOST_OF_A_UNIT)]
    assert client.post("/v1/webhooks", json={"url": URL}).status_code == 409
    assert ask("by-police").post("/v1/webhooks", json={"url": URL}).status_code == 201
    assert client.delete(f"/v1/webhooks/{made[0]['id']}").status_code == 204
    assert client.delete(f"/v1/webhooks/{made[0]['id']}").status_code == 404
    assert len(client.get("/v1/webhooks").json()) == MOST_OF_A_UNIT - 1
    assert client.post("/v1/webhooks", json={"url": URL}).status_code == 201


def test_resuming_asks_for_a_new_handshake(ask: Callable[[str], TestClient]) -> None:
    client = ask("by-env")
    webhook = client.post("/v1/webhooks", json={"url": URL}).json()["id"]
    assert client.post(f"/v1/webhooks/{webhook}/resume").status_code == 202
    assert client.get("/v1/webhooks").json()[0]["state"] == "pending"

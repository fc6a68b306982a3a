"""The feed over HTTP: in order, only what is published, acknowledged once, and waiting without polling."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, update

from infra.tables import feeds

pytestmark = pytest.mark.postgres


@pytest.fixture
def feed(world: Any) -> Any:
    """Five entries for by-env, of which the broker has acknowledged three."""
    for n in range(3):
        world.say(
            "by-police",
            f"more-{n}",
            "transfer.received",
            {"receipt_no": "1", "receiver": "王"},
            to=("by-env",),
        )
    world.number("by-env", (1, 0), (2, 0), (4, 0), (5, 0), (6, 0), published=3)
    return world


@pytest.mark.usefixtures("feed")
def test_a_page_holds_published_entries_in_order(ask: Callable[[str], TestClient]) -> None:
    page = ask("by-env").get("/v1/feeds/me").json()
    assert [item["seq"] for item in page["items"]] == [1, 2, 3]
    assert [item["event"]["id"] for item in page["items"]] == ["got", "opinion", "more-0"]
    assert (page["unit"], page["next"], page["published"], page["acknowledged"]) == ("by-env", 3, 3, 0)
    assert page["items"][0] == {
        "seq": 1,
        "delivery": "duty",
        "role": "PSB",
        "basis": "国务院令第310号第五条",
        "event": page["items"][0]["event"],
        "recorded_at": "2026-03-11T08:01:00+00:00",
        "position": {"partition": 0, "offset": 1},
        "digest": "00" * 32,
    }
    assert page["items"][0]["event"]["case"]["number"] == "白环移〔2026〕17号"
    assert page["items"][0]["event"]["data"]["receiver"] == "王"


@pytest.mark.usefixtures("feed")
def test_pages_follow_each_other_without_gap_or_overlap(ask: Callable[[str], TestClient]) -> None:
    client = ask("by-env")
    seen: list[int] = []
    while items := (
        page := client.get("/v1/feeds/me", params={"after": max(seen, default=0), "limit": 1}).json()
    )["items"]:
        seen += [item["seq"] for item in items]
        assert page["next"] == seen[-1]
    assert seen == [1, 2, 3]


@pytest.mark.usefixtures("feed")
def test_without_position_reading_goes_on_behind_the_acknowledgement(
    ask: Callable[[str], TestClient],
) -> None:
    client = ask("by-env")
    assert client.post("/v1/feeds/me/ack", json={"seq": 2}).json() == {"acknowledged": 2}
    assert [item["seq"] for item in client.get("/v1/feeds/me").json()["items"]] == [3]
    assert client.post("/v1/feeds/me/ack", json={"seq": 1}).json() == {"acknowledged": 2}


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize("seq", [4, 5, 10**12])
def test_what_is_not_published_can_be_neither_acknowledged_nor_passed(
    ask: Callable[[str], TestClient], seq: int
) -> None:
    client = ask("by-env")
    for answer in (
        client.post("/v1/feeds/me/ack", json={"seq": seq}),
        client.get(f"/v1/feeds/me?after={seq}"),
    ):
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:linkage:problem:ahead-of-feed"


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize(
    "body", [{}, {"seq": -1}, {"seq": "2"}, {"seq": 2.5}, {"seq": 2**63}, {"seq": 1, "x": 1}, []]
)
def test_a_malformed_acknowledgement_is_refused(ask: Callable[[str], TestClient], body: object) -> None:
    assert ask("by-env").post("/v1/feeds/me/ack", json=body).status_code == 422


@pytest.mark.usefixtures("world")
def test_a_unit_that_never_received_anything_has_an_empty_feed(ask: Callable[[str], TestClient]) -> None:
    client = ask("by-tax")
    page = client.get("/v1/feeds/me").json()
    assert (page["items"], page["next"], page["published"]) == ([], 0, 0)
    assert client.post("/v1/feeds/me/ack", json={"seq": 0}).json() == {"acknowledged": 0}


@pytest.mark.usefixtures("feed")
def test_a_delivery_tells_its_sender_whether_it_was_published_and_acknowledged(
    ask: Callable[[str], TestClient],
) -> None:
    ask("by-env").post("/v1/feeds/me/ack", json={"seq": 1})
    told = {}
    for event in ("got", "more-0", "more-1"):
        (progress,) = ask("by-police").get(f"/v1/events/by-police/{event}").json()["progress"]
        told[event] = (progress["seq"], progress["published"], progress["acknowledged"])
    assert told == {"got": (1, True, True), "more-0": (3, True, False), "more-1": (4, False, False)}


async def waiting(
    client: TestClient, seconds: float, meanwhile: Callable[[], None]
) -> tuple[httpx.Response, float]:
    """A request that waits for news, and what happens once it waits."""
    app: Any = client.app
    wakeups = app.state.wakeups
    listening = asyncio.create_task(wakeups.run())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bus", headers=client.headers
    ) as asking:
        started = time.monotonic()
        request = asyncio.create_task(
            asking.get("/v1/feeds/me?after=3", params={"wait": seconds, "after": 3})
        )
        while not wakeups.listening or not wakeups.waiting:
            assert time.monotonic() < started + 10
            await asyncio.sleep(0.01)
        await asyncio.to_thread(meanwhile)
        answer = await request
        took = time.monotonic() - started
    listening.cancel()
    return answer, took


def publish(engine: Engine, database: str, unit: str, seq: int) -> None:
    """What the relay does when the broker has acknowledged."""
    with engine.begin() as connection:
        connection.execute(update(feeds).where(feeds.c.unit == unit).values(published=seq))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SELECT pg_notify('feed', %s)", (unit,))


@pytest.mark.usefixtures("feed")
def test_a_waiting_reader_is_answered_when_something_is_published(
    ask: Callable[[str], TestClient], engine: Engine, database: str
) -> None:
    answer, took = asyncio.run(waiting(ask("by-env"), 20, lambda: publish(engine, database, "by-env", 4)))
    assert [item["seq"] for item in answer.json()["items"]] == [4]
    assert took < 5


@pytest.mark.usefixtures("feed")
def test_news_for_others_wakes_nobody_and_the_wait_ends_in_time(
    ask: Callable[[str], TestClient], engine: Engine, database: str
) -> None:
    answer, took = asyncio.run(waiting(ask("by-env"), 0.5, lambda: publish(engine, database, "by-tax", 0)))
    assert answer.json()["items"] == []
    assert 0.5 <= took < 5

"""A statement of the bus matches what a reader of the feed computes for itself, stretch by stretch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from consumers.feeds.statement import Tally

pytestmark = pytest.mark.postgres


@pytest.fixture
def feed(world: Any, engine: Engine) -> Any:
    """Four entries for by-env, of which the broker has acknowledged three; every event has its own digest."""
    for n in range(2):
        said = {"receipt_no": "1", "receiver": "王"}
        world.say("by-police", f"more-{n}", "transfer.received", said, to=("by-env",))
    world.number("by-env", (1, 0), (2, 0), (4, 0), (5, 0), published=3)
    with engine.begin() as connection:
        connection.execute(text("UPDATE events SET digest = sha256(event_id::bytea)"))
    return world


def own(client: TestClient, after: int, upto: int) -> Tally:
    tally = Tally(after)
    for item in client.get(f"/v1/feeds/me?after={after}&limit={upto - after}").json()["items"]:
        tally.add(item["seq"], bytes.fromhex(item["digest"]))
    return tally


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize(("after", "upto"), [(0, 3), (0, 1), (1, 3), (2, 3)])
def test_both_sides_come_to_the_same_digest(ask: Callable[[str], TestClient], after: int, upto: int) -> None:
    client = ask("by-env")
    told = client.get(f"/v1/feeds/me/statement?after={after}&upto={upto}").json()
    tally = own(client, after, upto)
    assert (told["after"], told["upto"], told["count"]) == (after, upto, upto - after)
    assert told["digest"] == tally.digest


@pytest.mark.usefixtures("feed")
def test_without_an_end_it_covers_what_is_published(ask: Callable[[str], TestClient]) -> None:
    told = ask("by-env").get("/v1/feeds/me/statement").json()
    assert (told["upto"], told["published"], told["acknowledged"], told["unit"]) == (3, 3, 0, "by-env")


@pytest.mark.usefixtures("feed")
def test_an_event_that_was_changed_afterwards_shows_in_the_digest(
    ask: Callable[[str], TestClient], engine: Engine
) -> None:
    client = ask("by-env")
    before = own(client, 0, 3).digest
    with engine.begin() as connection:
        connection.execute(text("UPDATE events SET digest = sha256('other') WHERE log_offset = 2"))
    assert client.get("/v1/feeds/me/statement").json()["digest"] != before
    assert client.get("/v1/feeds/me/statement?upto=1").json()["digest"] == own(client, 0, 1).digest


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize("query", ["after=4", "upto=4", f"after={2**62}"])
def test_what_is_not_published_is_not_stated(ask: Callable[[str], TestClient], query: str) -> None:
    assert ask("by-env").get(f"/v1/feeds/me/statement?{query}").status_code == 409


@pytest.mark.usefixtures("feed")
def test_a_unit_without_a_feed_has_an_empty_statement(ask: Callable[[str], TestClient]) -> None:
    told = ask("by-tax").get("/v1/feeds/me/statement").json()
    assert (told["count"], told["digest"]) == (0, "00" * 32)

"""A feed as server-sent events: nothing missed, nothing twice, filtered numbers are no gap, slow readers are cut off."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, update

from consumers.readmodel import http
from consumers.readmodel.stream import HEARTBEAT, Pace, Piece, feed_events
from consumers.readmodel.wakeups import Wakeups
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra import callers, problems
from infra.access import KeyRing, issue_key
from infra.database import listening_connection
from infra.settings import Settings
from infra.suspensions import suspend
from infra.tables import feeds
from schemas.units import Register
from tests.consumers.readmodel.conftest import FORWARD, NOW, OTHER
from tests.consumers.readmodel.stream_reader import SECONDS, Reader

pytestmark = pytest.mark.postgres


@pytest.fixture
def feed(world: Any) -> Any:
    """Six entries for by-env, of which the broker has acknowledged four; the second is an opinion."""
    for n in range(3):
        world.say(
            "by-police",
            f"more-{n}",
            "transfer.received",
            {"receipt_no": "1", "receiver": "王"},
            to=("by-env",),
        )
    world.say(
        "hd-police",
        "other",
        "transfer.received",
        {"receipt_no": "2", "receiver": "李"},
        case=OTHER,
        to=("by-env",),
    )
    world.number("by-env", (1, 0), (2, 0), (4, 0), (5, 0), (6, 0), (7, 0), published=4)
    return world


@pytest.fixture
def app(engine: Engine, database: str, register: Register) -> Callable[[Pace], FastAPI]:
    """The reading routes at a pace."""

    def make(pace: Pace) -> FastAPI:
        app = FastAPI()
        wakeups = Wakeups(lambda: listening_connection(Settings(database=database)))
        problems.install(app)
        callers.install(app, KeyRing(engine))
        rulebook = Rulebook(register, published_calendar())
        app.include_router(http.router(engine, wakeups, rulebook=rulebook, clock=lambda: NOW, pace=pace))
        app.state.wakeups = wakeups
        return app

    return make


Scenario = Callable[[Reader, Wakeups], Awaitable[None]]


@pytest.fixture
def follow(engine: Engine, app: Callable[[Pace], FastAPI]) -> Callable[..., Reader]:
    """Runs a reader of by-env's stream through a scenario; afterwards it has left."""

    def start(scenario: Scenario, *, query: str = "", last: str = "", pace: Pace | None = None) -> Reader:
        with engine.begin() as connection:
            key = issue_key(connection, "by-env", now=NOW)
        made = app(pace or Pace())

        async def main() -> Reader:
            reader = Reader(made, key, query, last)
            listening = asyncio.create_task(made.state.wakeups.run())
            streaming = asyncio.create_task(reader.run())
            await scenario(reader, made.state.wakeups)
            reader.left.set()
            async with asyncio.timeout(SECONDS):
                await streaming
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            return reader

        return asyncio.run(main())

    return start


def publish(engine: Engine, database: str, seq: int) -> None:
    """What the relay does when the broker has acknowledged."""
    with engine.begin() as connection:
        connection.execute(update(feeds).where(feeds.c.unit == "by-env").values(published=seq))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SELECT pg_notify('feed', 'by-env')")


def until_it_has(count: int) -> Scenario:
    async def scenario(reader: Reader, _: Wakeups) -> None:
        await reader.until(lambda: len(reader.got) >= count)

    return scenario


@pytest.mark.usefixtures("feed")
def test_a_stream_begins_behind_the_acknowledgement_and_holds_what_is_published(
    follow: Callable[..., Reader], engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(update(feeds).where(feeds.c.unit == "by-env").values(acknowledged=1))
    reader = follow(until_it_has(3))
    assert reader.got == [("2", "opinion"), ("3", "more-0"), ("4", "more-1")]
    assert reader.text.startswith(b"retry: ")


@pytest.mark.usefixtures("feed")
def test_last_event_id_resumes_behind_the_event_and_outweighs_the_query(
    follow: Callable[..., Reader],
) -> None:
    assert follow(until_it_has(1), query="after=0", last="3").got == [("4", "more-1")]


@pytest.mark.usefixtures("feed")
def test_what_is_published_later_comes_at_once_and_once(
    follow: Callable[..., Reader], engine: Engine, database: str
) -> None:
    async def scenario(reader: Reader, wakeups: Wakeups) -> None:
        await reader.until(lambda: wakeups.listening and len(reader.got) == 4)
        for seq in (5, 6):
            await asyncio.to_thread(publish, engine, database, seq)
            await reader.until(lambda seq=seq: len(reader.got) >= seq)

    reader = follow(scenario, pace=Pace(heartbeat=SECONDS * 2))
    assert [number for number, _ in reader.got] == ["1", "2", "3", "4", "5", "6"]
    assert HEARTBEAT not in reader.text


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("type=opinion.to_transfer_issued", [("2", "opinion"), ("4", "")]),
        ("type=case.judged", [("4", "")]),
        (f"case={OTHER[0]}:x", [("4", "")]),
        (
            f"type=transfer.received&case={FORWARD[0]}:白环移〔2026〕17号",
            [("1", "got"), ("3", "more-0"), ("4", "more-1")],
        ),
    ],
)
def test_a_number_that_is_filtered_out_moves_the_last_id_and_is_no_gap(
    follow: Callable[..., Reader], query: str, told: list[tuple[str, str]]
) -> None:
    assert follow(until_it_has(len(told)), query=query).got == told


@pytest.mark.usefixtures("feed")
def test_silence_is_broken_by_heartbeats(follow: Callable[..., Reader]) -> None:
    async def scenario(reader: Reader, _: Wakeups) -> None:
        await reader.until(lambda: reader.text.count(HEARTBEAT) >= 2)

    assert follow(scenario, last="4", pace=Pace(heartbeat=0.05)).got == []


@pytest.mark.usefixtures("feed")
def test_a_reader_that_takes_nothing_is_cut_off_and_the_stream_stays_incomplete(
    follow: Callable[..., Reader],
) -> None:
    async def scenario(reader: Reader, _: Wakeups) -> None:
        reader.reading.clear()
        async with asyncio.timeout(SECONDS):
            await reader.over.wait()

    assert not follow(scenario, pace=Pace(patience=0.1)).complete


@pytest.mark.usefixtures("feed")
def test_a_stream_ends_after_its_time_so_that_the_key_is_asked_for_again(
    follow: Callable[..., Reader],
) -> None:
    async def scenario(reader: Reader, _: Wakeups) -> None:
        await reader.until(lambda: reader.complete)

    reader = follow(scenario, pace=Pace(longest=0.2))
    assert [number for number, _ in reader.got] == ["1", "2", "3", "4"]


@pytest.mark.usefixtures("feed")
def test_a_stream_ends_when_the_process_does(follow: Callable[..., Reader]) -> None:
    async def scenario(reader: Reader, wakeups: Wakeups) -> None:
        await reader.until(lambda: len(reader.got) == 4)
        wakeups.end()
        await reader.until(lambda: reader.complete)

    follow(scenario)


@pytest.mark.usefixtures("feed")
@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Last-Event-ID": "four"}, "", 400),
        ({"Last-Event-ID": "-1"}, "", 400),
        ({"Last-Event-ID": "5"}, "", 409),
        ({}, "type=transfer.send", 400),
        ({}, "field=sea", 400),
        ({}, "case=17", 400),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_by_name(
    ask: Callable[[str], TestClient], headers: dict[str, str], query: str, status: int
) -> None:
    answer = ask("by-env").get(f"/v1/feeds/me/stream?{query}", headers=headers)
    assert answer.status_code == status
    told = next(iter(headers.values()), query.partition("=")[2])
    assert told in answer.json()["detail"]


@pytest.mark.usefixtures("feed")
def test_pages_with_a_filter_tell_how_far_they_looked(ask: Callable[[str], TestClient]) -> None:
    client = ask("by-env")
    page = client.get("/v1/feeds/me?type=opinion.to_transfer_issued").json()
    assert ([item["seq"] for item in page["items"]], page["next"]) == ([2], 4)
    assert client.get("/v1/feeds/me?type=opinion.to_transfer_issued&limit=1").json()["next"] == 2
    assert client.post("/v1/feeds/me/ack", json={"seq": page["next"]}).json() == {"acknowledged": 4}


@pytest.mark.usefixtures("feed")
def test_the_field_that_counts_is_the_one_that_the_event_states(
    ask: Callable[[str], TestClient], engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE events SET headers = convert_to("
            "(convert_from(headers, 'UTF8')::jsonb || '[[\"ce_field\", \"water\"]]')::text, 'UTF8') "
            "WHERE log_offset = 4"
        )
    client = ask("by-env")
    assert [item["seq"] for item in client.get("/v1/feeds/me?field=water").json()["items"]] == [3]
    assert client.get("/v1/feeds/me?field=drug").json()["items"] == []


@pytest.mark.usefixtures("feed")
def test_a_stream_ends_when_its_unit_is_suspended(follow: Callable[..., Reader], engine: Engine) -> None:
    async def scenario(reader: Reader, _: Wakeups) -> None:
        await reader.until(lambda: len(reader.got) == 4)
        with engine.begin() as connection:
            suspend(connection, "by-env", reason="key lost", now=NOW)
        await reader.until(lambda: reader.complete)

    follow(scenario, pace=Pace(heartbeat=0.1))


class Shelf:
    """A feed that grows in memory, and how often it was read."""

    def __init__(self, wakeups: Wakeups) -> None:
        self.published = 0
        self.reads: list[int] = []
        self._wakeups = wakeups

    def publish(self) -> None:
        self.published += 1
        self._wakeups.wake("by-env")

    async def read(self, after: int) -> Piece:
        self.reads.append(after)
        new = range(after + 1, self.published + 1)
        return Piece(b"".join(b"id: %d\n\n" % seq for seq in new), self.published, self.published)


async def no_database() -> Any:
    raise AssertionError("nobody listens here")


def test_a_reader_that_has_everything_costs_one_reading_for_each_wake_up() -> None:
    async def scenario() -> list[int]:
        wakeups = Wakeups(no_database)
        shelf = Shelf(wakeups)
        shelf.publish()
        async with aclosing(feed_events("by-env", 0, shelf.read, wakeups, Pace())) as stream:
            assert [await anext(stream), await anext(stream)] == [b"retry: 2000\n\n", b"id: 1\n\n"]
            for seq in (2, 3):
                waiting = asyncio.ensure_future(anext(stream))
                await asyncio.sleep(0)
                shelf.publish()
                assert await waiting == b"id: %d\n\n" % seq
        assert wakeups.waiting == 0
        return shelf.reads

    assert asyncio.run(scenario()) == [0, 1, 2]


def test_what_is_published_while_the_reader_takes_a_piece_is_not_missed() -> None:
    async def scenario() -> None:
        wakeups = Wakeups(no_database)
        shelf = Shelf(wakeups)
        shelf.publish()
        async with aclosing(feed_events("by-env", 0, shelf.read, wakeups, Pace())) as stream:
            assert [await anext(stream), await anext(stream)] == [b"retry: 2000\n\n", b"id: 1\n\n"]
            shelf.publish()  # the stream stands at its last piece
            async with asyncio.timeout(SECONDS):
                assert await anext(stream) == b"id: 2\n\n"

    asyncio.run(scenario())

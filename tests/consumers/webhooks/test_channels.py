"""Whatever channel a unit reads by and however its receiver behaves, it ends up with exactly its feed, in order.

What I1, I2, I3, I5, I10 and I12 ask of pull, stream and webhook: one receiver of each kind, the same faults for
all, and the same end, which the bus states as the receiver counts it. The topic has `tests/faults/`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from consumers.feeds.statement import Tally
from consumers.readmodel import http
from consumers.readmodel.stream import Pace
from consumers.readmodel.wakeups import Wakeups
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra import callers, problems
from infra.access import KeyRing, issue_key
from infra.database import listening_connection
from infra.settings import Settings
from schemas.units import Register
from tests.consumers.readmodel.conftest import World
from tests.consumers.readmodel.stream_reader import SECONDS, Reader
from tests.consumers.webhooks.conftest import UNIT, Couriers, Desk, work
from tests.consumers.webhooks.office import HANG, RESET, Got, Office

pytestmark = pytest.mark.postgres

STRANGER = "by-market"
PARTY = {"name": "陈小明", "kind": "natural_person", "id_no": "440111198001010012", "role": "犯罪嫌疑人"}
PLAN = ("ABC", "AAB", "CA", "B", "BAC", "CC", "A", "ABC")
"""The cases of the entries that are published at a time, every three hours of a day."""


class Behaviour(StrEnum):
    """How a receiver treats what it is given."""

    SLOW = "slow"
    FAILING = "failing"
    TWICE = "acknowledging-twice"
    AWAY = "away-for-a-day"


@dataclass
class Held:
    """What a receiver has kept, in the order in which it came; a number that comes again is dropped."""

    items: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    repeats: int = 0

    def keep(self, item: Mapping[str, Any]) -> None:
        seq = int(item["seq"])
        if seq in self.items:
            assert self.items[seq]["event"]["id"] == item["event"]["id"]
            self.repeats += 1
        else:
            self.items[seq] = item

    @property
    def whole(self) -> int:
        """Up to where it has every number."""
        return next(seq for seq in itertools.count() if seq + 1 not in self.items)


class Day:
    """A day on which entries of several cases are published, for the unit and for a stranger."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._left = list(PLAN)

    @property
    def over(self) -> bool:
        return not self._left

    def go_on(self) -> None:
        """Three hours pass; then there is more to read."""
        self._desk.pass_time(hours=3)
        if self._left:
            self._desk.publish(*self._left.pop(0))
            self._desk.publish("D", unit=STRANGER)
            with self._desk.engine.begin() as connection:
                connection.execute(text("UPDATE events SET digest = sha256(event_id::bytea)"))


@dataclass
class Bus:
    """The reading routes over the desk's feed, and couriers."""

    desk: Desk
    app: FastAPI
    key: str
    courier: Couriers

    @property
    def client(self) -> TestClient:
        return TestClient(self.app, headers={"Authorization": f"Bearer {self.key}"})

    def acknowledge(self, held: Held, how: Behaviour) -> None:
        """Acknowledge what was kept; one that does so twice comes with an older number as well."""
        for seq in (held.whole, held.whole, held.whole // 2) if how is Behaviour.TWICE else (held.whole,):
            answer = self.client.post("/v1/feeds/me/ack", json={"seq": seq})
            assert answer.json() == {"acknowledged": held.whole}


@pytest.fixture
def bus(desk: Desk, courier: Couriers, database: str, register: Register) -> Iterator[Bus]:
    app = FastAPI()
    app.state.wakeups = wakeups = Wakeups(lambda: listening_connection(Settings(database=database)))
    problems.install(app)
    callers.install(app, KeyRing(desk.engine))
    rulebook = Rulebook(register, published_calendar())
    pace = Pace(patience=0.05)
    app.include_router(
        http.router(desk.engine, wakeups, rulebook=rulebook, clock=lambda: desk.now, pace=pace)
    )
    with desk.engine.begin() as connection:
        key = issue_key(connection, UNIT, now=desk.now)
    return Bus(desk, app, key, courier)


async def pull(bus: Bus, day: Day, how: Behaviour) -> Held:
    """Reads page after page from behind its acknowledgement."""
    held = Held()
    while how is Behaviour.AWAY and not day.over:
        day.go_on()
    for turn in itertools.count():
        day.go_on()
        page = bus.client.get("/v1/feeds/me", params={"limit": 1 if how is Behaviour.SLOW else 4}).json()
        if not page["items"] and day.over:
            return held
        if how is Behaviour.FAILING and turn % 3 == 0:
            continue  # the answer is lost on its way
        for item in page["items"]:
            held.keep(item)
        if how is Behaviour.FAILING and turn % 3 == 1:
            continue  # it ends before it acknowledges
        bus.acknowledge(held, how)
    raise AssertionError


async def stream(bus: Bus, day: Day, how: Behaviour) -> Held:
    """Follows the stream, and comes back behind the last event that it has kept."""
    held = Held()
    while how is Behaviour.AWAY and not day.over:
        day.go_on()
    while not day.over or held.whole < published(bus.desk):
        day.go_on()
        last = held.whole // 2 if how is Behaviour.TWICE else held.whole
        if how is Behaviour.SLOW:
            await cut_off(bus, last)
        async with following(bus, last) as reader:
            there = published(bus.desk) - last
            await reader.until(lambda reader=reader, there=there: len(reader.got) >= there)
        came = [item for _, item in reader.items if item]
        if how is Behaviour.SLOW:
            came = came[:1]
        if how is Behaviour.FAILING and not day.over:
            came.pop()  # it ends in the middle of the last one
        for item in came:
            held.keep(item)
        if how is Behaviour.TWICE:
            bus.acknowledge(held, how)
    return held


async def cut_off(bus: Bus, last: int) -> None:
    """Take nothing of what is there until the bus gives up."""
    async with following(bus, last) as reader:
        reader.reading.clear()
        async with asyncio.timeout(SECONDS):
            await reader.over.wait()


async def webhook(bus: Bus, day: Day, how: Behaviour) -> Held:
    """Is sent every entry, and answers as its behaviour is."""
    held, tries = Held(), itertools.count()

    def answer(got: Got) -> int:
        turn = next(tries)
        if how is Behaviour.AWAY and not day.over:
            return 503
        if how is Behaviour.FAILING and turn % 3 == 0:
            return 500
        held.keep(got.told["entry"])
        if how is Behaviour.SLOW and turn % 4 == 0:
            return HANG
        return RESET if how is Behaviour.FAILING and turn % 3 == 1 else 204

    async with Office(answers=answer) as office, bus.courier(office, seconds=0.2) as running:
        hook = bus.desk.register(office)
        while not day.over or set(bus.desk.of(hook).values()) != {"delivered"}:
            day.go_on()
            await work(running)
            if how is Behaviour.TWICE:
                bus.acknowledge(held, how)
    return held


@asynccontextmanager
async def following(bus: Bus, last: int) -> AsyncIterator[Reader]:
    reader = Reader(bus.app, bus.key, "", str(last))
    streaming = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        reader.left.set()
        async with asyncio.timeout(SECONDS):
            await streaming


def published(desk: Desk) -> int:
    with desk.engine.connect() as connection:
        told = text("SELECT published FROM feeds WHERE unit = :unit")
        return int(connection.execute(told, {"unit": UNIT}).scalar_one())


def feed(desk: Desk) -> dict[int, tuple[str, str]]:
    """By number: the event, and its case."""
    query = text(
        "SELECT p.seq, e.event_id, e.case_id::text FROM feed_positions p JOIN events e "
        "USING (partition, log_offset) WHERE p.unit = :unit"
    )
    with desk.engine.connect() as connection:
        return {seq: (event, case) for seq, event, case in connection.execute(query, {"unit": UNIT})}


@pytest.mark.parametrize("how", Behaviour)
@pytest.mark.parametrize("channel", [pull, stream, webhook])
def test_a_receiver_ends_up_with_exactly_its_feed_in_the_order_of_its_cases(
    bus: Bus, channel: Callable[[Bus, Day, Behaviour], Awaitable[Held]], how: Behaviour
) -> None:
    async def scenario() -> Held:
        return await channel(bus, Day(bus.desk), how)

    held = asyncio.run(scenario())
    expected = feed(bus.desk)
    assert {seq: item["event"]["id"] for seq, item in held.items.items()} == {
        seq: event for seq, (event, _) in expected.items()
    }
    for case in {case for _, case in expected.values()}:
        came = [seq for seq in held.items if expected[seq][1] == case]
        assert came == sorted(came)
    tally = Tally(0)
    for seq in sorted(held.items):
        tally.add(seq, bytes.fromhex(held.items[seq]["digest"]))
    stated = bus.client.get("/v1/feeds/me/statement?after=0").json()
    assert (stated["upto"], stated["digest"]) == (len(held.items), tally.digest)


def test_what_a_view_hides_is_in_no_channel(bus: Bus) -> None:
    """I11: a copy for information is the same outline everywhere; a statement has digests alone."""
    world = World(bus.desk.engine)
    letter = {"addressee": "by-police", "letter_no": "1", "parties": [PARTY], "summary": "陈小明倾倒废酸"}
    world.say("by-criminal", "letter", "opinion.to_transfer_issued", letter, to=((UNIT, "copy", "JU"),))
    world.number(UNIT, (0, 0), published=1)

    async def scenario() -> list[str]:
        async with Office() as office, bus.courier(office) as running, following(bus, 0) as reader:
            bus.desk.register(office)
            await work(running)
            await reader.until(lambda: len(reader.got) == 1)
            return [reader.text.decode(), office.got[0].body]

    streamed, sent = asyncio.run(scenario())
    pulled, stated = (bus.client.get(f"/v1/feeds/me{path}").text for path in ("", "/statement"))
    for told in (pulled, streamed, sent):
        assert "陈某某" in told
    for told in (pulled, streamed, sent, stated):
        assert PARTY["name"] not in told
        assert PARTY["id_no"] not in told

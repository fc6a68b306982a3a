"""A thousand receivers of webhooks, some of which never answer: how long an event is on its way to the others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

from consumers.readmodel.selection import EVERYTHING
from consumers.webhooks.registry import register
from consumers.webhooks.secrets import secret_of
from infra.database import engine
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from tests.benchmarks.entries import published
from tests.benchmarks.expectation import Wrong
from tests.benchmarks.installation import Installation, Servers
from tests.benchmarks.offices import Offices
from tests.benchmarks.pacing import say_evenly
from tests.benchmarks.province import COPIES, District, districts, event, write_register
from tests.benchmarks.usage import Usage, read_usage, resident_mib

RATE = 100
"""Events a second: what a province says at its busiest."""
LEAD_SECONDS = 25
"""Until every unit has said or received something once: clients look a topic up when they first meet it."""
_CONFIRM_SECONDS = 120.0
_LAST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Reach:
    """What a run came to; times are milliseconds of each delivery to a receiver that answers.

    `said`: from handing the event to the Kafka client, `readable`: from the broker's time of the feed record;
    both until the receiver's 2xx.
    """

    said: Sequence[float]
    readable: Sequence[float]
    seconds: float
    usage: Usage
    connections: int
    repeated: int
    courier_mib: float


def measure(servers: Servers, seconds: int, *, receivers: int, silent: int) -> Reach:
    """One run at RATE. Raises expectation.Wrong if anything was lost or came out of order."""
    places = districts(receivers)
    units = [unit for place in places for unit in place.roles]
    offices = Offices(
        {unit: secret_of(f"{unit:>32}".encode()) for unit in units}, free_port(), _spread(units, silent)
    )
    folder = servers.folder / f"reach{time.time_ns()}"
    folder.mkdir()
    write_register(folder / "units.toml", places)
    (folder / "receivers.toml").write_text(offices.table, encoding="utf-8")
    files = {"units": folder / "units.toml", "webhooks": folder / "receivers.toml"}
    with offices, Installation(servers, **files) as bus:
        courier = Service("webhooks", "webhooks", bus.folder, as_environment(bus.settings))
        courier.start()
        try:
            _register(bus, offices)
            run = _run(bus, courier, offices, places, seconds)
            _check(bus, offices)
        finally:
            courier.stop()
    return run


def _spread(units: Sequence[str], count: int) -> list[str]:
    """So many of them, from all districts and of every kind."""
    return [units[number * len(units) // count] for number in range(count)]


def _register(bus: Installation, offices: Offices) -> None:
    """Register all receivers and wait until every one has answered its handshake."""
    connector, now = engine(bus.settings, pool=1), datetime.now(UTC)
    with connector.begin() as connection:
        for unit in offices.hosts:
            secret = secret_of(f"{unit:>32}".encode())
            register(connection, _webhook(unit), unit, offices.url(unit), secret, wanted=EVERYTHING, now=now)
    connector.dispose()
    deadline = time.monotonic() + _CONFIRM_SECONDS
    while _count(bus, "SELECT count(*) FROM webhooks WHERE state = 'pending'"):
        if time.monotonic() > deadline:
            raise Wrong("not every receiver was confirmed")
        time.sleep(0.2)


def _webhook(unit: str) -> UUID:
    return uuid5(UUID(int=0), unit)


def _run(
    bus: Installation, courier: Service, offices: Offices, places: list[District], seconds: int
) -> Reach:
    now = datetime.now(UTC)
    said = [event(number, places, now) for number in range(RATE * (LEAD_SECONDS + seconds))]
    pid = courier.child.pid
    assert pid is not None
    groups = {**bus.pids(), "webhooks": [pid]}
    print(f"saying {len(said)} events for {LEAD_SECONDS + seconds} s", flush=True)
    sent, usage = say_evenly(
        bus, said, rate=RATE, lead_seconds=LEAD_SECONDS, usage=lambda: read_usage(groups)
    )
    size = resident_mib(pid)
    entries = published(bus, COPIES * len(said))
    due = [entry for entry in entries if entry.unit not in offices.silent]
    deadline = time.monotonic() + _LAST_SECONDS
    while sum(map(len, offices.answered.values())) < len(due) and time.monotonic() < deadline:
        time.sleep(0.1)
    came = {(entry.unit, entry.seq) for entry in due}
    got = {(unit, seq) for unit, seqs in offices.answered.items() for seq in seqs}
    if came != got:
        raise Wrong(f"{len(came - got)} entries did not come, {len(got - came)} came that are in no feed")
    measured = {one.id for one in said[RATE * LEAD_SECONDS :]}
    times = [(entry, offices.answered[entry.unit][entry.seq]) for entry in due if entry.event in measured]
    return Reach(
        said=[1000 * (at - sent[entry.event]) for entry, at in times],
        readable=[1000 * (at - entry.at) for entry, at in times],
        seconds=seconds,
        usage=usage,
        connections=offices.connections,
        repeated=offices.repeated,
        courier_mib=size,
    )


def _check(bus: Installation, offices: Offices) -> None:
    """That the order was kept, that receivers which answer are done, and the silent ones only behind."""
    deadline = time.monotonic() + _LAST_SECONDS
    while (problems := [*offices.problems[:3], *_behind(bus, offices)]) and time.monotonic() < deadline:
        time.sleep(0.2)  # what was answered last is being settled
    if problems:
        raise Wrong("; ".join(problems[:10]))


def _behind(bus: Installation, offices: Offices) -> Iterator[str]:
    states = bus.database.execute(
        "SELECT w.unit, d.state, count(*) FROM webhook_deliveries d JOIN webhooks w USING (webhook_id) GROUP BY 1, 2"
    )
    for unit, state, count in states:
        if state != ("queued" if unit in offices.silent else "delivered"):
            yield f"{unit}: {count} deliveries are {state}"
    query = "SELECT count(*) FROM webhooks w JOIN feeds f USING (unit) WHERE w.cursor < f.published"
    if count := _count(bus, query):
        yield f"{count} webhooks are not queued up to the end of their feed"


def _count(bus: Installation, query: str) -> int:
    row = bus.database.execute(query).fetchone()
    assert row is not None
    return int(row[0])

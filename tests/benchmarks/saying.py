"""How many events a second gateways take, one by one and in lists, with broker and database beside them."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self, cast

import confluent_kafka
import orjson
import uvloop

from infra.access import issue_key
from infra.database import create_database, migrate
from infra.database import engine as make_engine
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from infra.kafka import apply_topics
from infra.rules import read_register
from infra.settings import Settings
from schemas.topics import GATEWAY
from tests.benchmarks.installation import DEMO_UNITS, Servers
from tests.benchmarks.usage import Usage, read_usage

CONNECTIONS = 64
UNIT = "by-env"


@dataclass(frozen=True, slots=True)
class Saying:
    """What one run came to; `milliseconds` are of each request, sorted."""

    events: int
    seconds: float
    milliseconds: tuple[float, ...]
    usage: Usage

    @property
    def rate(self) -> float:
        """Events a second, every one of them with its receipt."""
        return self.events / self.seconds


@dataclass(slots=True)
class _Tally:
    """What clients were answered."""

    taken: int = 0
    refused: int = 0
    milliseconds: list[float] = field(default_factory=list)


class Gateways:
    """Some gateway processes on topics and a database of their own. A context manager."""

    def __init__(self, servers: Servers, processes: int) -> None:
        self._servers = servers
        name = f"saying{time.time_ns()}"
        url = create_database(servers.postgres.url(), name)
        migrate(url)
        self.settings = Settings(
            bootstrap=servers.broker.bootstrap,
            database=url,
            namespace=f"{name}-",
            units=DEMO_UNITS,
            gateway_rate=1e9,
            gateway_burst=10**9,
            documents=str(servers.folder / name / "documents"),
            documents_spool=servers.folder / name / "documents",
        )
        apply_topics(self.settings, read_register(self.settings))
        engine = make_engine(self.settings)
        with engine.begin() as connection:
            self.key = issue_key(connection, UNIT, now=datetime.now(UTC))
        engine.dispose()
        self.ports = [free_port() for _ in range(processes)]
        self._services = [
            Service(
                f"gateway-{port}",
                "gateway",
                servers.folder / name,
                as_environment(self.settings.model_copy(update={"gateway_port": port})),
            )
            for port in self.ports
        ]

    def __enter__(self) -> Self:
        for service in self._services:
            service.launch()
        for service in self._services:
            service.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for service in self._services:
            service.stop()

    @property
    def families(self) -> dict[str, list[int]]:
        """The processes that take part, by what they are."""
        named = {
            "gateways": [service.child.pid for service in self._services],
            "broker": [self._servers.broker.child.pid],
            "postgres": [self._servers.postgres.child.pid],
        }
        return {name: [pid for pid in pids if pid is not None] for name, pids in named.items()}

    def written(self) -> int:
        """Records that the broker has from all of them."""
        reader = confluent_kafka.Consumer(
            {
                "bootstrap.servers": self.settings.bootstrap,
                "group.id": "benchmark",
                "enable.auto.commit": False,
            }
        )
        topic = self.settings.topics.ingress(GATEWAY)
        _, end = reader.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=30)
        reader.close()
        return int(end)


def measure(gateways: Gateways, seconds: float, *, listed: int) -> Saying:
    """Says events for so long, `listed` in a request (1: each alone). Raises RuntimeError unless all were written."""
    before, usage, own = gateways.written(), read_usage(gateways.families), time.process_time()
    begun = time.perf_counter()
    tally = uvloop.run(_say(gateways, begun + seconds, listed))
    spent = time.perf_counter() - begun
    own = time.process_time() - own
    used = read_usage(gateways.families).since(usage)
    events = tally.taken
    written = gateways.written() - before
    if tally.refused or written != events:
        raise RuntimeError(f"{events} receipts, {tally.refused} refusals, but {written} records")
    used = Usage({**used.seconds, "client": own}, used.machine)
    return Saying(events, spent, tuple(sorted(tally.milliseconds)), used)


async def _say(gateways: Gateways, until: float, listed: int) -> _Tally:
    tally = _Tally()
    bodies = _bodies(time.time_ns(), itertools.count(1), listed)
    ports = itertools.cycle(gateways.ports)
    connections = CONNECTIONS if listed == 1 else CONNECTIONS // 8
    loop = asyncio.get_running_loop()
    clients = [_Client(gateways.key, bodies, until, tally, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", next(ports))
    await asyncio.gather(*(client.ended for client in clients))
    return tally


class _Client(asyncio.Protocol):
    """One connection that is kept, with a request at a time; written by hand, since the machine is shared."""

    def __init__(
        self,
        key: str,
        bodies: Iterator[tuple[int, bytes]],
        until: float,
        tally: _Tally,
        ended: asyncio.Future[None],
    ) -> None:
        self.ended = ended
        self._head = (
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._bodies = bodies
        self._until = until
        self._tally = tally
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, told = self._answer.partition(b"\r\n\r\n")
        if found and len(told) >= _length(head):
            self._answer = b""
            self._note(int(head[9:12]), told)
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("a gateway closed a connection"))

    def _ask(self) -> None:
        self._begun = time.perf_counter()
        if self._begun > self._until:
            self.ended.set_result(None)
            self._transport.close()
            return
        self._events, body = next(self._bodies)
        self._transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))

    def _note(self, status: int, told: bytes) -> None:
        self._tally.milliseconds.append((time.perf_counter() - self._begun) * 1000)
        taken = orjson.loads(told)["accepted"] if status == 207 else int(status == 201)
        self._tally.taken += taken
        self._tally.refused += self._events - taken


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


def _bodies(stamp: int, numbers: Iterator[int], listed: int) -> Iterator[tuple[int, bytes]]:
    while True:
        events = [_event(stamp, next(numbers)) for _ in range(listed)]
        yield listed, orjson.dumps(events[0] if listed == 1 else events)


def _event(stamp: int, number: int) -> dict[str, object]:
    return {
        "type": "transfer.sent",
        "id": f"{stamp}-{number}",
        "case": {"number": f"白环移〔2026〕{number // 4}号"},
        "time": "2026-03-11T09:30:00+08:00",
        "field": "environment",
        "data": {"addressee": "by-police", "offence": "污染环境罪", "letter_no": f"白环移〔2026〕{number}号"},
    }

"""The bus under measurement: a real broker, a real PostgreSQL, and worker and relay processes on a fresh database."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import confluent_kafka
import psycopg

import infra.dev
from consumers.rulebook import Rulebook
from infra.batches import Outgoing
from infra.database import create_database, migrate
from infra.dev.addresses import as_environment
from infra.dev.broker import THROUGHPUT, Broker
from infra.dev.postgres import Postgres, PostgresOptions
from infra.dev.service import Service
from infra.kafka import apply_topics, wait_for_kafka
from infra.rules import read_rulebook
from infra.settings import Settings
from tests.benchmarks.usage import Usage, read_usage, resident_mib

DEMO_UNITS = Path(infra.dev.__file__).with_name("units.toml")
WORKERS = 2
_LOOK_SECONDS = 0.02
_SESSION_SECONDS = 30.0
"""A worker that is held still while its input is prepared must not lose its partitions meanwhile."""


CACHED_EVENTS = 400_000
"""Cases of a whole run stay in memory, as the peers' do: what the bus says itself comes back after the backlog."""


class Servers:
    """One broker and one PostgreSQL for a series of runs. Durability is the default of both."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="linkage-benchmarks-"))
        self.folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
        self.broker = Broker(self.folder / "kafka", options=THROUGHPUT)
        options = PostgresOptions(shared_buffers="256MB")
        self.postgres = Postgres(self.folder / "postgres", options=options)

    def __enter__(self) -> Self:
        self.broker.launch()
        self.postgres.launch()
        self.broker.wait()
        self.postgres.wait()
        wait_for_kafka(Settings(bootstrap=self.broker.bootstrap), seconds=30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.broker.stop()
        self.postgres.stop()
        if kind is None:  # after an error the logs are worth reading
            shutil.rmtree(self.folder, ignore_errors=True)


class Installation:
    """Worker processes and a relay on topics and a database of their own. A context manager."""

    def __init__(self, servers: Servers, **settings: object) -> None:
        self._servers = servers
        name = f"bench{uuid.uuid4().hex[:8]}"
        url = create_database(servers.postgres.url(), name)
        migrate(url)
        self.settings = Settings(
            bootstrap=servers.broker.bootstrap,
            database=url,
            namespace=f"{name}-",
            units=DEMO_UNITS,
            session_timeout_seconds=_SESSION_SECONDS,
        ).model_copy(update=settings)
        self.rulebook: Rulebook = read_rulebook(self.settings)
        apply_topics(self.settings, self.rulebook.register)
        self.folder = servers.folder / name
        environment = as_environment(self.settings)
        self.workers = [
            Service(f"worker-{n}", "worker", self.folder, environment | {"LINKAGE_WORKER_SLOT": str(n)})
            for n in range(WORKERS)
        ]
        self.relay = Service("relay", "relay", self.folder, environment)
        self.database = psycopg.connect(url, autocommit=True)
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": self.settings.bootstrap,
                "enable.idempotence": True,
                "linger.ms": 20,
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 1_000_000,
            }
        )

    def __enter__(self) -> Self:
        services = [*self.workers, self.relay]
        for service in services:
            service.launch()
        for service in services:
            service.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for service in [*self.workers, self.relay]:
            service.stop()
        self.database.close()

    def send(self, records: Iterable[Outgoing]) -> int:
        """Write records to the broker, wait until it has them all, and return how many there were."""
        count = 0
        for topic, partition, key, value, headers in records:
            self._producer.produce(topic, value, key, partition, headers=list(headers))
            count += 1
            if count % 1000 == 0:
                self._producer.poll(0)
        self._producer.flush()
        return count

    @contextmanager
    def workers_held(self) -> Iterator[None]:
        """The workers stand still inside: what is written meanwhile reaches them all at once afterwards."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def progress(self) -> tuple[int, int]:
        """Records of the log that are applied, and feed records that the broker has acknowledged."""
        row = self.database.execute(
            "SELECT (SELECT coalesce(sum(next_offset), 0)::bigint FROM progress WHERE topic = %s),"
            " (SELECT coalesce(sum(published), 0)::bigint FROM feeds)",
            (self.settings.topics.case_events,),
        ).fetchone()
        assert row is not None
        return row[0], row[1]

    def wait_for(self, applied: int, published: int, *, seconds: float = 300) -> float:
        """Wait until that many records are applied and delivered; the monotonic time at which they were."""
        return self.wait_until(lambda at: at[0] >= applied and at[1] >= published, seconds=seconds)

    def wait_until(self, enough: Callable[[tuple[int, int]], bool], *, seconds: float = 300) -> float:
        """Wait until `progress()` is `enough`. Raises RuntimeError when a process dies or time runs out."""
        deadline = time.monotonic() + seconds
        while not enough(at := self.progress()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"after {seconds:g} s: applied and published {at}; logs in {self.folder}")
            for service in [*self.workers, self.relay]:
                if not service.child.alive:
                    raise RuntimeError(service.child.obituary())
            time.sleep(_LOOK_SECONDS)
        return time.monotonic()

    def pids(self) -> Mapping[str, list[int]]:
        """Process ids by part: workers, relay, broker, PostgreSQL."""
        services = {"workers": self.workers, "relay": [self.relay]}
        pids = {name: [_pid(part.child.pid) for part in parts] for name, parts in services.items()}
        pids["broker"] = [_pid(self._servers.broker.child.pid)]
        pids["postgres"] = [_pid(self._servers.postgres.child.pid)]
        return pids

    def usage(self) -> Usage:
        """CPU seconds used so far."""
        return read_usage(self.pids())

    def resident(self) -> dict[str, float]:
        """Resident memory of worker (the larger) and relay, in MiB."""
        pids = self.pids()
        return {
            "worker": max(map(resident_mib, pids["workers"])),
            "relay": resident_mib(pids["relay"][0]),
        }

    def _signal(self, number: signal.Signals) -> None:
        for worker in self.workers:
            os.kill(_pid(worker.child.pid), number)


def _pid(pid: int | None) -> int:
    assert pid is not None, "the process was never started"
    return pid

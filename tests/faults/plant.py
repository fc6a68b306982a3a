"""The bus under test: its real processes, started, killed, stopped and woken as a fault asks for it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from infra.database import engine as make_engine
from infra.dev.broker import Broker
from infra.dev.postgres import Postgres
from infra.dev.process import DevError, free_port
from infra.dev.service import Service
from infra.dev.supervisor import as_environment
from infra.failpoints import SIGNAL_VARIABLE, VARIABLE
from infra.kafka import apply_topics, wait_for_kafka
from infra.rules import read_register
from infra.settings import Settings

SESSION_SECONDS = 6.0
"""The shortest that the broker allows: a worker that is gone is noticed so soon."""


class Unexpected(AssertionError):  # noqa: N818  (a verdict on the bus, not an error of the test)
    """Something took too long, or a process ended that nobody killed."""


class Plant:
    """Workers, relay, clock and gateways of one installation on running servers. Use it from one thread, the main one.

    `killed` counts every SIGKILL, also those of the servers.
    """

    def __init__(self, settings: Settings, folder: Path, broker: Broker, postgres: Postgres) -> None:
        self.settings = settings
        self.folder = folder
        self.broker = broker
        self.postgres = postgres
        self.engine = make_engine(settings)
        self.killed = 0
        self._services: dict[str, Service] = {}
        self._expected: set[str] = set()
        self._ports: dict[str, int] = {}

    def prepare(self) -> None:
        """Make the topics."""
        wait_for_kafka(self.settings, seconds=60)
        apply_topics(self.settings, read_register(self.settings))

    def start(self, *names: str, failpoint: str = "", stop_there: bool = False) -> None:
        """Start processes and wait until they are ready; `worker-1` and `worker-2` are seats of one group.

        One with a failpoint may end before it is ready, or whenever it comes there.
        """
        extra = (
            {VARIABLE: failpoint, SIGNAL_VARIABLE: "stop" if stop_there else "kill"} if failpoint else None
        )
        for name in names:
            self._service(name).launch(extra)
        for name in names:
            if failpoint:
                with suppress(DevError):
                    self._service(name).wait()
            else:
                self._service(name).wait()
                self._expected.add(name)

    def kill(self, *names: str) -> None:
        """End processes by SIGKILL."""
        for name in names:
            self._expected.discard(name)
            if self._service(name).child.alive:
                self.killed += 1
            self._service(name).kill()

    def wait_for_death(self, name: str) -> None:
        """Wait until a process with a failpoint has come there."""
        self.wait_for(lambda: not self.alive(name), f"{name} to die at its failpoint")
        self.killed += 1

    def stop(self, *names: str) -> None:
        """End processes in order, by SIGTERM."""
        for name in names:
            self._expected.discard(name)
            self._service(name).stop()

    def freeze(self, name: str) -> None:
        """Stop a process in its tracks; it does not know."""
        os.kill(self.pid(name), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a stopped process go on as if nothing had been."""
        os.kill(self.pid(name), signal.SIGCONT)

    def pid(self, name: str) -> int:
        """The process id. Raises Unexpected if it was never started."""
        pid = self._service(name).child.pid
        if pid is None:
            raise Unexpected(f"{name} was never started")
        return pid

    def alive(self, name: str) -> bool:
        """Whether the process runs (or is stopped)."""
        return self._service(name).child.alive

    def frozen(self, name: str) -> bool:
        """Whether the process stands still by SIGSTOP."""
        return Path(f"/proc/{self.pid(name)}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def kill_broker(self) -> None:
        """SIGKILL to the broker, as in a power cut; `broker.start()` brings it back."""
        self.killed += 1
        self.broker.kill()

    def kill_postgres(self) -> None:
        """SIGKILL to the database server and its children."""
        self.killed += 1
        self.postgres.kill()

    def address(self, gateway: str) -> str:
        """Where this gateway listens, in all its lives."""
        return f"http://127.0.0.1:{self._ports.setdefault(gateway, free_port())}"

    def log(self, name: str) -> str:
        """What the process has printed in all its lives."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def wait_for(self, true: Callable[[], bool], what: str, seconds: float = 60.0) -> float:
        """Poll until `true()`; returns how long it took. Raises Unexpected, also when a process has ended."""
        began = time.monotonic()
        while not true():
            self.check_alive()
            if time.monotonic() - began > seconds:
                raise Unexpected(f"not within {seconds:g} s: {what}")
            time.sleep(0.05)
        return time.monotonic() - began

    def wait_seconds(self, seconds: float) -> None:
        """Let time pass, and see to it meanwhile that everything stays alive."""
        until = time.monotonic() + seconds
        self.wait_for(lambda: time.monotonic() > until, "time to pass", seconds + 10)

    def check_alive(self) -> None:
        """Raise Unexpected if a process has ended that should run."""
        for name in self._expected:
            child = self._service(name).child
            if not child.alive:
                raise Unexpected(child.obituary())

    def close(self) -> None:
        """End everything."""
        for name, service in self._services.items():
            if service.child.alive:
                self.thaw(name)
                service.kill()
        self.engine.dispose()

    def _service(self, name: str) -> Service:
        if name not in self._services:
            command = name.partition("-")[0]
            environment = {
                **as_environment(self.settings),
                "LINKAGE_WORKER_SLOT": name if command == "worker" else "",
            }
            if command == "gateway":
                environment["LINKAGE_GATEWAY_PORT"] = self.address(name).rpartition(":")[2]
            self._services[name] = Service(name, command, self.folder, environment)
        return self._services[name]

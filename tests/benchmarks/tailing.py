"""How far the console's live tail is behind: events said at an even pace, until an operator's browser has the line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

import httpx

from consumers.console import sessions
from infra.database import engine
from infra.demo.people import admit_on
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from tests.benchmarks.expectation import Wrong
from tests.benchmarks.installation import Installation, Servers
from tests.benchmarks.latency import LEAD_SECONDS, RATE, publish
from tests.benchmarks.workload import CRIMINAL, event

_LAST_SECONDS = 30.0
Line = tuple[str, str]
"""Number of the case and type of the event: no event of the workload has both in common with another."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Milliseconds from handing an event to the client until its line came to the browser."""

    behind: Sequence[float]


def measure(servers: Servers, seconds: int) -> Tail:
    """One run at RATE. Raises expectation.Wrong if the tail passed over an event."""
    now = datetime.now(UTC)
    said = [event(number, now) for number in range(RATE * (LEAD_SECONDS + seconds))]
    with Installation(servers) as bus:
        settings = bus.settings.model_copy(update={"console_port": free_port()})
        console = Service("console", "console", bus.folder, as_environment(settings))
        console.start()
        try:
            address = f"http://{settings.console_host}:{settings.console_port}/streams/tail/lines"
            reader = _Reader(address, _token(bus))
            reader.start()
            sent, _ = publish(bus, said)
            wanted = {_line(one.headers, one.type): sent[one.id] for one in said}
            reader.wait_for(wanted.keys())
        finally:
            console.stop()
    measured = [_line(one.headers, one.type) for one in said[RATE * LEAD_SECONDS :]]
    if missing := [line for line in measured if line not in reader.seen]:
        raise Wrong(f"the tail passed over {len(missing)} events, such as {missing[0]}")
    return Tail([1000 * (reader.seen[line] - wanted[line]) for line in measured])


def _line(headers: Sequence[tuple[str, bytes | None]], type_: str) -> Line:
    number = dict(headers)["ce_origincase"] or b""
    return f"{CRIMINAL} {unquote(number.decode())}", type_


def _token(bus: Installation) -> str:
    connector, now = engine(bus.settings, pool=1), datetime.now(UTC)
    with connector.begin() as connection:
        admit_on(connection, bus.rulebook.register, "orchid-lantern-42", now=now)
        token = sessions.begin(connection, "operator", complete=True, now=now)
    connector.dispose()
    return token


class _Reader(threading.Thread):
    """Reads the stream as a browser does and notes when each line came first."""

    def __init__(self, address: str, token: str) -> None:
        super().__init__(daemon=True)
        self.seen: dict[Line, float] = {}
        self._address = address
        self._cookies = {"linkage_session": token}
        self._open = threading.Event()

    def start(self) -> None:
        super().start()
        if not self._open.wait(_LAST_SECONDS):
            raise Wrong("the tail did not open")

    def wait_for(self, wanted: Collection[Line]) -> None:
        """Wait until so many lines have come; gives up silently, the caller sees what is missing."""
        deadline = time.monotonic() + _LAST_SECONDS
        while not self.seen.keys() >= set(wanted) and time.monotonic() < deadline:
            time.sleep(0.1)

    def run(self) -> None:
        try:
            with httpx.stream("GET", self._address, cookies=self._cookies, timeout=60) as answer:
                self._open.set()
                for text in answer.iter_lines():
                    if text.startswith("data: "):
                        told = json.loads(text[6:])
                        self.seen.setdefault((told["case"], told["type"]), time.monotonic())
        except httpx.TransportError:  # the console has been stopped
            return

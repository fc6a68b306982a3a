"""The receivers of many units in one event loop: they check every signature, answer or keep silent, and note the time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Self, cast

import orjson
import uvloop
from standardwebhooks import Webhook

_ACCEPTED = b"HTTP/1.1 204 -\r\n\r\n"
_OPEN_SECONDS = 30.0


class Offices:
    """One receiver for each unit, on an address of its own of the loopback. A context manager.

    `silent` ones accept the connection, say the word of the handshake back, and never answer an entry.
    """

    def __init__(self, secrets: Mapping[str, str], port: int, silent: Collection[str]) -> None:
        self.hosts = {unit: f"127.1.{n // 250}.{n % 250 + 1}" for n, unit in enumerate(secrets)}
        self.port = port
        self.silent = frozenset(silent)
        self.answered: dict[str, dict[int, float]] = defaultdict(dict)
        """For each unit the number of each entry with the time, since the epoch, at which it was answered first."""
        self.cases: dict[str, dict[int, str]] = defaultdict(dict)
        self.ignored = 0
        self.repeated = 0
        self.connections = 0
        self.problems: list[str] = []
        self._checks = {unit: Webhook(secret) for unit, secret in secrets.items()}
        self._open = threading.Event()
        self._thread = threading.Thread(target=lambda: uvloop.run(self._serve()), daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._open.wait(_OPEN_SECONDS):
            raise RuntimeError("the receivers did not open")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def url(self, unit: str) -> str:
        """Where the entries of a unit are sent."""
        return f"http://{self.hosts[unit]}:{self.port}/{unit}"

    @property
    def table(self) -> str:
        """The operator's table of approved receivers."""
        return "\n".join(
            f'[[receiver]]\nunit = "{unit}"\nhost = "{host}"\nport = {self.port}\n'
            'networks = ["127.0.0.0/8"]\nplain = true\n'
            for unit, host in self.hosts.items()
        )

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: _Line(self), list(self.hosts.values()), self.port)
        self._open.set()
        await self._over.wait()
        server.close()

    def take(self, unit: str, headers: dict[str, str], body: bytes) -> bytes:
        """What is answered to a request; nothing: silence."""
        self._checks[unit].verify(body, headers)
        told = orjson.loads(body)
        if told["type"] == "linkage.handshake":
            word = orjson.dumps({"challenge": told["challenge"]})
            return b"HTTP/1.1 200 -\r\nContent-Length: %d\r\n\r\n%b" % (len(word), word)
        if unit in self.silent:
            self.ignored += 1
            return b""
        self._note(unit, told["entry"])
        return _ACCEPTED

    def _note(self, unit: str, entry: dict[str, object]) -> None:
        seq, case = int(str(entry["seq"])), str(entry["event"]["case"]["id"])  # type: ignore[index]
        seen, cases = self.answered[unit], self.cases[unit]
        if seq in seen:
            self.repeated += 1
            return
        if any(later > seq and of == case for later, of in cases.items()):
            self.problems.append(f"{unit} got entry {seq} of case {case} after a later one")
        cases[seq] = case
        seen[seq] = time.time()


class _Line(asyncio.Protocol):
    """One connection, kept as long as the other side likes; written by hand, since the machine is shared."""

    def __init__(self, offices: Offices) -> None:
        self._offices = offices
        self._kept = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._offices.connections += 1

    def data_received(self, data: bytes) -> None:
        self._kept += data
        while request := self._next():
            try:
                self._transport.write(self._offices.take(*request))
            except Exception as error:  # noqa: BLE001  (whatever it is, the run does not count)
                self._offices.problems.append(repr(error))
                self._transport.close()

    def _next(self) -> tuple[str, dict[str, str], bytes] | None:
        head, end, rest = self._kept.partition(b"\r\n\r\n")
        if not end:
            return None
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        size = int(headers["content-length"])
        if len(rest) < size:
            return None
        self._kept = rest[size:]
        return first.split(" ")[1][1:], headers, rest[:size]

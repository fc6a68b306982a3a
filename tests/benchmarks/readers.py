"""Clients of the gateway's event streams, many in one event loop: they read, leave and come back, or stop reading."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Self, cast

import uvloop

_LEAVE_SECONDS = 5.0
_AWAY_SECONDS = 0.5
_OPEN_SECONDS = 60.0
_SMALL_BUFFER = 4096


class Kind(Enum):
    """How a client behaves."""

    READING = auto()
    LEAVING = auto()
    STOPPED = auto()


class Client(asyncio.Protocol):
    """One client. `got` are the numbers that it was sent, in order, with the time since the epoch."""

    def __init__(self, unit: str, key: str, kind: Kind, opened: asyncio.Semaphore) -> None:
        self.unit = unit
        self.kind = kind
        self.got: list[tuple[int, float]] = []
        self.lost = asyncio.Event()
        self._key = key
        self._opened = opened
        self._kept = b""
        self._began = False

    @property
    def last(self) -> int:
        """The number that it has read up to."""
        return self.got[-1][0] if self.got else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.lost.clear()
        self._kept = b""
        self._began = False
        transport.write(
            f"GET /v1/feeds/me/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._key}\r\n"
            f"Last-Event-ID: {self.last}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if not self._began:
            self._began = True
            self._opened.release()
            if not data.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the gateway answers {data[:200]!r}")
            if self.kind is Kind.STOPPED:
                self.transport.pause_reading()
        *lines, self._kept = (self._kept + data).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                self.got.append((int(line[4:]), now))

    def connection_lost(self, _: Exception | None) -> None:
        self.lost.set()


class Readers:
    """All clients, each on a connection of its own. A context manager; inside, every stream is open."""

    def __init__(self, port: int, clients: Sequence[tuple[str, str, Kind]]) -> None:
        self.clients: list[Client] = []
        self.resumed = 0
        self._port = port
        self._told = clients
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: uvloop.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_OPEN_SECONDS):
            raise RuntimeError("the streams did not open")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def wait_for(self, reached: Mapping[str, int], seconds: float) -> None:
        """Wait until all that read have come so far; gives up silently, the caller sees what is missing."""
        deadline = time.monotonic() + seconds
        reading = [client for client in self.clients if client.kind is not Kind.STOPPED]
        while any(client.last < reached[client.unit] for client in reading) and time.monotonic() < deadline:
            time.sleep(0.1)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        opened = asyncio.Semaphore(0)
        self.clients = [Client(*told, opened) for told in self._told]
        for client in self.clients:
            await self._connect(client)
        for _ in self.clients:
            await opened.acquire()
        self._ready.set()
        leaving = [client for client in self.clients if client.kind is Kind.LEAVING]
        tasks = [asyncio.create_task(self._come_and_go(one, n)) for n, one in enumerate(leaving)]
        await self._over.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self.clients:
            client.transport.abort()

    async def _connect(self, client: Client) -> None:
        assert self._loop is not None
        line = socket.socket()
        if client.kind is Kind.STOPPED:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
        line.setblocking(False)  # noqa: FBT003 - the socket module's own
        await self._loop.sock_connect(line, ("127.0.0.1", self._port))
        await self._loop.create_connection(lambda: client, sock=line)

    async def _come_and_go(self, client: Client, place: int) -> None:
        """Cut the connection wherever it is, and resume behind the last number."""
        await asyncio.sleep(_LEAVE_SECONDS * (place % 10) / 10)
        for _ in itertools.count():
            await asyncio.sleep(_LEAVE_SECONDS)
            client.transport.abort()
            await client.lost.wait()
            await asyncio.sleep(_AWAY_SECONDS)
            await self._connect(client)
            self.resumed += 1

"""An office that receives webhooks: a real HTTP server on the loopback, which behaves as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

HANG = 0
RESET = -1


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def told(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def seq(self) -> int:
        return int(self.told["entry"]["seq"])


@dataclass
class Office:
    """`answers` says the status for an entry: HANG never answers, RESET cuts the connection off.

    With `echo` it says the word of a handshake back. With `keeps` a connection stays open for so many more
    requests, and is cut off without an answer at the next one.
    """

    answers: Callable[[Got], int] = lambda _: 204
    echo: bool = True
    extra: str = ""
    keeps: int = 0
    connections: int = 0
    got: list[Got] = field(default_factory=list)
    handshakes: list[Got] = field(default_factory=list)
    port: int = 0

    @property
    def seqs(self) -> list[int]:
        """Numbers of the entries that came, repeats included."""
        return [one.seq for one in self.got]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._serve_one(reader, writer)
            for _ in range(self.keeps):
                await self._serve_one(reader, writer)
            if self.keeps:
                await reader.read(1)
        except asyncio.IncompleteReadError:  # the other side has closed it
            pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        status, body = self._answer(request)
        if status == HANG:
            await reader.read()  # until the other side gives up
        elif status == RESET:
            writer.transport.abort()
        else:
            close = "" if self.keeps else "Connection: close\r\n"
            head = f"HTTP/1.1 {status} -\r\n{self.extra}Content-Length: {len(body)}\r\n{close}\r\n"
            writer.write(head.encode() + body)
            await writer.drain()

    def _answer(self, request: Got) -> tuple[int, bytes]:
        if request.told["type"] == "linkage.handshake":
            self.handshakes.append(request)
            word = request.told["challenge"] if self.echo else "yes"
            return 200, json.dumps({"challenge": word}).encode()
        self.got.append(request)
        status = self.answers(request)
        return status, b"" if status == 204 else b"x" * 10_000


async def _read(reader: asyncio.StreamReader) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Got(first.split(" ")[1], headers, body.decode())

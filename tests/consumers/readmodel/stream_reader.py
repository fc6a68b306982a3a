"""A client of the stream of a feed that can stop taking, leave, and be asked what it got."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

SECONDS = 10.0


class Reader:
    """A client of the stream, on the ASGI interface itself: takes pieces only while `reading` is set."""

    def __init__(self, app: FastAPI, key: str, query: str, last: str) -> None:
        headers = [(b"authorization", f"Bearer {key}".encode())]
        if last:
            headers.append((b"last-event-id", last.encode()))
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "method": "GET",
            "path": "/v1/feeds/me/stream",
            "raw_path": b"/v1/feeds/me/stream",
            "query_string": quote(query, safe="=&").encode(),
            "headers": headers,
            "app": app,
        }
        self._app = app
        self.reading = asyncio.Event()
        self.reading.set()
        self.left = asyncio.Event()
        self.over = asyncio.Event()
        self.news = asyncio.Event()
        self.text = b""
        self.status = 0
        self.complete = False

    async def run(self) -> None:
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                return
            await self.reading.wait()
            self.text += message["body"]
            self.complete = not message["more_body"]
            self.news.set()

        await self._app(self._scope, receive, send)
        self.over.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not holds():
                self.news.clear()
                await self.news.wait()

    @property
    def got(self) -> list[tuple[str, str]]:
        """(id, event id) of each block that has an id; an id alone has no event."""
        return [(number, item["event"]["id"] if item else "") for number, item in self.items]

    @property
    def items(self) -> list[tuple[str, dict[str, Any] | None]]:
        """(id, entry) of each block that came whole and has an id."""
        found = []
        for block in self.text.decode().split("\n\n")[:-1]:
            lines = dict(
                line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":")
            )
            if "id" in lines:
                data = json.loads(lines["data"]) if "data" in lines else None
                found.append((lines["id"], data))
        return found

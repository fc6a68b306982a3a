"""Reading request bodies within bounds: how large one may be, how long it may take, how much all may hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from fastapi import Request

from infra.problems import BAD_REQUEST, BUSY, TOO_LARGE, WRONG_MEDIA, ProblemError

MOST_BYTES = 8 * 1024 * 1024
"""Largest body of one request, unless the settings say otherwise."""
_HELD_BODIES = 8
_PATIENCE_SECONDS = 30.0


class Bodies:
    """Reads bodies for all requests of one process; counts what they hold until they are answered.

    No unit may hold more than half of what all together may.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._most_held = _HELD_BODIES * most_bytes
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def read(self, request: Request, unit: str) -> AsyncIterator[bytes]:
        """The body of a request by `unit`, counted as held inside the block. Raises ProblemError."""
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self._most_bytes:
            raise self._too_large()
        body = bytearray()
        try:
            await self._fill(request, unit, body)
            yield bytes(body)
        finally:
            self._held[unit] -= len(body)

    async def _fill(self, request: Request, unit: str, body: bytearray) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                async for chunk in request.stream():
                    body += chunk
                    self._held[unit] += len(chunk)
                    if len(body) > self._most_bytes:
                        raise self._too_large()
                    if self._held[unit] > self._most_held / 2 or self._held.total() > self._most_held:
                        raise ProblemError(BUSY, "too many large requests at once; try again")
        except TimeoutError:
            raise ProblemError(
                BAD_REQUEST, f"the body did not arrive within {_PATIENCE_SECONDS:g} s"
            ) from None

    def _too_large(self) -> ProblemError:
        return ProblemError(TOO_LARGE, f"the body is larger than {self._most_bytes} bytes: send less at once")


def parsed(body: bytes) -> object:
    """The JSON value in `body`. Raises ProblemError that says where it breaks."""
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(BAD_REQUEST, f"the body is no JSON: {error}") from None
    return value


def media_of(request: Request, *accepted: str) -> str:
    """The media type of the body, without parameters. Raises ProblemError unless it is one of `accepted`."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in accepted:
        raise ProblemError(
            WRONG_MEDIA, f"Content-Type is {media or 'missing'!r}; send {' or '.join(accepted)}"
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(WRONG_MEDIA, "send the body without Content-Encoding")
    return media

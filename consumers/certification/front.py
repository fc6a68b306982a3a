"""The gateway as the system under test meets it: every request is passed on and written down, some are meddled with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from consumers.certification.reading import read_said
from consumers.certification.watched import Exchange, Meddling
from infra.problems import BUSY, MEDIA_TYPE, RATE_LIMITED, Problem, ProblemError, body, language_of

_MOST_BYTES = 64 * 1024 * 1024
_SECONDS = 60.0
WAIT_SECONDS = 2
"""What the meddled answers ask to wait."""
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
_OF_THE_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}
)
_STREAM = "/v1/feeds/me/stream"
_FEED = "/v1/feeds/me"
_EVENTS = "/v1/events"

Write = Callable[[Exchange, Mapping[str, str]], None]
"""Takes an exchange of the unit, with the headers of its request."""


class Plan:
    """Which requests are meddled with: each kind once, when the system has shown that it can do the plain thing.

    The first receipt is given; the next single event loses its own. When that was repeated, a request is told to
    wait. The feed repeats its last entry once the reader has gone on in it.
    """

    def __init__(self) -> None:
        self._done: set[Meddling] = set()
        self._receipts = 0

    def before(self, method: str, path: str, after: int) -> Meddling | None:
        """What to do with a request before it is passed on."""
        if (
            method == "POST"
            and path == _EVENTS
            and Meddling.LOST_RECEIPT in self._done
            and self._receipts > 1
        ):
            return self._once(Meddling.BUSY)
        if method == "GET" and path == _FEED and after > 0:
            return self._once(Meddling.REPEATED)
        return None

    def behind(self, method: str, path: str, status: int) -> Meddling | None:
        """What to do with the answer to a request that was passed on."""
        if method != "POST" or path != _EVENTS or status not in (200, 201):
            return None
        self._receipts += 1
        return self._once(Meddling.LOST_RECEIPT) if self._receipts > 1 else None

    def _once(self, kind: Meddling) -> Meddling | None:
        if kind in self._done:
            return None
        self._done.add(kind)
        return kind


class Front:
    """The application. `unit_of` says whom a key speaks for; only what `unit` asks is written down by `write`."""

    def __init__(
        self,
        gateway: httpx.AsyncClient,
        unit: str,
        unit_of: Callable[[str], str | None],
        write: Write,
        clock: Callable[[], datetime],
    ) -> None:
        self._gateway = gateway
        self._unit = unit
        self._unit_of = unit_of
        self._write = write
        self._clock = clock
        self._plan = Plan()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=_METHODS)])

    async def _answer(self, request: Request) -> Response:
        key = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self._unit_of(key) != self._unit:
            return await self._passed_on(request, await _small(request), {})
        if request.url.path == _STREAM:
            return await self._streamed(request)
        if request.method == "PUT":  # a document: passed on as it comes
            answer = await self._passed_on(request, request.stream(), {})
            self._note(request, b"", answer, None)
            return answer
        return await self._watched(request, await _small(request))

    async def _watched(self, request: Request, sent: bytes) -> Response:
        method, path = request.method, request.url.path
        after = _number(request.query_params.get("after", ""))
        meddled = self._plan.before(method, path, after)
        if meddled is Meddling.BUSY:
            answer = _problem(request, RATE_LIMITED, "wait, then send the same again")
        else:
            changed = {"after": str(after - 1)} if meddled is Meddling.REPEATED else {}
            answer = await self._passed_on(request, sent, changed)
        meddled = meddled or self._plan.behind(method, path, answer.status_code)
        if meddled is Meddling.LOST_RECEIPT:
            answer = _problem(request, BUSY, "no receipt; repeat it with the same id")
        self._note(request, sent, answer, meddled)
        return answer

    async def _streamed(self, request: Request) -> Response:
        asked = self._gateway.build_request(
            "GET", _STREAM, params=request.query_params, headers=_carried(request.headers), timeout=None
        )
        answer = await self._gateway.send(asked, stream=True)

        async def through() -> AsyncIterator[bytes]:
            try:
                async for chunk in answer.aiter_raw():
                    yield chunk
            finally:
                await answer.aclose()

        response = StreamingResponse(through(), answer.status_code, headers=_carried(answer.headers))
        self._note(request, b"", Response(status_code=answer.status_code), None)
        return response

    async def _passed_on(
        self, request: Request, content: bytes | AsyncIterator[bytes], changed: Mapping[str, str]
    ) -> Response:
        query = [(name, text) for name, text in request.query_params.multi_items() if name not in changed]
        try:
            answer = await self._gateway.request(
                request.method,
                request.url.path,
                params=[*query, *changed.items()],
                headers=_carried(request.headers),
                content=content,
                timeout=_SECONDS,
            )
        except httpx.TransportError as error:
            return _problem(request, BUSY, f"the gateway does not answer: {type(error).__name__}")
        return Response(answer.content, answer.status_code, headers=_carried(answer.headers))

    def _note(self, request: Request, sent: bytes, answer: Response, meddled: Meddling | None) -> None:
        asked = _json(sent)
        is_said = request.method == "POST" and request.url.path == _EVENTS
        wait = answer.headers.get("retry-after", "")
        exchange = Exchange(
            at=self._clock(),
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            status=answer.status_code,
            asked=asked,
            told=_json(bytes(answer.body)),
            said=read_said(request.headers, asked) if is_said else (),
            meddled=meddled,
            retry_after=_number(wait),
            last_event_id=request.headers.get("last-event-id", ""),
        )
        self._write(exchange, request.headers)


async def _small(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            break  # more than the gateway takes: it will say so
    return bytes(content)


def _problem(request: Request, problem: Problem, detail: str) -> Response:
    """An answer in the gateway's own shape."""
    error = ProblemError(problem, f"certification run: {detail}", retry_after=WAIT_SECONDS)
    language = language_of(request.headers.get("accept-language", ""))
    document = body(error, instance=request.url.path, language=language)
    headers = {"Retry-After": str(WAIT_SECONDS)}
    return JSONResponse(document, problem.status, headers, MEDIA_TYPE)


def _carried(headers: Mapping[str, str]) -> dict[str, str]:
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    left = _OF_THE_HOP | named | {"content-encoding"}
    return {name: text for name, text in headers.items() if name.lower() not in left}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content) if content else None
    except orjson.JSONDecodeError:
        return None

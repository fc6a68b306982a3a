"""One signed HTTP request to an approved receiver: to an address that was checked, without redirects, within bounds."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace, TracebackType
from typing import Self

import aiohttp
from standardwebhooks import Webhook
from yarl import URL

from consumers.webhooks.addresses import Address, ForbiddenAddressError, check_addresses
from consumers.webhooks.names import Names
from consumers.webhooks.receivers import Receivers, RefusedUrlError, Target
from consumers.webhooks.rules import Answer

MOST_BODY_BYTES = 4096
SECONDS = 10.0
KEPT_SECONDS = 15.0
"""A connection on which a receiver has answered is kept so long for its next message."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""All addresses of a host."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `id` is the same at every try."""

    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer, and the first `MOST_BODY_BYTES` of what stood in it."""

    answer: Answer
    body: bytes = b""


class Sender:
    """Sends to approved receivers. An async context manager; lives in one event loop.

    Names are resolved anew for each request, all addresses are checked, and the request goes to the checked
    address itself, with the name in TLS and in the Host header. A connection is used again only for the same
    address, port and name. Proxies of the environment are not used.
    """

    def __init__(
        self, receivers: Receivers, *, resolver: Resolve | None = None, seconds: float = SECONDS
    ) -> None:
        self._receivers = receivers
        self._resolve = resolver or Names()
        self._seconds = seconds

    async def post(self, unit: str, url: str, secret: str, message: Message, now: datetime) -> Reply:
        """Send it once. Never raises for anything that a receiver, its name or its network does."""
        try:
            target = self._receivers.target(unit, url)
            async with asyncio.timeout(self._seconds):
                host, port = target.receiver.host, target.receiver.port
                address = check_addresses(await self._resolve(host, port), target.receiver.networks)
                return await self._send(target, address, _headers(target, secret, message, now), message.body)
        except TimeoutError:
            return _not_sent(f"no answer within {self._seconds:g} s")
        except (RefusedUrlError, ForbiddenAddressError) as error:
            return _not_sent(f"refused: {error}")
        except (OSError, aiohttp.ClientError, UnicodeError) as error:
            return _not_sent(f"not reached: {type(error).__name__}")

    async def _send(self, target: Target, address: Address, headers: dict[str, str], body: str) -> Reply:
        """On a kept connection, if there is one: what a receiver closed while it stood idle was no answer."""
        literal = f"[{address}]" if address.version == 6 else str(address)
        url = URL(f"{target.scheme}://{literal}:{target.receiver.port}{target.path}", encoded=True)
        name = target.receiver.host.strip("[]")
        while True:
            way = _Way()
            try:
                return await self._once(url, name, headers, body.encode(), way)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not way.kept:
                    raise

    async def _once(self, url: URL, name: str, headers: dict[str, str], content: bytes, way: _Way) -> Reply:
        sending = self._session.post(
            url,
            data=content,
            headers=headers,
            allow_redirects=False,
            server_hostname=name if url.scheme == "https" else None,
            trace_request_ctx=way,
        )
        async with sending as response:
            body = b""
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) >= MOST_BODY_BYTES:
                    break
        wish = _seconds(response.headers.get("retry-after", ""))
        return Reply(Answer(response.status, _said(response.status), wish), body[:MOST_BODY_BYTES])

    async def __aenter__(self) -> Self:
        traces = aiohttp.TraceConfig()
        traces.on_connection_reuseconn.append(_note_kept)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=ssl.create_default_context(), limit=0, keepalive_timeout=KEPT_SECONDS
            ),
            timeout=aiohttp.ClientTimeout(),  # none: the deadline of `post` covers all of it
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept-Encoding",),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[traces],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()


@dataclass(slots=True)
class _Way:
    """Whether a request went over a connection that had been kept."""

    kept: bool = False


async def _note_kept(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceConnectionReuseconnParams
) -> None:
    context.trace_request_ctx.kept = True


def _headers(target: Target, secret: str, message: Message, now: datetime) -> dict[str, str]:
    return {
        "Host": f"{target.receiver.host}:{target.receiver.port}",
        "Content-Type": "application/json",
        "User-Agent": "linkage-webhooks",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message.id, now, message.body),
    }


def _said(status: int) -> str:
    """The status in words; not in the receiver's own, which may say anything."""
    known = status in HTTPStatus.__members__.values()
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)


def _not_sent(told: str) -> Reply:
    return Reply(Answer(None, told[:300]))


def _seconds(wish: str) -> timedelta | None:
    """A Retry-After in seconds; the form with a date is not honoured."""
    return timedelta(seconds=int(wish)) if wish.isascii() and wish.isdigit() and len(wish) < 8 else None

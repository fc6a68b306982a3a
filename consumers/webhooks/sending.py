"""One signed HTTP request to an approved receiver: to an address that was checked, without redirects, within bounds."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx
from standardwebhooks import Webhook

from consumers.webhooks.addresses import Address, ForbiddenAddressError, check_addresses
from consumers.webhooks.receivers import Receivers, RefusedUrlError, Target
from consumers.webhooks.rules import Answer

MOST_BODY_BYTES = 4096
SECONDS = 10.0

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


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host` by the machine's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Sender:
    """Sends to approved receivers. An async context manager; lives in one event loop.

    Names are resolved anew for each request, all addresses are checked, and the request goes to the checked
    address itself, with the name in TLS and in the Host header. Proxies of the environment are not used.
    """

    def __init__(
        self, receivers: Receivers, *, resolver: Resolve = resolve, seconds: float = SECONDS
    ) -> None:
        self._receivers = receivers
        self._resolve = resolver
        self._seconds = seconds
        self._client = httpx.AsyncClient(
            verify=ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113  (the deadline below covers all of it)
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def post(self, unit: str, url: str, secret: str, message: Message, now: datetime) -> Reply:
        """Send it once. Never raises for anything that a receiver, its name or its network does."""
        try:
            target = self._receivers.target(unit, url)
            async with asyncio.timeout(self._seconds):
                host, port = target.receiver.host, target.receiver.port
                address = check_addresses(await self._resolve(host, port), target.receiver.networks)
                return await self._send(target, address, secret, message, now)
        except TimeoutError:
            return _not_sent(f"no answer within {self._seconds:g} s")
        except (RefusedUrlError, ForbiddenAddressError) as error:
            return _not_sent(f"refused: {error}")
        except (OSError, httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return _not_sent(f"not reached: {type(error).__name__}")

    async def _send(
        self, target: Target, address: Address, secret: str, message: Message, now: datetime
    ) -> Reply:
        receiver = target.receiver
        literal = f"[{address}]" if address.version == 6 else str(address)
        request = self._client.build_request(
            "POST",
            f"{target.scheme}://{literal}:{receiver.port}{target.path}",
            content=message.body.encode(),
            headers={
                "Host": f"{receiver.host}:{receiver.port}",
                "Content-Type": "application/json",
                "User-Agent": "linkage-webhooks",
                "webhook-id": message.id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(secret).sign(message.id, now, message.body),
            },
            extensions={"sni_hostname": receiver.host.strip("[]")},
        )
        response = await self._client.send(request, stream=True)
        try:
            body = b""
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= MOST_BODY_BYTES:
                    break
        finally:
            await response.aclose()
        wish = _seconds(response.headers.get("retry-after", ""))
        return Reply(Answer(response.status_code, _said(response.status_code), wish), body[:MOST_BODY_BYTES])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


def _said(status: int) -> str:
    """The status in words; not in the receiver's own, which may say anything."""
    known = status in HTTPStatus.__members__.values()
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)


def _not_sent(told: str) -> Reply:
    return Reply(Answer(None, told[:300]))


def _seconds(wish: str) -> timedelta | None:
    """A Retry-After in seconds; the form with a date is not honoured."""
    return timedelta(seconds=int(wish)) if wish.isascii() and wish.isdigit() and len(wish) < 8 else None

"""The headers of every answer: what a page may load, where it may be shown, and that nobody keeps a copy."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consumers.console.preferences import to_keep

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""No script and no style but our own files. Images also as data: addresses: Pico draws its arrows so."""
_ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
STATIC = "/static/"


class Headers:
    """ASGI middleware. Assets carry their sum in the address, so a browser may keep them for ever."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and adds to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        lasting = scope["path"].startswith(STATIC) and "v" in query

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_ALWAYS)
                good = lasting and message["status"] == 200
                headers["cache-control"] = "public, max-age=31536000, immutable" if good else "no-store"
                if self._https:
                    headers["strict-transport-security"] = "max-age=31536000"
                for line in to_keep(query, https=self._https):
                    headers.append("set-cookie", line)
            await send(message)

        await self._app(scope, receive, answer)

"""How large a request may be: told by its length before anything of it is read, whoever sends it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from consumers.console.words import Language, Words

FORM_BYTES = 1024 * 1024
"""Of a form without files."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Bodies:
    """ASGI middleware. Refuses what is larger than `most` at the paths of `uploads`, and than FORM_BYTES elsewhere.

    A body whose length is not told is refused too: browsers tell it.
    """

    def __init__(self, app: ASGIApp, *, uploads: frozenset[str], most: int) -> None:
        self._app = app
        self._uploads = uploads
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it with 411 or 413."""
        if scope["type"] == "http" and scope["method"] not in _READING:
            told = Headers(scope=scope).get("content-length", "")
            most = self._most if scope["path"] in self._uploads else FORM_BYTES
            if not told.isdigit():
                await PlainTextResponse(_words("error.no_length"), 411)(scope, receive, send)
                return
            if int(told) > most:
                await PlainTextResponse(_words("error.too_large"), 413)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _words(key: str) -> str:
    """In both languages: who asks is not known yet."""
    return "\n".join(Words(language)(key) for language in Language)

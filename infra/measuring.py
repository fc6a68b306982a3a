"""ASGI middleware that counts and times requests by the route that answered them, for Prometheus."""

from __future__ import annotations

import time
from typing import Any

from infra import metrics

UNMATCHED = "unmatched"
"""The route of a request that none answers: a caller's paths must not become labels."""


class Measured:
    """Wraps an application. Streams are timed to their end."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request; anything else passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", UNMATCHED)
            method = scope["method"] if route != UNMATCHED else UNMATCHED
            metrics.requests.labels(method, route, status).inc()
            metrics.request_seconds.labels(route).observe(time.perf_counter() - began)

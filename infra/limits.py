"""How much one unit may ask of the gateway: a token bucket for each, so that nobody's flood is anybody else's delay."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Allowance:
    """What every unit has: `burst` at once, and `per_second` more all the time. An event costs 1, so does a request."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was left for a unit at `at`, in seconds of any steady clock."""

    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands: `remaining` now, `reset` seconds until all is there again, `wait` seconds if refused."""

    remaining: int
    reset: int
    wait: float


def spend(bucket: Bucket | None, allowance: Allowance, cost: int, at: float) -> tuple[Bucket, Standing]:
    """Takes `cost` out of the bucket if it is there; otherwise takes nothing and says how long to wait.

    None is a unit that has not asked before. `at` may lie before the bucket's time: then no time has passed.
    """
    known = bucket or Bucket(float(allowance.burst), at)
    now = max(at, known.at)
    tokens = min(float(allowance.burst), known.tokens + (now - known.at) * allowance.per_second)
    enough = tokens >= cost
    left = tokens - cost if enough else tokens
    return Bucket(left, now), Standing(
        remaining=int(left),
        reset=math.ceil((allowance.burst - left) / allowance.per_second),
        wait=0.0 if enough else (cost - tokens) / allowance.per_second,
    )


class Meter:
    """The buckets of all units of one gateway process. Used on one event loop."""

    def __init__(self, allowance: Allowance, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.allowance = allowance
        self._monotonic = monotonic
        self._buckets: dict[str, Bucket] = {}

    def spend(self, unit: str, cost: int) -> Standing:
        """As the function `spend`, for the bucket of `unit`."""
        bucket, standing = spend(self._buckets.get(unit), self.allowance, cost, self._monotonic())
        self._buckets[unit] = bucket
        return standing


class TellStanding:
    """Adds the RateLimit headers (draft-ietf-httpapi-ratelimit-headers) to the answers of whoever was measured."""

    def __init__(self, app: ASGIApp, allowance: Allowance) -> None:
        self._app = app
        window = math.ceil(allowance.burst / allowance.per_second)
        self._policy = f'"unit";q={allowance.burst};w={window}'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def sending(message: Message) -> None:
            standing: Any = scope.get("state", {}).get("standing")
            if message["type"] == "http.response.start" and standing is not None:
                told = f'"unit";r={standing.remaining};t={standing.reset}'.encode()
                message["headers"] += [(b"ratelimit-policy", self._policy), (b"ratelimit", told)]
            await send(message)

        await self._app(scope, receive, sending)

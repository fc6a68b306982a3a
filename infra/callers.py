"""Who is asking over HTTP: the unit that the request's API key belongs to."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from infra.access import KeyRing
from infra.limits import Meter, TellStanding
from infra.problems import NO_KEY, RATE_LIMITED, SUSPENDED, ProblemError
from infra.suspensions import Suspensions

_BEARER = HTTPBearer(auto_error=False, description="The key that `linkage unit key` showed once")


_SUSPENDED_RETRY_SECONDS = 60


def install(app: FastAPI, keys: KeyRing, meter: Meter | None = None) -> None:
    """Lets the routes of `app` ask who is calling, and measures every caller if there is a meter."""
    app.state.keys = keys
    app.state.suspensions = Suspensions(keys.engine)
    app.state.meter = meter
    if meter is not None:
        app.add_middleware(TellStanding, allowance=meter.allowance)


def charge(request: Request, unit: str, cost: int) -> None:
    """Counts `cost` against what `unit` may bring. Raises ProblemError, and counts nothing, if that is used up."""
    meter: Meter | None = request.app.state.meter
    if meter is None:
        return
    standing = request.state.standing = meter.spend(unit, cost)
    if standing.wait > 0:
        raise ProblemError(
            RATE_LIMITED,
            f"{unit} may bring {meter.allowance.burst} requests and events at once and "
            f"{meter.allowance.per_second:g} a second; nothing of this request was taken",
            retry_after=math.ceil(standing.wait),
        )


async def _calling_unit(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> str:
    if given is None:
        raise ProblemError(NO_KEY, "send the header Authorization: Bearer <key>")
    keys: KeyRing = request.app.state.keys
    known, unit = keys.remembered(given.credentials)
    if not known:
        unit = await run_in_threadpool(keys.unit_for, given.credentials)
    if unit is None:
        raise ProblemError(NO_KEY, "the key is unknown, revoked or expired")
    charge(request, unit, 1)
    await _check_free(request, unit)
    return unit


async def calling(request: Request) -> str:
    """What CallingUnit gives, for a route that asks for it itself. Raises ProblemError."""
    return await _calling_unit(request, await _BEARER(request))


async def _check_free(request: Request, unit: str) -> None:
    """Raises ProblemError for a suspended unit, with a status that makes clients keep what they have and wait."""
    suspensions: Suspensions = request.app.state.suspensions
    held = suspensions.remembered()
    if held is None:
        held = await run_in_threadpool(suspensions.units)
    if unit in held:
        raise ProblemError(
            SUSPENDED,
            f"{unit} is suspended: keep what you have to say and say it later; what is for you waits",
            retry_after=_SUSPENDED_RETRY_SECONDS,
        )


CallingUnit = Annotated[str, Depends(_calling_unit)]
"""The code of the unit that calls a route; a request without a valid key is answered by problem `no-key`."""

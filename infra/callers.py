"""Who is asking over HTTP: the unit that the request's API key belongs to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from infra.access import KeyRing
from infra.problems import NO_KEY, ProblemError

_BEARER = HTTPBearer(auto_error=False, description="The key that `linkage unit key` showed once")


def install(app: FastAPI, keys: KeyRing) -> None:
    """Lets the routes of `app` ask who is calling."""
    app.state.keys = keys


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
        raise ProblemError(NO_KEY, "the key is unknown or revoked")
    return unit


CallingUnit = Annotated[str, Depends(_calling_unit)]
"""The code of the unit that calls a route; a request without a valid key is answered by problem `no-key`."""

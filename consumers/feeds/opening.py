"""Opening the sealed fields of a feed topic, with keys that the gateway gives for the cases of the feed."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from time import monotonic
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx

from schemas.envelope import Envelope
from schemas.sealed.keys import OpeningKey
from schemas.sealed.suites import BY_MARK
from schemas.sealed.values import opened_data

KEPT_SECONDS = 600.0
_MOST = 10_000


class GatewayKeys:
    """Fetches the opening keys of cases over HTTP, and keeps each in memory for ten minutes. A context manager.

    `address` is the gateway's, `key` the unit's API key; `steady` a clock in seconds. Not safe between threads.
    """

    def __init__(self, address: str, key: str, *, steady: Callable[[], float] = monotonic) -> None:
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30.0, trust_env=False
        )
        self._steady = steady
        self._held: dict[UUID, tuple[float, OpeningKey | None]] = {}

    def __call__(self, case: UUID) -> OpeningKey | None:
        """The key of a case; None if there is none for this unit, or it was destroyed. Raises httpx.HTTPError."""
        until, key = self._held.get(case, (0.0, None))
        if until > self._steady():
            return key
        answer = self._http.get(f"/v1/feeds/me/keys/{case}")
        key = None
        if answer.status_code != HTTPStatus.NOT_FOUND:
            told = answer.raise_for_status().json()
            key = OpeningKey(told["name"], BY_MARK[told["suite"]], urlsafe_b64decode(told["key"]))
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[case] = (self._steady() + KEPT_SECONDS, key)
        return key

    def opened(self, envelope: Envelope, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload of a feed record with its fields opened. Asks nobody if nothing is sealed in it."""
        if opened_data(envelope, data, None) == data:
            return data
        return opened_data(envelope, data, self(envelope.subject))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

"""Sealing on the way in: where a publisher gets the ingress key from, and records sealed to it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog

from producers.errors import NotSealed
from producers.records import Record
from schemas.sealed.ingress import IngressKey, read_ingress_key, sealed_for
from schemas.sealed.keys import Entropy

log = structlog.get_logger(__name__)

IngressSource = Callable[[], IngressKey | None]
"""Gives the key to seal to; None while none is known."""

_FRESH_SECONDS = 3600.0
_AGAIN_SECONDS = 60.0
_FIRST_SECONDS = 3.0
_WARNED_EVERY = timedelta(hours=1)


def fixed_key(text: str) -> IngressSource:
    """A key that was handed over in one word, for units without a way to the gateway. Raises ValueError."""
    key = read_ingress_key(text)
    return lambda: key


class GatewayIngress:
    """The key that the gateway at `address` tells to the holder of `key`, asked for anew every hour in the background.

    It keeps the last one while the gateway is away, in the file `keep` also from one start to the next. Only the
    first call of all may block, for 3 seconds. `options` go to httpx (certificates, proxy).
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        keep: Path | None = None,
        steady: Callable[[], float] = time.monotonic,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._url = f"{address.rstrip('/')}/v1/ingress-key"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._keep = keep
        self._steady = steady
        self._options = dict(options or {})
        self._lock = threading.Lock()
        self._asking = threading.Thread(target=lambda: None)
        self._due = steady()
        self._known = _kept(keep)

    def __call__(self) -> IngressKey | None:
        """The latest key that is known."""
        with self._lock:
            if self._steady() >= self._due:
                self._due = self._steady() + _AGAIN_SECONDS
                self._asking = threading.Thread(target=self._ask, name="ingress-key", daemon=True)
                self._asking.start()
            asking = self._asking
        if self._known is None and asking.ident is not None:
            asking.join(_FIRST_SECONDS)
        return self._known

    def _ask(self) -> None:
        try:
            answer = httpx.get(self._url, headers=self._headers, timeout=_FIRST_SECONDS, **self._options)
            answer.raise_for_status()
            key = read_ingress_key(answer.json()["text"])
            if self._keep is not None:
                self._keep.write_text(key.text + "\n", encoding="utf-8")
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the ingress key cannot be asked for", problem=f"{type(error).__name__}: {error}")
            return
        with self._lock:
            self._known, self._due = key, self._steady() + _FRESH_SECONDS


class IngressSealer:
    """Seals records to the key of `source`. Says in the log, once an hour, when that should have been renewed."""

    def __init__(self, source: IngressSource, *, entropy: Entropy = secrets.token_bytes) -> None:
        self._source = source
        self._entropy = entropy
        self._warned: datetime | None = None

    def __call__(self, record: Record, now: datetime) -> Record | None:
        """The record with its value sealed; its digest stays that of what is said. None while no key is known.

        Raises NotSealed if the key has expired.
        """
        key = self._source()
        if key is None:
            return None
        if now >= key.expires_at:
            raise NotSealed(
                f"ingress key {key.name} expired at {key.expires_at.isoformat()}, and the bus opens nothing that is "
                "sealed to it now: get the current one from GET /v1/ingress-key or from the operator"
            )
        if now >= key.renew_by and (self._warned is None or now - self._warned >= _WARNED_EVERY):
            self._warned = now
            log.warning(
                "the ingress key should be renewed: ask GET /v1/ingress-key or the operator for the current one",
                key=key.name,
                expires_at=key.expires_at.isoformat(),
            )
        sealed = sealed_for(key, record.envelope, record.value, self._entropy)
        return replace(record, value=sealed)


def _kept(file: Path | None) -> IngressKey | None:
    if file is None or not file.exists():
        return None
    try:
        return read_ingress_key(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        log.warning("the ingress key that was kept cannot be read", file=str(file), problem=str(error))
        return None

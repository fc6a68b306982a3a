"""Units that read their feeds over HTTP all the time, at one gateway or the other, and acknowledge what they have."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

PATIENCE_SECONDS = 6.0
PAUSE_SECONDS = 0.5

Pulled = Sequence[tuple[int, tuple[str, str]]]
"""(number, identity) of each entry, as they came."""


class Puller:
    """Reads from behind its acknowledgement, in a thread of its own once started.

    What it has is kept before it acknowledges, as a unit must; a number that comes again is left out. Now and then
    it acknowledges twice.
    """

    def __init__(self, addresses: Sequence[str], keys: Mapping[str, str], seed: int) -> None:
        self._addresses = addresses
        self._keys = keys
        self._chance = random.Random(seed)
        self._held: dict[str, list[tuple[int, tuple[str, str]]]] = {unit: [] for unit in keys}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._client = httpx.Client(timeout=PATIENCE_SECONDS)
        self._thread = threading.Thread(target=self._run, name="puller", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def caught_up(self) -> Mapping[str, Pulled]:
        """Everything that the units were ever given, by unit, read to its present end. Asks until it is answered."""
        with self._lock:
            for unit in self._keys:
                while not self._read(unit) and not self._closed.is_set():
                    pass
            return {unit: list(held) for unit, held in self._held.items()}

    def close(self) -> None:
        """Stop reading."""
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._client.close()

    def _run(self) -> None:
        while not self._closed.wait(PAUSE_SECONDS):
            for unit in self._keys:
                with self._lock:
                    self._read(unit)

    def _read(self, unit: str) -> bool:
        """Read on; whether the end was reached."""
        held = self._held[unit]
        try:
            page = self._ask(unit, "GET", "/v1/feeds/me")
            for item in page["items"]:
                if not held or item["seq"] > held[-1][0]:
                    held.append((item["seq"], (item["event"]["source"], item["event"]["id"])))
            for _ in range(self._chance.randint(1, 2) if page["items"] else 0):
                self._ask(unit, "POST", "/v1/feeds/me/ack", {"seq": held[-1][0]})
        except httpx.HTTPError:
            return False
        return bool(page["next"] == page["published"])

    def _ask(self, unit: str, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(
            method,
            self._chance.choice(self._addresses) + path,
            json=body,
            headers={"Authorization": f"Bearer {self._keys[unit]}"},
        )
        return answer.raise_for_status().json()

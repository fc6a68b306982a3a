"""How much may be on its way to the broker at once: kafka-python 3 itself sets no bound on its buffers."""

from __future__ import annotations

import threading


class Budget:
    """Counts records and bytes in flight; safe between threads.

    While the broker is away kafka-python keeps every record in memory until it expires, and 3.0.12 does not
    even expire them while it asks for a new producer id. So what was sent counts until its future resolves,
    however long that takes.
    """

    def __init__(self, *, records: int, size: int) -> None:
        self._room = threading.Condition()
        self._max_records = records
        self._max_size = size
        self._records = 0
        self._size = 0

    @property
    def records(self) -> int:
        """Records in flight now."""
        return self._records

    def take(self, size: int, *, seconds: float) -> bool:
        """Makes room for one record of `size` bytes, blocking up to `seconds`; False if there was none."""
        with self._room:
            if not self._room.wait_for(lambda: self._fits(size), seconds):
                return False
            self._records += 1
            self._size += size
            return True

    def give_back(self, size: int) -> None:
        """One record of `size` bytes is resolved, well or badly."""
        with self._room:
            self._records -= 1
            self._size -= size
            self._room.notify_all()

    def drained(self, *, seconds: float) -> bool:
        """Blocks until nothing is in flight; False if that took longer than `seconds`."""
        with self._room:
            return self._room.wait_for(lambda: self._records == 0, seconds)

    def _fits(self, size: int) -> bool:
        return self._records < self._max_records and self._size + size <= self._max_size

"""The watchdog of a worker: ends the process when work waits but nothing moves, since Faust can fall silent (F14)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping

import structlog

from infra.settings import Settings

EXIT_SILENT = 75
_LONGEST = 200
Offsets = Mapping[tuple[str, int], int]

log = structlog.get_logger(__name__)


class Watchdog:
    """Decides whether a worker has fallen silent: some partition has had work for too long and did not move.

    Pure but for the state it keeps; `observe` is called now and then with what the broker and the
    database say at `at` (any steady clock, in seconds).
    """

    def __init__(self, patience_seconds: float) -> None:
        self._patience = patience_seconds
        self._stuck_since: dict[tuple[str, int], tuple[int, float]] = {}

    def observe(self, ends: Offsets, positions: Offsets, at: float) -> list[tuple[str, int]]:
        """The partitions that have had unapplied records at one unmoved position for longer than the patience."""
        silent = []
        for partition, end in ends.items():
            position = positions.get(partition, 0)
            if position >= end:
                self._stuck_since.pop(partition, None)
                continue
            known, since = self._stuck_since.get(partition, (position, at))
            if known != position:
                since = at
            self._stuck_since[partition] = (position, since)
            if at - since > self._patience:
                silent.append(partition)
        for gone in set(self._stuck_since) - set(ends):
            del self._stuck_since[gone]
        return silent


def named(partitions: Iterable[tuple[str, int]]) -> str:
    """The partitions as one plain string of at most 200 characters: a log shows no lists."""
    names = ", ".join(f"{topic}/{number}" for topic, number in partitions)
    return names if len(names) <= _LONGEST else f"{names[: _LONGEST - 1]}…"


def start(
    settings: Settings,
    ends: Callable[[], Offsets],
    positions: Callable[[], Offsets],
    holds_record: Callable[[tuple[str, int], int], bool],
) -> threading.Thread:
    """Watch in a thread of its own until the process ends. A look that fails is not held against the worker.

    `holds_record` says whether the partition has a record at or after an offset: the end of a log may lie
    behind the marker of a transaction, which is nothing to do. It may block, and is asked only in silence.
    """
    dog = Watchdog(settings.stall_seconds)
    interval = max(1.0, settings.stall_seconds / 6)

    def watch() -> None:
        while True:
            time.sleep(interval)
            try:
                standing = positions()
                silent = [
                    partition
                    for partition in dog.observe(ends(), standing, time.monotonic())
                    if holds_record(partition, standing.get(partition, 0))
                ]
            except Exception as error:  # noqa: BLE001  (broker or database away: their own guards deal with that)
                log.info("watchdog cannot look", error=f"{type(error).__name__}: {error}".split("\n")[0])
                continue
            if silent:
                log.critical("silent", partitions=named(silent))
                os._exit(EXIT_SILENT)

    thread = threading.Thread(target=watch, name="watchdog", daemon=True)
    thread.start()
    return thread

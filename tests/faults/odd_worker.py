"""Workers that are themselves but for one thing: `python -m tests.faults.odd_worker leaping|rival`.

`leaping` begins to read too far ahead, as if somebody had moved its offsets; where nothing lies so far ahead it
begins where it should. `rival` is in a group of its own and so, like a worker that was given up and does not
know, reads everything that the others read, at the same time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra import worker
from infra.cli import processes
from infra.rereading import end_offset
from infra.settings import read_settings

LEAP = 3


def leap() -> None:
    """Lead the worker astray about where to read on."""
    honest = worker._known_positions
    bootstrap = read_settings().bootstrap

    def known_positions(engine: Any, partitions: Sequence[Any]) -> Mapping[Any, int]:
        return {
            tp: offset + LEAP if offset + LEAP < end_offset(bootstrap, tp.topic, tp.partition) else offset
            for tp, offset in honest(engine, partitions).items()
        }

    worker._known_positions = known_positions


def rival() -> None:
    """Put the worker into another group."""
    worker.WORKER_GROUP = "rival"


ODD: Mapping[str, Callable[[], None]] = {"leaping": leap, "rival": rival}

if __name__ == "__main__":
    ODD[sys.argv[1]]()
    processes.worker("odd")

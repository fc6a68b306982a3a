"""A worker that begins to read too far ahead, as if somebody had moved its offsets; run by test_rebalances.py.

Everything else is the worker itself. Where nothing lies so far ahead it begins where it should.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra import worker
from infra.cli import processes
from infra.rereading import end_offset
from infra.settings import read_settings

LEAP = 3


def leaping(honest: Any) -> Any:
    """The function that says where to read on, led astray."""
    bootstrap = read_settings().bootstrap

    def known_positions(engine: Any, partitions: Sequence[Any]) -> Mapping[Any, int]:
        positions = honest(engine, partitions)
        return {
            tp: offset + LEAP if offset + LEAP < end_offset(bootstrap, tp.topic, tp.partition) else offset
            for tp, offset in positions.items()
        }

    return known_positions


if __name__ == "__main__":
    worker._known_positions = leaping(worker._known_positions)
    processes.worker("worker-1")

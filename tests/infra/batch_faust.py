"""A program of handlers attached as ours are, run by test_streams.py in a process of its own.

`python -m tests.infra.batch_faust WITNESS TOPIC…` with LINKAGE_* settings: a line in the file WITNESS for each
batch that a handler starts and finishes (`topic started partition first last values…`). A finished batch moves its position in
PostgreSQL. Told to by MISBEHAVE=1, the handler raises at a record `bad` and never returns from a record `slow`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import faust
from faust.types import TP
from sqlalchemy import Engine

from infra import streams
from infra.batches import Batch, Wave
from infra.database import engine as make_engine
from infra.positions import CHAIN_START, lock_position, move_position, read_positions
from infra.settings import Settings, read_settings
from tests.infra.stock_faust import Witness

GROUP = "batches"


def build(settings: Settings, engine: Engine, witness: Witness, topics: list[str]) -> faust.App:
    """The app with one agent for each topic."""

    async def positions(partitions: set[TP]) -> Mapping[TP, int]:
        with engine.begin() as connection:
            known = read_positions(connection, [(tp.topic, tp.partition) for tp in partitions])
        return {TP(topic, partition): offset for (topic, partition), offset in known.items()}

    misbehave = os.environ.get("MISBEHAVE") == "1"

    async def handle(wave: Wave) -> None:
        for batch in wave:
            await take(batch)

    async def take(batch: Batch) -> None:
        topic, partition = batch[0].topic, batch[0].partition
        values = [(record.value or b"").hex() for record in batch] if len(batch) < 10 else [len(batch)]
        place = (partition, batch[0].offset, batch[-1].offset, *values)
        witness.say(topic, "started", *place)
        if misbehave and any(record.value == b"bad" for record in batch):
            raise ValueError("bad")
        if misbehave and any(record.value == b"slow" for record in batch):
            await asyncio.Event().wait()
        with engine.begin() as connection:
            at = lock_position(connection, topic, partition).next_offset
            move_position(
                connection, topic, partition, expected=at, next_offset=batch[-1].offset + 1, chain=CHAIN_START
            )
        witness.say(topic, "finished", *place)

    app = streams.build_app(settings, GROUP, positions, slot="1")
    for topic in topics:
        streams.attach(app, [topic], topic, handle)
    return app


def main(witness: str, *topics: str) -> None:
    """Run until killed."""
    settings = read_settings()
    app = build(settings, make_engine(settings), Witness(Path(witness)), list(topics))
    faust.Worker(app, loglevel="CRITICAL", quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A program of stock Faust agents, one for each of its faults, run by test_streams.py in a process of its own.

`python -m tests.infra.stock_faust BOOTSTRAP PREFIX WITNESS`: every agent writes a line to the file WITNESS for
what it starts and for what it finishes, so that the test sees what happened after the process is killed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import faust

FAULTS = ("raise", "slow", "marker", "poison", "reply", "flush")
"""Topics (after the prefix), each read by the agent that shows one fault."""
COMMIT_SECONDS = 0.3


class Witness:
    """Appends lines that survive the death of the process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    def say(self, *words: object) -> None:
        """Add one line of words."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


def build(bootstrap: str, prefix: str, witness: Witness, datadir: Path) -> faust.App:
    """The app with its agents, its settings as they come but for those that keep it alone and quick."""
    app = faust.App(
        f"{prefix}stock",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        datadir=str(datadir),  # otherwise it makes one in the working directory
        web_enabled=False,
        topic_disable_leader=True,
        broker_commit_interval=COMMIT_SECONDS,
        stream_wait_empty=False,
    )
    raw = {name: app.topic(prefix + name, value_serializer="raw") for name in FAULTS}
    numbers = app.topic(f"{prefix}poison", value_type=int, value_serializer="json")
    app.agent(raw["raise"], name="raise")(raising(witness))
    app.agent(raw["slow"], name="slow", concurrency=2)(stuck(witness, "slow"))
    app.agent(raw["marker"], name="marker", concurrency=2)(stuck(witness, "marker"))
    app.agent(numbers, name="poison")(stuck(witness, "poison"))
    app.agent(raw["reply"], name="reply")(replying)
    app.agent(raw["flush"], name="flush")(
        buffering(app.topic(f"{prefix}not-there-yet", value_serializer="raw"))
    )
    return app


def raising(witness: Witness) -> Any:
    """An agent that raises at `bad` (F1)."""

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            witness.say("raise", "started", event.message.offset)
            if event.value == b"bad":
                raise ValueError(event.value)
            witness.say("raise", "finished", event.message.offset)

    return agent


def stuck(witness: Witness, name: str) -> Any:
    """An agent that never comes back from `slow`, nor from the number 1 (F3, F5, F9)."""

    async def agent(stream: Any) -> None:
        async for event in stream.events():
            witness.say(name, "started", event.message.offset)
            if event.value in (b"slow", 1):
                await asyncio.Event().wait()
            witness.say(name, "finished", event.message.offset)

    return agent


async def replying(stream: Any) -> AsyncIterator[bytes]:
    """An agent that yields what it makes of a record (F10)."""
    async for value in stream:
        yield b"secret of " + value


def buffering(target: Any) -> Any:
    """An agent that leaves it to Faust to send what it made of a record before that is committed (F6)."""

    async def agent(stream: Any) -> None:
        async for value in stream:
            for _ in range(5):
                target.send_soon(value=value)

    return agent


def main(bootstrap: str, prefix: str, witness: str) -> None:
    """Run until killed."""
    app = build(bootstrap, prefix, Witness(Path(witness)), Path(witness).with_name("faust"))
    faust.Worker(app, loglevel="CRITICAL", quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])

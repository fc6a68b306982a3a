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


def build(bootstrap: str, prefix: str, witness: Witness) -> faust.App:
    """The app with its agents, its settings as they come but for those that keep it alone and quick."""
    app = faust.App(
        f"{prefix}stock",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        broker_commit_interval=COMMIT_SECONDS,
        stream_wait_empty=False,
    )

    @app.agent(app.topic(f"{prefix}raise", value_serializer="raw"))
    async def raising(stream: Any) -> None:
        async for event in stream.events():
            witness.say("raise started", event.message.offset)
            if event.value == b"bad":
                raise ValueError(event.value)
            witness.say("raise finished", event.message.offset)

    async def stuck(stream: Any, name: str) -> None:
        async for event in stream.events():
            witness.say(name, "started", event.message.offset)
            if event.value == b"slow":
                await asyncio.Event().wait()
            witness.say(name, "finished", event.message.offset)

    @app.agent(app.topic(f"{prefix}slow", value_serializer="raw"), concurrency=2)
    async def slow(stream: Any) -> None:
        await stuck(stream, "slow")

    @app.agent(app.topic(f"{prefix}marker", value_serializer="raw"), concurrency=2)
    async def marker(stream: Any) -> None:
        await stuck(stream, "marker")

    @app.agent(app.topic(f"{prefix}poison", value_type=int, value_serializer="json"))
    async def poison(stream: Any) -> None:
        async for event in stream.events():
            witness.say("poison started", event.message.offset)
            await asyncio.sleep(3600)

    @app.agent(app.topic(f"{prefix}reply", value_serializer="raw"))
    async def replying(stream: Any) -> AsyncIterator[bytes]:
        async for value in stream:
            yield b"secret of " + value

    @app.agent(app.topic(f"{prefix}flush", value_serializer="raw"))
    async def buffering(stream: Any) -> None:
        async for value in stream:
            for _ in range(5):
                app.topic(f"{prefix}not-there-yet", value_serializer="raw").send_soon(value=value)

    return app


def main(bootstrap: str, prefix: str, witness: str) -> None:
    """Run until killed."""
    app = build(bootstrap, prefix, Witness(Path(witness)))
    faust.Worker(app, loglevel="CRITICAL", quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])

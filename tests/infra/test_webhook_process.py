"""The webhook process as its own command: approved receivers from a file, killed in the middle, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from infra.database import sqlalchemy_url
from infra.dev.addresses import as_environment
from infra.dev.service import Service
from infra.kafka import apply_topics
from infra.settings import Settings
from schemas.units import Register
from tests.consumers.webhooks.conftest import UNIT, Desk
from tests.consumers.webhooks.office import Office

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

SECONDS = 30.0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110  (another process makes it true)
            await asyncio.sleep(0.05)


def wake(database: str) -> None:
    """What the relay says when it has published."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SELECT pg_notify('feed', %s)", (UNIT,))


def delivered(database: str) -> int:
    with psycopg.connect(database) as connection:
        counted = "SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'"
        [(count,)] = connection.execute(counted).fetchall()
    return int(count)


def test_a_killed_process_goes_on_where_it_was(
    settings: Settings, database: str, register: Register, tmp_path: Path
) -> None:
    apply_topics(settings, register)
    desk = Desk(create_engine(sqlalchemy_url(database)))
    desk.now = datetime.now(UTC)
    table = tmp_path / "receivers.toml"

    async def scenario() -> list[int]:
        async with Office() as office:
            table.write_text(
                f'[[receiver]]\nunit = "{UNIT}"\nhost = "127.0.0.1"\nport = {office.port}\n'
                'networks = ["127.0.0.0/8"]\nplain = true\n'
            )
            own = settings.model_copy(update={"webhooks": table})
            process = Service("webhooks", "webhooks", tmp_path, as_environment(own))
            desk.publish("A", "B")
            desk.apply(office)
            try:
                await asyncio.to_thread(process.start)
                # A try that is cut off waits for the end of its lease, a minute: see the courier's tests.
                await until(lambda: delivered(database) == 2)
                await asyncio.to_thread(process.kill)
                desk.publish("A", "B", "A")
                await asyncio.to_thread(process.start)
                await until(lambda: len(set(office.seqs)) == 5)
                desk.publish("C")
                await asyncio.to_thread(wake, database)
                await until(lambda: 6 in office.seqs)
            finally:
                await asyncio.to_thread(process.stop)
            return office.seqs

    seqs = asyncio.run(scenario())
    assert [seq for seq in dict.fromkeys(seqs) if seq in (1, 3, 5)] == [1, 3, 5]

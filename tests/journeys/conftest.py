"""One installation for all journeys: worker, relay, clock and gateway, with personal data sealed."""

from __future__ import annotations

import time

import pytest

from infra.database import create_database
from infra.dev.supervisor import Dev, DevOptions
from infra.settings import Settings
from tests.journeys.offices import Office


@pytest.fixture(scope="session")
def dev(kafka, postgres_url, template_database, tmp_path_factory):
    """Worker, relay, clock and gateway on the session's servers."""
    name = f"journey-{time.time_ns()}"
    database = create_database(postgres_url, name, template=template_database)
    settings = Settings(namespace=f"{name}-", partitions=4, session_timeout_seconds=6, settling_seconds=1)
    options = DevOptions(bootstrap=kafka, database=database, settings=settings)
    with Dev(tmp_path_factory.mktemp("journey"), options) as running:
        yield running


@pytest.fixture(scope="session")
def office(dev):
    """The offices, each opened when a test first asks for it."""
    opened: dict[str, Office] = {}

    def get(unit: str) -> Office:
        if unit not in opened:
            opened[unit] = Office(dev, unit)
        return opened[unit]

    yield get
    for one in opened.values():
        one.close()

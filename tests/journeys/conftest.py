"""One installation for all journeys: worker, relay, clock, webhooks and gateway, with personal data sealed."""

from __future__ import annotations

import time

import pytest

from infra.database import create_database
from infra.dev.process import free_port
from infra.dev.supervisor import Dev, DevOptions
from infra.settings import Settings
from tests.journeys.offices import Office

RECEIVING = ("by-market", "by-tobacco")
"""Units that may register webhooks, all on one port."""


@pytest.fixture(scope="package")
def hook_port() -> int:
    """Where the receiver of these units may listen."""
    return free_port()


@pytest.fixture(scope="package")
def dev(kafka, postgres_url, template_database, tmp_path_factory, hook_port):
    """Worker, relay, clock, webhooks and gateway on the session's servers."""
    name = f"journey-{time.time_ns()}"
    folder = tmp_path_factory.mktemp("journey")
    table = folder / "receivers.toml"
    row = '[[receiver]]\nunit = "{}"\nhost = "localhost"\nport = {}\nnetworks = ["127.0.0.1/32"]\nplain = true\n'
    table.write_text("".join(row.format(unit, hook_port) for unit in RECEIVING))
    database = create_database(postgres_url, name, template=template_database)
    settings = Settings(
        namespace=f"{name}-", partitions=4, session_timeout_seconds=6, settling_seconds=1, webhooks=table
    )
    options = DevOptions(bootstrap=kafka, database=database, settings=settings)
    with Dev(folder, options) as running:
        yield running


@pytest.fixture(scope="package")
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

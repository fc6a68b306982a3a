"""The bus that a module's tests do harm to, one after the other, under a load that goes on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from infra.dev.broker import Broker
from infra.dev.postgres import Postgres
from tests.faults.bus import Bus, running_bus

SEED = 20_261_123


@pytest.fixture(scope="module")
def gateways() -> tuple[str, ...]:
    """Gateways that run beside the rest; a module whose tests need some has a fixture of this name."""
    return ()


@pytest.fixture(scope="module")
def bus(
    broker: Broker,
    postgres: Postgres,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    gateways: tuple[str, ...],
) -> Iterator[Bus]:
    """The running bus: one worker, relay and clock on the session's servers. Every test leaves it running."""
    name = f"faults-{uuid.uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp("faults")
    with running_bus(
        name, folder, broker, postgres, template=template_database, seed=SEED, gateways=gateways
    ) as running:
        yield running

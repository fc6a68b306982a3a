"""What tests of producers share: a time, a statement that the bus admits, and topics of one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from infra.kafka import admin_client, wanted_topics
from infra.settings import Settings
from producers.records import Statement
from schemas.units import Register

NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def statement() -> Statement:
    """What by-env may say: a transfer to the police."""
    return Statement(
        "transfer.sent",
        "白环移〔2026〕17号",
        datetime(2026, 3, 11, 1, 30, tzinfo=UTC),
        {"addressee": "by-police", "offence": "污染环境罪"},
        id="t-17",
        field="environment",
    )


@pytest.fixture(scope="session")
def make_topics(register: Register) -> Callable[..., None]:
    """Makes only the named topics of the manifest: a test does not need all of them."""

    def make(settings: Settings, *names: str) -> None:
        wanted = wanted_topics(settings, register)
        creations = {
            name: {
                "num_partitions": wanted[name].partitions,
                "replication_factor": 1,
                "configs": wanted[name].settings,
            }
            for name in names
        }
        with admin_client(settings) as client:
            client.create_topics(creations)
            client.wait_for_topics(list(names), timeout_ms=60_000)

    return make

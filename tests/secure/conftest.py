"""One installation with passwords and rights on its broker, for all tests that try what they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer

from infra.dev.broker import BrokerOptions
from infra.dev.supervisor import Dev, DevOptions
from infra.kafka import client_options
from infra.settings import Settings
from tests.secure.certificates import make_authority


@pytest.fixture(scope="package")
def authority(session_folder) -> Path:
    """The certificate of whoever signed the broker's own, which lies beside it."""
    return make_authority(session_folder / "authority")[0]


@pytest.fixture(scope="package")
def secure(session_folder, authority) -> Iterator[Dev]:
    """A running `linkage dev --secure`. Tests use units of their own, or leave everything as it was."""
    settings = Settings(partitions=2, clock_interval_seconds=0.1, settling_seconds=0)
    broker = BrokerOptions(tls_pem=authority.with_name("broker.pem"))
    options = DevOptions(settings=settings, secure=True, broker=broker)
    with Dev(session_folder / "secure", options) as running:
        yield running


@pytest.fixture
def producer_of(secure):
    """Makes a plain kafka-python producer for somebody's settings."""
    made = []

    def make(settings, **options):
        made.append(KafkaProducer(**client_options(settings), max_block_ms=5000, **options))
        return made[-1]

    yield make
    for one in made:
        one.close(timeout=1)


@pytest.fixture
def consumer_of(secure):
    """The same for consumers."""
    with _Closing() as consumers:
        yield consumers.make


class _Closing:
    def __init__(self):
        self._made = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._made:
            with closing(one):
                pass

    def make(self, settings, **options):
        self._made.append(KafkaConsumer(**client_options(settings), enable_auto_commit=False, **options))
        return self._made[-1]

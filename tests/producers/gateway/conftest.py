"""The gateway's application on a real broker and database, asked through a test client."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from infra.access import issue_key
from infra.database import create_database
from infra.database import engine as database_engine
from infra.gateway import create_app
from infra.settings import Settings
from schemas.topics import GATEWAY
from schemas.units import Register

Key = Callable[[str], dict[str, str]]
"""The headers of a request by a unit, with a new key of its own."""


def issuer(engine: Engine) -> Key:
    def headers(unit: str) -> dict[str, str]:
        with engine.begin() as connection:
            return {"Authorization": f"Bearer {issue_key(connection, unit, now=datetime.now(UTC))}"}

    return headers


def beside(first: TestClient, headers: dict[str, str]) -> TestClient:
    """Another client of the same application, on the event loop that it was started on."""
    client = TestClient(first.app, headers=headers)
    client.portal = first.portal
    return client


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    connector = database_engine(settings)
    yield connector
    connector.dispose()


@pytest.fixture
def as_unit(engine: Engine) -> Key:
    return issuer(engine)


@pytest.fixture
def client(
    settings: Settings, register: Register, make_topics: Callable[..., None], as_unit: Key
) -> Iterator[TestClient]:
    """A client that speaks for by-env, to a gateway of its own."""
    make_topics(settings, settings.topics.ingress(GATEWAY))
    with TestClient(create_app(settings, register), headers=as_unit("by-env")) as asking:
        yield asking


@pytest.fixture(scope="module")
def shared_settings(kafka: str, postgres_url: str, template_database: str) -> Settings:
    """Settings of one gateway for a whole module of tests that leave no trace of each other."""
    name = f"shared_{uuid.uuid4().hex[:12]}"
    database = create_database(postgres_url, name, template=template_database)
    return Settings(bootstrap=kafka, database=database, namespace=f"t{uuid.uuid4().hex[:10]}-")


@pytest.fixture(scope="module")
def shared_engine(shared_settings: Settings) -> Iterator[Engine]:
    connector = database_engine(shared_settings)
    yield connector
    connector.dispose()


@pytest.fixture(scope="module")
def shared_key(shared_engine: Engine) -> Key:
    return issuer(shared_engine)


@pytest.fixture(scope="module")
def shared_client(
    shared_settings: Settings, register: Register, make_topics: Callable[..., None], shared_key: Key
) -> Iterator[TestClient]:
    make_topics(shared_settings, shared_settings.topics.ingress(GATEWAY))
    with TestClient(create_app(shared_settings, register), headers=shared_key("by-env")) as asking:
        yield asking


@pytest.fixture
def event() -> dict[str, Any]:
    """What by-env may say over HTTP."""
    return {
        "type": "transfer.sent",
        "id": "t-17",
        "case": {"number": "白环移〔2026〕17号"},
        "time": "2026-03-11T09:30:00+08:00",
        "field": "environment",
        "data": {"addressee": "by-police", "offence": "污染环境罪"},
    }

"""Fixtures of every test: a real broker and a real PostgreSQL, started once and only if a test asks for them."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import infra.dev
from infra.database import create_database, migrate
from infra.dev.broker import Broker
from infra.dev.postgres import Postgres, PostgresOptions
from infra.settings import Settings
from schemas.units import Register, load_register

DEMO_UNITS = Path(infra.dev.__file__).with_name("units.toml")
_TEMPLATE = "migrated_template"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave soak tests out unless the command line's marker expression speaks of them."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """A folder for the session's servers, deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="linkage-tests-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def broker(session_folder: Path) -> Iterator[Broker]:
    """A running broker. A test that stops or kills it must have it running again when it ends."""
    with Broker(session_folder / "kafka") as running:
        yield running


@pytest.fixture(scope="session")
def kafka(broker: Broker) -> str:
    """Bootstrap address of the session's broker."""
    return broker.bootstrap


@pytest.fixture(scope="session")
def postgres(session_folder: Path) -> Iterator[Postgres]:
    """A running PostgreSQL with default durability. A test that stops or kills it must have it running again."""
    with Postgres(session_folder / "postgres", options=PostgresOptions(max_connections=200)) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """Address of the session's server as its administrator."""
    return postgres.url()


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """Name of a migrated database that every `database` is a copy of."""
    migrate(create_database(postgres_url, _TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def database(postgres_url: str, template_database: str) -> Iterator[str]:
    """Address of a freshly migrated, empty database, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield create_database(postgres_url, name, template=template_database)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def namespace() -> str:
    """A prefix of topic and group names that no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}-"


@pytest.fixture(scope="session")
def register() -> Register:
    """The demonstration's units."""
    return load_register(DEMO_UNITS)


@pytest.fixture
def settings(kafka: str, database: str, namespace: str) -> Settings:
    """Settings of a process on the session's broker, a fresh database and a namespace of its own."""
    return Settings(bootstrap=kafka, database=database, namespace=namespace, units=DEMO_UNITS)

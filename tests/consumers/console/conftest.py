"""A console on a database that a bus has filled, and people of every role at it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from consumers.console import sessions
from consumers.console.app import create_app
from consumers.console.desk import Console, Deciding, Filing, Options, Speaking
from consumers.console.imports.taking import Importing
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import create_database, engine
from infra.demo.people import admit_on
from infra.settings import Settings
from infra.signing_key import Signer
from schemas.units import Register
from tests.conftest import DEMO_UNITS
from tests.consumers.console.world import PASSWORD, demonstrate

NOW = datetime.now(UTC).replace(microsecond=0)
__all__ = ["PASSWORD"]
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Clock:
    """The console's clock, which a test may move."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Person:
    """Somebody at a browser without scripts."""

    client: TestClient
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options):
        answer = self.client.get(path, follow_redirects=False, **options)
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def post(self, path: str, files: Any = None, **fields):
        data = {"csrf": self.token, **fields}
        return self.client.post(path, data=data, files=files, headers=self.headers, follow_redirects=False)

    def sign_in(self, name: str, password: str = PASSWORD):
        self.get("/sign-in")
        answer = self.post("/sign-in", name=name, password=password)
        if answer.status_code == 303:
            self.get("/account")
        return answer


@pytest.fixture(scope="session")
def rulebook(register: Register) -> Rulebook:
    return Rulebook(register, published_calendar())


@pytest.fixture(scope="session")
def filled(postgres_url: str, template_database: str, rulebook: Rulebook) -> Iterator[Engine]:
    """The database of a bus on which the published cases and those of these days were said. For reading only."""
    name = f"console_{uuid.uuid4().hex[:8]}"
    settings = Settings(
        database=create_database(postgres_url, name, template=template_database), units=DEMO_UNITS
    )
    connector = engine(settings)
    demonstrate(connector, settings, rulebook, NOW)
    yield connector
    connector.dispose()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def copied(postgres_url: str, filled: Engine) -> Iterator[Engine]:
    """A copy of the filled database, for a module that writes."""
    filled.dispose()  # nobody may be using what is copied
    name = f"copied_{uuid.uuid4().hex[:8]}"
    template = str(filled.url.database)
    connector = engine(Settings(database=create_database(postgres_url, name, template=template)))
    yield connector
    connector.dispose()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def peopled(postgres_url: str, template_database: str, register: Register) -> str:
    """Name of an empty bus's database with people: hashing their passwords takes time, so it is done once."""
    name = f"peopled_{uuid.uuid4().hex[:8]}"
    connector = engine(Settings(database=create_database(postgres_url, name, template=template_database)))
    with connector.begin() as connection:
        admit_on(connection, register, PASSWORD, now=NOW)
    connector.dispose()
    return name


@pytest.fixture
def empty(postgres_url: str, peopled: str) -> Iterator[Engine]:
    """An empty bus with the same people."""
    name = f"console_{uuid.uuid4().hex[:8]}"
    connector = engine(Settings(database=create_database(postgres_url, name, template=peopled)))
    yield connector
    connector.dispose()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_console(rulebook: Rulebook, clock: Clock) -> Callable[..., Person]:
    """Opens a browser at a console on this database: nobody is signed in yet."""

    def opened(
        connector: Engine,
        *,
        deciding: Deciding | None = None,
        speaking: Speaking | None = None,
        signer: Signer | None = None,
        filing: Filing | None = None,
        importing: Importing | None = None,
        **options: bool,
    ) -> Person:
        parts = Console(
            connector,
            rulebook,
            clock,
            Options(**options),
            deciding=deciding,
            speaking=speaking,
            signer=signer,
            filing=filing,
            importing=importing,
        )
        app = create_app(parts)
        return Person(TestClient(app, base_url="http://console.test", raise_server_exceptions=True))

    return opened


@pytest.fixture
def enter(open_console: Callable[..., Person], clock: Clock) -> Callable[..., Person]:
    """Opens a browser in which somebody is signed in."""

    def entered(connector: Engine, name: str, **options: Any) -> Person:
        person = open_console(connector, **options)
        with connector.begin() as connection:
            token = sessions.begin(connection, name, complete=True, now=clock.now)
        person.client.cookies.set("linkage_session", token)
        assert person.get("/account").status_code == 200
        return person

    return entered

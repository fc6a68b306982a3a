"""How the processes reach PostgreSQL, and how its schema is brought up to date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from infra.settings import Settings
from infra.vault import Vault, options, vault_of

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")
_REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
_BUILT_ON = re.compile(r'^down_revision = "(\w+)"', re.MULTILINE)
_MIGRATION_LOCK = 0x6C696E6B
"""Key of the advisory lock under which migrations run, so that two starting at once do not collide."""
PATIENCE_SECONDS = 10.0
"""How long a session waits for another's lock, and may stand idle in a transaction that others may wait for."""
_PATIENCE_MS = int(PATIENCE_SECONDS * 1000)
_CONNECTING: dict[str, Any] = {
    "connect_timeout": 5,
    "options": f"-c timezone=UTC -c lock_timeout={_PATIENCE_MS} -c idle_in_transaction_session_timeout={_PATIENCE_MS}",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Times come in UTC; a server that vanishes without a word is noticed within half a minute, not hours. A process
that stands still within a transaction (a paused virtual machine) loses it, so that others get at what it locked."""

COMPUTING = text("SET LOCAL idle_in_transaction_session_timeout = 0")
"""In a transaction that stands idle while much is computed, and locks nothing that anybody waits for."""


class SchemaError(RuntimeError):
    """The database cannot be used as it is; the text says what to do."""


def engine(settings: Settings, *, pool: int = 5, ping: bool = True, name: str = "") -> Engine:
    """A connection pool on the configured database; connects only when first used, session time zone UTC.

    With `ping`, a connection that died is noticed and replaced when it is taken from the pool; whoever tries
    again anyway saves the trip that this costs. At most `pool` are kept and as many again opened under load.
    Its connections know the installation's vault (`infra.vault`), and `name` is what others see of them in
    `pg_stat_activity`. Raises MasterKeyError.
    """
    return _engine(settings.database, pool, ping=ping, name=name, vault=vault_of(settings))


def driver_connection(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    """The psycopg connection under a SQLAlchemy one, in the same transaction: COPY and pipelines are its own."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  (the engine is made for psycopg)
    return driver


async def listening_connection(settings: Settings) -> psycopg.AsyncConnection[TupleRow]:
    """A connection of its own for LISTEN and session locks, each statement its own transaction.

    Raises psycopg.OperationalError when the database is out of reach. The caller closes it (`async with`).
    """
    return await psycopg.AsyncConnection.connect(settings.database, autocommit=True, **_CONNECTING)


def sqlalchemy_url(database: str) -> URL:
    """The address of a database, `postgresql://…`, for SQLAlchemy on psycopg 3."""
    return make_url(database).set(drivername="postgresql+psycopg")


def migrate(database: str) -> None:
    """Bring the schema of the database at this address up to date. Blocks; safe to run several times at once.

    Raises SchemaError when the database is out of reach or was made by a newer version of the program.
    """
    from alembic import command  # noqa: PLC0415 - keeps `linkage --help` quick
    from alembic.util import CommandError  # noqa: PLC0415

    connector = _engine(database, pool=1)
    try:
        with connector.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # whoever migrates may take its time
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            command.upgrade(alembic_config(connection), "head")
    except OperationalError as error:
        raise _unreachable(error) from error
    except CommandError as error:
        raise SchemaError(f"the database cannot be upgraded: {error}.") from error
    finally:
        connector.dispose()


def revisions(connector: Engine) -> tuple[str | None, str]:
    """The revision that the database has (None: an empty one) and the one that this program needs.

    Raises SchemaError when the database is out of reach.
    """
    try:
        with connector.connect() as connection:
            known = connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
            read = text("SELECT max(version_num) FROM alembic_version")
            present = connection.execute(read).scalar_one() if known else None
    except OperationalError as error:
        raise _unreachable(error) from error
    return present, _head()


def _head() -> str:
    """The revision that no other builds on. Without Alembic, which takes each process half a second to load."""
    texts = [path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("*.py")]
    made = {found for one in texts for found in _REVISION.findall(one)}
    head: str
    [head] = made - {found for one in texts for found in _BUILT_ON.findall(one)}
    return head


def require_head(connector: Engine) -> None:
    """Raises SchemaError unless the database's schema is the one this program was written for."""
    present, head = revisions(connector)
    if present != head:
        raise SchemaError(
            f"the database is at schema {present or 'none'}, this program needs {head}: "
            "run `linkage database upgrade`."
        )


def database_exists(server: str, name: str) -> bool:
    """Whether the server, given by the address of any of its databases, has a database of this name."""
    with psycopg.connect(server, autocommit=True) as connection:
        return (
            connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None
        )


def create_database(server: str, name: str, *, template: str = "template1") -> str:
    """Make a database on a server, given by the address of any of its databases; returns its address.

    It is a copy of `template`, which nobody may be using. For development and tests.
    """
    connector = create_engine(sqlalchemy_url(server), isolation_level="AUTOCOMMIT")
    try:
        with connector.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    finally:
        connector.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _engine(
    database: str, pool: int, *, ping: bool = True, name: str = "", vault: Vault | None = None
) -> Engine:
    return create_engine(
        sqlalchemy_url(database),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=ping,
        hide_parameters=True,  # an error's text must not carry what units report into a log
        connect_args={**_CONNECTING, "application_name": name} if name else _CONNECTING,
        execution_options=options(vault),
    )


def alembic_config(connection: Connection) -> Config:
    """Alembic's view of this program's migrations, run on `connection`."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _unreachable(error: OperationalError) -> SchemaError:
    said = " ".join(str(error.orig).split())
    untrusted = "certificate" in said.lower()  # libpq has no code for it, only words
    what = "sslmode, sslrootcert and the host in LINKAGE_DATABASE" if untrusted else "LINKAGE_DATABASE"
    return SchemaError(f"the database is out of reach: {said.rstrip('.')}. Check {what}.")

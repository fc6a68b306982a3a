"""API keys: shown once, stored as hashes, revoked for good; and what the gateway remembers of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from typer.testing import CliRunner

from infra.access import KeyRing, issue_key, keys_on_record, revoke_keys, unit_of
from infra.cli import units
from infra.database import sqlalchemy_url
from infra.dev.addresses import as_environment
from infra.dev.supervisor import DEMO_UNITS
from infra.settings import Settings
from infra.tables import api_keys

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 11, tzinfo=UTC)


@pytest.fixture
def engine(database):
    connector = create_engine(sqlalchemy_url(database))
    yield connector
    connector.dispose()


def test_a_key_speaks_for_its_unit_and_is_stored_as_a_hash_only(engine):
    with engine.begin() as connection:
        key = issue_key(connection, "by-env", now=NOW)
        assert unit_of(connection, key) == "by-env"
        assert unit_of(connection, key + "x") is None
        (stored,) = connection.execute(select(api_keys)).all()
    assert len(stored.key_hash) == 32
    assert key.encode() not in bytes(stored.key_hash)


def test_revoking_takes_every_key_of_the_unit_and_none_of_another(engine):
    with engine.begin() as connection:
        keys = [issue_key(connection, "by-env", now=NOW) for _ in range(2)]
        other = issue_key(connection, "by-market", now=NOW)
        assert {unit: len(on) for unit, on in keys_on_record(connection).items()} == {
            "by-env": 2,
            "by-market": 1,
        }
        assert revoke_keys(connection, "by-env", now=NOW) == 2
        assert revoke_keys(connection, "by-env", now=NOW) == 0
        assert [unit_of(connection, key) for key in (*keys, other)] == [None, None, "by-market"]


def test_two_keys_are_valid_at_once_and_a_third_retires_the_oldest(engine):
    with engine.begin() as connection:
        keys = [issue_key(connection, "by-env", now=NOW + timedelta(days=day)) for day in range(3)]
        assert [unit_of(connection, key) for key in keys] == [None, "by-env", "by-env"]
        days = [one.created_at for one in keys_on_record(connection)["by-env"]]
        assert days == [NOW + timedelta(days=1), NOW + timedelta(days=2)]


def test_a_key_expires_by_itself_and_makes_room(engine):
    today = datetime.now(UTC)
    with engine.begin() as connection:
        over = issue_key(connection, "by-env", now=today, expires_at=today - timedelta(seconds=1))
        other = issue_key(connection, "by-env", now=today, expires_at=today + timedelta(days=1))
        assert [unit_of(connection, key) for key in (over, other)] == [None, "by-env"]
        third = issue_key(connection, "by-env", now=today)
        assert [unit_of(connection, key) for key in (other, third)] == ["by-env", "by-env"]
        expiries = [one.expires_at for one in keys_on_record(connection)["by-env"]]
        assert set(expiries) == {today + timedelta(days=1), None}


def test_the_key_ring_remembers_for_its_lifetime_and_no_longer(engine):
    clock = [0.0]
    ring = KeyRing(engine, monotonic=lambda: clock[0])
    with engine.begin() as connection:
        key = issue_key(connection, "by-env", now=NOW)
    assert ring.remembered(key) == (False, None)
    assert ring.unit_for(key) == "by-env"
    with engine.begin() as connection:
        revoke_keys(connection, "by-env", now=NOW)
    clock[0] = KeyRing.LIFETIME_SECONDS - 0.1
    assert ring.unit_for(key) == "by-env"
    clock[0] = KeyRing.LIFETIME_SECONDS + 0.1
    assert ring.unit_for(key) is None
    assert ring.remembered(key) == (True, None)


def test_guessing_keys_does_not_fill_the_memory(engine):
    ring = KeyRing(engine, most=100)
    for n in range(250):
        ring.unit_for(f"guess {n}")
    assert ring.size == 100
    assert ring.remembered("guess 249") == (True, None)
    assert ring.remembered("guess 0")[0] is False


def test_the_command_shows_a_key_that_works_and_revokes_it(engine, database):
    environment = as_environment(Settings(database=database, units=DEMO_UNITS)) | {"COLUMNS": "200"}

    def unit(*arguments):
        return CliRunner().invoke(units.app, arguments, env=environment)

    key = unit("key", "by-env").stdout.strip()
    with engine.connect() as connection:
        assert unit_of(connection, key) == "by-env"
    assert "白云区生态环境分局" in unit("list").stdout
    assert '"keys":1' in unit("list", "--json").stdout.splitlines()[0]
    assert "1 key(s) of by-env" in unit("revoke", "by-env").stdout
    with engine.connect() as connection:
        assert unit_of(connection, key) is None
    unknown = unit("key", "nobody")
    assert unknown.exit_code == 1
    assert "'nobody' is not in the register" in unknown.stderr

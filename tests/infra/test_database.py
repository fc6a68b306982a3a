"""The schema that migrations make is the one the program was written for."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from infra.database import (
    SchemaError,
    alembic_config,
    create_database,
    engine,
    migrate,
    require_head,
    revisions,
    sqlalchemy_url,
)
from infra.settings import Settings
from infra.tables import metadata

pytestmark = pytest.mark.postgres


@pytest.fixture
def empty_database(postgres_url, namespace):
    return create_database(postgres_url, namespace.strip("-"))


def test_migrations_make_exactly_the_declared_tables(database):
    connector = create_engine(sqlalchemy_url(database))
    with connector.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_keep_the_condition_of_every_partial_index(database):
    """compare_metadata does not look at conditions, so they are compared here."""
    declared = {
        index.name
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
    }
    with create_engine(sqlalchemy_url(database)).connect() as connection:
        present = connection.execute(text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'"))
        assert set(present.scalars()) == declared


_EVENT = """
INSERT INTO events (partition, log_offset, source, event_id, type, case_id, occurred_from, occurred_to, recorded_at, headers,
  value, digest, chain)
VALUES (1, :at, 'by-env', :said, 'transfer.sent', gen_random_uuid(), now(), now(), now(), '[]', '', '', '')
"""
_CLOCK = """
INSERT INTO clocks (clock_id, case_id, partition, rule, version, kind, holder, started_source, started_id, assumed_start,
  provisional, state, certain, breach_withdrawn, reported_late)
VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'O310-08', '2020', 'deadline', 'by-police', 'by-env', :started, false, false,
  'running', true, false, false)
"""


def test_a_clock_of_an_older_database_learns_where_its_start_stands(empty_database):
    """Who may see the clock depends on it: a wrong offset would show it to whoever received another event."""
    connector = create_engine(sqlalchemy_url(empty_database))
    with connector.begin() as connection:
        command.upgrade(alembic_config(connection), "0019")
        for at, said in ((4, "sent"), (5, "received"), (6, "filed")):
            connection.execute(text(_EVENT), {"at": at, "said": said})
        for started in ("filed", "sent"):
            connection.execute(text(_CLOCK), {"started": started})
    migrate(empty_database)
    with connector.connect() as connection:
        found = dict(connection.execute(text("SELECT started_id, started_offset FROM clocks")).all())
    assert found == {"sent": 4, "filed": 6}


def test_the_revisions_are_told_as_alembic_knows_them(database):
    connector = create_engine(sqlalchemy_url(database))
    with connector.connect() as connection:
        head = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
        assert MigrationContext.configure(connection).get_current_revision() == head
    assert revisions(connector) == (head, head)


def test_migrating_twice_changes_nothing(database):
    before = revisions(create_engine(sqlalchemy_url(database)))
    migrate(database)
    assert revisions(create_engine(sqlalchemy_url(database))) == before


def test_a_process_does_not_start_on_an_empty_database(empty_database):
    with pytest.raises(SchemaError, match="run `linkage database upgrade`"):
        require_head(create_engine(sqlalchemy_url(empty_database)))


def test_a_process_starts_on_a_migrated_database(database):
    require_head(create_engine(sqlalchemy_url(database)))


def test_a_database_of_a_newer_program_is_refused_and_named(database):
    connector = create_engine(sqlalchemy_url(database))
    with connector.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="9999"):
        require_head(connector)
    with pytest.raises(SchemaError, match="9999"):
        migrate(database)


def test_a_database_out_of_reach_is_one_clear_error():
    with pytest.raises(SchemaError, match="out of reach"):
        migrate("postgresql://postgres@127.0.0.1:1/linkage")


def test_the_engine_speaks_psycopg_in_utc(database):
    with engine(Settings(database=database)).connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
        assert connection.dialect.driver == "psycopg"


def test_the_engine_replaces_a_connection_that_the_server_closed(database, postgres):
    connector = engine(Settings(database=database))
    with connector.connect() as connection:
        connection.execute(text("SELECT 1"))
    postgres.restart()
    with connector.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1

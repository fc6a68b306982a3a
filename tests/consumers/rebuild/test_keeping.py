"""A rebuild loses nothing that is not in the log: every table is either rebuilt or taken over."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect, text

from consumers.rebuild.keeping import REBUILT, NotFresh, keep, kept_tables
from infra.database import create_database
from infra.database import engine as make_engine
from infra.settings import Settings

pytestmark = pytest.mark.postgres

WHEN = datetime(2026, 11, 25, tzinfo=UTC)
VALUES = {
    "TEXT": "x",
    "BYTEA": b"\1",
    "BIGINT": 7,
    "INTEGER": 7,
    "SMALLINT": 7,
    "BOOLEAN": True,
    "TIMESTAMP": WHEN,
    "UUID": uuid.UUID(int=7),
    "ARRAY": [],
    "JSONB": "{}",
    "DATE": WHEN.date(),
    "DOUBLE_PRECISION": 7.0,
    "VARCHAR": "x",
    "NUMERIC": 7,
    "JSON": "{}",
}


@pytest.fixture
def old(database):
    connector = make_engine(Settings(database=database))
    yield connector
    connector.dispose()


@pytest.fixture
def fresh(postgres_url, template_database):
    url = create_database(postgres_url, f"kept_{uuid.uuid4().hex[:10]}", template=template_database)
    connector = make_engine(Settings(database=url))
    yield connector
    connector.dispose()


def fill(engine, table):
    """One row with something in every column."""
    columns = [one for one in inspect(engine).get_columns(table) if not one.get("identity")]
    values = {one["name"]: VALUES[type(one["type"]).__name__] for one in columns}
    names = ", ".join(f'"{name}"' for name in values)
    with engine.begin() as connection:
        places = ", ".join(
            f"CAST(:{name} AS jsonb)" if type(one["type"]).__name__ == "JSONB" else f":{name}"
            for name, one in zip(values, columns, strict=True)
        )
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def rows(engine, table):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


def test_every_table_that_is_not_in_the_log_is_taken_over_row_by_row(old, fresh):
    with old.connect() as connection:
        tables = kept_tables(connection)
    assert {
        "webhooks",
        "webhook_deliveries",
        "api_keys",
        "suspensions",
        "signed_heads",
        "feed_heads",
        "subject_keys",
        "ingress_keys",
    } < set(tables)
    assert {"import_jobs", "import_rows", "redrive_jobs", "console_users", "submissions"} < set(tables)
    for table in tables:
        fill(old, table)
    assert keep(old, fresh) == dict.fromkeys(tables, 1)
    for table in tables:
        assert rows(fresh, table) == rows(old, table)
    fill(fresh, "reconciliations")  # numbers go on behind those that were kept
    assert [row["n"] for row in rows(fresh, "reconciliations")] == [1, 2]


def test_what_is_rebuilt_exists_and_is_not_taken_over(old):
    assert set(inspect(old).get_table_names()) > REBUILT
    with old.connect() as connection:
        assert not REBUILT & set(kept_tables(connection))


def test_how_far_units_have_acknowledged_is_kept_but_not_beyond_what_there_is(old, fresh):
    for engine, published, acknowledged in ((old, 9, 7), (fresh, 5, 0)):
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO feeds VALUES ('by-police', :n, :n, :a, :at)"),
                {"n": published, "a": acknowledged, "at": WHEN if acknowledged else None},
            )
    keep(old, fresh)
    [feed] = rows(fresh, "feeds")
    assert (feed["acknowledged"], feed["acknowledged_at"]) == (5, WHEN)


def test_nothing_is_mixed_with_what_is_there(old, fresh):
    fill(old, "api_keys")
    fill(fresh, "api_keys")
    with pytest.raises(NotFresh, match="api_keys"):
        keep(old, fresh)

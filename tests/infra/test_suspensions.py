"""Suspensions: one per unit, with the reason that was given first; and what a process remembers of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine

from infra.database import sqlalchemy_url
from infra.suspensions import Suspension, Suspensions, resume, suspend, suspended

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 11, tzinfo=UTC)
LATER = datetime(2026, 3, 12, tzinfo=UTC)


@pytest.fixture
def engine(database):
    connector = create_engine(sqlalchemy_url(database))
    yield connector
    connector.dispose()


def test_a_unit_is_suspended_once_and_keeps_its_day_and_reason(engine):
    with engine.begin() as connection:
        first = suspend(connection, "by-env", reason="key lost", now=NOW)
        assert (
            suspend(connection, "by-env", reason="again", now=LATER) == first == Suspension(NOW, "key lost")
        )
        assert suspended(connection) == {"by-env": first}
        assert [resume(connection, "by-env") for _ in range(2)] == [True, False]
        assert suspended(connection) == {}


def test_what_is_remembered_is_asked_for_again_after_its_lifetime(engine):
    clock = [0.0]
    known = Suspensions(engine, monotonic=lambda: clock[0])
    assert known.remembered() is None
    assert known.units() == frozenset()
    with engine.begin() as connection:
        suspend(connection, "by-env", reason="key lost", now=NOW)
    assert known.units() == known.remembered() == frozenset()
    clock[0] = Suspensions.LIFETIME_SECONDS
    assert known.remembered() is None
    assert known.units() == {"by-env"}

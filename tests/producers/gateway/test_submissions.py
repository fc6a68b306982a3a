"""Receipts on a real PostgreSQL: what stands there, and how many trips it takes to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from producers.gateway.submissions import Submission, complete, on_record, reserve
from producers.receipts import Position

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 11, 8, 0, 0, 17, tzinfo=UTC)
DIGESTS = {("by-env", f"e-{n}"): bytes([n]) * 32 for n in range(3)}
RESERVED = {key: Submission(digest, NOW, None) for key, digest in DIGESTS.items()}
POSITIONS = {key: Position("ingress-gateway", 0, n) for n, key in enumerate(DIGESTS)}
COMPLETED = {key: replace(RESERVED[key], position=at) for key, at in POSITIONS.items()}


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """What the engine sends."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_new_events_are_reserved_and_completed_by_one_statement_each(
    engine: Engine, statements: list[str]
) -> None:
    with engine.begin() as connection:
        assert reserve(connection, DIGESTS, now=NOW) == RESERVED
        assert complete(connection, POSITIONS, RESERVED) == COMPLETED
    assert [statement.split()[0] for statement in statements] == ["INSERT", "INSERT"]


def test_what_stood_there_before_stays_and_is_told(engine: Engine) -> None:
    with engine.begin() as connection:
        reserve(connection, DIGESTS, now=NOW)
        complete(connection, POSITIONS, RESERVED)
    (first, *_), others = DIGESTS, dict.fromkeys(DIGESTS, b"x" * 32)
    later = NOW + timedelta(seconds=9)
    with engine.begin() as connection:
        told = reserve(connection, others | {("by-env", "new"): b"n" * 32}, now=later)
        assert told == COMPLETED | {("by-env", "new"): Submission(b"n" * 32, later, None)}
        again = complete(connection, {first: Position("ingress-gateway", 0, 99)}, told)
        assert again == {first: COMPLETED[first]}


def test_a_reservation_that_was_lost_is_made_again_with_its_position(engine: Engine) -> None:
    with engine.begin() as connection:
        assert complete(connection, POSITIONS, RESERVED) == COMPLETED
        assert on_record(connection, DIGESTS) == COMPLETED


def test_a_position_is_never_given_to_other_content(engine: Engine) -> None:
    others = {key: Submission(b"x" * 32, NOW, None) for key in DIGESTS}
    with engine.begin() as connection:
        reserve(connection, DIGESTS, now=NOW)
        assert complete(connection, POSITIONS, others) == RESERVED


def test_a_reservation_does_not_wait_for_the_disk_and_nothing_else_is_touched(engine: Engine) -> None:
    with engine.connect() as connection:
        reserve(connection, DIGESTS, now=NOW)
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "off"
        connection.commit()
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"

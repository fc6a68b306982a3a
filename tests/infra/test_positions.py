"""The position row lets one of many workers through: it filters repeats, fences zombies and shows gaps."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from consumers.casework.store import raw_cursor
from infra.database import PATIENCE_SECONDS
from infra.database import engine as make_engine
from infra.positions import CHAIN_START, LostGuard, Position, lock_position, move_position, read_positions
from infra.settings import Settings

pytestmark = pytest.mark.postgres

LOG = "case-events"
HEAD = bytes(range(32))


@pytest.fixture
def connector(database):
    connector = make_engine(Settings(database=database))
    yield connector
    connector.dispose()


def move(connector, expected: int, next_offset: int, chain: bytes = CHAIN_START) -> None:
    with connector.begin() as connection:
        move_position(connection, LOG, 0, expected=expected, next_offset=next_offset, chain=chain)


def standing(connector, partition: int = 0) -> Position:
    with connector.begin() as connection:
        return lock_position(connection, LOG, partition)


def test_a_partition_that_nobody_has_read_stands_at_its_beginning(connector):
    assert standing(connector) == Position(0, CHAIN_START)


def test_a_position_moves_with_the_head_of_its_chain(connector):
    standing(connector)
    move(connector, 0, 7, HEAD)
    assert standing(connector) == Position(7, HEAD)


@pytest.mark.parametrize("expected", [0, 6, 8])
def test_a_position_that_stands_elsewhere_does_not_move(connector, expected):
    standing(connector)
    move(connector, 0, 7, HEAD)
    with pytest.raises(LostGuard, match="somebody else has moved"):
        move(connector, expected, 20)
    assert standing(connector) == Position(7, HEAD)


def test_a_position_that_does_not_exist_does_not_move(connector):
    with pytest.raises(LostGuard):
        move(connector, 0, 1)


def test_a_move_goes_with_its_transaction(connector):
    standing(connector)
    with connector.connect() as connection:
        move_position(connection, LOG, 0, expected=0, next_offset=7, chain=HEAD)
        connection.rollback()
    assert standing(connector).next_offset == 0


def test_of_two_workers_that_hold_one_batch_the_second_finds_it_applied(connector):
    """The lock makes the second wait; then it sees where the first has gone, and has nothing left to do."""
    locked, seen = threading.Event(), []

    def second() -> None:
        locked.wait()
        seen.append(standing(connector).next_offset)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second)
        with connector.begin() as connection:
            assert lock_position(connection, LOG, 0).next_offset == 0
            locked.set()
            wait_for_blocked(connector)
            move_position(connection, LOG, 0, expected=0, next_offset=5, chain=HEAD)
        waiting.result(timeout=10)
    assert seen == [5]


def wait_for_blocked(connector) -> None:
    """Until the database says that one session waits for another."""
    with connector.connect() as connection:
        for _ in range(100_000):
            blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            if connection.exec_driver_sql(blocked).scalar_one():
                return
    raise AssertionError("nobody waits")


def test_two_workers_may_be_the_first_ones_at_once(connector):
    with ThreadPoolExecutor(8) as pool:
        positions = list(pool.map(lambda _: standing(connector), range(32)))
    assert set(positions) == {Position(0, CHAIN_START)}


def test_of_many_workers_at_one_position_exactly_one_moves_it(connector):
    standing(connector)

    def attempt(worker: int) -> bool:
        try:
            move(connector, 0, 1 + worker)
        except LostGuard:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        moved = list(pool.map(attempt, range(16)))
    assert moved.count(True) == 1
    assert standing(connector).next_offset == 1 + moved.index(True)


def lock_impatiently(connector, *, standstill_seconds: float) -> None:
    with connector.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '300ms'"))
        lock_position(connection, LOG, 0, standstill_seconds=standstill_seconds)


@pytest.mark.parametrize("doing", ["nothing", "a COPY"])
def test_a_session_that_stands_still_with_the_position_locked_loses_it(connector, doing):
    """As a frozen process leaves it: in the middle of a COPY the server itself would wait for ever."""
    standing(connector)
    with connector.connect() as frozen:
        frozen.execute(text("SET idle_in_transaction_session_timeout = 0"))
        lock_position(frozen, LOG, 0)
        if doing == "a COPY":
            copy = raw_cursor(frozen).copy("COPY relay_progress FROM STDIN")
            copy.__enter__()
        with pytest.raises(OperationalError, match="lock timeout"):
            lock_impatiently(connector, standstill_seconds=0.2)
        assert standing(connector).next_offset == 0
        frozen.invalidate()


def test_a_session_that_is_at_work_keeps_the_position_locked(connector):
    standing(connector)
    with connector.connect() as busy:
        lock_position(busy, LOG, 0)
        with pytest.raises(OperationalError, match="lock timeout"):
            lock_impatiently(connector, standstill_seconds=PATIENCE_SECONDS)
        move_position(busy, LOG, 0, expected=0, next_offset=3, chain=HEAD)
        busy.commit()
    assert standing(connector).next_offset == 3


def test_only_known_partitions_have_a_position_to_read(connector):
    standing(connector, 0)
    standing(connector, 3)
    move(connector, 0, 9)
    with connector.begin() as connection:
        assert read_positions(connection, [(LOG, 0), (LOG, 1), (LOG, 3)]) == {(LOG, 0): 9, (LOG, 3): 0}
        assert read_positions(connection, []) == {}

"""Alarms ring by the database's clock: late after an outage, never early, each once, whoever rings them."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from consumers.clock.ringing import PAGE, ring_due
from infra.database import engine as make_engine
from infra.settings import Settings
from infra.tables import cases, clocks
from schemas.codec import decode
from tests.faults.evidence import count, rows

pytestmark = pytest.mark.postgres

HOLDER = "by-market"
DUE = datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)


@pytest.fixture
def connector(database):
    connector = make_engine(Settings(database=database))
    yield connector
    connector.dispose()


def add_clocks(connector, *ahead: timedelta, alarm: str = "breach") -> None:
    """A case with one clock for each of `ahead`: so long from now, by the database's clock, it is to ring."""
    with connector.begin() as connection:
        now = connection.execute(text("SELECT now()")).scalar_one()
        for each in ahead:
            case_id = uuid.uuid4()
            connection.execute(insert(cases).values(**_case(case_id, now)))
            connection.execute(insert(clocks).values(**_clock(case_id, now + each, alarm)))


def _case(case_id, now):
    return {
        "case_id": case_id, "partition": 0, "origin_unit": HOLDER, "origin_case": f"案{case_id}", "district": "baiyun",
        "field": "food", "state": "FILED", "events": 1, "opened_at": now, "updated_at": now, "last_offset": 0,
    }  # fmt: skip


def _clock(case_id, alarm_at, alarm):
    return {
        "clock_id": uuid.uuid4(), "case_id": case_id, "partition": 0, "rule": "O310-12", "version": "2020",
        "kind": "deadline", "holder": HOLDER, "started_source": "by-police", "started_id": "filed", "started_offset": 0,
        "start_from": DUE, "start_to": DUE, "assumed_start": True, "due_from": DUE, "due_to": DUE, "provisional": False,
        "state": "running", "certain": True, "breach_withdrawn": False, "reported_late": False, "alarm": alarm,
        "alarm_at": alarm_at,
    }  # fmt: skip


def outbox(connector):
    return rows(connector, "SELECT * FROM outbox ORDER BY position")


SECOND = timedelta(seconds=1)


def test_what_is_due_rings_and_what_is_not_waits(connector):
    add_clocks(connector, -SECOND, timedelta(), timedelta(minutes=1), timedelta(days=3))
    assert ring_due(connector) == 2
    assert len(outbox(connector)) == 2


def test_a_clock_without_an_alarm_never_rings(connector):
    add_clocks(connector, -SECOND)
    with connector.begin() as connection:
        connection.execute(text("UPDATE clocks SET alarm = NULL, alarm_at = NULL"))
    assert ring_due(connector) == 0


@pytest.mark.parametrize(
    ("alarm", "type_"),
    [
        ("yellow", "deadline.approaching"),
        ("orange", "deadline.approaching"),
        ("breach", "deadline.breached"),
        ("escalation", "deadline.breached"),
    ],
)
def test_an_alarm_says_what_it_is_about(connector, alarm, type_):
    add_clocks(connector, -SECOND, alarm=alarm)
    ring_due(connector)
    [said] = outbox(connector)
    [clock] = rows(connector, "SELECT * FROM clocks")
    decoded = decode(said["value"])
    assert decoded.event_type.name == type_
    assert decoded.data["clock_id"] == str(clock["clock_id"])
    assert (decoded.data["step"], decoded.data["rule"], decoded.data["holder"]) == (alarm, "O310-12", HOLDER)
    assert decoded.data["due_latest"] == DUE.timestamp() * 1000
    assert (said["case_id"], said["published_at"]) == (clock["case_id"], None)


def test_an_alarm_that_stays_due_rings_once(connector):
    """It stays due until its event has come back through the log, which may take a while."""
    add_clocks(connector, -SECOND, -SECOND)
    for _ in range(3):
        assert ring_due(connector) == 2
    assert len(outbox(connector)) == 2


def test_whoever_rings_it_and_whenever_the_bytes_are_the_same(connector):
    """So that the log drops what two clock processes say of one alarm."""
    add_clocks(connector, -SECOND)
    ring_due(connector)
    [first] = outbox(connector)
    with connector.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
    ring_due(connector)
    [second] = outbox(connector)
    said = ("event_id", "headers", "value")
    assert [first[name] for name in said] == [second[name] for name in said]


def test_many_clock_processes_ring_everything_once(connector):
    add_clocks(connector, *[-SECOND] * 40)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ring_due(connector), range(8)))
    ring_due(connector)
    assert len(outbox(connector)) == 40


def test_more_alarms_than_a_page_all_ring(connector):
    with connector.begin() as connection:
        case_id, now = uuid.uuid4(), datetime.now(UTC)
        connection.execute(insert(cases).values(**_case(case_id, now)))
        connection.execute(insert(clocks), [_clock(case_id, now - SECOND, "breach") for _ in range(PAGE + 3)])
    assert ring_due(connector) == PAGE + 3
    assert count(connector, "SELECT count(*) FROM outbox") == PAGE + 3


def test_an_alarm_that_casework_is_just_changing_is_left_for_the_next_round(connector):
    """If the change takes the alarm away, it has not rung; if it does not, it rings then."""
    add_clocks(connector, -SECOND, -SECOND)
    with connector.begin() as connection:
        connection.execute(
            text(
                "UPDATE clocks SET alarm_at = NULL WHERE clock_id = (SELECT min(clock_id::text) FROM clocks)::uuid"
            )
        )
        assert ring_due(connector) == 1
        assert len(outbox(connector)) == 1
    assert ring_due(connector) == 1
    assert len(outbox(connector)) == 1


def test_the_relay_is_woken_when_something_rings_and_only_then(connector):
    with connector.connect() as connection:
        listener = connection.connection.driver_connection
        listener.autocommit = True
        listener.execute("LISTEN relay_work")
        ring_due(connector)
        assert not list(listener.notifies(timeout=0.2, stop_after=1))
        add_clocks(connector, -SECOND)
        ring_due(connector)
        assert list(listener.notifies(timeout=5, stop_after=1))
        listener.execute("UNLISTEN *")
        listener.autocommit = False

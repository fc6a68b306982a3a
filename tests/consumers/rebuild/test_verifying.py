"""The audit chain names the first event that is not what was applied, where it was applied."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from consumers.casework.transaction import Casework
from consumers.rebuild.verifying import verify
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import engine as make_engine
from infra.settings import Settings
from tests.consumers.casework.logged import TOPIC, Log, told
from tests.faults.scripts import STRANGE, SWIFT

pytestmark = pytest.mark.postgres

LAST = 6


@pytest.fixture
def connector(database, register):
    """A database with seven applied events on each of two partitions."""
    connector = make_engine(Settings(database=database))
    work = Casework(connector, Rulebook(register, published_calendar()), Log.range, cached_events=100, topic=TOPIC)
    for partition in range(2):
        log = Log(TOPIC, partition)
        work.apply(log.add(*told(SWIFT, seed=str(partition))))
    yield connector
    connector.dispose()


def tampered(connector, statement: str):
    """Where the chains break after somebody did this to the database."""
    with connector.begin() as connection:
        assert connection.execute(text(statement)).rowcount
    return {verdict.partition: verdict.bad_offset for verdict in verify(connector, TOPIC)}


def test_an_untouched_chain_is_whole(connector):
    assert [(verdict.events, verdict.bad_offset) for verdict in verify(connector, TOPIC)] == [(7, None), (7, None)]


HERE = "WHERE partition = 1 AND log_offset"


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        pytest.param(f"UPDATE events SET value = value || '\\x00' {HERE} = 3", 3, id="changed value"),
        pytest.param(f"UPDATE events SET digest = sha256('x') {HERE} = 3", 3, id="changed digest"),
        pytest.param(f"UPDATE events SET chain = sha256('x') {HERE} = 3", 3, id="changed link"),
        pytest.param(f"UPDATE events SET type = 'transfer.refused' {HERE} = 2", 2, id="changed type"),
        pytest.param(f"UPDATE events SET source = 'by-court' {HERE} = 4", 4, id="changed speaker"),
        pytest.param(f"UPDATE events SET case_id = gen_random_uuid() {HERE} = 4", 4, id="changed case"),
        pytest.param(
            f"UPDATE events SET headers = convert_to(replace(convert_from(headers, 'UTF8'), '2026', '2025'), 'UTF8') {HERE} = 5",
            5,
            id="changed time",
        ),
        pytest.param(
            f"UPDATE events SET headers = convert_to(replace(convert_from(headers, 'UTF8'), 'food', 'drug'), 'UTF8') {HERE} = 5",
            5,
            id="changed field",
        ),
        pytest.param(f"UPDATE events SET recorded_at = recorded_at - interval '1 day' {HERE} = 5", 5, id="changed record time"),
        pytest.param(f"DELETE FROM events {HERE} = 0", 1, id="first removed"),
        pytest.param(f"DELETE FROM events {HERE} = 3", 4, id="one removed"),
        pytest.param(f"DELETE FROM events {HERE} = {LAST}", -1, id="last removed"),
        pytest.param(f"DELETE FROM events {HERE} >= 0", -1, id="all removed"),
        pytest.param(
            f"UPDATE events SET log_offset = CASE log_offset WHEN 2 THEN 103 ELSE 102 END {HERE} IN (2, 3)",
            4,
            id="two moved to the end",
        ),
        pytest.param(f"UPDATE progress SET chain = sha256('x') WHERE topic = '{TOPIC}' AND partition = 1", -1, id="changed head"),
    ],
)
def test_the_first_event_that_does_not_fit_is_named(connector, statement, bad):
    assert tampered(connector, statement) == {0: None, 1: bad}


def test_an_event_that_was_slipped_in_breaks_the_chain(connector):
    copy = (
        "INSERT INTO events SELECT partition, 7, source, event_id || 'x', type, case_id, occurred_from, occurred_to, "
        f"recorded_at, headers, value, digest, chain FROM events {HERE} = {LAST}"
    )
    assert tampered(connector, copy) == {0: None, 1: 7}


def test_parked_events_are_no_links(database, register):
    connector = make_engine(Settings(database=database))
    log = Log()
    log.add(*told(STRANGE))
    Casework(connector, Rulebook(register, published_calendar()), log.range, cached_events=100, topic=TOPIC).apply(log.records)
    [verdict] = verify(connector, TOPIC)
    connector.dispose()
    assert (verdict.events, verdict.bad_offset) == (6, None)

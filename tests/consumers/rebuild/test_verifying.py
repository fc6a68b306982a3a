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
HERE = "WHERE partition = 1 AND log_offset"


@pytest.fixture
def connector(database, register):
    """A database with seven applied events on each of two partitions."""
    connector = make_engine(Settings(database=database))
    rulebook = Rulebook(register, published_calendar())
    work = Casework(connector, rulebook, Log.range, cached_events=100, topic=TOPIC)
    for partition in range(2):
        log = Log(TOPIC, partition)
        work.apply(log.add(*told(SWIFT, seed=str(partition))))
    yield connector
    connector.dispose()


def tampered(connector, statement: str):
    """Where the chains break after somebody did this to the database, and what is said of it."""
    with connector.begin() as connection:
        assert connection.execute(text(statement)).rowcount
    verdicts = verify(connector, TOPIC)
    assert all(bool(verdict.detail) == (verdict.bad_offset is not None) for verdict in verdicts)
    return {verdict.partition: verdict.bad_offset for verdict in verdicts}


def replaced(old: str, new: str) -> str:
    return f"headers = convert_to(replace(convert_from(headers, 'UTF8'), '{old}', '{new}'), 'UTF8')"


def test_an_untouched_chain_is_whole(connector):
    assert [(verdict.events, verdict.bad_offset) for verdict in verify(connector, TOPIC)] == [(7, None)] * 2


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("value = value || '\\x00'", 3),
        ("digest = sha256('x')", 3),
        ("chain = sha256('x')", 3),
        ("chain = digest", 0),
        ("type = 'transfer.refused'", 2),
        ("source = 'by-court'", 4),
        ("event_id = 'another'", 4),
        ("case_id = gen_random_uuid()", 4),
        ("recorded_at = recorded_at - interval '1 day'", 5),
        (replaced("ce_id", "ce_xx"), 1),
        (replaced("2026", "2025"), 5),
        (replaced("food", "drug"), 5),
    ],
)
def test_an_event_that_was_changed_is_named(connector, change, where):
    """Whatever of it the rules go by: content, speaker, type, case, field, when it happened and was written."""
    assert tampered(connector, f"UPDATE events SET {change} {HERE} = {where}") == {0: None, 1: where}


@pytest.mark.parametrize(
    ("removed", "bad"),
    [("= 0", 1), ("= 3", 4), ("IN (2, 4)", 3), (f"= {LAST}", -1), (">= 0", -1)],
)
def test_where_events_were_removed_the_next_one_is_named(connector, removed, bad):
    """-1: the end of the chain is not where the partition's position says."""
    assert tampered(connector, f"DELETE FROM events {HERE} {removed}") == {0: None, 1: bad}


def test_events_that_were_moved_leave_a_gap_that_is_named(connector):
    moved = f"UPDATE events SET log_offset = log_offset + 100 {HERE} IN (2, 3)"
    assert tampered(connector, moved) == {0: None, 1: 4}


def test_an_event_that_was_slipped_in_is_named(connector):
    columns = "type, case_id, occurred_from, occurred_to, recorded_at, headers, value, digest, chain"
    copy = f"SELECT partition, 7, source, event_id || 'x', {columns} FROM events {HERE} = {LAST}"
    assert tampered(connector, f"INSERT INTO events {copy}") == {0: None, 1: 7}


def test_a_changed_head_is_noticed(connector):
    change = f"UPDATE progress SET chain = sha256('x') WHERE topic = '{TOPIC}' AND partition = 1"
    assert tampered(connector, change) == {0: None, 1: -1}


def test_parked_events_are_no_links(database, register):
    connector = make_engine(Settings(database=database))
    log = Log()
    log.add(*told(STRANGE))
    rulebook = Rulebook(register, published_calendar())
    Casework(connector, rulebook, log.range, cached_events=100, topic=TOPIC).apply(log.records)
    [verdict] = verify(connector, TOPIC)
    connector.dispose()
    assert (verdict.events, verdict.bad_offset) == (6, None)

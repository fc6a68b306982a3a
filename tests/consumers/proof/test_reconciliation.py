"""Everything is held against everything by offsets, on the real broker and database; a planted loss is named."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from consumers.proof import reconciliation
from consumers.proof.cut import UnderWay, take_cut
from consumers.proof.held_topics import LOGGED, RECEIVED, REFUSED, SENT, TOPIC_CHECKS
from consumers.proof.reconciliation import (
    AGAIN,
    EVERY,
    keep_reconciling,
    last,
    reconcile_due,
    reconcile_now,
    words,
)
from consumers.readmodel.reconciling import CHECKS, UNACKNOWLEDGED
from infra.database import engine as make_engine
from tests.consumers.casework.logged import told
from tests.faults.scripts import AG, PSB, SWIFT

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NOW = datetime.now(UTC) + timedelta(minutes=10)


@pytest.fixture
def bus(copied, few):
    """What a test breaks in its copy of the database is broken for that test alone."""
    connector = make_engine(copied)
    yield Bus(copied, few, connector)
    connector.dispose()


class Bus:
    def __init__(self, settings, register, engine):
        self.settings, self.register, self.engine = settings, register, engine

    def run(self, statement):
        with self.engine.begin() as connection:
            return connection.execute(text(statement))

    def reconcile(self):
        done = reconcile_now(self.settings, self.register, self.engine, NOW, by="test")
        return done, {one.check: one for one in done.differences}

    def due(self, now):
        return reconcile_due(self.settings, self.register, self.engine, now)


def test_where_all_has_arrived_nothing_differs_and_every_topic_was_compared_to_its_end(bus):
    done, found = bus.reconcile()
    assert found == {}
    cut = take_cut(bus.settings, bus.register, bus.engine, patience=1)
    ends = {f"{topic}/{n}": end for (topic, n), end in (cut.ingress | cut.log | cut.feeds).items()}
    assert done.positions == ends
    assert done.records == sum(ends.values())
    again, found = bus.reconcile()
    assert (again.records, again.positions, found) == (0, ends, {})


def test_an_event_that_is_not_in_the_database_is_named_by_who_wrote_it_and_by_the_log(bus):
    first = told(SWIFT)[0]  # it was said twice
    bus.run(f"DELETE FROM events WHERE (source, event_id) = ('{AG}', '{first.envelope.id}')")
    _, found = bus.reconcile()
    assert found.keys() >= {RECEIVED, LOGGED}
    assert (found[RECEIVED].unit, found[RECEIVED].count, found[LOGGED].count) == (AG, 2, 2)
    assert f"ingress-{AG}/0/0 {AG}/{first.envelope.id}" in found[RECEIVED].example


def test_an_event_that_goes_after_it_was_compared_is_missed_too(bus):
    bus.reconcile()
    bus.run("DELETE FROM events WHERE event_id = (SELECT min(event_id) FROM events)")
    _, found = bus.reconcile()
    assert found[LOGGED].count == 1
    assert "linkage verify --log" in found[LOGGED].example


def test_a_difference_stays_until_it_is_settled_and_then_goes(bus):
    bus.run("CREATE TABLE kept AS SELECT * FROM events WHERE source = 'by-police'")
    bus.run("DELETE FROM events WHERE source = 'by-police'")
    for _ in range(2):
        assert bus.reconcile()[1].keys() >= {RECEIVED, LOGGED}
    bus.run("INSERT INTO events SELECT * FROM kept")
    assert bus.reconcile()[1] == {}


def test_a_refused_record_that_nobody_was_shown_is_missed(bus):
    bus.run("DELETE FROM quarantine WHERE kind = 'refused'")
    _, found = bus.reconcile()
    assert found.keys() == {RECEIVED, REFUSED}
    assert found[REFUSED].count == len(told(SWIFT))


def test_a_number_that_was_never_sent_is_missed(bus):
    """As if the relay had marked a number without sending it."""
    bus.run(
        "INSERT INTO feed_positions SELECT unit, max(seq) + 1, min(partition), min(log_offset), 9 FROM feed_positions "
        f"WHERE unit = '{PSB}' GROUP BY unit"
    )
    bus.run(f"UPDATE feeds SET assigned = assigned + 1, published = published + 1 WHERE unit = '{PSB}'")
    _, found = bus.reconcile()
    assert found[SENT].unit == PSB
    assert "the topic has nothing" in found[SENT].example


def test_a_number_that_stands_for_another_event_is_named(bus):
    bus.run(f"UPDATE feed_positions SET log_offset = log_offset + 1 WHERE unit = '{PSB}' AND seq = 1")
    _, found = bus.reconcile()
    assert (found[SENT].unit, found[SENT].count) == (PSB, 1)
    assert found[SENT].example.startswith("number 1: the topic has the event at ")


def test_a_number_that_the_database_has_forgotten_is_named(bus):
    bus.run(
        f"DELETE FROM feed_positions p USING feeds f WHERE p.unit = f.unit AND p.seq = f.assigned AND p.unit = '{PSB}'"
    )
    bus.run(f"UPDATE feeds SET assigned = assigned - 1, published = published - 1 WHERE unit = '{PSB}'")
    _, found = bus.reconcile()
    assert found[SENT].unit == PSB
    assert "the database nothing" in found[SENT].example


def test_a_topic_that_was_cut_is_an_alarm(bus):
    bus.reconcile()
    bus.run("UPDATE reconciled SET next_offset = next_offset + 5 WHERE topic LIKE '%feed-by-police'")
    _, found = bus.reconcile()
    assert (found[SENT].unit, found[SENT].count) == (PSB, 5)


def test_what_a_reader_has_not_come_to_is_not_compared_unless_its_unit_is_held(bus):
    bus.run(f"UPDATE progress SET next_offset = next_offset - 1 WHERE topic LIKE '%ingress-{PSB}'")
    with pytest.raises(UnderWay, match=f"ingress-{PSB}"):
        take_cut(bus.settings, bus.register, bus.engine, patience=0)
    bus.run(f"INSERT INTO suspensions VALUES ('{PSB}', now(), 'key lost')")
    done, found = bus.reconcile()
    assert found == {}
    topic = bus.settings.topics.ingress(PSB)
    assert (
        bus.run(f"SELECT next_offset FROM progress WHERE topic = '{topic}'").scalar()
        == done.positions[f"{topic}/0"]
    )


def test_it_is_done_each_hour_and_soon_again_after_a_difference(bus):
    assert bus.due(NOW)
    assert not bus.due(NOW + EVERY - timedelta(seconds=1))
    bus.run("DELETE FROM events WHERE event_id = (SELECT min(event_id) FROM events)")
    assert bus.due(NOW + EVERY)
    assert not bus.due(NOW + EVERY + AGAIN - timedelta(seconds=1))
    assert bus.due(NOW + EVERY + AGAIN)
    with bus.engine.connect() as connection:
        kept = last(connection, limit=9)
    assert [(one.at, one.by, bool(one.differences)) for one in kept] == [
        (NOW + EVERY + AGAIN, "clock", True),
        (NOW + EVERY, "clock", True),
        (NOW, "clock", False),
    ]


def test_of_several_processes_one_compares(bus):
    with bus.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({reconciliation._LOCK})"))
        assert not bus.due(NOW)
        with pytest.raises(reconciliation.AlreadyComparing):
            bus.reconcile()
    bus.engine.dispose()  # a connection that ends gives the lock back
    assert bus.due(NOW)


def test_what_goes_wrong_once_is_tried_again():
    stopped, calls = _Impatient(), []

    def compare() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise UnderWay("behind")
        if len(calls) == 2:
            raise OSError("no broker")
        stopped.set()

    keep_reconciling(compare, stopped)
    assert len(calls) == 3


class _Impatient(threading.Event):
    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0)


@pytest.mark.parametrize("check", [*CHECKS, *TOPIC_CHECKS, UNACKNOWLEDGED])
def test_every_comparison_is_told_in_both_languages(check):
    zh, en = words(check)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert en.isascii()

"""One transaction for each batch: everything it does and the position, at once or not, once and in order."""

from __future__ import annotations

import itertools
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import text

from consumers.casework.transaction import Casework
from consumers.rebuild import dump, verifying
from consumers.rulebook import Rulebook
from consumers.workdays import Calendar, published_calendar
from infra.database import create_database
from infra.database import engine as make_engine
from infra.rereading import LogLost
from infra.settings import Settings
from infra.tables import metadata
from tests.consumers.casework.logged import TOPIC, Log, in_batches, told
from tests.faults.evidence import count, rows
from tests.faults.scripts import AG, OPINION, OVERDUE, PC, STRANGE, STRANGER, SWIFT

pytestmark = pytest.mark.postgres

CASES = (SWIFT, OVERDUE, OPINION, STRANGE, SWIFT)


@pytest.fixture
def rulebook(register):
    return Rulebook(register, published_calendar())


@pytest.fixture(scope="module")
def two_databases(postgres_url, template_database):
    """Engines on two databases that the tests of this module empty and fill again."""
    names = [f"casework_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    made = [
        make_engine(Settings(database=create_database(postgres_url, name, template=template_database)))
        for name in names
    ]
    yield made
    for connector in made:
        connector.dispose()


def emptied(connector):
    with connector.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)}"))
    return connector


@pytest.fixture
def connector(two_databases):
    """An engine on an empty database."""
    return emptied(two_databases[0])


@pytest.fixture
def log():
    return Log()


def casework(connector, rulebook, log, cached_events=60_000):
    return Casework(connector, rulebook, log.range, cached_events=cached_events, topic=TOPIC)


def position(connector) -> int:
    return count(connector, f"SELECT next_offset FROM progress WHERE topic = '{TOPIC}'")


def dumped(connector) -> list[str]:
    return list(dump.lines(connector))


@pytest.fixture
def expected(two_databases, rulebook):
    """What a log makes of an empty database, applied as one batch."""

    def fold(log: Log) -> list[str]:
        fresh = emptied(two_databases[1])
        casework(fresh, rulebook, log).apply(log.records)
        return dumped(fresh)

    return fold


def test_a_batch_leaves_its_events_its_effects_and_its_position(connector, rulebook, log):
    log.add(*told(SWIFT))
    assert casework(connector, rulebook, log).apply(log.records) == 7
    assert position(connector) == 7
    assert count(connector, "SELECT count(*) FROM events") == 7
    assert count(connector, "SELECT count(*) FROM feed_entries") == 10
    [case] = rows(connector, "SELECT * FROM cases")
    assert (case["events"], case["last_offset"], case["origin_unit"]) == (7, 6, AG)
    assert {row["state"] for row in rows(connector, "SELECT state FROM clocks")} == {"met"}


@pytest.mark.parametrize("cut", list(product([1, 2, 3, 5, 11], [0, 4, 60_000])))
def test_however_the_log_is_cut_into_batches_the_rows_are_the_same(connector, rulebook, log, expected, cut):
    """And however many cases a worker keeps in memory, down to none."""
    size, cached_events = cut
    log.add(*told(*CASES))
    work = casework(connector, rulebook, log, cached_events)
    for batch in in_batches(log.records, size):
        work.apply(batch)
    assert dumped(connector) == expected(log)


@pytest.mark.parametrize("seed", range(5))
def test_batches_that_come_again_early_or_late_change_nothing(connector, rulebook, log, expected, seed):
    """Any range may come at any time, to any of three workers: repeats are cut, gaps are healed."""
    chance = random.Random(seed)
    log.add(*told(*CASES))
    workers = [casework(connector, rulebook, log, chance.choice([0, 60_000])) for _ in range(3)]
    while not dumped(connector) or position(connector) < len(log.records):
        start = chance.randrange(len(log.records))
        chance.choice(workers).apply(log.records[start : start + chance.randint(1, 12)])
        if chance.random() < 0.2:
            chance.choice(workers).forget()
    assert dumped(connector) == expected(log)


def test_workers_that_apply_the_same_batches_at_once_get_in_nobodys_way(connector, rulebook, log, expected):
    """The position lets one of them through; the others find nothing left, or less."""
    log.add(*told(*CASES))

    def run(worker: int) -> int:
        work = casework(connector, rulebook, log)
        return sum(work.apply(batch) for batch in in_batches(log.records, 3 + worker))

    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(run, range(4)))
    assert sum(applied) == len(log.records)
    assert dumped(connector) == expected(log)


def test_a_repeat_in_the_log_has_no_effect(connector, rulebook, log):
    """In the same batch, in a later one, and for a worker that remembers nothing."""
    said = told(SWIFT)
    log.add(*said, *said)
    casework(connector, rulebook, log).apply(log.records)
    before = dumped(connector)
    log.add(*said)
    casework(connector, rulebook, log, 0).apply(log.records[14:])
    assert dumped(connector) == before
    assert position(connector) == 21


def test_an_identity_with_other_content_is_a_conflict_and_the_rest_goes_on(connector, rulebook, log):
    said = told(SWIFT)
    other = told(OVERDUE)[1].renamed(said[0].envelope.id)
    log.add(*said[:3], replace(other, key=said[0].key), *said[3:])
    casework(connector, rulebook, log).apply(log.records)
    [aside] = rows(connector, "SELECT * FROM quarantine")
    assert (aside["kind"], aside["reason"], aside["owner"]) == ("conflict", "identity-conflict", AG)
    assert (aside["topic"], aside["log_offset"], aside["value"]) == (TOPIC, 3, log.records[3].value)
    assert count(connector, "SELECT count(*) FROM events") == 7


@pytest.mark.parametrize("apart", [True, False], ids=["in another batch", "in the same batch"])
def test_an_identity_that_another_case_has_taken_is_a_conflict_and_the_rest_goes_on(
    connector, rulebook, log, apart
):
    first, second = told(SWIFT, seed="a"), told(SWIFT, seed="b")
    thief = second[0].renamed(first[0].envelope.id)
    log.add(*first, thief, *second[1:])
    for batch in in_batches(log.records, 7 if apart else 14):
        casework(connector, rulebook, log).apply(batch)
    [aside] = rows(connector, "SELECT * FROM quarantine")
    assert (aside["kind"], aside["log_offset"]) == ("conflict", 7)
    assert count(connector, "SELECT count(*) FROM events") == 13


def test_a_stranger_in_the_case_is_parked_and_the_case_goes_on(connector, rulebook, log):
    log.add(*told(STRANGE))
    casework(connector, rulebook, log).apply(log.records)
    [aside] = rows(connector, "SELECT * FROM quarantine")
    assert (aside["kind"], aside["owner"], aside["type"]) == ("parked", STRANGER, "transfer.received")
    assert count(connector, "SELECT count(*) FROM events") == 6


@pytest.mark.parametrize(
    ("value", "headers"),
    [(None, []), (b"", []), (b"\x00\x00\x00\x00\x08", [("ce_id", b"x")]), (b"noise", [("ce_id", None)])],
)
def test_what_is_no_event_is_set_aside_and_the_rest_goes_on(connector, rulebook, log, value, headers):
    """Intake admits none, so somebody else wrote it: never silently dropped all the same."""
    log.add(*told(SWIFT)[:3])
    log.add_raw(value, headers)
    log.add(*told(SWIFT)[3:])
    casework(connector, rulebook, log).apply(log.records)
    [aside] = rows(connector, "SELECT * FROM quarantine")
    assert (aside["kind"], aside["reason"], aside["value"]) == ("refused", "unreadable", value)
    assert count(connector, "SELECT count(*) FROM events") == 7


def test_records_that_were_leapt_over_are_read_again_first(connector, rulebook, log, expected):
    log.add(*told(*CASES))
    asked = []

    def reread(topic, partition, start, end):
        asked.append((start, end))
        return log.range(topic, partition, start, end)

    work = Casework(connector, rulebook, reread, cached_events=100, topic=TOPIC)
    work.apply(log.records[:5])
    work.apply(log.records[9:12])
    work.apply(log.records[20:])
    assert asked == [(5, 9), (12, 20)]
    assert dumped(connector) == expected(log)


def test_nothing_is_applied_behind_records_that_the_log_has_lost(connector, rulebook, log):
    log.add(*told(SWIFT))

    def lost(*_: object) -> None:
        raise LogLost("the log begins at 3")

    work = Casework(connector, rulebook, lost, cached_events=100, topic=TOPIC)
    with pytest.raises(LogLost):
        work.apply(log.records[3:])
    assert position(connector) == 0
    assert dumped(connector) == []


class Mistaken(Calendar):
    """A calendar that fails when it is asked."""

    def is_workday(self, day):
        raise KeyError(day)


def test_an_event_that_a_rule_fails_on_is_parked_and_everything_else_goes_on(connector, register, log):
    """Cases that need no calendar, and even the same case behind it: a mistake in one rule stops nobody."""
    broken = Rulebook(register, Mistaken("", {}, {}, frozenset()))
    log.add(*told(SWIFT, SWIFT))
    assert casework(connector, broken, log).apply(log.records) == 14
    aside = rows(connector, "SELECT * FROM quarantine")
    assert {(row["kind"], row["reason"]) for row in aside} == {("parked", "rule-failed")}
    assert "KeyError" in aside[0]["detail"]
    assert len(aside) + count(connector, "SELECT count(*) FROM events") == 14
    assert "transfer.approved" in {row["type"] for row in rows(connector, "SELECT type FROM events")}


BREAK = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON clocks FOR EACH ROW EXECUTE FUNCTION refuse()
"""


def test_a_batch_that_fails_in_the_middle_leaves_nothing_and_can_be_applied_again(
    connector, rulebook, log, expected
):
    """Not even in the worker's memory."""
    log.add(*told(*CASES))
    work = casework(connector, rulebook, log)
    work.apply(log.records[:2])
    before = dumped(connector)
    with connector.begin() as connection:
        connection.execute(text(BREAK))
    for _ in range(2):
        with pytest.raises(Exception, match="disk full"):
            work.apply(log.records[2:])
    assert dumped(connector) == before
    assert position(connector) == 2
    with connector.begin() as connection:
        connection.execute(text("DROP FUNCTION refuse CASCADE"))
    work.apply(log.records[2:])
    assert dumped(connector) == expected(log)


def test_a_mirrored_opinion_waits_in_the_outbox_with_the_opinions_own_bytes(connector, rulebook, log):
    log.add(*told(OPINION)[:2])
    casework(connector, rulebook, log).apply(log.records)
    [waiting] = rows(connector, "SELECT * FROM outbox")
    assert log.records[1].value in waiting["value"]
    assert waiting["published_at"] is None


def test_what_the_bus_says_leaves_the_outbox_when_it_comes_back_through_the_log(connector, rulebook, log):
    log.add(*told(OPINION)[:2])
    work = casework(connector, rulebook, log)
    work.apply(log.records)
    returned = log.add(*spoken(connector))
    work.apply(returned)
    assert count(connector, "SELECT count(*) FROM outbox") == 0
    assert count(connector, "SELECT count(*) FROM mirrors") == 3
    assert {row["unit"] for row in entries(connector, "mirror.copied")} == {
        "by-civil",
        "by-admin",
        "by-pil",
        PC,
        "by-casemgmt",
    }


def test_what_the_bus_has_said_is_not_said_again_by_a_replay(connector, rulebook, log):
    """The cause comes again, after its effect is in the log: the outbox stays empty."""
    said = told(OPINION)[:2]
    log.add(*said)
    work = casework(connector, rulebook, log)
    work.apply(log.records)
    work.apply(log.add(*spoken(connector)))
    work.apply(log.add(*said))
    assert count(connector, "SELECT count(*) FROM outbox") == 0


def spoken(connector):
    """The outbox as the relay sends it."""
    from consumers.feeds.outbox import unsent  # noqa: PLC0415  (only here does casework's test need the relay)
    from consumers.feeds.relay import log_records  # noqa: PLC0415

    return list(log_records(unsent(connector), TOPIC, 1))


def entries(connector, type_: str):
    query = "SELECT f.* FROM feed_entries f JOIN events e USING (partition, log_offset) WHERE e.type = :type"
    return rows(connector, query, type=type_)


def test_every_applied_event_is_a_link_of_the_chain(connector, rulebook, log):
    log.add(*told(*CASES))
    work = casework(connector, rulebook, log)
    for batch in in_batches(log.records, 4):
        work.apply(batch)
    [verdict] = verifying.verify(connector, TOPIC)
    assert (verdict.events, verdict.bad_offset) == (count(connector, "SELECT count(*) FROM events"), None)


def test_the_relay_is_woken_only_when_there_is_something_to_send(connector, rulebook, log):
    log.add(*told(SWIFT))
    with connector.connect() as connection:
        listener = connection.connection.driver_connection
        listener.autocommit = True
        listener.execute("LISTEN relay_work")
        work = casework(connector, rulebook, log)
        work.apply(log.records[:1])
        assert list(listener.notifies(timeout=5, stop_after=1))
        work.apply(log.records[1:2])  # `transfer.reported` is for nobody
        assert not list(listener.notifies(timeout=0.2, stop_after=1))
        listener.execute("UNLISTEN *")
        listener.autocommit = False


def test_a_fold_that_takes_long_commits_what_it_has_and_goes_on(connector, rulebook, log, expected):
    """Each look at the clock finds the time over: every record gets a transaction of its own."""
    log.add(*told(*CASES))
    hours = itertools.count(step=3600.0)
    slow = Casework(
        connector, rulebook, log.range, cached_events=60_000, topic=TOPIC, steady=lambda: next(hours)
    )
    assert slow.apply(log.records) == len(log.records)
    assert position(connector) == len(log.records)
    assert dumped(connector) == expected(log)

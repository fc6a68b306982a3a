"""A bulletin is frozen, comes out the same when it is computed again from the log, and the next one corrects it."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from consumers.bulletins import counting, shelf
from consumers.bulletins.contests import NotContested, answer, contest, contests_of
from consumers.bulletins.issuing import NotIssued, issue, known
from consumers.bulletins.lines import Line
from consumers.bulletins.periods import parse_period
from consumers.bulletins.recomputing import recompute
from consumers.bulletins.sealing import Scope, corrections, digest
from consumers.bulletins.shelf import Part, Which
from consumers.bulletins.sight import Sight
from consumers.bulletins.sums import sums_of
from consumers.readmodel.keeping_up import KeepingUp
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.bulletin_tables import (
    bulletin_answers,
    bulletin_contests,
    bulletin_lines,
    bulletins,
    counted_lines,
    counted_sums,
    counting_progress,
)
from infra.database import create_database, engine
from infra.settings import Settings
from producers.records import Statement
from schemas.samples import samples
from tests.consumers.casework.logged import TOPIC
from tests.consumers.console.world import World

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
EVERYBODY = Sight(None, whole=True)
SEPTEMBER, OCTOBER, NOVEMBER = (parse_period(f"2026-{month}") for month in ("09", "10", "11"))
AFTERWARDS = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
_SENT = next(iter(samples("transfer.sent"))).data
_FILED = next(iter(samples("filing.accepted"))).data


def sent(number: str, day: str, **changes) -> tuple[str, Statement]:
    return "by-env", Statement(
        "transfer.sent", number, datetime.fromisoformat(f"{day}T10:00+08:00"),
        data={**_SENT, "addressee": "by-police"}, field="environment", id=f"sent-{number[0]}", **changes,
    )  # fmt: skip


def filed(number: str, day: str) -> tuple[str, Statement]:
    return "by-police", Statement(
        "filing.accepted", number, datetime.fromisoformat(f"{day}T10:00+08:00"),
        data=_FILED, field="environment", id=f"filed-{number[0]}", case_unit="by-env",
    )  # fmt: skip


def void(number: str, name: str) -> tuple[str, Statement]:
    data = {
        "regarding_source": "by-env",
        "regarding_id": name,
        "reason": "误录",
        "summary": None,
        "documents": [],
    }
    return "by-env", Statement("case.voided", number, NOW, data=data, id=f"void-{name}")


@pytest.fixture(scope="module")
def world(postgres_url: str, template_database: str, register):
    """September and October as they were known when each bulletin was issued, and what was reported since."""
    name = f"bulletins_{uuid.uuid4().hex[:8]}"
    connector = engine(Settings(database=create_database(postgres_url, name, template=template_database)))
    made = World(
        connector, Rulebook(register, published_calendar()), datetime.now(UTC)
    )  # by which alarms ring
    made.say([sent("1号", "2026-09-14"), sent("2号", "2026-09-15"), sent("3号", "2026-10-09")])
    made.say([filed("1号", "2026-09-16"), filed("2号", "2026-10-12")])
    made.settle()
    yield made
    connector.dispose()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def issued(world, register):
    """The bulletin of September; then late, corrected and voided reports; then that of October, and November."""

    def issuing(period):
        return issue(world.engine, TOPIC, register, "baiyun", period, by="operator", now=AFTERWARDS)

    first = issuing(SEPTEMBER)
    world.say([sent("4号", "2026-09-20"), void("2号", "sent-2"), sent("5号", "2026-10-20")])
    world.settle()
    second = issuing(OCTOBER)
    world.say([sent("6号", "2026-09-29"), sent("7号", "2026-10-30"), void("4号", "sent-4")])
    world.settle()
    third = issuing(NOVEMBER)
    return first, second, third


def totals(connector, issued, unit="by-env"):
    with connector.connect() as connection:
        bulletin = shelf.one(connection, issued, EVERYBODY)
    return {one.figure: one.total for one in bulletin.sums if one.unit == unit}


def test_a_bulletin_has_what_was_recorded_when_it_was_issued_and_nothing_later(world, issued):
    september = totals(world.engine, issued[0])
    assert (september["transferred"], september["own_filed"]) == (2, 1)
    assert totals(world.engine, issued[1])["transferred"] == 2  # 3号 and 5号; 7号 was reported later


def test_it_comes_out_the_same_from_the_log_however_much_was_reported_since(world, issued):
    for name in issued:
        checked = recompute(world.engine, world.rulebook, name)
        assert (checked.holds, checked.missing, checked.added) == (True, (), ())


def test_a_bulletin_that_was_tampered_with_does_not_come_out_the_same(world, issued):
    with world.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE bulletin_lines DISABLE TRIGGER bulletin_lines_only_grows")
        wrong = bulletin_lines.c
        mine = (wrong.bulletin_id == issued[0]) & (wrong.figure == "transferred")
        [row] = connection.execute(select(bulletin_lines).where(mine).limit(1)).mappings().all()
        connection.execute(delete(bulletin_lines).where(mine & (wrong.n == row["n"])))
    checked = recompute(world.engine, world.rulebook, issued[0])
    assert [(line.figure, str(line.case_id)) for line in checked.added] == [
        ("transferred", str(row["case_id"]))
    ]
    with world.engine.begin() as connection:
        connection.execute(insert(bulletin_lines).values(**row))
        connection.exec_driver_sql("ALTER TABLE bulletin_lines ENABLE TRIGGER bulletin_lines_only_grows")


def test_the_next_bulletin_tells_what_became_of_the_one_before(world, issued):
    with world.engine.connect() as connection:
        october, november = (shelf.one(connection, name, EVERYBODY) for name in issued[1:])
    changes = {(one.bulletin_id, one.figure, one.unit): one.change for one in october.corrections}
    assert changes[issued[0], "transferred", "by-env"] == 0  # one came late, one was voided
    assert "own_filed" not in totals(world.engine, issued[1])  # filed, but its transfer was voided
    later = {
        (one.bulletin_id, one.figure): one.change for one in november.corrections if one.unit == "by-env"
    }
    assert later[issued[0], "transferred"] == 0  # 4号 was voided in turn, 6号 came late
    assert later[issued[1], "transferred"] == 1


def test_issued_and_corrected_is_what_counts_now(world, issued):
    counting.bring_up_to_date(world.engine, TOPIC)
    with world.engine.connect() as connection:
        for name, period in zip(issued, (SEPTEMBER, OCTOBER, NOVEMBER), strict=True):
            units = shelf.one(connection, name, EVERYBODY).units
            told = sums_of(known(connection, name))
            assert sorted(told) == sorted(shelf.sums_now(connection, period, units))


def test_every_number_is_the_count_of_its_lines(world, issued):
    with world.engine.connect() as connection:
        for name in issued:
            bulletin = shelf.one(connection, name, EVERYBODY)
            assert bulletin.sums
            for one in bulletin.sums:
                which = Which(one.figure, (one.unit,), one.field)
                lines = shelf.lines_of(connection, name, which, None, Part(0, 1000))
                assert len(lines) == one.total or not one.field
                assert all(line.case is not None for line in lines)


def test_a_unit_reads_the_names_of_cases_that_it_may_see_and_only_counts_the_others(world, issued):
    which = Which("transferred", ("by-env",))
    with world.engine.connect() as connection:
        own = shelf.lines_of(connection, issued[0], which, "by-env", Part(0, 10))
        foreign = shelf.lines_of(connection, issued[0], which, "by-tax", Part(0, 10))
    assert sorted(line.case.number for line in own) == ["1号", "2号"]
    assert [(line.case, line.about) for line in foreign] == [(None, ""), (None, "")]


def test_issuing_again_changes_nothing(world, issued, register):
    with world.engine.connect() as connection:
        before = connection.execute(select(bulletins).order_by(bulletins.c.n)).all()
    again = issue(world.engine, TOPIC, register, "baiyun", SEPTEMBER, by="auditor", now=AFTERWARDS)
    assert again == issued[0]
    with world.engine.connect() as connection:
        assert connection.execute(select(bulletins).order_by(bulletins.c.n)).all() == before


@pytest.mark.parametrize("table", [bulletins, bulletin_lines, bulletin_contests, bulletin_answers], ids=str)
def test_the_database_refuses_to_change_or_remove_what_was_issued(world, issued, table):
    for change in (
        update(table).values({column.name: column for column in table.primary_key}),
        delete(table),
    ):
        with pytest.raises(DBAPIError, match="only added to"), world.engine.begin() as connection:
            connection.execute(change)


def test_a_period_that_is_not_over_and_a_district_of_nobody_are_refused(world, register):
    with pytest.raises(NotIssued, match="is not over"):
        issue(world.engine, TOPIC, register, "baiyun", NOVEMBER, by="operator", now=NOW)
    with pytest.raises(NotIssued, match="no unit"):
        issue(world.engine, TOPIC, register, "nowhere", SEPTEMBER, by="operator", now=NOW)


def test_a_contest_stands_once_and_is_answered_once(world, issued):
    with world.engine.begin() as connection:
        bulletin = shelf.one(connection, issued[0], EVERYBODY)
        for by in ("env", "env2"):
            name = contest(connection, bulletin, "transferred", "by-env", "少计一件", by=by, now=NOW)
        for verdict in ("granted", "kept"):
            answer(connection, name, verdict, "已核对台账", by="criminal", now=NOW)
        [one] = contests_of(connection, issued[0])
    assert (one.by, one.answer.verdict, one.answer.by) == ("env", "granted", "criminal")


@pytest.mark.parametrize(
    ("contested", "words"),
    [
        (("nothing", "by-env", "少计一件"), "no_number"),
        (("transferred", "hd-market", "少计一件"), "no_number"),
        (("transferred", "by-env", "少"), "no_reason"),
    ],
)
def test_a_contest_of_no_number_or_without_a_reason_is_refused(world, issued, contested, words):
    with world.engine.begin() as connection, pytest.raises(NotContested, match=words):
        contest(connection, shelf.one(connection, issued[0], EVERYBODY), *contested, by="env", now=NOW)


# The index


def test_counting_anew_from_nothing_gives_the_same_lines_and_sums(world, issued):
    counting.bring_up_to_date(world.engine, TOPIC)
    with world.engine.begin() as connection:
        before = [set(connection.execute(select(table)).all()) for table in (counted_lines, counted_sums)]
        connection.execute(delete(counted_lines))
        connection.execute(delete(counted_sums))
        connection.execute(update(counting_progress).values(definitions=b"older figures"))
    assert counting.bring_up_to_date(world.engine, TOPIC) >= 7
    with world.engine.connect() as connection:
        after = [set(connection.execute(select(table)).all()) for table in (counted_lines, counted_sums)]
    assert [{row for row in rows if row[-1] != 0} for rows in before] == after
    assert counting.bring_up_to_date(world.engine, TOPIC) == 0


def test_a_case_that_is_counted_twice_adds_nothing(world, issued):
    counting.bring_up_to_date(world.engine, TOPIC)
    with world.engine.begin() as connection:
        total = select(func.sum(counted_sums.c.count))
        before = connection.execute(total).scalar_one()
        ids = connection.execute(select(counted_lines.c.case_id).distinct()).scalars().all()
        counting.count(connection, ids)
        assert connection.execute(total).scalar_one() == before


# The seal

SCOPE = Scope("baiyun", OCTOBER, ("by-env", "by-police"), (7, 3), b"\1" * 32)
LINES = st.frozensets(
    st.builds(
        Line,
        st.sampled_from(["filed", "transferred"]),
        st.sampled_from(["by-env", "by-police"]),
        st.sampled_from(["", "environment"]),
        st.sampled_from([OCTOBER.first, OCTOBER.last]),
        st.integers(0, 5).map(lambda n: uuid.UUID(int=n)),
        st.sampled_from(["by-env/1", "by-env/2"]),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(LINES, LINES)
def test_two_digests_are_the_same_only_for_the_same_lines(one, other):
    assert (digest(SCOPE, one, []) == digest(SCOPE, other, [])) == (one == other)
    assert digest(SCOPE, sorted(one), []) == digest(SCOPE, sorted(one, reverse=True), [])


@settings(max_examples=40)
@given(LINES, LINES)
def test_a_bulletin_with_its_corrections_is_what_counts_now(then, now):
    told = corrections(uuid.UUID(int=9), then, now)
    kept = (then | {one.line for one in told if one.change == 1}) - {
        one.line for one in told if one.change == -1
    }
    assert kept == now


@pytest.mark.parametrize(
    "other",
    [
        SCOPE._replace(positions=(7, 4)),
        SCOPE._replace(units=("by-env",)),
        SCOPE._replace(period=SEPTEMBER),
        SCOPE._replace(district="huadu"),
        SCOPE._replace(definitions=b"\2" * 32),
    ],
)
def test_the_digest_covers_what_the_bulletin_is_about(other):
    assert digest(SCOPE, [], []) != digest(other, [], [])


def test_a_bulletin_that_nobody_issued_cannot_be_computed(world):
    assert recompute(world.engine, world.rulebook, uuid.uuid4()) is None


def test_counting_in_the_background_catches_up_and_ends_when_it_is_told(world, issued):
    world.say([sent("9号", "2026-09-08")])
    counter = KeepingUp([lambda: counting.bring_up_to_date(world.engine, TOPIC)], every=0.05)
    counter.start()
    deadline = time.monotonic() + 60
    with world.engine.connect() as connection:
        while counting.behind(connection, TOPIC) and time.monotonic() < deadline:
            connection.rollback()
        assert counting.behind(connection, TOPIC) == 0
    counter.stop()
    world.say([sent("0号", "2026-09-09")])
    with world.engine.connect() as connection:
        assert counting.behind(connection, TOPIC) == 1


def test_how_far_the_index_is_behind_is_told(world, issued):
    counting.bring_up_to_date(world.engine, TOPIC)
    world.say([sent("8号", "2026-09-07")])
    with world.engine.connect() as connection:
        assert counting.behind(connection, TOPIC) >= 1
    world.settle()
    counting.bring_up_to_date(world.engine, TOPIC)
    with world.engine.connect() as connection:
        assert counting.behind(connection, TOPIC) == 0
        assert timedelta(0) <= AFTERWARDS - shelf.one(connection, issued[2], EVERYBODY).issued_at

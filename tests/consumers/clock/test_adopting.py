"""A new edition of the calendar reaches each case with a date that may move, once, and not before its instant."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from consumers.clock.adopting import adopt
from consumers.workdays import Edition, published_calendar
from infra.database import engine as make_engine
from infra.settings import Settings
from infra.tables import cases, clocks
from schemas.codec import decode
from tests.consumers.clock.test_ringing import _case, _clock
from tests.faults.evidence import rows

pytestmark = pytest.mark.postgres

DAY = datetime(2027, 2, 1, tzinfo=UTC)
MARGIN = timedelta(minutes=1)


@pytest.fixture
def connector(database):
    connector = make_engine(Settings(database=database))
    yield connector
    connector.dispose()


def add_case(connector, *, provisional: bool, due: datetime = DAY) -> uuid.UUID:
    case_id = uuid.uuid4()
    clock = _clock(case_id, None, None) | {"provisional": provisional, "start_from": due, "due_to": due}
    with connector.begin() as connection:
        connection.execute(insert(cases).values(**_case(case_id, DAY)))
        connection.execute(insert(clocks).values(**clock))
    return case_id


def edition(connector, ago: timedelta, *changed: date) -> Edition:
    with connector.begin() as connection:
        now = connection.execute(text("SELECT now()")).scalar_one()
    return Edition(now - ago, frozenset({2027}), "公布", None, frozenset(changed), published_calendar())


def test_only_cases_with_a_provisional_date_are_told_and_only_once(connector):
    waiting = add_case(connector, provisional=True)
    add_case(connector, provisional=False)
    editions = [edition(connector, timedelta(minutes=5))]
    assert adopt(connector, editions, margin=MARGIN) == 1
    assert adopt(connector, editions, margin=MARGIN) == 0
    (said,) = rows(connector, "SELECT * FROM outbox")
    assert said["case_id"] == waiting
    data = decode(said["value"]).data
    assert (data["years"], data["reason"]) == ([2027], "公布")


def test_a_case_that_was_told_in_the_log_is_not_told_again(connector):
    add_case(connector, provisional=True)
    editions = [edition(connector, timedelta(minutes=5))]
    adopt(connector, editions, margin=MARGIN)
    with connector.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO events (partition, log_offset, source, event_id, type, case_id, recorded_at, headers,"
                " value, digest, chain) SELECT 0, 0, 'bus', event_id, 'calendar.adopted', case_id, now(), headers,"
                " value, '', '' FROM outbox"
            )
        )
        connection.execute(text("DELETE FROM outbox"))
    assert adopt(connector, editions, margin=MARGIN) == 0


def test_clocks_over_a_changed_day_are_told_as_well(connector):
    add_case(connector, provisional=False)
    assert adopt(connector, [edition(connector, timedelta(minutes=5), date(2027, 2, 1))], margin=MARGIN) == 1


def test_nobody_is_told_before_the_edition_is_known(connector):
    add_case(connector, provisional=True)
    assert adopt(connector, [edition(connector, timedelta(minutes=-5))], margin=MARGIN) == 0
    assert adopt(connector, [], margin=MARGIN) == 0


def test_nobody_is_told_before_the_brokers_clock_is_sure_to_be_past_the_edition(connector):
    add_case(connector, provisional=True)
    editions = [edition(connector, timedelta(minutes=5))]
    assert adopt(connector, editions, margin=timedelta(minutes=6)) == 0
    assert adopt(connector, editions, margin=timedelta(minutes=4)) == 1

"""Rules that change under running clocks: found at the next start, counted, and a late calendar edition is refused."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from consumers.casework.rules_in_use import LateEdition, note_rules
from consumers.monitoring.standings import standings
from consumers.rulebook import Rulebook
from consumers.workdays import Edition, published_calendar
from infra.database import create_database
from infra.database import engine as make_engine
from infra.settings import Settings
from infra.tables import cases, clocks, events, metadata, progress
from tests.consumers.clock.test_ringing import _case, _clock
from tests.consumers.given import rulebook
from tests.faults.evidence import count

pytestmark = pytest.mark.postgres

LOG = "case-events"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OTHER = rulebook("env-17")


@pytest.fixture(scope="module")
def one_database(postgres_url, template_database):
    name = f"rules_{uuid.uuid4().hex[:8]}"
    connector = make_engine(
        Settings(database=create_database(postgres_url, name, template=template_database))
    )
    yield connector
    connector.dispose()


@pytest.fixture
def connector(one_database):
    """Ten events of the log are applied, and one case with an open clock stands at the last of them."""
    case_id = uuid.uuid4()
    with one_database.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)}"))
        connection.execute(insert(progress).values(topic=LOG, partition=0, next_offset=10, chain=bytes(32)))
        connection.execute(insert(cases).values(**_case(case_id, NOW) | {"last_offset": 9}))
        connection.execute(insert(clocks).values(**_clock(case_id, None, None)))
    return one_database


def by_other_rules(connector) -> int:
    with connector.connect() as connection:
        return standings(connection).other_rules


def test_the_first_start_and_one_with_the_same_rules_find_nothing(connector):
    for _ in range(2):
        note_rules(connector, rulebook(), LOG)
    assert by_other_rules(connector) == 0
    assert count(connector, "SELECT count(*) FROM rules_in_use") == 1


@pytest.mark.parametrize(
    "changed", [OTHER, Rulebook(replace(OTHER.register, units=OTHER.register.units[1:]), OTHER.calendar)]
)
def test_a_changed_profile_or_register_leaves_the_clocks_that_no_event_has_touched_since(connector, changed):
    note_rules(connector, rulebook(), LOG)
    note_rules(connector, changed, LOG)
    assert by_other_rules(connector) == 1
    with connector.begin() as connection:
        connection.execute(
            text("UPDATE cases SET last_offset = 10")
        )  # an event of the case, by the new rules
    assert by_other_rules(connector) == 0


def test_a_clock_that_is_over_is_not_counted(connector):
    note_rules(connector, rulebook(), LOG)
    note_rules(connector, OTHER, LOG)
    with connector.begin() as connection:
        connection.execute(text("UPDATE clocks SET state = 'met'"))
    assert by_other_rules(connector) == 0


def edition(known_from: datetime) -> Rulebook:
    days = replace(published_calendar(), version="chinesecalendar-1+abc")
    one = Edition(known_from, frozenset({2027}), "公布", None, frozenset(), days)
    return replace(rulebook(), calendar=replace(published_calendar(), editions=(one,)))


def add_event(connector, at: datetime) -> None:
    row = {
        "partition": 0, "log_offset": 9, "source": "by-env", "event_id": "e", "type": "lead.found",
        "case_id": uuid.uuid4(), "recorded_at": at, "headers": b"", "value": b"", "digest": b"", "chain": b"",
    }  # fmt: skip
    with connector.begin() as connection:
        connection.execute(insert(events).values(**row))


def test_an_edition_entered_after_events_that_it_should_have_counted_is_refused(connector):
    add_event(connector, NOW)
    note_rules(connector, rulebook(), LOG)
    with pytest.raises(LateEdition, match="give it a known_from that still lies ahead"):
        note_rules(connector, edition(NOW - timedelta(seconds=1)), LOG)
    assert count(connector, "SELECT count(*) FROM editions_in_use") == 0


def test_an_edition_entered_in_time_is_accepted_then_and_ever_after(connector):
    add_event(connector, NOW)
    note_rules(connector, rulebook(), LOG)
    in_time = edition(NOW + timedelta(hours=1))
    note_rules(connector, in_time, LOG)
    with connector.begin() as connection:
        connection.execute(text("UPDATE events SET recorded_at = recorded_at + interval '2 hours'"))
    note_rules(connector, in_time, LOG)
    assert by_other_rules(connector) == 0

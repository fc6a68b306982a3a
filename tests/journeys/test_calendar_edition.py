"""A year's days off are published while limits run into it: they are counted anew, told with the reason, ring then."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient

from consumers.administration.proposals import Asked, Kind, decide, propose
from consumers.approvals.rules import Decision
from consumers.console import people, sessions
from consumers.console.access import ConsoleRole
from consumers.console.app import create_app
from consumers.console.desk import Console, Options
from consumers.feeds.subscriber import FeedItem
from consumers.workdays import published_calendar
from infra.audit import Actor
from infra.database import create_database, engine
from infra.dev.supervisor import Dev, DevOptions
from infra.rule_previews import preview
from infra.rule_proposals import calendar_body, install
from infra.rules import read_rulebook
from infra.settings import Settings
from schemas.spans import CHINA
from tests.journeys.offices import SECONDS, Case, Office

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

AGENCY, CRIMINAL = "by-env", "by-criminal"
RECOUNTED, APPROACHING, BREACHED = "deadline.recounted", "deadline.approaching", "deadline.breached"
RULE = "APL-60"
"""A penalty case is decided within 90 days: calendar days, and a last day that is a day off moves on."""

REASON, SOURCE = "国务院办公厅公布部分节假日安排", "国办发明电〔2026〕号"
PROPOSER, SECOND, INSTALLER = (Actor(name) for name in ("甲管理员", "乙管理员", "丙运维"))


def last_day(today: date) -> date:
    """A plain workday with one behind it, in a year that is not published, to which 90 days have begun already."""
    calendar = published_calendar()
    day = today + timedelta(days=45)
    while calendar.published(day.year) or not all(
        calendar.is_workday(day + timedelta(days=n)) for n in range(3)
    ):
        day += timedelta(days=1)
    assert day <= today + timedelta(days=90)
    return day


LAST = last_day(datetime.now(CHINA).date())
FILED = datetime.combine(LAST - timedelta(days=90), time_of_day(10), CHINA)


def end_of(day: date) -> datetime:
    return datetime.combine(day, time_of_day(23, 59, 59), CHINA)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


OLD, NEW = end_of(LAST), end_of(LAST + timedelta(days=1))


def edition(known_from: datetime) -> str:
    return (
        f"[[edition]]\nknown_from = {known_from.isoformat()}\npublished = [{LAST.year}]\n"
        f'reason = "{REASON}"\nsource = "{SOURCE}"\n'
        f'[[edition.day]]\ndate = {LAST}\nstate = "off"\nwhy = "调休"\n'
    )


class Days:
    """The clock of one database, by which alarms are due: it can be set forward, as if the days had gone by."""

    def __init__(self, address: str) -> None:
        self._address = address
        with self._connected() as connection:
            connection.execute("CREATE SCHEMA ahead")
            connection.execute("CREATE TABLE ahead.by AS SELECT interval '0' AS span")
            connection.execute(
                "CREATE FUNCTION ahead.now() RETURNS timestamptz STABLE LANGUAGE sql AS "
                "'SELECT pg_catalog.now() + span FROM ahead.by'"
            )
            name = connection.info.dbname
            connection.execute(f'ALTER DATABASE "{name}" SET search_path = public, ahead, pg_catalog')

    def go_to(self, moment: datetime) -> None:
        with self._connected() as connection:
            connection.execute("UPDATE ahead.by SET span = %s - pg_catalog.now()", (moment,))

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._address, autocommit=True)


class Installation:
    """A running bus with a calendar file of its own."""

    def __init__(self, dev: Dev, days: Days, calendar: Path) -> None:
        self.dev = dev
        self.days = days
        self.calendar = calendar
        self.settings = dev.settings
        self.engine = engine(dev.settings, pool=2)

    def adopt(self, known_from: datetime) -> None:
        """Two people agree on the edition an hour before it is known; it is installed, and the rules are restarted."""
        proposal, earlier = uuid4(), known_from - timedelta(hours=1)
        body = calendar_body(self.settings, edition(known_from), earlier)
        asked = Asked(proposal, Kind.CALENDAR, "", SOURCE, body)
        with self.engine.begin() as connection:
            propose(connection, PROPOSER, asked, needs_approval=True, now=earlier)
        self.foreseen = preview(self.engine, self.settings, proposal, now=earlier)
        with self.engine.begin() as connection:
            decide(connection, SECOND, proposal, Decision.APPROVE, "同意", now=earlier)
            install(connection, self.settings, INSTALLER, proposal, now=known_from - timedelta(minutes=5))
        reading = [self.dev.parts[name] for name in ("worker", "clock", "gateway")]
        for part in reading:  # every one has ended before any decides by the new file
            part.stop()
        for part in reading:
            part.launch()
        for part in reading:
            part.wait()

    def page_of(self, case: Case) -> str:
        """The case as the console shows it to an operator."""
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            people.add(
                connection, self.dev.register, name="reader", shown="值班员", role=ConsoleRole.OPERATOR, unit=None,
                password="ein-langes-Wort-4711", now=now,
            )  # fmt: skip
            token = sessions.begin(connection, "reader", complete=True, now=now)
        app = create_app(Console(self.engine, read_rulebook(self.settings), lambda: now, Options()))
        with TestClient(app, base_url="http://console.test") as browser:
            browser.cookies.set("linkage_session", token)
            return browser.get(f"/cases/{case.id}").text


@pytest.fixture(scope="module")
def installation(
    kafka: str, postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A bus of its own: its calendar changes, and the clock of its database goes forward."""
    name, folder = uuid.uuid4().hex[:10], tmp_path_factory.mktemp("calendar")
    calendar = folder / "days-off.toml"
    calendar.write_text("# 本单位的日历\n", encoding="utf-8")
    database = create_database(postgres_url, f"calendar_{name}", template=template_database)
    days = Days(database)
    settings = Settings(
        namespace=f"d{name}-", partitions=1, session_timeout_seconds=6, holidays=calendar,
        clock_interval_seconds=0.1, calendar_interval_seconds=0.2, calendar_margin_seconds=0.2,
    )  # fmt: skip
    with Dev(folder, DevOptions(bootstrap=kafka, database=database, settings=settings)) as dev:
        running = Installation(dev, days, calendar)
        yield running
        running.engine.dispose()


@pytest.fixture(scope="module")
def offices(installation: Installation) -> Iterator[Mapping[str, Office]]:
    opened = {unit: Office(installation.dev, unit) for unit in (AGENCY, CRIMINAL)}
    yield opened
    for one in opened.values():
        one.close()


CASE = Case(AGENCY, "白环立〔2026〕1号", "environment")


@dataclass(frozen=True)
class Story:
    """What was seen before the edition, of it, and when the days had gone by."""

    filed: str
    before: Mapping[str, Any]
    told: Mapping[str, FeedItem]
    after: Mapping[str, Any]
    foreseen: Mapping[str, Any]


@pytest.fixture(scope="module")
def story(installation: Installation, offices: Mapping[str, Office]) -> Story:
    """A limit runs, and the edition comes. Nobody says anything more of the case."""
    agency = offices[AGENCY]
    filed = agency.says(CASE, "admin_case.filed", FILED, case_no=CASE.number)
    offices[CRIMINAL].hears(CASE, "admin_case.filed")
    before = agency.clocks(CASE)[RULE]
    installation.adopt(datetime.now(UTC) + timedelta(seconds=4))
    told = {unit: office.hears(CASE, RECOUNTED) for unit, office in offices.items()}
    return Story(filed, before, told, agency.clocks(CASE)[RULE], installation.foreseen)


@pytest.fixture(scope="module")
def rung(
    story: Story, installation: Installation, offices: Mapping[str, Office]
) -> Sequence[tuple[str, str, int]]:
    """What rang as the days went by the old date and then by the new one: type, step, due time."""
    assert story.told
    agency = offices[AGENCY]
    installation.days.go_to(OLD + timedelta(seconds=5))
    deadline = time.monotonic() + SECONDS
    while agency.heard(CASE).count(APPROACHING) < 2:
        assert time.monotonic() < deadline, f"only {agency.heard(CASE)} by the old date"
    installation.days.go_to(NEW + timedelta(seconds=5))
    agency.hears(CASE, BREACHED)
    return [
        (item.envelope.type, item.data["step"], item.data["due_latest"])
        for item in agency.items(CASE)
        if item.envelope.type in (APPROACHING, BREACHED)
    ]


def test_until_its_year_is_published_the_date_is_provisional(story: Story) -> None:
    assert (story.before["due_to"], story.before["provisional"]) == (OLD.astimezone(UTC).isoformat(), True)


def test_whoever_decided_on_the_edition_saw_that_the_limit_would_be_counted_anew(story: Story) -> None:
    assert (story.foreseen["counted_anew"], story.foreseen["differing_cases"]) == (1, 1)


def test_without_any_report_the_limit_is_counted_anew_by_the_edition(story: Story) -> None:
    assert (story.after["due_to"], story.after["provisional"]) == (NEW.astimezone(UTC).isoformat(), False)
    assert (story.after["id"], story.after["state"]) == (story.before["id"], "running")


@pytest.mark.parametrize("unit", [AGENCY, CRIMINAL])
def test_holder_and_watcher_are_told_both_dates_and_the_reason(story: Story, unit: str) -> None:
    item = story.told[unit]
    data = item.data
    assert item.delivery == "alarm"
    assert (data["rule"], data["holder"], data["reason"]) == (RULE, AGENCY, REASON)
    assert (data["previous_latest"], data["due_latest"]) == (milliseconds(OLD), milliseconds(NEW))
    assert data["provisional"] is False


def test_the_account_of_the_filing_keeps_the_date_that_was_counted_then(
    story: Story, offices: Mapping[str, Office]
) -> None:
    trace = offices[AGENCY].gets(f"/v1/events/{AGENCY}/{story.filed}").json()
    (then,) = trace["account"]["clocks"]
    assert (then["due_to"], then["provisional"]) == (OLD.astimezone(UTC).isoformat(), True)
    (now,) = trace["clocks"]
    assert now["due_to"] == NEW.astimezone(UTC).isoformat()


def test_the_console_tells_old_and_new_date_with_the_reason_and_counts_by_the_edition(
    story: Story, installation: Installation
) -> None:
    assert story.told
    page = installation.page_of(CASE)
    assert REASON in page
    assert f"<dt>原最迟届满时间</dt><dd>{OLD:%Y-%m-%d %H:%M}</dd>" in page
    assert f"<dt>最迟届满时间</dt><dd>{NEW:%Y-%m-%d %H:%M}</dd>" in page
    assert f"<li>{NEW:%Y-%m-%d %H:%M:%S} 为最后时点，此后即为逾期</li>" in page
    assert "尚未公布" not in page


def test_it_rings_at_the_new_date_and_not_at_the_old_one(rung: Sequence[tuple[str, str, int]]) -> None:
    assert [(type_, step) for type_, step, _ in rung[:3]] == [
        (APPROACHING, "yellow"),
        (APPROACHING, "orange"),
        (BREACHED, "breach"),
    ]
    assert {due for _, _, due in rung} == {milliseconds(NEW)}

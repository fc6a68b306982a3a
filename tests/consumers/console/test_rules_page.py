"""Rules and calendar: shown as they are, changed only by two people who saw the impact, installed whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from consumers.administration.proposals import ProposalError
from consumers.console import people, sessions
from consumers.console.access import ConsoleRole
from consumers.console.app import create_app
from consumers.console.desk import Console, Options
from consumers.handovers.open_points import WORKING_DAYS
from infra.administration_tables import proposals
from infra.audit import Actor
from infra.database import engine
from infra.rule_desk import RuleDesk
from infra.rule_previews import preview
from infra.rule_proposals import calendar_body, install, profiles_body
from infra.rules import read_calendar
from infra.running_rules import MixedRulesError, connection_name, require_same, running
from infra.settings import Settings
from tests.conftest import DEMO_UNITS
from tests.consumers.console.conftest import NOW, PASSWORD, Person

pytestmark = pytest.mark.postgres

KNOWN_FROM = NOW + timedelta(days=2)
OPERATOR = Actor("赵某")


def edition(known_from=KNOWN_FROM, day="2026-12-31") -> str:
    return (
        f'[[edition]]\nknown_from = {known_from.isoformat()}\nreason = "年末调休"\n'
        f'[[edition.day]]\ndate = {day}\nstate = "off"\nwhy = "调休"\n'
    )


@pytest.fixture
def calendar_file(tmp_path):
    file = tmp_path / "days.toml"
    file.write_text("# 本单位的日历\n", "utf-8")
    return file


@pytest.fixture
def settings_of(calendar_file):
    """The settings of a process on this database, with a calendar file of its own."""

    def made(connector, **more) -> Settings:
        address = connector.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Settings(database=address, units=DEMO_UNITS, holidays=calendar_file, **more)

    return made


class Desk(RuleDesk):
    """As in production, but a preview waits for the test to compute it."""

    def begin_preview(self, proposal_id: UUID) -> None:
        self.asked = proposal_id


@pytest.fixture
def enter_ruling(rulebook, clock, settings_of, register):
    """Opens a browser of a security administrator at a console that can propose rules."""

    def entered(connector, name: str) -> Person:
        desk = Desk(settings_of(connector), rulebook)
        app = create_app(Console(connector, rulebook, clock, Options(), ruling=desk))
        person = Person(TestClient(app, base_url="http://console.test"))
        with connector.begin() as connection:
            if people.person(connection, name) is None:
                people.add(
                    connection, register, name=name, shown=name, role=ConsoleRole.SECURITY, unit=None,
                    password=PASSWORD, now=NOW,
                )  # fmt: skip
            token = sessions.begin(connection, name, complete=True, now=clock.now)
        person.client.cookies.set("linkage_session", token)
        person.get("/rules")
        return person

    return entered


def propose_calendar(person, proposal, content):
    data = {"csrf": person.token, "kind": "calendar", "proposal": proposal, "reason": "国办通知"}
    return person.client.post(
        "/rules", data=data, files={"edition": ("e.toml", content)}, follow_redirects=False
    )


def state(connector, proposal) -> str:
    with connector.connect() as connection:
        wanted = select(proposals.c.state).where(proposals.c.proposal_id == UUID(proposal))
        return connection.execute(wanted).scalar_one()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_limits_are_shown_with_version_day_and_mark_and_open_points_with_who_signed(enter, filled, lang):
    page = enter(filled, "operator").get(f"/rules?lang={lang}").text
    assert {"O310-08", "2001-07-09", "V~"} <= {
        part for part in ("O310-08", "2001-07-09", "V~") if part in page
    }
    assert ("未签署" if lang == "zh-CN" else "unsigned") in page
    assert 'name="profiles"' not in page


def test_what_an_edition_may_not_be_is_said_when_it_is_proposed(enter_ruling, empty, calendar_file):
    person = enter_ruling(empty, "security")
    wrong = {
        "published = [2027]\n": "只能包含",
        "[[edition": "日历内容有误",
        edition(NOW + timedelta(minutes=59)): "至少在一小时之后",
        edition(day="2026-99-01"): "日历内容有误",
        "edition = []": "没有新的",
    }
    for content, told in wrong.items():
        answer = propose_calendar(person, str(uuid4()), content.encode())
        assert (answer.status_code, told in answer.text) == (400, True), content
    assert propose_calendar(person, str(uuid4()), "年".encode("gbk")).status_code == 400
    assert calendar_file.read_text("utf-8") == "# 本单位的日历\n"


def test_an_edition_takes_effect_after_impact_second_person_and_installation(
    enter_ruling, empty, settings_of, calendar_file
):
    first, second = (enter_ruling(empty, name) for name in ("security", "second"))
    proposal, settings = str(uuid4()), settings_of(empty)
    assert propose_calendar(first, proposal, edition().encode()).status_code == 303
    early = second.post(f"/proposals/{proposal}", decision="approve", reason="同意")
    assert (early.status_code, "影响预览尚未算出" in early.text) == (400, True)
    preview(empty, settings, UUID(proposal), now=NOW)
    assert "没有差异" in second.get(f"/proposals/{proposal}").text
    own = first.post(f"/proposals/{proposal}", decision="approve", reason="自己")
    assert own.status_code == 400
    with empty.begin() as connection, pytest.raises(ProposalError, match="not approved"):
        install(connection, settings, OPERATOR, UUID(proposal), now=NOW)
    assert second.post(f"/proposals/{proposal}", decision="approve", reason="同意").status_code == 303
    assert state(empty, proposal) == "approved"
    assert f"linkage rules install {proposal}" in second.get(f"/proposals/{proposal}").text
    for _ in range(2):
        with empty.begin() as connection:
            install(connection, settings, OPERATOR, UUID(proposal), now=NOW)
    assert calendar_file.read_text("utf-8") == f"# 本单位的日历\n\n{edition()}"
    assert [one.known_from for one in read_calendar(settings).editions] == [KNOWN_FROM]
    assert state(empty, proposal) == "done"


def test_nothing_is_installed_over_another_file_or_too_late(enter_ruling, empty, settings_of, calendar_file):
    first, second = (enter_ruling(empty, name) for name in ("security", "second"))
    proposal, settings = str(uuid4()), settings_of(empty)
    propose_calendar(first, proposal, edition().encode())
    preview(empty, settings, UUID(proposal), now=NOW)
    second.post(f"/proposals/{proposal}", decision="approve", reason="同意")
    with empty.begin() as connection, pytest.raises(ProposalError, match="too late"):
        install(connection, settings, OPERATOR, UUID(proposal), now=KNOWN_FROM - timedelta(minutes=4))
    calendar_file.write_text("# 另一份\n", "utf-8")
    with empty.begin() as connection, pytest.raises(ProposalError, match="changed since"):
        install(connection, settings, OPERATOR, UUID(proposal), now=NOW)
    assert (calendar_file.read_text("utf-8"), state(empty, proposal)) == ("# 另一份\n", "approved")


def test_profiles_are_carried_out_once_every_process_has_them(enter_ruling, filled, settings_of, rulebook):
    first, second = (enter_ruling(filled, name) for name in ("security", "second"))
    proposal, settings = str(uuid4()), settings_of(filled)
    sent = first.post("/rules", kind="profiles", proposal=proposal, reason="本院意见", profiles=WORKING_DAYS)
    assert sent.status_code == 303
    found = preview(filled, settings, UUID(proposal), now=NOW)
    assert found["differing_cases"] > 0
    assert "due-time" in {group["aspect"] for group in found["groups"]}
    page = second.get(f"/proposals/{proposal}").text
    assert WORKING_DAYS in page
    assert "届满时间" in page
    second.post(f"/proposals/{proposal}", decision="approve", reason="同意")
    with (
        filled.begin() as connection,
        pytest.raises(ProposalError, match=f'LINKAGE_PROFILES=.*"{WORKING_DAYS}"'),
    ):
        install(connection, settings, OPERATOR, UUID(proposal), now=NOW)
    changed = settings_of(filled, profiles=frozenset({WORKING_DAYS}))
    old = engine(settings, pool=1, name=connection_name("worker", rulebook))
    with old.connect():
        with filled.begin() as connection, pytest.raises(ProposalError, match="restart it"):
            install(connection, changed, OPERATOR, UUID(proposal), now=NOW)
        assert "worker" in second.get("/rules").text
    old.dispose()


@pytest.mark.parametrize(("names", "told"), [({"none-such"}, "none-such"), (set(), "in force already")])
def test_unknown_profiles_and_no_change_are_not_proposed(names, told):
    with pytest.raises(ProposalError, match=told):
        profiles_body(Settings(), names)


def test_without_a_calendar_file_no_edition_is_proposed():
    with pytest.raises(ProposalError, match="LINKAGE_HOLIDAYS is not set"):
        calendar_body(Settings(), edition(), NOW)


def test_a_process_does_not_start_beside_one_with_other_rules(database, rulebook):
    settings = Settings(database=database)
    other = type(rulebook)(rulebook.register, rulebook.calendar, profiles=frozenset({WORKING_DAYS}))
    first = engine(settings, pool=1, name=connection_name("worker", rulebook))
    with first.connect() as connection:
        require_same(connection, rulebook)
        assert [one.process for one in running(connection)] == ["worker"]
        with pytest.raises(MixedRulesError, match="stop every worker and clock"):
            require_same(connection, other)
    first.dispose()

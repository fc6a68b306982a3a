"""The working desk counts what it lists, the nearest limit first, for whoever must act."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from consumers.console.today import queries
from consumers.console.worktime import Urgency, urgency
from infra.tables import clocks, events, progress, quarantine
from schemas.spans import CHINA
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

UNITS = [None, "by-police", "by-market", "by-criminal"]


@pytest.mark.parametrize("unit", UNITS)
def test_the_counts_are_those_of_the_colours(filled, rulebook, unit):
    calendar = rulebook.calendar
    with filled.connect() as connection:
        counted = queries.counts(connection, unit, NOW, calendar)
        soon = queries.pressing(connection, unit, NOW, calendar)
        late = queries.overdue(connection, unit, NOW)
    colours = [urgency(NOW, clock.due_to, calendar) for clock in soon]
    assert counted[Urgency.ORANGE] == colours.count(Urgency.ORANGE)
    assert counted[Urgency.YELLOW] == colours.count(Urgency.YELLOW)
    assert Urgency.GREEN not in colours
    assert counted[Urgency.RED] == len(late)


@pytest.mark.parametrize("unit", UNITS)
def test_the_nearest_limit_comes_first_and_the_latest_missed_one(filled, rulebook, unit):
    with filled.connect() as connection:
        soon = [clock.due_to for clock in queries.pressing(connection, unit, NOW, rulebook.calendar)]
        late = [clock.due_to for clock in queries.overdue(connection, unit, NOW)]
    assert soon == sorted(soon)
    assert late == sorted(late, reverse=True)


def test_a_unit_is_shown_its_own_duties_only(filled, rulebook):
    with filled.connect() as connection:
        clocks = queries.overdue(connection, "by-police", NOW)
        clocks += queries.pressing(connection, "by-police", NOW, rulebook.calendar)
        _, mirrors = queries.open_mirrors(connection, "by-pil")
    assert {clock.holder for clock in clocks} == {"by-police"}
    assert {one.mirror.unit for one in mirrors} == {"by-pil"}


@pytest.mark.parametrize("user", ["operator", "auditor", "criminal", "pil", "police", "env"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_everybody_with_cases_has_a_desk_in_both_languages(filled, enter, user, language):
    page = enter(filled, user).get(f"/today?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text


def test_parked_records_come_first_and_what_was_said_again_waits_for_nobody(copied):
    with copied.begin() as connection:
        mine = select(quarantine).where(quarantine.c.event_id == "refused-1")
        record = connection.execute(mine).mappings().one()
        before, _ = queries.held_back(connection, "by-market", NOW)
        said = connection.execute(select(events).where(events.c.source == "by-market").limit(1)).one()
        old = NOW - timedelta(days=90)
        for offset, changed in enumerate(
            (
                {"kind": "parked", "recorded_at": old},
                {"kind": "refused", "recorded_at": old},  # too long ago
                {"kind": "refused", "source": said.source, "event_id": said.event_id},  # applied since
                {"kind": "refused", "case_id": said.case_id, "recorded_at": NOW - timedelta(days=1)},
            )
        ):
            connection.execute(insert(quarantine).values({**record, "log_offset": offset, **changed}))
        total, shown = queries.held_back(connection, "by-market", NOW)
    assert total == before + 2
    assert [one.record.kind for one in shown][:2] == ["parked", "refused"]


def test_a_unit_that_is_silent_for_longer_than_ever_stands_on_the_operators_desk(
    empty, enter, rulebook, clock
):
    days = [NOW - timedelta(days=n) for n in range(120, 100, -1)]
    with empty.begin() as connection:
        connection.execute(
            insert(progress).values(topic="case-events", partition=0, next_offset=9, chain=b"")
        )
        for offset, at in enumerate(days):
            connection.execute(
                insert(events).values(
                    partition=0, log_offset=offset, source="by-env", event_id=f"e{offset}", type="transfer.sent",
                    case_id=UUID(int=1), recorded_at=at, headers=b"", value=b"", digest=b"", chain=b"",
                )
            )  # fmt: skip
    page = enter(empty, "operator").get("/today").text.split('id="silent"')[1]
    assert "白云" in page
    assert f"{days[-1].astimezone(CHINA):%Y-%m-%d}" in page
    assert 'id="silent"' not in enter(empty, "env").get("/today").text


def test_the_next_limit_of_a_unit_is_the_nearest_that_it_must_still_keep(filled):
    nearest = {}
    with filled.connect() as connection:
        running = clocks.c.state.in_(("running", "breached")) & (clocks.c.kind == "deadline")
        for row in connection.execute(select(clocks).where(running, clocks.c.due_to >= NOW)):
            nearest[row.holder] = min(row.due_to, nearest.get(row.holder, row.due_to))
        units = [*nearest, "nobody"]
        assert queries.next_limits(connection, units, NOW) == nearest
        assert queries.next_limits(connection, (), NOW) == {}
    assert len(nearest) > 2


def test_feeds_that_stand_still_are_ranked_by_the_legal_time_left_to_their_unit(filled, enter, register):
    page = enter(filled, "operator").get("/today").text.split('id="feeds"')[1].split("</section>")[0]
    shown = re.findall(r"<tr><td>([^<]+)</td>", page)
    codes = [next(unit.code for unit in register.units if unit.name_zh == name) for name in shown]
    with filled.connect() as connection:
        limits = queries.next_limits(connection, codes, NOW)
    with_limit = [limits[code] for code in codes if code in limits]
    assert len(with_limit) > 2
    assert with_limit == sorted(with_limit)
    assert all(code not in limits for code in codes[len(with_limit) :])

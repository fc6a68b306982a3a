"""The working desk counts what it lists, the nearest limit first, for whoever must act."""

from __future__ import annotations

import pytest

from consumers.console.today import queries
from consumers.console.worktime import Urgency, urgency
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

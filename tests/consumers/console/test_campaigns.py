"""A campaign counts what its filter says, for its members, and shows each of them its own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from consumers.bulletins import campaigns, shelf
from consumers.bulletins.campaigns import Aim, Campaign, Filter, NotBegun, Plan
from consumers.bulletins.periods import Stretch, period_at
from consumers.bulletins.shelf import Part, Which
from consumers.bulletins.sight import Sight
from consumers.casefile import ClockState
from infra.demo.bulletins import campaign_id, units_of
from infra.tables import cases, clocks
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

YEAR = period_at(Stretch.YEAR, NOW)
FILTER = Filter(Aim.FIGURE, "transferred", YEAR.first, YEAR.last)
PLAN = Plan("打击环境违法专项", None, "baiyun", 10, FILTER, ("by-env", "by-market"))
CAMPAIGN = Campaign(campaign_id(NOW), PLAN, "operator", NOW, None)
FORM = {
    "name": PLAN.name,
    "about": "figure:transferred",
    "goal": "10",
    "first": str(YEAR.first),
    "last": str(YEAR.last),
    "district": "baiyun",
}


def test_the_progress_of_a_figure_is_that_of_the_statistics(filled):
    with filled.connect() as connection:
        reached = campaigns.progress(connection, CAMPAIGN)
        for unit in PLAN.members:
            lines = shelf.lines_now(connection, YEAR, Which("transferred", (unit,)), None, Part(0, 1000))
            assert reached[unit] == len(lines)
    assert reached["by-env"] > 0


@pytest.mark.parametrize("part", ["field", "offence"])
def test_a_filter_by_field_or_offence_counts_those_cases_only(filled, part):
    with filled.connect() as connection:
        everything = campaigns.reached(connection, CAMPAIGN, PLAN.members, None)
        told = dict(connection.execute(select(cases.c.case_id, cases.c[part])).all())
        value = next(told[one.case.id] for one in everything if told[one.case.id])
        some = replace(CAMPAIGN, plan=replace(PLAN, filter=replace(FILTER, **{part: value})))
        chosen = campaigns.reached(connection, some, PLAN.members, None)
        assert chosen
        assert chosen == [one for one in everything if told[one.case.id] == value]
        assert sum(campaigns.progress(connection, some).values()) == len(chosen)


def test_a_campaign_about_a_limit_counts_those_kept_in_time(filled):
    with filled.connect() as connection:
        rows = select(clocks.c.rule, clocks.c.holder).where(
            clocks.c.state == ClockState.MET.value, clocks.c.kind == "deadline", clocks.c.due_to.is_not(None)
        )
        rule, holder = connection.execute(rows.limit(1)).one()
        always = Filter(Aim.RULE, rule, YEAR.first.replace(year=2000), YEAR.last.replace(year=2100))
        wanted = replace(CAMPAIGN, plan=replace(PLAN, filter=always, members=(holder,)))
        expected = connection.execute(rows.where(clocks.c.rule == rule, clocks.c.holder == holder)).all()
        assert campaigns.progress(connection, wanted) == {holder: len(expected)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "no_name"),
        ({"goal": 0}, "no_goal"),
        ({"filter": replace(FILTER, last=FILTER.first - timedelta(days=1))}, "no_dates"),
        ({"filter": replace(FILTER, about="nothing")}, "no_aim"),
        ({"filter": replace(FILTER, aim=Aim.RULE)}, "no_aim"),
        ({"filter": replace(FILTER, field="nothing")}, "no_field"),
        ({"members": ()}, "no_members"),
        ({"members": ("hd-market",)}, "no_members"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_with_what_is_wrong(filled, rulebook, changes, code):
    with filled.begin() as connection, pytest.raises(NotBegun, match=code):
        campaigns.begin(
            connection, replace(PLAN, **changes), units_of(rulebook.register), by="operator", now=NOW
        )


def test_a_member_sees_its_own_progress_and_no_other(filled, enter, rulebook):
    path = f"/campaigns/{campaign_id(NOW)}"
    own, whole = enter(filled, "env").get(path).text, enter(filled, "operator").get(path).text
    table = re.search(r"<table.*?</table>", own, re.DOTALL)[0]
    assert "白云区生态环境分局" in table
    assert "白云区公安分局" not in table
    assert "<meter" not in own
    assert "<meter" in whole
    assert "白云区公安分局" in whole


def test_a_campaign_is_begun_changed_and_ended_by_who_runs_it(empty, enter):
    head, operator, unit = (enter(empty, user) for user in ("criminal", "operator", "police"))
    head.get("/campaigns")
    begun = head.post("/campaigns", **FORM)
    assert begun.status_code == 303
    assert head.post("/campaigns", **FORM).headers["location"] == begun.headers["location"]
    path = begun.headers["location"]
    assert unit.get(path).status_code == 200
    for person in (head, operator, unit):
        person.get(path)
    assert unit.post(f"{path}/members", members="by-police").status_code == 403
    assert head.post(f"{path}/members", members="hd-market").status_code == 400
    assert head.post(f"{path}/members", members="by-env").status_code == 303
    assert unit.get(path).status_code == 404
    assert operator.post(f"{path}/close").status_code == 303
    assert "已于" in head.get(path).text
    with empty.connect() as connection:
        [one] = campaigns.listed(connection, Sight(None, whole=True))
    assert (one.plan.owner, one.plan.members, one.closed_at) == ("by-criminal", ("by-env",), NOW)


def test_a_form_that_is_wrong_says_what(empty, enter):
    person = enter(empty, "operator")
    person.get("/campaigns")
    for changes, words in (
        ({"first": "x"}, "起止日期"),
        ({"about": "nothing"}, "统计对象"),
        ({"goal": "0"}, "目标"),
    ):
        answer = person.post("/campaigns", **{**FORM, **changes})
        assert (answer.status_code, words in answer.text) == (400, True)

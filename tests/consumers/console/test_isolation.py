"""A unit's people see what their unit said and what was delivered to it; of anything else they learn nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from consumers.readmodel import scope
from consumers.readmodel.exchanges import bring_up_to_date
from infra.exchange_tables import exchanges
from infra.import_tables import import_jobs
from infra.importing import SheetDesk
from infra.settings import Settings
from infra.tables import cases, clocks, events, mirrors, quarantine
from schemas.topics import CASE_EVENTS
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

PEOPLE = {"criminal": "by-criminal", "pil": "by-pil", "police": "by-police", "env": "by-env"}
SOME = 12

OUTSIDERS = {user: unit for user, unit in PEOPLE.items() if user != "criminal"}
"""Whom some cases never reach; the criminal department hears of every one."""
each_outsider = pytest.mark.parametrize(("user", "unit"), OUTSIDERS.items())
each_person = pytest.mark.parametrize(("user", "unit"), PEOPLE.items())


def seen_by(connector, unit) -> set:
    """The cases of which the unit may see something."""
    with connector.connect() as connection:
        return set(connection.execute(select(events.c.case_id).where(scope.events_for(unit))).scalars())


def numbers(connector, ids, *, among: bool) -> dict[str, object]:
    """Number and id of the cases that are, or are not, among `ids`."""
    with connector.connect() as connection:
        rows = connection.execute(select(cases.c.origin_case, cases.c.case_id)).all()
    return {number: case for number, case in rows if (case in ids) == among}


@each_outsider
def test_foreign_cases_are_not_found_by_any_address(filled, enter, user, unit):
    person, foreign = enter(filled, user), numbers(filled, seen_by(filled, unit), among=False)
    assert len(foreign) > SOME
    for number, case in list(foreign.items())[:SOME]:
        for path in (f"/cases/{case}", f"/cases/{case}/print"):
            answer = person.get(path)
            assert answer.status_code == 404
            assert number not in answer.text
        person.post(f"/cases/{case}/reveal", reason="不该看见的案件")
        assert person.get(f"/cases/{case}").status_code == 404
        assert "没有可见的案件" in person.get("/cases", params={"q": number}).text
        assert "没有可见的案件" in person.get("/cases", params={"q": str(case)}).text


@each_outsider
def test_a_foreign_case_is_answered_like_one_that_does_not_exist(filled, enter, user, unit):
    person = enter(filled, user)
    case = next(iter(numbers(filled, seen_by(filled, unit), among=False).values()))
    foreign = person.get(f"/cases/{case}").text
    nothing = person.get("/cases/00000000-0000-0000-0000-000000000000").text
    assert foreign.replace(str(case), "") == nothing.replace("00000000-0000-0000-0000-000000000000", "")


@each_person
def test_foreign_clocks_are_not_found(filled, enter, user, unit):
    person = enter(filled, user)
    with filled.connect() as connection:
        foreign = connection.execute(
            select(clocks.c.clock_id).where(~scope.clocks_for(unit)).limit(SOME)
        ).scalars()
        ids = list(foreign)
    assert ids
    assert {person.get(f"/handovers/{clock}/why").status_code for clock in ids} == {404}


@each_outsider
def test_foreign_exchanges_are_not_found(filled, enter, rulebook, user, unit):
    person = enter(filled, user)
    bring_up_to_date(filled, CASE_EVENTS, rulebook.register)
    with filled.connect() as connection:
        key = (exchanges.c.case_id, exchanges.c.track, exchanges.c.number)
        own = set(connection.execute(select(*key).where(scope.exchanges_for(unit))))
        every = set(connection.execute(select(*key).where(scope.exchanges_for(None))))
    foreign = sorted(every - own)[:SOME]
    assert foreign
    for case, track, number in foreign:
        answer = person.get(f"/exchanges/{case}/{track}", params={"number": number})
        assert answer.status_code == 404
        sent = person.post(f"/exchanges/{case}/{track}", number=number, event="consult.answered", answer="a")
        assert sent.status_code == 404


@each_person
def test_foreign_sheets_are_not_found(filled, enter, rulebook, user, unit):
    person = enter(filled, user, importing=SheetDesk(Settings(), rulebook.register, filled, lambda: NOW))
    with filled.connect() as connection:
        every = connection.execute(select(import_jobs.c.import_id, import_jobs.c.unit)).all()
    assert every
    listed = person.get("/imports").text
    for row in every:
        found = 200 if row.unit == unit else 404
        paths = (f"/imports/{row.import_id}", f"/imports/{row.import_id}/sheet")
        assert {person.get(path).status_code for path in paths} == {found}
        assert (str(row.import_id) in listed) == (row.unit == unit)
        if row.unit != unit:
            assert person.post(f"/imports/{row.import_id}/say").status_code == 404


@each_person
def test_no_list_names_a_foreign_case(filled, enter, user, unit):
    person = enter(filled, user)
    with filled.connect() as connection:
        seen = set(connection.execute(select(clocks.c.case_id).where(scope.clocks_for(unit))).scalars())
        seen |= set(connection.execute(select(mirrors.c.case_id).where(scope.mirrors_for(unit))).scalars())
    foreign = numbers(filled, seen_by(filled, unit) | seen, among=False)
    for path in (
        "/today",
        "/cases",
        "/exchanges",
        "/exchanges?state=over",
        "/handovers?shown=all&whose=seen",
        "/handovers?shown=history&whose=seen&unit=by-market",
        "/handovers.csv?shown=all&whose=seen",
        "/bulletins",
        "/statistics",
        "/campaigns",
    ):
        text = person.get(path).content.decode()
        assert {number for number in foreign if number in text} == set(), path


@each_person
def test_what_is_taken_out_is_what_may_be_seen(filled, enter, user, unit):
    person = enter(filled, user)
    book = load_workbook(BytesIO(person.get("/handovers.xlsx?shown=all&whose=seen").content))
    told = {row[0] for row in book.active.iter_rows(min_row=2, values_only=True)}
    with filled.connect() as connection:
        wanted = (
            select(cases.c.origin_case)
            .join(clocks, clocks.c.case_id == cases.c.case_id)
            .where(scope.clocks_for(unit), clocks.c.kind == "deadline")
        )
        assert told == set(connection.execute(wanted).scalars())


@each_person
def test_events_of_a_case_that_were_not_delivered_are_not_on_its_page(filled, enter, user, unit):
    """Most cases are seen in part; the page has the part, also of what became of it."""
    person = enter(filled, user)
    with filled.connect() as connection:
        rows = connection.execute(
            select(events.c.case_id, events.c.source, events.c.event_id).where(~scope.events_for(unit))
        ).all()
    hidden = {}
    for case, source, event_id in rows:
        hidden.setdefault(case, []).append(f"<code>{source}/{event_id}</code>")
    partly = [case for case in seen_by(filled, unit) if case in hidden][:SOME]
    assert partly
    for case in partly:
        page = person.get(f"/cases/{case}").text
        assert [name for name in hidden[case] if name in page] == []


def test_a_unit_sees_its_own_refused_records_only(filled, enter):
    with filled.connect() as connection:
        owners = set(connection.execute(select(quarantine.c.owner)).scalars())
    assert "by-market" in owners
    assert "refused-1" not in enter(filled, "env").get("/today").text
    assert "没有被拒绝" in enter(filled, "pil").get("/today").text
    assert "白云区市场监督管理局" in enter(filled, "operator").get("/today").text


def test_who_looked_is_told_to_a_unit_of_its_own_people_only(filled, enter):
    case = next(iter(seen_by(filled, "by-env") & seen_by(filled, "by-criminal")))
    enter(filled, "criminal").get(f"/cases/{case}")
    page = enter(filled, "env").get(f"/cases/{case}").text
    looked = [part.split("</ul></li>")[0] for part in page.split('class="looks"')[1:]]
    assert "env" in "".join(looked)
    assert "criminal" not in "".join(looked)
    assert "criminal" in enter(filled, "auditor").get(f"/cases/{case}").text.split('class="looks"', 1)[1]

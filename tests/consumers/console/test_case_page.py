"""The page of a case: masked until somebody gives a reason, complete, and harmless whatever units say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from consumers.console.case.page import REVEALED_FOR
from consumers.readmodel import scope
from infra.tables import cases, console_audit, events
from producers.records import Statement
from schemas.identity import case_id
from tests.consumers.console.conftest import NOW
from tests.consumers.console.world import World

pytestmark = pytest.mark.postgres

NUMBER = "白环立〔2026〕31-4号"
CASE = case_id("by-env", NUMBER)
SUSPECT = "陈某某"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def test_the_page_has_every_event_of_the_case_once(filled, enter):
    with filled.connect() as connection:
        rows = connection.execute(
            select(events.c.source, events.c.event_id).where(events.c.case_id == CASE)
        ).all()
    page = enter(filled, "operator").get(f"/cases/{CASE}").text
    counted = {row: page.count(f"<code>{row.source}/{row.event_id}</code>") for row in rows}
    assert len(rows) > 30
    assert set(counted.values()) == {1}


def test_an_event_stands_alone_masked_with_its_place_and_whom_it_went_to(filled, enter):
    with filled.connect() as connection:
        sent = (events.c.case_id == CASE) & (events.c.type == "transfer.sent")
        row = connection.execute(select(events).where(sent)).one()
    address = f"/cases/{CASE}/message?source={row.source}&id={row.event_id}"
    person = enter(filled, "operator")
    assert address.replace("&", "&amp;") in person.get(f"/cases/{CASE}").text
    page = person.get(address).text
    assert f"<code>case-events/{row.partition}/{row.log_offset}</code>" in page
    assert "白云区公安分局" in page.split("<tbody>")[1]
    assert SUSPECT not in page
    person.post(f"/cases/{CASE}/reveal", reason="核对当事人身份")
    assert SUSPECT in person.get(address).text


def test_what_was_not_delivered_to_a_unit_stands_alone_for_it_as_little_as_what_nobody_said(filled, enter):
    with filled.connect() as connection:
        theirs = select(events).where(events.c.case_id == CASE, ~scope.events_for("by-police")).limit(1)
        row = connection.execute(theirs).one()
    person = enter(filled, "police")
    assert person.get(f"/cases/{CASE}").status_code == 200
    foreign = person.get(f"/cases/{CASE}/message?source={row.source}&id={row.event_id}")
    nothing = person.get(f"/cases/{CASE}/message?source={row.source}&id=none")
    assert (foreign.status_code, nothing.status_code) == (404, 404)


@pytest.mark.parametrize("text", [NUMBER[:9], NUMBER, f"by-env:{NUMBER}", str(CASE)])
def test_a_case_is_found_by_its_number_or_its_id(filled, enter, text):
    answer = enter(filled, "operator").get("/cases", params={"q": text})
    assert f"/cases/{CASE}" in answer.text + answer.headers.get("location", "")


def test_the_state_is_the_last_of_the_way_there(filled, enter):
    page = enter(filled, "operator").get(f"/cases/{CASE}").text
    current = page.split('aria-current="step"')[1].split("</li>")[0]
    with filled.connect() as connection:
        state = connection.execute(select(cases.c.state).where(cases.c.case_id == CASE)).scalar_one()
    assert (state, "判决" in current) == ("JUDGED", True)


def test_personal_data_is_masked_until_a_reason_is_given_and_again_after_a_while(filled, enter, clock):
    person = enter(filled, "env")
    assert SUSPECT not in person.get(f"/cases/{CASE}").text
    assert person.post(f"/cases/{CASE}/reveal", reason="核对当事人身份").status_code == 303
    assert SUSPECT in person.get(f"/cases/{CASE}").text
    clock.move(REVEALED_FOR + timedelta(seconds=1))
    assert SUSPECT not in person.get(f"/cases/{CASE}").text


def test_what_a_refused_field_held_is_masked_until_a_reason_is_given(empty, rulebook, enter):
    world = World(empty, rulebook, NOW)
    filed = Statement(
        type="admin_case.filed", case_number=NUMBER, occurred_at=NOW - timedelta(days=1),
        data={"case_no": NUMBER}, id="filed", field="environment",
    )  # fmt: skip
    world.say([("by-env", filed)])
    world.settle()
    world.refuse("by-env", "undecodable", "offence: expected a text, got '李四'", number=NUMBER)
    person = enter(empty, "env")
    masked = person.get(f"/cases/{CASE}").text
    assert "offence: expected a text" in masked
    assert "李四" not in masked
    person.post(f"/cases/{CASE}/reveal", reason="核对当事人身份")
    assert "李四" in person.get(f"/cases/{CASE}").text


@pytest.mark.parametrize("reason", ["", "   ", "abc"])
def test_without_a_reason_nothing_is_revealed(filled, enter, clock, reason):
    clock.move(2 * REVEALED_FOR)
    person = enter(filled, "police")
    assert person.post(f"/cases/{CASE}/reveal", reason=reason).status_code == 400
    assert SUSPECT not in person.get(f"/cases/{CASE}").text


def test_a_revealing_reveals_to_nobody_else(filled, enter, clock):
    enter(filled, "env").post(f"/cases/{CASE}/reveal", reason="核对当事人身份")
    assert SUSPECT not in enter(filled, "criminal").get(f"/cases/{CASE}").text


def test_an_auditor_reveals_nothing_and_sees_who_did_and_why(filled, enter):
    enter(filled, "env").post(f"/cases/{CASE}/reveal", reason="核对当事人身份")
    auditor = enter(filled, "auditor")
    assert auditor.post(f"/cases/{CASE}/reveal", reason="好奇好奇").status_code == 403
    page = auditor.get(f"/cases/{CASE}").text
    assert SUSPECT not in page
    assert "核对当事人身份" in page


def test_looking_and_printing_are_written_down_with_the_case(filled, enter):
    person = enter(filled, "criminal")
    person.get(f"/cases/{CASE}")
    person.get(f"/cases/{CASE}/print")
    with filled.connect() as connection:
        rows = connection.execute(
            select(console_audit.c.action)
            .where(console_audit.c.case_id == CASE, console_audit.c.user == "criminal")
            .order_by(console_audit.c.n.desc())
            .limit(2)
        )
        assert list(rows.scalars()) == ["print", "read"]


def test_whatever_units_say_stays_text(empty, rulebook, enter):
    world = World(empty, rulebook, NOW)
    said = Statement(
        type="transfer.sent",
        case_number=HOSTILE,
        occurred_at=NOW - timedelta(days=1),
        data={"addressee": "by-police", "offence": HOSTILE[:90], "letter_no": HOSTILE, "summary": HOSTILE},
        id="hostile-<b>1</b>",
        field="environment",
    )
    world.say([("by-env", said)])
    world.settle()
    world.refuse("by-env", HOSTILE, HOSTILE)
    person = enter(empty, "operator")
    case = case_id("by-env", HOSTILE)
    for path in (
        "/today",
        f"/cases/{case}",
        f"/cases/{case}/print",
        "/cases",
        "/handovers",
        f"/cases?q={HOSTILE}",
    ):
        page = person.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path
        assert "<b>1</b>" not in page.text, path
    assert "&lt;script&gt;alert(1)" in person.get(f"/cases/{case}").text


def test_a_hostile_search_stays_text(filled, enter):
    page = enter(filled, "operator").get("/cases", params={"q": HOSTILE})
    assert "<script>alert" not in page.text
    assert 'value="&lt;script' in page.text


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1 --"])
def test_what_means_something_to_the_database_is_text_in_a_search(filled, enter, text):
    assert "没有可见的案件" in enter(filled, "operator").get("/cases", params={"q": text}).text


def test_who_looked_stands_on_the_timeline_where_it_was_as_one_while_nothing_happened(filled, enter):
    with filled.connect() as connection:
        at = NOW - timedelta(days=400)
        rows = select(cases.c.case_id).where(cases.c.opened_at > at).limit(1)
        case = connection.execute(rows).scalar_one()
        event = (
            connection.execute(select(events.c.event_id).where(events.c.case_id == case)).scalars().first()
        )
    person = enter(filled, "auditor")
    for _ in range(3):
        person.get(f"/cases/{case}")
    timeline = person.get(f"/cases/{case}").text.split('class="timeline"')[1]
    before, *looks = timeline.split('class="looks"')
    assert str(event) in before
    assert looks[-1].split("</ul></li>")[0].count("auditor") >= 3

"""Exchanges: the list says whose turn it is to whom may know, and a form says one event for the unit whose turn it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from consumers.console.desk import UnsaidError
from consumers.readmodel import scope
from consumers.readmodel.exchanges import (
    Wanted,
    bring_up_to_date,
    count,
    exchanges_of,
    listed,
)
from consumers.transfers.exchanges import MATTERS
from infra.exchange_tables import exchanges
from infra.tables import cases, console_audit, events
from producers.records import Statement
from schemas.identity import case_id
from schemas.topics import CASE_EVENTS
from tests.consumers.console.conftest import NOW
from tests.consumers.console.world import World

pytestmark = pytest.mark.postgres

UNITS = (None, "by-criminal", "by-env", "by-police", "by-pil", "by-tobacco")
NUMBER = "白环立〔2026〕77号"


def said(unit: str, type_: str, hours: float, **data: object) -> tuple[str, Statement]:
    statement = Statement(
        type=type_,
        case_number=NUMBER,
        case_unit="by-env",
        occurred_at=NOW - timedelta(hours=hours),
        data=data,
        id=f"{type_}-{hours}",
        field="environment",
    )
    return unit, statement


ASKED = said(
    "by-env",
    "consult.asked",
    30,
    addressee="by-criminal",
    consultation_no="K-1",
    question="够罪吗？",
    written=True,
)


@pytest.fixture
def world(empty, rulebook) -> World:
    made = World(empty, rulebook, NOW)
    made.say([ASKED])
    made.settle()
    return made


@pytest.fixture
def case() -> str:
    return str(case_id("by-env", NUMBER))


class Heard:
    """Notes what the console says; `refusal` is what comes of it instead."""

    def __init__(self) -> None:
        self.items: list[tuple[str, dict[str, object]]] = []
        self.refusal: UnsaidError | None = None

    def say(self, unit, item) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.items.append((unit, dict(item)))


@pytest.fixture
def heard() -> Heard:
    return Heard()


def rows(connector, unit, **wanted):
    with connector.connect() as connection:
        return listed(connection, unit, Wanted(**wanted))


@pytest.mark.parametrize("unit", UNITS)
def test_the_list_is_what_follows_from_the_events_that_a_reader_sees(filled, register, unit):
    bring_up_to_date(filled, CASE_EVENTS, register)
    with filled.connect() as connection:
        told = connection.execute(select(exchanges).where(scope.exchanges_for(unit))).all()
        every = connection.execute(select(cases.c.case_id)).scalars().all()
        expected = {
            (case, one.track, one.number, one.state, one.turn)
            for case in every
            for one in exchanges_of(connection, unit, case, register)
        }
    assert {(row.case_id, row.track, row.number, row.state, tuple(row.turn)) for row in told} == expected
    assert unit is not None or {row.track for row in told} == set(MATTERS)


def test_no_unit_has_a_row_of_what_it_neither_said_nor_got(filled, register):
    bring_up_to_date(filled, CASE_EVENTS, register)
    with filled.connect() as connection:
        told = connection.execute(select(exchanges).where(exchanges.c.viewer != "")).all()
        foreign = [
            row
            for row in told
            if connection.execute(
                select(events.c.event_id).where(
                    events.c.source == row.first_source,
                    events.c.event_id == row.first_id,
                    scope.events_for(row.viewer),
                )
            ).first()
            is None
        ]
    assert told
    assert foreign == []


def test_what_is_said_later_is_in_the_list_and_what_is_voided_is_not(world, empty, register):
    bring_up_to_date(empty, CASE_EVENTS, register)
    assert [one.state for one in rows(empty, "by-env")] == ["ASKED"]
    world.say(
        [said("by-criminal", "consult.answered", 2, addressee="by-env", consultation_no="K-1", answer="够。")]
    )
    bring_up_to_date(empty, CASE_EVENTS, register)
    assert rows(empty, "by-env") == []
    assert [one.state for one in rows(empty, "by-env", waiting=False)] == ["ANSWERED"]
    world.say(
        [
            said(
                "by-criminal", "case.voided", 1,
                regarding_source="by-criminal", regarding_id="consult.answered-2", reason="答复有误",
            )
        ]
    )  # fmt: skip
    bring_up_to_date(empty, CASE_EVENTS, register)
    assert [one.state for one in rows(empty, "by-env")] == ["ASKED"]


def test_a_request_looks_through_no_more_than_it_is_allowed_and_tells_that_something_is_left(
    world, empty, register
):
    assert not bring_up_to_date(empty, CASE_EVENTS, register, most=0)
    assert rows(empty, "by-env") == []
    assert bring_up_to_date(empty, CASE_EVENTS, register, most=1)
    assert rows(empty, "by-env") != []


def test_mine_is_where_the_unit_has_to_act(world, empty, register):
    bring_up_to_date(empty, CASE_EVENTS, register)
    with empty.connect() as connection:
        turns = {
            unit: count(connection, unit, Wanted(mine=True), most=9) for unit in ("by-criminal", "by-env")
        }
    assert turns == {"by-criminal": 1, "by-env": 0}


def test_the_page_tells_whose_turn_it_is_and_how_long_it_has_waited(world, empty, enter):
    page = enter(empty, "env").get("/exchanges").text
    assert "K-1" in page
    assert "1 天" in page
    assert "刑事检察" in page
    assert "本单位</strong>" in enter(empty, "criminal").get("/exchanges?whose=mine").text
    assert "没有符合条件的往来" in enter(empty, "police").get("/exchanges").text


def answer_form(person, case):
    page = person.get(f"/exchanges/{case}/consult?number=K-1").text
    found = re.search(
        r'name="event" value="consult.answered"><input type="hidden" name="time" value="([^"]+)"', page
    )
    return found and found[1]


def test_only_who_has_to_answer_has_the_form_and_may_send_it(world, empty, enter, case, heard):
    asker, police = enter(empty, "env", speaking=heard), enter(empty, "police", speaking=heard)
    assert answer_form(asker, case) is None
    sent = {"event": "consult.answered", "number": "K-1", "time": NOW.isoformat(), "answer": "够。"}
    assert asker.post(f"/exchanges/{case}/consult", **sent).status_code == 400
    assert police.post(f"/exchanges/{case}/consult", **sent).status_code == 404
    assert heard.items == []


def test_a_form_that_is_sent_twice_says_one_event_and_is_audited(world, empty, enter, case, heard):
    person = enter(empty, "criminal", speaking=heard)
    time = answer_form(person, case)
    for _ in range(2):
        answer = person.post(
            f"/exchanges/{case}/consult", event="consult.answered", number="K-1", time=time, answer="够。"
        )
        assert answer.status_code == 303
    (unit, item), again = heard.items
    assert (unit, item) == again
    assert unit == "by-criminal"
    assert item["data"] == {"addressee": "by-env", "consultation_no": "K-1", "answer": "够。"}
    assert item["causation"] == "consult.asked-30"
    with empty.connect() as connection:
        wanted = select(console_audit.c.case_id).where(console_audit.c.action == "change")
        assert [str(one) for one in connection.execute(wanted).scalars()] == [case] * 2


def test_an_answer_without_words_says_nothing_and_names_the_field(world, empty, enter, case, heard):
    person = enter(empty, "criminal", speaking=heard)
    answer = person.post(
        f"/exchanges/{case}/consult",
        event="consult.answered",
        number="K-1",
        time=answer_form(person, case),
        answer=" ",
    )
    assert answer.status_code == 400
    assert "“答复”未填写" in answer.text
    assert heard.items == []


def test_what_the_bus_refuses_is_told_and_what_was_written_stays(world, empty, enter, case, heard):
    person = enter(empty, "criminal", speaking=heard)
    heard.refusal = UnsaidError("saying.refused", "time: too far in the future")
    answer = person.post(
        f"/exchanges/{case}/consult", event="consult.answered", number="K-1", time="x", answer="写好的答复"
    )
    assert answer.status_code == 400
    assert "time: too far in the future" in answer.text
    assert "写好的答复</textarea>" in answer.text


def test_an_exchange_is_begun_in_a_case_that_the_unit_sees(world, empty, enter, case, heard):
    person = enter(empty, "criminal", speaking=heard)
    page = person.get(f"/exchanges/new/obstacle?case={case}").text
    time = re.search(r'name="time" value="([^"]+)"', page)[1]
    fields = {"time": time, "obstacle_no": "O-1", "kind": "custody", "detail": "无处存放"}
    assert person.post("/exchanges/new/obstacle", case="不存在的案号", **fields).status_code == 400
    assert heard.items == []
    answer = person.post("/exchanges/new/obstacle", case=NUMBER, **fields)
    assert answer.headers["location"] == f"/exchanges?case={case}&said=true"
    [(unit, item)] = heard.items
    assert (unit, item["type"], item["case"]) == (
        "by-criminal",
        "obstacle.reported",
        {"unit": "by-env", "number": NUMBER},
    )
    police = enter(empty, "police", speaking=heard)
    assert (
        police.post("/exchanges/new/obstacle", case=NUMBER, **fields).status_code == 400
    )  # never heard of the case


def test_nobody_begins_what_the_table_of_speakers_does_not_let_it_say(empty, enter):
    assert enter(empty, "criminal").get("/exchanges/new/intervention").status_code == 404
    assert enter(empty, "police").get("/exchanges/new/intervention").status_code == 200


def test_personal_words_of_an_exchange_are_masked_until_they_are_revealed(world, empty, enter, case):
    world.say(
        [
            said(
                "by-criminal",
                "consult.answered",
                2,
                addressee="by-env",
                consultation_no="K-1",
                answer="够。",
                summary="王某某的情况",
            )
        ]
    )
    person = enter(empty, "env")
    page = person.get(f"/exchanges/{case}/consult?number=K-1").text
    assert "够。" in page
    assert "王某某" not in page
    person.post(f"/cases/{case}/reveal", reason="答复涉及的人员")
    assert "王某某" in person.get(f"/exchanges/{case}/consult?number=K-1").text

"""Published cases become events that the bus admits, without an invented fact and without a dropped step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.demo.cast import cast_of
from producers.histories import (
    History,
    HistoryError,
    Translation,
    parse_history,
    read_histories,
    translate,
)
from producers.records import check, record_of
from producers.unpublished import NOT_PUBLISHED
from schemas.codec import encode
from schemas.spans import CHINA, Precision, span_of
from schemas.units import Register

CASES = Path(__file__).parents[1] / "cases"
HISTORIES = read_histories(CASES)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CAST = {"AG": "by-env", "AG2": "hd-market", "PSB": "by-police", "PC": "by-criminal", "PA": "by-admin"}


def translated(history: History, register: Register) -> Translation:
    return translate(history, cast_of(history.id, history.field, register))


def named(case: str) -> History:
    return next(history for history in HISTORIES if history.id == case)


def made_up(*steps: dict[str, object]) -> History:
    """A history of its own for one claim; the published ones stay free for theirs."""
    rows = [
        {"n": n, "by": "AG", "to": [], "precision": "day", "when": "2024-05-10", "summary": "x", **step}
        for n, step in enumerate(steps, start=1)
    ]
    return parse_history(
        {
            "id": "made-up",
            "title": {"zh": "案", "en": "case"},
            "field": "environment",
            "offence": "污染环境罪",
            "parties": [{"name": "某人", "kind": "natural_person"}],
            "published": {"on": "2024"},
            "steps": rows,
        }
    )


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.id)
def test_every_event_of_a_published_case_would_be_admitted(history: History, register: Register) -> None:
    for saying in translated(history, register).sayings:
        record = record_of(saying.statement, unit=saying.unit, encode=encode)
        check(record, unit=saying.unit, register=register, now=NOW, max_bytes=256 * 1024)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.id)
def test_every_step_is_either_said_or_listed_as_not_understood(history: History, register: Register) -> None:
    translation = translated(history, register)
    said = {saying.step for saying in translation.sayings}
    listed = {left.step for left in translation.not_understood}
    assert said | listed == {step.n for step in history.steps}
    assert not said & listed


def test_only_these_published_steps_are_not_understood(register: Register) -> None:
    left = {
        (history.id, one.step, one.reason)
        for history in HISTORIES
        for one in translated(history, register).not_understood
    }
    assert left == {
        ("guyang-abandoned-drums", 6, "incomplete"),  # the result of the appeal is not published
        ("shanghai-two-companies-invoices", 2, "off-the-bus"),  # said by two companies
        ("zhangpu-aluminium-ash", 7, "off-the-bus"),  # an organ of another province
    }


def test_publishing_again_repeats_the_same_events(register: Register) -> None:
    for history in HISTORIES:
        once, again = translated(history, register), translated(history, register)
        assert once == again
        ids = [saying.statement.id for saying in once.sayings]
        assert len(set(ids)) == len(ids)


def test_all_steps_of_a_case_stand_under_one_number_except_those_of_a_linked_case(register: Register) -> None:
    sayings = translated(named("donghai-empty-cigarette-tubes"), register).sayings
    numbers = {saying.step: saying.statement.case_number for saying in sayings}
    assert numbers.pop(5) == "donghai-empty-cigarette-tubes/related-defendants"
    assert set(numbers.values()) == {"donghai-empty-cigarette-tubes"}
    assert {saying.statement.case_unit for saying in sayings if saying.step != 5} == {"by-tobacco"}


@pytest.mark.parametrize(
    ("precision", "when", "earliest", "latest"),
    [
        ("hour", "2021-08-09T10", "2021-08-09T10:00:00", "2021-08-09T10:59:59"),
        ("day", "2024-02-29", "2024-02-29T00:00:00", "2024-02-29T23:59:59"),
        ("month", "2024-02", "2024-02-01T00:00:00", "2024-02-29T23:59:59"),
        ("year", "2015", "2015-01-01T00:00:00", "2015-12-31T23:59:59"),
        ("before", "2018-09-14", None, "2018-09-13T23:59:59"),
        ("after", "2021-07-23", "2021-07-24T00:00:00", None),
        ("after", "2022-05", "2022-05-01T00:00:00", None),
        ("unknown", None, None, None),
    ],
)
def test_the_precision_of_a_step_is_the_precision_of_its_event(
    precision: str, when: str | None, earliest: str | None, latest: str | None
) -> None:
    step = {"event": "lead.found", "precision": precision} | ({} if when is None else {"when": when})
    statement = translate(made_up(step), CAST).sayings[0].statement
    span = span_of(statement.occurred_at, statement.precision)
    assert statement.precision is Precision(precision)
    assert [span.earliest, span.latest] == [
        None if text is None else datetime.fromisoformat(text).replace(tzinfo=CHINA)
        for text in (earliest, latest)
    ]


def test_what_was_not_published_says_so_and_what_was_is_kept() -> None:
    step = {"event": "reverse.opinion_issued", "by": "PA", "to": ["AG"], "documents": ["检察意见书"]}
    sent = {"event": "filing.accepted", "by": "PSB"}
    sayings = translate(made_up(step | {"details": {"reply_months": 1}}, sent), CAST).sayings
    data = sayings[0].statement.data
    assert sayings[1].statement.data["filing_no"] == NOT_PUBLISHED
    assert data["letter_no"] == "未公布（第1步）"
    assert data["reply_months"] == 1
    assert "reply_days" not in data
    assert data["addressee"] == "by-env"
    assert [document["title"] for document in data["documents"]] == ["检察意见书"]


def test_two_letters_without_published_numbers_are_two_letters_and_the_reply_answers_the_later() -> None:
    opinion = {"event": "reverse.opinion_issued", "by": "PA", "to": ["AG"]}
    reply = {"event": "reverse.replied", "to": ["PA"], "details": {"result": "penalised", "interim": False}}
    sayings = translate(made_up(opinion, opinion, reply), CAST).sayings
    first, second, answer = (saying.statement.data["letter_no"] for saying in sayings)
    assert first != second
    assert answer == second


def test_a_reply_answers_the_letter_to_its_own_speaker() -> None:
    opinions = [
        {"event": "reverse.opinion_issued", "by": "PA", "to": ["AG"]},
        {"event": "reverse.opinion_issued", "by": "PA", "to": ["AG2"]},
    ]
    reply = {"event": "reverse.replied", "to": ["PA"], "details": {"result": "penalised", "interim": False}}
    first, _, answer = (
        s.statement.data["letter_no"] for s in translate(made_up(*opinions, reply), CAST).sayings
    )
    assert answer == first


def test_a_letter_to_each_of_two_agencies_is_two_events() -> None:
    each = [{"to": ["AG"], "details": {"party": "甲公司"}}, {"to": ["AG2"], "details": {"party": "乙公司"}}]
    step = {"event": "reverse.opinion_issued", "by": "PC", "to": ["AG", "AG2"], "each": each}
    sayings = translate(made_up(step), CAST).sayings
    assert [(s.statement.id, s.statement.data["addressee"], s.statement.data["party"]) for s in sayings] == [
        ("made-up-1.1", "by-env", "甲公司"),
        ("made-up-1.2", "hd-market", "乙公司"),
    ]


def test_recipients_outside_the_bus_stay_in_the_summary() -> None:
    step = {"event": "pil.announced", "by": "AG", "others": ["公众"], "summary": "发布公告"}
    assert translate(made_up(step), CAST).sayings[0].statement.data["summary"] == "发布公告（致：公众）"


def test_victims_are_no_suspects(register: Register) -> None:
    sent = next(s for s in translated(named("chikan-unpaid-wages"), register).sayings if s.step == 3)
    assert [party["name"] for party in sent.statement.data["parties"]] == ["戚某"]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"event": "items.lost"}, "unknown-type"),
        ({"event": "lead.found", "by": "public"}, "off-the-bus"),
        ({"event": "transfer.sent", "to": ["SV"]}, "off-the-bus"),
        ({"event": "transfer.sent", "to": []}, "off-the-bus"),
        ({"event": "case.appeal_decided", "by": "PC"}, "incomplete"),
    ],
)
def test_a_step_that_cannot_be_said_is_listed_with_its_reason(step: dict[str, object], reason: str) -> None:
    translation = translate(made_up({"event": "lead.found"}, step), CAST)
    assert [saying.step for saying in translation.sayings] == [1]
    assert [(left.step, left.reason) for left in translation.not_understood] == [(2, reason)]


def test_a_published_detail_that_the_contract_does_not_have_is_an_error() -> None:
    with pytest.raises(HistoryError, match=r"step 1: lead\.found has no field 'colour'"):
        translate(made_up({"event": "lead.found", "details": {"colour": "red"}}), CAST)


def test_a_step_that_is_wrong_is_named() -> None:
    with pytest.raises(HistoryError, match="made-up, step 2: 'sometimes' is not a valid Precision"):
        made_up({"event": "lead.found"}, {"event": "lead.found", "precision": "sometimes"})


def test_an_empty_folder_is_an_error_that_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="holds no case"):
        read_histories(tmp_path)

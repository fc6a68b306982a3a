"""The report says what a clock shows, and no more."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from infra.demo.expectations import CLAIMS, MUST_NOT
from infra.demo.outcome import ClockSeen, MirrorSeen
from infra.demo.phrases import Phrases, is_target
from infra.demo.wording import EN, LANGUAGES, ZH, Words
from schemas.units import Register

NOW = datetime(2016, 10, 1, 16, 0, tzinfo=UTC)
DUE = datetime(2016, 9, 8, 15, 59, 59, tzinfo=UTC)
CLOCK = ClockSeen(
    rule="O310-08",
    version="2001",
    kind="deadline",
    holder="by-police",
    started_id="case-1",
    due_from=DUE,
    due_to=DUE,
    state="breached",
    certain=True,
    assumed_start=False,
    overrun_seconds=None,
)


@pytest.fixture
def english(register: Register) -> Phrases:
    return Phrases(EN, register, NOW)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "overdue, no end published, 24 days so far"),
        ({"assumed_start": True}, "overdue, no end published, 24 days so far; assumed start"),
        ({"state": "met-late", "overrun_seconds": 12 * 86_400 - 5}, "met late by 12 days"),
        ({"state": "met-late", "overrun_seconds": 1, "certain": False}, "met late by 1 days; not certain"),
        ({"state": "met"}, "met"),
        ({"state": "met", "certain": False}, "cannot be told"),
        ({"state": "met", "kind": "waiting"}, "suit after expiry, in order"),
        ({"state": "running", "provisional": True}, "running; provisional: holidays not published"),
    ],
)
def test_the_result_of_a_clock_in_words(english: Phrases, change: dict[str, object], text: str) -> None:
    assert english.result(replace(CLOCK, **change)) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "2016-09-08"),
        ({"due_from": datetime(2016, 9, 5, 15, 59, 59, tzinfo=UTC)}, "2016-09-05 … 2016-09-08"),
        ({"due_from": None}, "2016-09-08 at the latest"),
        ({"due_from": None, "due_to": None}, "cannot be computed"),
        ({"rule": "O310-05c", "due_to": datetime(2016, 9, 8, 7, 30, tzinfo=UTC)}, "2016-09-08 15:30"),
    ],
)
def test_the_due_time_is_shown_as_exactly_as_it_is_known(
    english: Phrases, change: dict[str, object], text: str
) -> None:
    assert english.due(replace(CLOCK, **change)) == text


def test_a_clock_is_shown_with_its_article_and_mark(english: Phrases) -> None:
    assert "第8条 [V]" in english.clock(CLOCK)


def test_the_ordinary_limit_of_an_economic_crime_is_a_target_and_the_statutory_one_is_none() -> None:
    assert is_target(replace(CLOCK, rule="ECO-16-ordinary", version="2018-economic"))
    assert not is_target(CLOCK)


@pytest.mark.parametrize(("words", "text"), [(ZH, "原因"), (EN, "reason")])
def test_a_reason_given_in_both_languages_is_shown_in_one(
    register: Register, words: Words, text: str
) -> None:
    mirror = MirrorSeen("case-1", "by-pil", "原因 / reason", "copied")
    assert Phrases(words, register, NOW).why(mirror) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (ZH, "《行政执法机关移送涉嫌犯罪案件的规定》第7条 [V]"),
        (EN, "State Council Order 310 on transfers, art. 7 [V]"),
    ],
)
def test_the_basis_of_a_delivery_is_stored_in_chinese_and_shown_in_either_language(
    register: Register, words: Words, text: str
) -> None:
    stored = "《行政执法机关移送涉嫌犯罪案件的规定》第7条 [V]"
    assert Phrases(words, register, NOW).sent_on(stored) == text


def test_a_basis_that_no_routing_row_has_is_shown_as_it_is(english: Phrases) -> None:
    assert english.sent_on("《民法典》第1条") == "《民法典》第1条"


@pytest.mark.parametrize(("words", "text"), [(ZH, "次序异常"), (EN, "out of order")])
def test_a_flag_in_both_languages_is_shown_in_one(register: Register, words: Words, text: str) -> None:
    phrases = Phrases(words, register, NOW)
    assert phrases.flag("次序异常 — out of order") == text
    assert phrases.flag("only English") == "only English"


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_every_language_says_everything(words: Words) -> None:
    assert all(getattr(words, field.name) for field in fields(words))
    assert words.claims.keys() == CLAIMS.keys()
    assert words.must_not.keys() == {kind.replace("_", " ") for kind in MUST_NOT}
    assert words.results.keys() == ZH.results.keys()
    assert words.times.keys() == ZH.times.keys()

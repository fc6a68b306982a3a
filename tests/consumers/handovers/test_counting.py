"""`linkage due` and its HTTP twin answer for every code of the law, with the mark, the steps and what is unsigned."""

from __future__ import annotations

import pytest

from consumers.handovers.counting import Question, UncountableError, as_json, count, remarks
from consumers.handovers.echoes import ECHOES, PARTS
from consumers.handovers.open_points import (
    FROM_SENDING,
    OPEN_POINTS,
    WEEKENDS_STAY,
    WORKING_DAYS,
    SignOffError,
    load_sign_offs,
)
from consumers.handovers.statutes import STATUTES
from consumers.workdays import published_calendar
from tests.consumers.given import day_end, moment

CALENDAR = published_calendar()
SIGNED = """
[[signoff]]
point = "hours"
choice = "{choice}"
who = "法律政策研究室主任"
when = 2026-11-24
reference = "民法典第201条"
"""


def ask(rule, start="2026-03-11T10:00:00+08:00", *profiles, field="", version=""):
    return count(Question(rule, start, field, version, frozenset(profiles)), CALENDAR)


CODES = sorted(
    {code for row in STATUTES if row.period is not None for code in (row.code, *row.also)} | set(PARTS)
)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_answered_or_says_for_which_starts_it_binds(code):
    """Rows of the past and of one field need their day or field; asked so, every code has a due time."""
    fields = {row.fields for row in STATUTES if code in (row.code, *row.also) and row.fields}
    field = min(fields.pop()) if fields else ""
    starts = ("2026-03-11T10:00:00+08:00", "2019-03-11T10:00:00+08:00", "2011-03-11T10:00:00+08:00")
    found = [one for start in starts for one in asked_if_binding(code, start, field)]
    assert found, code
    assert all(one.due.at > moment("2011-03-11") and one.steps for one in found)


def asked_if_binding(code, start, field):
    """The answers, none if the rule does not bind starts of that day."""
    try:
        return ask(code, start, field=field)
    except UncountableError as error:
        if "does not bind then" not in str(error):
            raise
        return ()


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("O310-08", "2026-03-16"),
        ("PSB-182", "2026-03-18"),
        ("PR-565", "2026-03-18"),
        ("ECO-16", "2026-03-23"),
        ("ECO-15", "2026-03-18"),
        ("CPL-172", "2026-04-13"),
        ("CPL-172-extended", "2026-04-27"),
        ("CPL-172-fast", "2026-03-23"),
        ("CPL-175", "2026-04-13"),
        ("G24-12", "2026-03-25"),
        ("G24-reply-90", "2026-06-09"),
        ("SPP21-16", "2026-03-18"),
        ("SPP-2001", "2026-03-16"),
        ("PIL-13/20", "2026-04-10"),
        ("FS-2010", "2026-03-16"),
        ("APL-60", "2026-06-09"),
    ],
)
def test_a_limit_ends_on_its_day(code, day):
    assert ask(code)[0].due.at == day_end(day)


def test_an_article_with_several_limits_gives_each_of_them():
    answers = ask("PSB-182")
    assert [one.rule for one in answers] == ["PSB-182a", "PSB-182b"]
    told = as_json("PSB-182", answers)
    assert (told["rule"], [part["due"][:10] for part in told["parts"]]) == (
        "PSB-182",
        ["2026-03-18", "2026-03-26"],
    )


def test_a_text_with_the_same_limit_is_cited_with_its_own_mark():
    (answer,) = ask("PSB-16-items")
    assert answer.statute.code == "O310-12"
    assert (answer.basis, answer.mark) == ECHOES["PSB-16-items"]


def test_what_is_known_from_memory_is_counted_and_said_to_be_off():
    (off,), (on,) = ask("SPP21-08"), ask("SPP21-08", "2026-03-11", "spp21-08")
    assert (off.binds, on.binds) == (False, True)
    assert off.due == on.due
    said = [one.en for one in remarks(off)]
    assert said == [
        "known from memory only, the text was not read (M)",
        "off: only with the profile spp21-08",
    ]


def test_a_limit_that_nothing_begins_says_so():
    (answer,) = ask("SPP-2001-report")
    assert not answer.binds
    assert "no event begins it" in remarks(answer)[0].en
    assert as_json("SPP-2001-report", (answer,))["clocked"] is False


def test_an_office_target_is_said_to_be_no_law():
    (answer,) = ask("O310-13")
    assert "内部时限" in answer.basis
    assert remarks(answer)[0].zh == "内部时限，不是法定期限"


def test_extensions_are_shown_with_who_must_approve_them():
    (answer,) = ask("ECO-16")
    shown = [(one.approver, one.days, one.due.at) for one in answer.extensions]
    assert shown == [
        ("county_head", 30, day_end("2026-04-10")),
        ("higher_organ", 60, day_end("2026-05-11")),
    ]


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("rule", ("O310-99",)),
        ("from", ("O310-08", "soon")),
        ("from", ("O310-05c", "2026-03-11")),
        ("from", ("O310-08", "9999-12-31")),
        ("rule", ("LETTER-reply", "2020-03-11")),
        ("rule", ("G24-12", "2020-03-11")),
    ],
)
def test_a_question_without_an_answer_says_what_is_at_fault(asked, question):
    with pytest.raises(UncountableError) as found:
        ask(*question)
    assert found.value.asked == asked


def test_an_unknown_field_names_the_fields_there_are():
    with pytest.raises(UncountableError, match="environment"):
        ask("O310-08", field="astrology")


@pytest.mark.parametrize(
    ("profile", "start", "last"),
    [
        (WORKING_DAYS, "2026-04-03", "2026-04-09"),  # over Qingming: 3 working days, not days
        (WEEKENDS_STAY, "2026-03-11", "2026-03-14"),  # a Saturday stays
        (WEEKENDS_STAY, "2026-02-12", "2026-02-24"),  # the Spring Festival does not
    ],
)
def test_an_office_may_read_the_days_otherwise(profile, start, last):
    assert ask("O310-08", start, profile)[0].due.at == day_end(last)


def test_the_reading_of_order_310_leaves_other_texts_alone():
    assert ask("PR-561", "2026-04-03", WORKING_DAYS)[0].due == ask("PR-561", "2026-04-03")[0].due


def test_every_answer_names_the_open_points_it_rests_on_and_that_nobody_signed():
    told = as_json("O310-08", ask("O310-08"))["open_points"]
    assert [one["point"] for one in told] == ["days-of-order-310", "weekends", "supplement", "start"]
    assert all(one["signed"] is None and "未签署" in one["zh"] for one in told)


def test_a_signature_counts_for_the_choice_it_was_given_for(tmp_path):
    path = tmp_path / "signed.toml"
    path.write_text(SIGNED.format(choice="from-the-moment"), encoding="utf-8")
    signed = load_sign_offs(path)
    question = Question("O310-05c", "2026-03-11T10:00:00+08:00")
    (point,) = count(question, CALENDAR, signed)[0].points
    assert point.signed is not None
    assert (point.signed.who, point.signed.reference) == ("法律政策研究室主任", "民法典第201条")
    other = Question("O310-05c", question.start, profiles=frozenset({"hours-from-next-full-hour"}))
    (unsigned,) = count(other, CALENDAR, signed)[0].points
    assert (unsigned.choice.code, unsigned.signed) == ("next-full-hour", None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[signoff]]\npoint = 'hours'\n", "exactly"),
        (SIGNED.format(choice="whenever"), "next-full-hour"),
        (SIGNED.format(choice="from-the-moment").replace("hours", "minutes"), "days-of-order-310"),
        (SIGNED.format(choice="from-the-moment").replace("2026-11-24", "'today'"), "plain date"),
        (SIGNED.format(choice="from-the-moment").replace("民法典第201条", " "), "reference"),
        (SIGNED.format(choice="from-the-moment") * 2, "twice"),
        ("nonsense = 1", "[[signoff]]"),
        ("[[", "cannot be read"),
    ],
)
def test_a_file_of_sign_offs_that_cannot_be_used_says_why(tmp_path, text, named):
    path = tmp_path / "signed.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SignOffError) as found:
        load_sign_offs(path)
    assert named in str(found.value)


def test_there_are_five_open_points_and_each_has_a_default_that_needs_no_profile():
    assert len(OPEN_POINTS) == 5
    for point in OPEN_POINTS:
        assert point.choices[0].profile is None
        assert all(choice.profile for choice in point.choices[1:])
        assert point.chosen({FROM_SENDING}).code in {choice.code for choice in point.choices}

"""A new edition of the calendar: counted anew from its instant on, said with its reason, and the same in a replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from consumers.casefile import Alarm, ClockState
from consumers.casework.fold import refold
from consumers.decisions import Deliver, Emit
from consumers.rulebook import Rulebook
from consumers.workdays import CalendarError, load_calendar, published_calendar
from tests.consumers.given import AGENCY, day_end, event, moment, register
from tests.consumers.handovers.telling import Telling

FILE = """
[[edition]]
known_from = 2026-11-20T09:00:00+08:00
published = [2027]
reason = "国务院办公厅公布2027年部分节假日安排"
[[edition.day]]
date = 2027-03-01
state = "off"
why = "调休"
[[edition.day]]
date = 2027-03-02
state = "off"
why = "调休"

[[edition]]
known_from = 2026-12-10T09:00:00+08:00
reason = "调整放假安排"
[[edition.day]]
date = 2027-03-03
state = "off"
why = "调休"
"""


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "days.toml"
    path.write_text(FILE, encoding="utf-8")
    return Rulebook(register(), load_calendar(path))


def adopted(when: str, edition: int, rules: Rulebook):
    calendar = rules.calendar.editions[edition].calendar.version
    return event(
        "calendar.adopted", when, id=f"adopted-{edition}", calendar=calendar, reason="公布", years=[2027]
    )


def test_what_was_appended_before_stays_counted_by_the_calendar_before(rules):
    at = rules.calendar.at
    assert at(moment("2026-11-20 08:59")) is rules.calendar
    assert at(moment("2026-11-20 09:00")) is rules.calendar.editions[0].calendar
    assert at(moment("2027-01-01 00:00")) is rules.calendar.newest
    assert rules.calendar.editions[1].changed == {date(2027, 3, 3)}


def test_a_provisional_date_becomes_final_and_the_holder_is_told_both_dates_and_the_reason(rules):
    told = Telling(
        event("admin_case.filed", "2026-11-19 10:00", by=AGENCY), rules=rules
    )  # day 90: 17 February
    before = told.clock("APL-60")
    assert (before.provisional, before.due_latest) == (True, day_end("2027-02-17"))
    told.tell(adopted("2026-11-21 09:00", 0, rules))
    after = told.clock("APL-60")
    assert (after.provisional, after.due_latest) == (False, day_end("2027-02-17"))
    (said,) = [one for one in told.said if one.type == "deadline.recounted"]
    assert (said.data["holder"], said.data["provisional"], said.data["reason"]) == (AGENCY, False, "公布")
    assert AGENCY in {one.unit for one in told.decided if isinstance(one, Deliver)}


def test_a_changed_day_moves_what_ended_on_it(rules):
    told = Telling(event("admin_case.filed", "2026-12-01 10:00", by=AGENCY), rules=rules)  # day 90: 1 March
    assert told.clock("APL-60").due_latest == day_end("2027-03-03")
    told.tell(adopted("2026-12-11 09:00", 1, rules))
    assert told.clock("APL-60").due_latest == day_end("2027-03-04")


def test_a_case_that_nothing_moves_in_is_told_nothing(rules):
    told = Telling(event("admin_case.filed", "2026-11-21 10:00", by=AGENCY), rules=rules)
    told.tell(adopted("2026-11-22 09:00", 0, rules))
    assert told.said == []


def test_a_breach_of_a_date_that_moves_is_withdrawn_and_rings_again_for_the_new_one(rules):
    told = Telling(
        event("admin_case.filed", "2026-12-01 10:00", by=AGENCY, recorded="2026-12-01 11:00"), rules=rules
    )
    told.ring("2027-03-04 08:00")
    assert told.clock("APL-60").state is ClockState.BREACHED
    told.tell(adopted("2027-03-04 09:00", 1, rules))
    clock = told.clock("APL-60")
    assert (clock.state, clock.breach_withdrawn, clock.due_latest) == (
        ClockState.RUNNING, True, day_end("2027-03-04"),
    )  # fmt: skip
    told.ring("2027-03-06")
    assert Alarm.BREACH in told.clock("APL-60").rung


def test_a_replay_with_the_editions_decides_what_was_decided_as_they_became_known(rules):
    """Folded live, the later editions were not known yet: the file grows, and the past stays as it was."""
    history = [
        event("admin_case.filed", "2026-11-19 10:00", by=AGENCY, case_no="1"),
        event("transfer.suspected", "2026-11-19 11:00", by=AGENCY),
        adopted("2026-11-21 09:00", 0, rules),
        event("transfer.reported", "2026-11-25 10:00", by=AGENCY),
        adopted("2026-12-11 09:00", 1, rules),
    ]
    before_any = Rulebook(register(), load_and_cut(rules, 0))
    with_first = Rulebook(register(), load_and_cut(rules, 1))
    for book, length in ((before_any, 2), (with_first, 4), (rules, 5)):
        live, replayed = refold(history[:length], book), refold(history[:length], rules)
        assert live is not None
        assert replayed is not None
        assert live.clocks == replayed.clocks


def load_and_cut(rules: Rulebook, editions: int):
    """The calendar as its file was when it had so many editions."""
    return replace(rules.calendar, editions=rules.calendar.editions[:editions])


def test_the_same_adoption_says_the_same_thing(rules):
    ids = []
    for _ in range(2):
        told = Telling(event("admin_case.filed", "2026-11-19 10:00", by=AGENCY), rules=rules)
        told.tell(adopted("2026-11-21 09:00", 0, rules))
        ids.append([one.id for one in told.decided if isinstance(one, Emit)])
    assert ids[0] == ids[1] != []


def test_a_later_release_of_the_library_changes_nothing_by_itself():
    assert max(published_calendar().years) == 2026


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[edition]]\nknown_from = 2026-11-20\nreason = 'x'", "offset"),
        ("[[edition]]\nknown_from = 2026-11-20T09:00:00\nreason = 'x'", "offset"),
        ("[[edition]]\nknown_from = 2026-11-20T09:00:00+08:00", "reason"),
        ("[[edition]]\nknown_from = 2026-11-20T09:00:00+08:00\nreason = 'x'\nsource = 1", "source"),
        ("[[edition]]\nmoon = 1", "moon"),
        ("edition = 1", "[[edition]]"),
        ("edition = [1]", "no table"),
        (FILE + FILE, "order"),
    ],
)
def test_an_edition_that_cannot_be_used_says_why(tmp_path, text, named):
    path = tmp_path / "days.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError) as found:
        load_calendar(path)
    assert named in str(found.value)


RECEIVED = ("transfer.received", "2026-03-11 09:00")
CORRECTED = {"reason": "回执日期写错", "regarding_source": "by-police"}


def said_after(*events):
    """What the bus says when the last of the events, a correction, is told; nothing has rung before."""
    told = Telling(event("transfer.sent", "2026-03-10 09:00"), *events[:-1])
    before = len(told.said)
    told.tell(events[-1])
    return told, told.said[before:]


def test_a_corrected_start_tells_the_holder_the_new_date_though_nothing_had_rung():
    told, said = said_after(
        event("transfer.received", "2026-03-10 10:00", id="wrong"),
        event("transfer.received", "2026-03-12 09:00", id="right"),
        event("case.corrected", "2026-03-12 10:00", by="by-police", regarding_id="wrong", replacement_id="right", **CORRECTED),
    )  # fmt: skip
    (one,) = [one for one in said if one.data["rule"] == "O310-08"]
    assert one.type == "deadline.recounted"
    assert one.data["reason"] == "回执日期写错"
    assert one.data["calendar"] == published_calendar().version
    assert one.data["due_latest"] == int(told.clock("O310-08").due_latest.timestamp() * 1000)
    assert one.data["previous_latest"] < one.data["due_latest"]
    assert "by-police" in {d.unit for d in told.decided if isinstance(d, Deliver)}


def test_voiding_what_ended_a_limit_tells_that_it_runs_again():
    told, said = said_after(
        event(*RECEIVED),
        event("filing.declined", "2026-03-12 09:00", id="wrong"),
        event("case.voided", "2026-03-12 10:00", by="by-police", regarding_id="wrong", **CORRECTED),
    )
    assert told.clock("O310-08").state is ClockState.RUNNING
    assert "O310-08" in {one.data["rule"] for one in said if one.type == "deadline.recounted"}


def test_voiding_what_began_a_limit_tells_that_it_is_gone():
    told, said = said_after(
        event("filing.accepted", "2026-03-12 09:00", id="wrong"),
        event("case.voided", "2026-03-12 10:00", by="by-police", regarding_id="wrong", **CORRECTED),
    )
    assert told.clock("O310-12").state is ClockState.WITHDRAWN
    assert [one.type for one in said if one.data["rule"] == "O310-12"] == ["deadline.withdrawn"]


def test_a_correction_that_changes_no_limit_says_nothing():
    _, said = said_after(
        event(*RECEIVED),
        event("lead.found", "2026-03-11 10:00", by="by-police", id="wrong"),
        event("case.voided", "2026-03-12 10:00", by="by-police", regarding_id="wrong", **CORRECTED),
    )
    assert said == []

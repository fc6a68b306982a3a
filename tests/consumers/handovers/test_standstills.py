"""Clocks that survive life: consulting elsewhere, suspension, supplements, approvals, disputes, returned files."""

from __future__ import annotations

import pytest

from consumers.casefile import Alarm, ClockState
from tests.consumers.given import ADMINISTRATIVE, AGENCY, CRIMINAL, POLICE, day_end, event, moment, rulebook
from tests.consumers.handovers.telling import Telling

REGISTERED = event("reverse.registered", "2026-03-11")  # 10 working days: until 25 March


def asked(when: str, to: str, number: str = "1", by: str = ADMINISTRATIVE):
    return event("consult.asked", when, by=by, addressee=to, consultation_no=number)


def answered(when: str, number: str = "1", by: str = ADMINISTRATIVE):
    return event("consult.answered", when, by=by, addressee=ADMINISTRATIVE, consultation_no=number)


def test_time_of_consulting_another_place_is_left_out():
    """2024 Guide art. 12: four working days are excluded."""
    told = Telling(REGISTERED, asked("2026-03-16", "hd-admin"), answered("2026-03-20"))
    assert told.clock("G24-12").due_latest == day_end("2026-03-31")


def test_it_stands_still_until_the_answer():
    told = Telling(REGISTERED, asked("2026-03-16", "not-on-the-bus"))
    assert told.clock("G24-12").state is ClockState.PAUSED


@pytest.mark.parametrize(
    "question", [asked("2026-03-16", CRIMINAL), asked("2026-03-16", "hd-admin", by=CRIMINAL)]
)
def test_asking_at_home_or_by_another_department_stops_nothing(question):
    clock = Telling(REGISTERED, question).clock("G24-12")
    assert (clock.state, clock.due_latest) == (ClockState.RUNNING, day_end("2026-03-25"))


def test_the_answer_to_another_question_lets_nothing_go_on():
    told = Telling(REGISTERED, asked("2026-03-16", "hd-admin", "1"), answered("2026-03-20", "2"))
    assert told.clock("G24-12").state is ClockState.PAUSED


def test_no_day_is_left_out_twice():
    """Suspended from 16 to 20 March while consulting from 17 to 23 March: 16 to 23 March in all."""
    told = Telling(
        REGISTERED,
        event("reverse.suspended", "2026-03-16"),
        asked("2026-03-17", "hd-admin"),
        event("reverse.resumed", "2026-03-20"),
        answered("2026-03-23"),
    )
    assert told.clock("G24-12").due_latest == day_end("2026-04-01")


def extended(when: str, limit: int, by: str = ADMINISTRATIVE):
    return event("reverse.review_extended", when, by=by, limit_working_days=limit, approver="检察长")


def test_the_chief_procurator_may_lengthen_the_review():
    assert Telling(REGISTERED, extended("2026-03-20", 15)).clock("G24-12").due_latest == day_end("2026-04-01")


def test_an_approval_after_the_end_comes_too_late():
    assert Telling(REGISTERED, extended("2026-03-26", 15)).clock("G24-12").due_latest == day_end("2026-03-25")


def test_telling_an_approval_twice_lengthens_once():
    again = event("reverse.review_extended", "2026-03-20", id="again", limit_working_days=15)
    told = Telling(REGISTERED, extended("2026-03-20", 15), again)
    assert told.clock("G24-12").due_latest == day_end("2026-04-01")


def supplement(*profiles: str):
    told = Telling(rules=rulebook(*profiles))
    return told.tell(
        event("transfer.sent", "2026-03-11 09:00"),
        event("transfer.received", "2026-03-11 10:00"),
        event("transfer.supplement_requested", "2026-03-12 09:00"),
        event("transfer.supplemented", "2026-03-17 09:00"),
    ).clock("O310-08")


@pytest.mark.parametrize(
    ("profiles", "last"),
    [((), "2026-03-16"), (("supplement-pauses",), "2026-03-19"), (("supplement-restarts",), "2026-03-20")],
)
def test_a_supplement_counts_as_the_office_reads_it(profiles, last):
    assert supplement(*profiles).due_latest == day_end(last)


@pytest.mark.parametrize(("profiles", "last"), [((), "2026-03-16"), (("start-from-sending",), "2026-03-12")])
def test_the_receipt_begins_the_period_unless_the_office_reads_it_otherwise(profiles, last):
    told = Telling(rules=rulebook(*profiles))
    told.tell(event("transfer.sent", "2026-03-09 09:00"), event("transfer.received", "2026-03-11 10:00"))
    assert told.clock("O310-08").due_latest == day_end(last)


SENT = event("case.sent_for_prosecution", "2026-03-11 10:00")


@pytest.mark.parametrize(
    ("kind", "rule", "last"),
    [
        ("extended", "CPL-172-extended", "2026-04-27"),
        ("fast_track", "CPL-172-fast", "2026-03-23"),
        ("fast_track_extended", "CPL-172-fast-15", "2026-03-26"),
    ],
)
def test_the_procuratorate_sets_the_period_of_its_review(kind, rule, last):
    told = Telling(SENT, event("case.review_period_set", "2026-03-18 10:00", kind=kind))
    assert told.clock(rule).due_earliest == day_end(last)


def test_a_file_that_went_back_stops_one_clock_and_starts_another():
    told = Telling(SENT, event("case.investigation_returned", "2026-04-01 10:00", round=1, addressee=POLICE))
    assert told.clock("CPL-172").state is ClockState.WITHDRAWN
    assert told.clock("CPL-175").due_latest == day_end("2026-05-06")  # 1 May is a holiday
    told.tell(event("case.sent_for_prosecution", "2026-04-20 10:00", id="again"))
    assert told.clock("CPL-175").state is ClockState.MET
    assert [one.state for one in told.clocks("CPL-172")] == [ClockState.WITHDRAWN, ClockState.RUNNING]


def test_a_disputed_order_to_withdraw_is_decided_in_seven_and_reviewed_in_fifteen_days():
    first = event(
        "supervision.disputed",
        "2026-03-11",
        by=POLICE,
        addressee=CRIMINAL,
        stage="reconsideration",
        notice_no="1",
    )
    told = Telling(first)
    assert told.clock("PR-565").due_latest == day_end("2026-03-18")
    told.tell(
        event("supervision.dispute_decided", "2026-03-17", by=CRIMINAL, stage="reconsideration", result="maintained",
              notice_no="1")
    )  # fmt: skip
    assert told.clock("PR-565").state is ClockState.MET
    right = told.clock("FS-2010-review")
    assert (right.holder, right.due_latest) == (POLICE, day_end("2026-03-23"))
    told.tell(
        event(
            "supervision.disputed", "2026-03-20", by=POLICE, addressee=CRIMINAL, stage="review", notice_no="1"
        )
    )
    assert told.clock("FS-2010-review").state is ClockState.MET
    assert told.clock("PR-565-review").due_latest == day_end("2026-04-07")


def test_a_decision_entered_too_late_is_late_by_what_lies_between():
    told = Telling(rules=rulebook("spp21-16"))
    order = event("supervision.file_ordered", "2026-03-11 10:00", recorded="2026-03-20 10:00", notice_no="1")
    clock = told.tell(order).clock("SPP21-16")
    assert (clock.state, clock.overrun_seconds) == (ClockState.MET_LATE, 34 * 3600 + 1)


def test_each_decision_has_a_clock_of_its_own_for_being_entered():
    told = Telling(rules=rulebook("spp21-16"))
    for day in ("11", "12", "13"):
        told.tell(event("supervision.reasons_requested", f"2026-03-{day} 10:00", notice_no=day))
    assert [one.state for one in told.clocks("SPP21-16")] == [ClockState.MET] * 3


TARGETS = rulebook("office-targets")


def test_an_office_target_is_off_unless_the_office_turns_it_on():
    suspected = event("transfer.suspected", "2026-03-11")
    assert Telling(suspected).clocks("APL-27") == []
    clock = Telling(suspected, rules=TARGETS).clock("APL-27")
    assert (clock.holder, clock.due_latest) == (AGENCY, day_end("2026-03-25"))


def test_a_target_that_was_missed_is_told_to_its_holder_alone():
    told = Telling(event("transfer.sent", "2026-03-11 09:00"), rules=TARGETS).ring("2026-03-14")
    clock = told.clock("O310-07a")
    assert Alarm.BREACH in clock.rung
    assert clock.alarm is None  # nobody above is told
    assert clock.due_latest == moment("2026-03-12 23:59:59")

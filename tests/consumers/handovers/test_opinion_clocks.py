"""Clocks of opinions, suggestions, suits, questions and mirrors run, pause and end as law and letter have it."""

from __future__ import annotations

import pytest

from consumers.casefile import ClockState
from consumers.decisions import Deliver
from schemas.spans import Precision
from tests.consumers.given import AGENCY, CRIMINAL, POLICE, day_end, event, rulebook
from tests.consumers.handovers.telling import Telling


@pytest.mark.parametrize(
    ("day", "rule", "due"),
    [
        ("2021-09-05", None, None),
        ("2021-09-06", "SPP21-09", "2021-11-08"),
        ("2024-11-25", "SPP21-09", "2025-01-26"),
        ("2024-11-26", "G24-reply-90", "2025-02-24"),
    ],
)
def test_the_reply_to_an_opinion_is_due_by_the_rule_of_its_day(day, rule, due):
    told = Telling(event("reverse.opinion_delivered", day, addressee=AGENCY))
    found = {clock.rule: clock.due_latest for clock in told.case.clocks.values()}
    assert found == ({} if rule is None else {rule: day_end(due)})


def test_an_office_may_keep_the_two_months():
    delivered = event("reverse.opinion_delivered", "2026-03-11", addressee=AGENCY)
    assert Telling(delivered, rules=rulebook("spp21-09")).clock("SPP21-09").due_latest == day_end(
        "2026-05-11"
    )


def test_a_period_set_in_the_letter_takes_the_place_of_the_rule():
    issued = event("reverse.opinion_issued", "2024-05-11", addressee=AGENCY, reply_months=1)
    told = Telling(issued, event("reverse.replied", "2024-06-11"))
    clock = told.clock("SPP21-09")
    assert (clock.due_latest, clock.state, clock.assumed_start) == (
        day_end("2024-06-11"),
        ClockState.MET,
        True,
    )


@pytest.mark.parametrize(
    "period", [{"reply_days": 0}, {"reply_days": -3}, {"reply_days": 2**31 - 1}, {"reply_months": 9999}]
)
def test_an_absurd_period_in_a_letter_is_none(period):
    issued = event("reverse.opinion_issued", "2024-05-11", addressee=AGENCY, **period)
    assert Telling(issued).clock("SPP21-09").due_latest == day_end("2024-07-11")
    unlimited = event("opinion.to_transfer_issued", "2026-03-11", addressee=AGENCY, **period)
    assert Telling(unlimited).clocks("LETTER-transfer") == []


def test_each_letter_and_each_addressee_has_a_clock_of_its_own():
    letters = [
        event("reverse.opinion_issued", "2026-03-11", id="a", addressee=AGENCY, letter_no="1"),
        event("reverse.opinion_issued", "2026-03-11", id="b", addressee="by-tax", letter_no="1"),
        event("reverse.opinion_issued", "2026-03-12", id="c", addressee=AGENCY, letter_no="2"),
    ]
    told = Telling(*letters, event("reverse.replied", "2026-04-01", by=AGENCY, letter_no="1"))
    states = {(clock.holder, clock.started_by[1]): clock.state for clock in told.clocks("G24-reply-90")}
    assert states == {
        (AGENCY, "a"): ClockState.MET,
        ("by-tax", "b"): ClockState.RUNNING,
        (AGENCY, "c"): ClockState.RUNNING,
    }


def test_a_delivery_without_addressee_is_that_of_its_letter():
    told = Telling(
        event("reverse.opinion_issued", "2026-03-11", addressee="by-tax", letter_no="1"),
        event("reverse.opinion_delivered", "2026-03-13", addressee=None, letter_no="1"),
    )
    clock = told.clock("G24-reply-90")
    assert (clock.holder, clock.assumed_start, clock.due_latest) == ("by-tax", False, day_end("2026-06-11"))


def test_a_delivery_without_addressee_is_that_of_all_its_letter_is_addressed_to():
    letters = [
        event("reverse.opinion_issued", "2026-03-11", id="a", addressee=AGENCY, letter_no="1"),
        event("reverse.opinion_issued", "2026-03-11", id="b", addressee="by-tax", letter_no="1"),
    ]
    delivered = event("reverse.opinion_delivered", "2026-03-13", addressee=None, letter_no="1")
    clocks = Telling(*letters, delivered).clocks("G24-reply-90")
    assert {clock.holder: clock.assumed_start for clock in clocks} == {AGENCY: False, "by-tax": False}


def test_an_interim_reply_stops_the_reply_clock():
    told = Telling(
        event("reverse.opinion_delivered", "2026-03-11", addressee=AGENCY),
        event("reverse.replied", "2026-04-11", interim=True, result="in_progress"),
    )
    assert told.clock("G24-reply-90").state is ClockState.MET


def test_a_penalty_after_the_due_time_leaves_open_whether_a_reply_came_before():
    told = Telling(
        event("reverse.opinion_issued", "2024-03-01", precision=Precision.MONTH, addressee=AGENCY),
        event("admin_case.penalised", "2024-08-01", precision=Precision.MONTH),
    )
    clock = told.clock("SPP21-09")
    assert (clock.due_earliest, clock.due_latest) == (day_end("2024-05-06"), day_end("2024-05-31"))
    assert (clock.state, clock.certain) == (ClockState.MET_LATE, False)


def test_an_opinion_to_transfer_binds_for_three_days_in_environment_only():
    issued = event("opinion.to_transfer_issued", "2026-03-11", addressee="by-env", field="environment")
    assert Telling(issued).clock("ENV-17").due_latest == day_end("2026-03-16")
    labour = event("opinion.to_transfer_issued", "2026-03-11", addressee="by-labour", field="labour")
    assert dict(Telling(labour).case.clocks) == {}


def test_a_waiting_period_is_met_after_it_and_broken_before():
    announced = event("pil.announced", "2018-07-17")
    after = Telling(announced, event("pil.suit_filed", "2018-09-05")).clock("PIL-13")
    assert (after.due_latest, after.state, after.alarm) == (day_end("2018-08-16"), ClockState.MET, None)
    told = Telling(announced, event("pil.suit_filed", "2018-08-16 10:00"))
    early = told.clock("PIL-13")
    assert (early.state, early.overrun_seconds) == (ClockState.BREACHED, 14 * 3600 - 1)
    assert told.types_said() == ["deadline.breached:breach"]
    assert early.breached_by == told.said[0].identity


def test_a_waiting_period_rings_nothing():
    assert Telling(event("pil.announced", "2026-03-11")).ring("2027-01-01").types_said() == []


def test_a_suit_against_an_organ_needs_no_announcement():
    told = Telling(
        event("pil.announced", "2026-03-11"), event("pil.suit_filed", "2026-03-12", kind="administrative")
    )
    assert told.clock("PIL-13").state is ClockState.RUNNING


def test_an_urgent_suggestion_is_due_in_fifteen_days():
    told = Telling(event("pil.suggested", "2022-01-29", addressee=AGENCY, urgent=True))
    clock = told.clock("PIL-21")
    assert (clock.version, clock.due_latest) == ("2018-urgent", day_end("2022-02-14"))


def test_reverse_review_pauses_and_goes_on():
    told = Telling(event("reverse.registered", "2026-03-11"), event("reverse.suspended", "2026-03-16"))
    assert (told.clock("G24-12").state, told.clock("G24-12").due_latest) == (ClockState.PAUSED, None)
    told.tell(event("reverse.resumed", "2026-04-13"))
    clock = told.clock("G24-12")
    # Three of ten working days (12, 13, 16 March) had run; seven more after Monday 13 April.
    assert (clock.state, clock.due_latest) == (ClockState.RUNNING, day_end("2026-04-22"))


def test_a_suspension_after_the_limit_pauses_nothing():
    told = Telling(event("reverse.registered", "2026-03-11"), event("reverse.suspended", "2026-03-26 10:00"))
    assert told.clock("G24-12").due_latest == day_end("2026-03-25")


def test_a_suspension_after_the_limit_that_ended_lengthens_nothing():
    told = Telling(
        event("reverse.registered", "2026-03-11"),
        event("reverse.suspended", "2026-03-26 10:00"),
        event("reverse.resumed", "2026-05-26 10:00"),
    )
    assert told.clock("G24-12").due_earliest == told.clock("G24-12").due_latest == day_end("2026-03-25")


def test_closing_a_suspended_review_is_in_time():
    told = Telling(
        event("reverse.registered", "2026-03-11"),
        event("reverse.suspended", "2026-03-16"),
        event("reverse.review_closed", "2026-06-01"),
    )
    assert told.clock("G24-12").state is ClockState.MET


def test_written_questions_of_agencies_are_answered_in_seven_days_by_profile():
    asked = event("consult.asked", "2026-03-11", by=AGENCY, addressee=CRIMINAL, written=True)
    assert Telling(asked).clocks("SPP21-13") == []
    assert Telling(asked, rules=rulebook("spp21-13")).clock("SPP21-13").due_latest == day_end("2026-03-18")
    to_police = event("consult.asked", "2026-03-11", by=AGENCY, addressee=POLICE, written=True)
    assert Telling(to_police, rules=rulebook("spp21-13")).clocks("SPP21-13") == []
    by_procuratorate = event("consult.asked", "2026-03-11", by=CRIMINAL, addressee=AGENCY, written=True)
    assert Telling(by_procuratorate, rules=rulebook("spp21-13")).clocks("SPP21-13") == []


def test_each_department_has_a_target_for_its_mirror():
    copies = [
        {"mirror_id": str(n), "unit": unit, "why": "", "basis": ""}
        for n, unit in enumerate(("by-civil", "by-pil"))
    ]
    told = Telling(
        event("mirror.copied", "2026-03-11 10:00", copies=copies, opinion_source=CRIMINAL, opinion_id="o"),
        event(
            "mirror.dismissed", "2026-03-12 10:00", by="by-civil", regarding_source=CRIMINAL, regarding_id="o"
        ),
        event(
            "mirror.accepted",
            "2026-03-12 10:00",
            by="by-pil",
            regarding_source=CRIMINAL,
            regarding_id="another",
        ),
    )
    states = {clock.holder: clock.state for clock in told.clocks("T-mirror")}
    assert states == {"by-civil": ClockState.MET, "by-pil": ClockState.RUNNING}


def test_case_management_is_told_of_an_overdue_mirror_and_of_its_end_but_not_warned():
    copies = [{"mirror_id": "1", "unit": "by-pil", "why": "", "basis": ""}]
    told = Telling(
        event("mirror.copied", "2026-03-11 10:00", copies=copies, opinion_source=CRIMINAL, opinion_id="o")
    )
    told.ring("2026-03-18 23:59")
    assert told.types_said()[-1].startswith("deadline.approaching")
    assert heard(told) == {"by-pil"}
    told.ring("2026-03-19 00:01")
    assert heard(told) == {"by-pil", "by-casemgmt"}
    told.decided.clear()
    late = {"by": "by-pil", "regarding_source": CRIMINAL, "regarding_id": "o"}
    told.tell(event("mirror.accepted", "2026-03-20 10:00", **late))
    assert heard(told) == {"by-pil", "by-casemgmt"}


def heard(told):
    return {decision.unit for decision in told.decided if isinstance(decision, Deliver)}


def test_a_month_gives_a_range_and_a_breach_only_after_its_end():
    told = Telling(event("reverse.opinion_issued", "2024-01-01", precision=Precision.MONTH, addressee=AGENCY))
    clock = told.clock("SPP21-09")
    assert (clock.due_earliest, clock.due_latest) == (day_end("2024-03-01"), day_end("2024-04-01"))
    assert told.ring("2024-04-01 23:59").clock("SPP21-09").state is ClockState.RUNNING
    assert told.ring("2024-04-02 00:00").clock("SPP21-09").state is ClockState.BREACHED


def test_a_start_across_two_versions_counts_by_the_later_end():
    told = Telling(
        event("reverse.opinion_delivered", "2024-11-01", precision=Precision.MONTH, addressee=AGENCY)
    )
    clock = told.clock("G24-reply-90")
    assert (clock.due_earliest, clock.due_latest) == (day_end("2025-01-02"), day_end("2025-02-28"))


def test_a_start_that_may_lie_before_the_rule_never_rings():
    told = Telling(event("case.not_prosecuted", "2024-11-01", precision=Precision.MONTH))
    assert (told.clock("G24-a").due_latest, told.clock("G24-a").alarm) == (None, None)

"""Clocks of transfer, filing, supervision and prosecution start, stop and become late as law and facts have it."""

from __future__ import annotations

import pytest

from consumers.casefile import Alarm, ClockState
from consumers.decisions import Anomaly
from schemas.spans import Precision
from tests.consumers.given import AGENCY, CRIMINAL, POLICE, STATION, day_end, event, moment, rulebook
from tests.consumers.handovers.telling import Telling

SENT = event("transfer.sent", "2026-03-11 15:00")
RECEIVED = event("transfer.received", "2026-03-12 09:00")
FILED = event("filing.accepted", "2026-03-16 17:00")


def test_approval_starts_the_24_hour_clock():
    clock = Telling(event("transfer.approved", "2026-02-13 18:00")).clock("O310-05c")
    assert (clock.holder, clock.state) == (AGENCY, ClockState.RUNNING)
    assert clock.due_earliest == clock.due_latest == moment("2026-02-14 18:00")


def test_transfer_stops_the_24_hour_clock():
    told = Telling(event("transfer.approved", "2026-02-13 18:00"), event("transfer.sent", "2026-02-14 17:59"))
    clock = told.clock("O310-05c")
    assert (clock.state, clock.certain, clock.alarm) == (ClockState.MET, True, None)


def test_a_transfer_after_the_24_hours_is_met_late_with_its_overrun():
    told = Telling(event("transfer.approved", "2026-02-13 18:00"), event("transfer.sent", "2026-02-14 20:30"))
    clock = told.clock("O310-05c")
    assert (clock.state, clock.overrun_seconds) == (ClockState.MET_LATE, 2 * 3600 + 1800)


def test_the_last_second_is_still_in_time():
    for end, state in (("2026-03-16 23:59", ClockState.MET), ("2026-03-17 00:00", ClockState.MET_LATE)):
        assert Telling(RECEIVED, event("filing.accepted", end)).clock("O310-08").state is state


def test_the_last_second_lasts_to_its_end():
    clock = Telling(RECEIVED, event("filing.accepted", "2026-03-16 23:59:59.900000")).clock("O310-08")
    assert (clock.state, clock.certain) == (ClockState.MET, True)


def test_a_receipt_moves_the_clock_and_makes_no_second_one():
    told = Telling(event("transfer.sent", "2026-03-10 15:00"))
    assumed = told.clock("O310-08")
    assert (assumed.assumed_start, assumed.due_latest) == (True, day_end("2026-03-13"))
    real = told.tell(RECEIVED).clock("O310-08")
    assert (real.id, real.holder) == (assumed.id, POLICE)
    assert (real.assumed_start, real.due_latest) == (False, day_end("2026-03-16"))
    assert real.started_by == RECEIVED.identity


def test_a_receipt_reported_before_the_transfer_gives_the_same_clock():
    assert Telling(RECEIVED, SENT).clock("O310-08").id == Telling(SENT, RECEIVED).clock("O310-08").id


def test_a_receipt_signed_after_the_decision_tells_of_the_same_duty():
    told = Telling(
        SENT, event("filing.accepted", "2026-03-12 09:00"), event("transfer.received", "2026-03-12 16:00")
    )
    assert told.clock("O310-08").state is ClockState.MET


def test_a_second_transfer_after_the_decision_is_a_second_duty():
    told = Telling(
        SENT, event("filing.declined", "2026-03-12 09:00"), event("transfer.sent", "2026-04-20 09:00")
    )
    first, second = told.clocks("O310-08")
    assert (first.state, second.state) == (ClockState.MET, ClockState.RUNNING)
    assert second.due_latest == day_end("2026-04-23")


def test_on_site_handover_counts_as_receipt():
    handed = event("transfer.on_site_handed", "2026-03-11 22:00")
    clock = Telling(handed).clock("O310-08")
    assert (clock.assumed_start, clock.holder, clock.started_by) == (False, POLICE, handed.identity)


def test_forwarding_ends_one_duty_and_begins_another():
    forwarded = event("transfer.forwarded", "2026-03-12 15:00", addressee=STATION)
    told = Telling(RECEIVED, forwarded, event("filing.accepted", "2026-03-13 10:00", by=STATION))
    clocks = {clock.holder: clock.state for clock in told.clocks("O310-08")}
    assert clocks == {POLICE: ClockState.WITHDRAWN, STATION: ClockState.MET}
    assert told.clock("O310-07b").state is ClockState.MET


def test_forwarding_is_owed_only_if_it_was_done():
    assert Telling(RECEIVED).clocks("O310-07b") == []
    late = Telling(RECEIVED, event("transfer.forwarded", "2026-03-13 10:00", addressee=STATION))
    assert late.clock("O310-07b").state is ClockState.MET_LATE


def test_forwarding_after_filing_is_no_forwarding_of_art_7():
    told = Telling(RECEIVED, FILED, event("transfer.forwarded", "2026-05-20 10:00", addressee=STATION))
    assert told.clocks("O310-07b") == []
    assert told.clock("PSB-184").state is ClockState.MET


@pytest.mark.parametrize(("recorded", "certain"), [("2026-05-20 12:00", True), ("2026-05-26 00:01", False)])
def test_the_report_tells_the_agency_of_a_withdrawal(recorded, certain):
    clock = Telling(event("case.withdrawn", "2026-05-20 10:00", recorded=recorded)).clock("PSB-189")
    assert (clock.state, clock.certain, clock.alarm) == (ClockState.MET, certain, None)


def test_an_arrest_proves_a_filing_whose_day_nobody_reported():
    clock = Telling(RECEIVED, event("case.arrest_approved", "2026-04-20")).clock("O310-08")
    assert (clock.state, clock.certain) == (ClockState.MET, False)
    real = Telling(
        RECEIVED, event("case.arrest_approved", "2026-04-20"), event("filing.accepted", "2026-03-20 10:00")
    ).clock("O310-08")
    assert (real.state, real.certain) == (ClockState.MET_LATE, True)


def test_bail_proves_no_filing_and_no_custody():
    told = Telling(RECEIVED, event("case.suspect_in_custody", "2026-03-13 10:00", measure="bail"))
    assert told.clock("O310-08").state is ClockState.RUNNING


def test_a_decision_before_the_transfer_leaves_nothing_to_decide():
    told = Telling(event("filing.accepted", "2026-03-09 10:00"), RECEIVED)
    assert told.clock("O310-08").state is ClockState.MET


def test_filing_starts_the_handover_of_articles_for_the_agency_that_transferred():
    clock = Telling(SENT, RECEIVED, FILED).clock("O310-12")
    assert (clock.holder, clock.due_latest, clock.assumed_start) == (AGENCY, day_end("2026-03-19"), True)


def test_nobody_owes_articles_in_a_case_that_the_police_opened():
    told = Telling()
    told.case = told.case.__class__(
        id=told.case.id, origin_unit=POLICE, origin_case="1", district="baiyun", field="traffic", offence=None
    )
    assert told.tell(FILED).clocks("O310-12") == []


@pytest.mark.parametrize("type_", ["items.handed_over", "items.custody_entrusted"])
def test_articles_may_be_dealt_with_before_the_filing(type_):
    told = Telling(SENT, event(type_, "2026-03-11 16:00", by=AGENCY), FILED)
    assert told.clock("O310-12").alarm is None


def test_economic_crime_has_an_outer_limit_of_ten_days_beside_the_ordinary_one():
    told = Telling(
        event("transfer.sent", "2023-01-30", offence="非法经营罪"), event("filing.accepted", "2023-02-09")
    )
    outer, ordinary = told.clock("ECO-16"), told.clock("ECO-16-ordinary")
    assert told.clocks("O310-08") == [], "a target that is missed is no breach of the statutory limit"
    assert (outer.due_latest, outer.state) == (day_end("2023-02-09"), ClockState.MET)
    assert (ordinary.version, ordinary.due_latest) == ("2018-economic", day_end("2023-02-02"))
    assert ordinary.state is ClockState.MET_LATE


def test_economic_crime_named_before_the_transfer_counts_as_well():
    told = Telling(
        event("transfer.suspected", "2023-01-29", offence="合同诈骗"), event("transfer.sent", "2023-01-30")
    )
    assert told.clock("ECO-16").holder == POLICE


@pytest.mark.parametrize(
    ("extended", "due"),
    [
        ([("2026-03-18 10:00", "county_head", 30)], "2026-04-13"),
        ([("2026-03-18 10:00", "county_head", 20)], "2026-04-01"),
        ([("2026-03-18 10:00", "county_head", 90)], "2026-04-13"),
        ([("2026-03-18 10:00", "county_head", 30), ("2026-04-10 10:00", "higher_organ", 60)], "2026-05-11"),
        ([("2026-03-30 10:00", "county_head", 30)], "2026-03-23"),  # approved when the limit was over
        ([("2026-03-18 10:00", "county_head", -5)], "2026-03-23"),
    ],
)
def test_an_approved_extension_lengthens_the_review(extended, due):
    events = [event("filing.extended", at, approver_level=by, limit_days=days) for at, by, days in extended]
    told = Telling(event("transfer.received", "2026-03-12 09:00", offence="合同诈骗罪"), *events)
    assert told.clock("ECO-16").due_latest == day_end(due)


def test_an_extension_means_nothing_where_the_law_knows_none():
    extended = event("filing.extended", "2026-03-13 10:00", approver_level="county_head", limit_days=30)
    assert Telling(RECEIVED, extended).clock("O310-08").due_latest == day_end("2026-03-16")


def test_a_profile_turns_an_unverified_rule_on():
    extended = event("filing.extended", "2026-03-13 10:00", approver_level="county_head", limit_days=30)
    clock = Telling(RECEIVED, extended, rules=rulebook("mps-2015")).clock("MPS-2015")
    assert clock.due_latest == day_end("2026-04-13")


@pytest.mark.parametrize(
    ("day", "version"),
    [("2020-08-06", "2001"), ("2020-08-07", "2020"), ("2001-07-09", "2001"), ("2001-07-08", None)],
)
def test_the_rule_is_the_one_of_the_day_of_the_trigger(day, version):
    versions = [clock.version for clock in Telling(event("transfer.received", day)).clocks("O310-08")]
    assert versions == ([] if version is None else [version])


def test_supplementing_pauses_the_police_only_by_profile():
    events = (RECEIVED, event("transfer.supplement_requested", "2026-03-12 15:00"))
    assert Telling(*events).clock("O310-08").state is ClockState.RUNNING
    assert Telling(*events, rules=rulebook("supplement-pauses")).clock("O310-08").state is ClockState.PAUSED


def test_a_request_to_supplement_has_its_own_two_limits():
    told = Telling(SENT, RECEIVED, event("transfer.supplement_requested", "2026-03-13 10:00"))
    assert told.clock("PSB-180b-notify").state is ClockState.MET_LATE
    assert (told.clock("PSB-180b").holder, told.clock("PSB-180b").due_latest) == (
        AGENCY,
        day_end("2026-03-16"),
    )


def test_sending_a_case_again_starts_the_review_anew():
    told = Telling(
        event("case.sent_for_prosecution", "2026-03-02 10:00", id="1"),
        event("case.sent_for_prosecution", "2026-04-20 10:00", id="2"),
    )
    first, second = told.clocks("CPL-172")
    assert (first.state, first.certain) == (ClockState.MET, False)
    assert (second.state, second.due_earliest) == (ClockState.RUNNING, day_end("2026-05-20"))
    assert second.due_latest == day_end("2026-11-20"), "more days and investigations are lawful"


def test_custody_may_keep_the_review_from_moving():
    sent = event("case.sent_for_prosecution", "2021-11-12")
    free = Telling(sent).clock("CPL-172")
    assert free.due_earliest == day_end("2021-12-13")
    held = Telling(event("case.arrest_approved", "2021-09-01"), sent).clock("CPL-172")
    assert held.due_earliest == day_end("2021-12-12")


def test_filing_supervision_runs_its_clocks():
    told = Telling(
        SENT,
        event("filing.declined", "2026-03-12 10:00"),
        event("supervision.reasons_requested", "2026-03-13 10:00", addressee=None, notice_no="1"),
        event("supervision.reasons_given", "2026-03-18 10:00", addressee=None, notice_no="1"),
        event("supervision.file_ordered", "2026-03-24 10:00", addressee=None, notice_no="2"),
        event("filing.accepted", "2026-04-01 10:00"),
    )
    found = {clock.rule: (clock.holder, clock.state) for clock in told.case.clocks.values()}
    assert found["PR-560"] == (POLICE, ClockState.MET)
    assert found["PR-561"] == (CRIMINAL, ClockState.WITHDRAWN)
    assert found["PR-563"] == (POLICE, ClockState.MET)
    assert found["PR-564"] == (POLICE, ClockState.RUNNING)
    assert found["O310-09a"] == (AGENCY, ClockState.WITHDRAWN)


def test_an_ordinary_filing_has_no_three_month_limit():
    assert Telling(SENT, FILED).clocks("PR-564") == []


def test_reconsideration_runs_there_and_back():
    told = Telling(
        SENT,
        event("filing.declined", "2026-03-12 10:00"),
        event("reconsideration.requested", "2026-03-13 10:00", addressee=None),
        event("reconsideration.decided", "2026-03-20 10:00", addressee=None, result="maintained"),
    )
    found = {clock.rule: (clock.holder, clock.state) for clock in told.case.clocks.values()}
    assert found["O310-09a"] == (AGENCY, ClockState.MET)
    assert found["O310-09b"] == (POLICE, ClockState.MET_LATE)
    assert found["O310-09c"] == (AGENCY, ClockState.RUNNING)


def test_a_reconsideration_that_files_the_case_leaves_nothing_to_propose():
    told = Telling(SENT, event("reconsideration.decided", "2026-03-20 10:00", addressee=None, result="filed"))
    assert told.clocks("O310-09c") == []


def test_a_penalty_is_copied_only_if_a_crime_was_suspected():
    assert Telling(event("admin_case.penalised", "2026-03-11")).clocks("JOINT-06") == []
    told = Telling(event("admin_case.penalised", "2026-03-11", crime_suspected=True))
    assert told.clock("JOINT-06").due_latest == day_end("2026-03-23")


def test_transfer_closes_the_penalty_clock():
    told = Telling(event("admin_case.filed", "2026-03-02"), event("transfer.sent", "2026-03-11 15:00"))
    assert told.clock("APL-60").state is ClockState.MET


@pytest.mark.parametrize(
    ("precision", "earliest", "latest"),
    [
        (Precision.BEFORE, None, "2026-03-13"),
        (Precision.AFTER, "2026-03-16", None),
        (Precision.YEAR, "2026-01-04", "2027-01-04"),
    ],
)
def test_a_start_known_from_one_side_gives_a_due_time_on_that_side(precision, earliest, latest):
    clock = Telling(event("transfer.received", "2026-03-11", precision=precision)).clock("O310-08")
    assert clock.due_earliest == (earliest and day_end(earliest))
    assert clock.due_latest == (latest and day_end(latest))
    assert (clock.alarm is None) == (latest is None)


def test_a_start_nobody_can_date_gives_no_clock():
    assert (
        dict(Telling(event("transfer.received", "2026-03-11", precision=Precision.UNKNOWN)).case.clocks) == {}
    )


def test_a_stop_that_can_have_been_in_time_is_met_but_not_certain():
    told = Telling(RECEIVED, event("filing.accepted", "2026-03-11", precision=Precision.AFTER))
    assert (told.clock("O310-08").state, told.clock("O310-08").certain) == (ClockState.MET, False)


def test_a_district_without_the_department_is_flagged():
    told = Telling()
    told.case = told.case.__class__(
        id=told.case.id, origin_unit=AGENCY, origin_case="1", district="nowhere", field="tax", offence=None
    )
    told.tell(event("case.sent_for_prosecution", "2026-03-11", addressee=None))
    assert [d.code for d in told.decided if isinstance(d, Anomaly)] == ["no-duty-holder"]


def test_an_event_that_concerns_no_duty_decides_nothing():
    told = Telling(RECEIVED)
    told.decided.clear()
    assert told.tell(event("test.resulted"), event("lead.found"), event("hearing.held")).decided == []


def test_articles_of_a_case_before_the_prosecutor_were_handed_over_at_an_unknown_time():
    told = Telling(
        event("filing.accepted", "2026-03-02 10:00", id="1"),
        event("case.sent_for_prosecution", "2026-06-02 10:00", id="2"),
    )
    (clock,) = told.clocks("O310-12")
    assert (clock.state, clock.certain) == (ClockState.MET, False)


def test_a_review_that_may_have_been_extended_warns_before_the_month_and_is_late_only_after_the_longest():
    told = Telling(event("case.sent_for_prosecution", "2026-03-02 10:00", id="1"))
    (clock,) = told.clocks("CPL-172")
    assert (clock.due_earliest, clock.due_latest) == (day_end("2026-04-02"), day_end("2026-10-08"))
    assert clock.alarm is Alarm.YELLOW
    assert clock.alarm_at == day_end("2026-03-30")

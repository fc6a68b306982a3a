"""Alarms ring once each, never for the past, never early; whoever was alarmed is told how it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from consumers.casefile import Alarm, CaseEvent, ClockState
from consumers.decisions import ClockSet, Deliver, Emit
from consumers.handovers.alarms import alarm_event
from consumers.handovers.rules import decide
from schemas.codec import decode, encode
from schemas.units import Role
from tests.consumers.given import (
    AGENCY,
    CASE_MANAGEMENT,
    CRIMINAL,
    JUSTICE,
    POLICE,
    case,
    day_end,
    event,
    moment,
    rulebook,
    with_event,
)
from tests.consumers.handovers.telling import Telling

RECEIVED = event("transfer.received", "2026-03-11 09:00")  # due Monday 16 March
FILED = event("filing.accepted", "2026-03-13 17:00")


def told_by_alarm(telling: Telling) -> list[str]:
    return [d.unit for d in telling.decided if isinstance(d, Deliver)]


def test_the_ladder_rings_each_step_once():
    told = Telling(event("reverse.opinion_delivered", "2026-03-11", addressee=AGENCY)).ring("2027-01-01")
    assert told.types_said() == [
        "deadline.approaching:yellow",
        "deadline.approaching:orange",
        "deadline.breached:breach",
        "deadline.breached:escalation",
    ]
    due = day_end("2026-06-09")
    assert [one.recorded_at for one in told.said if "step" in one.data] == [
        due - timedelta(days=3),
        due - timedelta(days=1),
        due + timedelta(seconds=1),
        due + timedelta(days=3, seconds=1),
    ]
    clock = told.clock("G24-reply-90")
    assert (clock.state, clock.alarm, clock.rung) == (ClockState.BREACHED, None, frozenset(Alarm))


def test_hours_have_warnings_of_their_own():
    told = Telling(event("transfer.approved", "2026-03-11 18:00")).ring("2026-03-12 18:00")
    assert [one.recorded_at for one in told.said] == [moment("2026-03-12 12:00"), moment("2026-03-12 16:00")]


def test_no_warning_rings_on_the_day_of_the_start():
    clock = Telling(RECEIVED).clock("O310-08")  # three days: yellow would be the evening of the start
    assert clock.alarm is Alarm.YELLOW
    short = Telling(event("transfer.received", "2026-03-16 09:00")).clock("O310-08")
    assert (short.alarm, short.alarm_at) == (Alarm.ORANGE, day_end("2026-03-18"))


def test_no_warning_rings_for_the_past():
    told = Telling(replace(RECEIVED, recorded_at=moment("2026-03-16 10:00")))
    assert (told.clock("O310-08").alarm, told.clock("O310-08").alarm_at) == (
        Alarm.BREACH,
        day_end("2026-03-16") + timedelta(seconds=1),
    )


def test_a_breach_rings_in_the_first_second_too_late():
    told = Telling(RECEIVED).ring("2026-03-16 23:59")
    assert told.clock("O310-08").state is ClockState.RUNNING
    assert told.ring("2026-03-17 00:00").clock("O310-08").state is ClockState.BREACHED


def test_a_start_reported_after_its_time_settles_first():
    told = Telling(replace(RECEIVED, recorded_at=moment("2026-05-01 10:00")))
    clock = told.clock("O310-08")
    assert (clock.reported_late, clock.alarm, clock.alarm_at) == (
        True,
        Alarm.BREACH,
        moment("2026-05-01 10:01"),
    )


def test_a_stop_reported_together_with_a_late_start_rings_nothing():
    late = moment("2026-05-01 10:00")
    told = Telling(
        replace(RECEIVED, recorded_at=late), replace(FILED, recorded_at=late + timedelta(seconds=30))
    )
    clock = told.ring("2026-05-01 12:00").clock("O310-08")
    assert (clock.state, clock.reported_late, clock.breached_by) == (ClockState.MET, True, None)
    assert all(one.data["clock_id"] != str(clock.id) for one in told.said)


def test_further_reports_do_not_put_a_settling_breach_off():
    late = moment("2026-05-01 10:00")
    sent = replace(event("transfer.sent", "2026-03-11 08:00"), recorded_at=late + timedelta(seconds=40))
    told = Telling(replace(RECEIVED, recorded_at=late), sent)
    assert told.clock("O310-08").alarm_at == late + timedelta(seconds=60)


def test_a_stop_in_time_that_is_reported_late_withdraws_the_breach():
    told = Telling(RECEIVED).ring("2026-03-17 12:00")
    told.tell(replace(FILED, recorded_at=moment("2026-03-20 10:00")))
    clock = told.clock("O310-08")
    assert (clock.state, clock.breach_withdrawn, clock.reported_late) == (ClockState.MET, True, True)
    assert clock.breached_by is not None
    assert told.types_said()[-1] == "deadline.met:met"


def test_a_stop_too_late_keeps_the_breach_and_says_by_how_much():
    told = Telling(RECEIVED).ring("2026-03-17 12:00").tell(event("filing.accepted", "2026-03-18 10:00"))
    clock = told.clock("O310-08")
    assert (clock.state, clock.breach_withdrawn, clock.alarm) == (ClockState.MET_LATE, False, None)
    assert clock.overrun_seconds == 34 * 3600 + 1
    assert told.said[-1].data["overrun_seconds"] == clock.overrun_seconds


def test_nobody_is_told_of_an_end_who_was_not_alarmed():
    assert Telling(RECEIVED, FILED).types_said() == []


def test_whoever_was_warned_hears_of_the_end():
    told = Telling(RECEIVED).ring("2026-03-14 12:00")
    assert told.types_said() == ["deadline.approaching:yellow"]
    told.decided.clear()
    told.tell(event("filing.accepted", "2026-03-15 10:00"))
    assert told.types_said()[-1] == "deadline.met:met"
    assert told_by_alarm(told) == [POLICE, CRIMINAL, CASE_MANAGEMENT]


def test_a_paused_clock_is_told_to_those_who_were_warned():
    told = Telling(event("reverse.registered", "2026-03-11")).ring("2026-03-23 12:00")
    told.tell(event("reverse.suspended", "2026-03-23 13:00"))
    assert told.types_said() == ["deadline.approaching:yellow", "deadline.paused:paused"]
    assert told.clock("G24-12").alarm is None


def test_a_receipt_that_moves_the_due_time_withdraws_the_breach():
    told = Telling(event("transfer.sent", "2026-03-10 09:00")).ring("2026-03-14 01:00")  # due 13 March
    assert told.clock("O310-08").state is ClockState.BREACHED
    told.tell(event("transfer.received", "2026-03-12 09:00", recorded="2026-03-14 10:00"))  # due 16 March
    clock = told.clock("O310-08")
    assert (clock.state, clock.breach_withdrawn, clock.rung) == (ClockState.RUNNING, True, frozenset())
    assert told.types_said()[-1] == "deadline.withdrawn:running"
    told.ring("2026-03-18")
    assert (told.clock("O310-08").state, told.clock("O310-08").breach_withdrawn) == (
        ClockState.BREACHED,
        False,
    )


def test_a_receipt_whose_time_has_passed_too_leaves_the_breach():
    told = Telling(event("transfer.sent", "2026-03-10 09:00")).ring("2026-03-20")
    said = told.types_said()
    told.tell(event("transfer.received", "2026-03-12 09:00", recorded="2026-03-20 10:00"))
    clock = told.clock("O310-08")
    assert (clock.state, clock.breach_withdrawn) == (ClockState.BREACHED, False)
    assert told.types_said() == said


def test_a_due_time_that_comes_back_finds_what_rang_for_it():
    told = Telling(event("transfer.sent", "2026-03-10 09:00")).ring("2026-03-14 01:00")
    told.tell(event("transfer.received", "2026-03-12 09:00", id="wrong", recorded="2026-03-14 10:00"))
    told.tell(
        event("case.voided", "2026-03-14 11:00", by=POLICE, regarding_source=POLICE, regarding_id="wrong")
    )
    clock = told.clock("O310-08")
    assert (clock.state, clock.breach_withdrawn) == (ClockState.BREACHED, False)
    assert Alarm.BREACH in clock.rung
    told.ring("2026-06-01")
    assert told.types_said().count("deadline.breached:breach") == 1


def test_an_alarm_that_comes_too_late_for_its_clock_reaches_nobody():
    telling = Telling(RECEIVED)
    ringing = telling.clock("O310-08")._replace(alarm=Alarm.BREACH)
    telling.tell(FILED)
    assert decide(*_said(telling, ringing)) == []


def test_an_alarm_for_another_due_time_changes_nothing():
    telling = Telling(event("transfer.sent", "2026-03-10 09:00"))
    ringing = telling.clock("O310-08")._replace(alarm=Alarm.BREACH)
    telling.tell(event("transfer.received", "2026-03-12 09:00"))
    assert decide(*_said(telling, ringing)) == []


def test_an_alarm_of_an_unknown_clock_changes_nothing():
    telling = Telling(RECEIVED)
    ringing = telling.clock("O310-08")._replace(alarm=Alarm.BREACH)
    assert decide(*_said(Telling(), ringing)) == []


def _said(telling: Telling, ringing):
    event_id, type_, data = alarm_event(ringing, telling.case.id)
    said = replace(event(type_, "2026-03-18 10:00", by="bus", id=event_id), data=data)
    grown = with_event(telling.case, said)
    return grown, grown.events[-1], rulebook()


def test_a_breach_reaches_the_holder_and_those_who_watch_it_and_later_those_above():
    told = Telling(event("transfer.approved", "2026-03-11 18:00"))
    told.ring("2026-03-13")
    breach = [d for d in told.decided if isinstance(d, Deliver)][-3:]
    assert [(d.unit, d.role) for d in breach] == [
        (AGENCY, Role.AGENCY),
        (CRIMINAL, Role.CRIMINAL),
        (CASE_MANAGEMENT, Role.CASE_MANAGEMENT),
    ]
    assert all(d.basis.endswith("第5条第2款 [V]") for d in breach)
    told.decided.clear()
    told.ring("2026-03-20")
    assert told_by_alarm(told) == [AGENCY, CRIMINAL, CASE_MANAGEMENT, JUSTICE]


def test_the_superior_in_the_register_is_above():
    sent = event("transfer.approved", "2026-03-11 18:00", by="by-env", field="environment")
    told = Telling(sent).ring("2026-03-20")
    assert "gz-env" in told_by_alarm(told)


def test_an_office_target_concerns_its_holder_alone():
    told = Telling(event("transfer.suspected", "2026-03-11")).ring("2026-06-01")
    assert set(told_by_alarm(told)) == {AGENCY}
    assert all(d.basis.endswith(" [D]") for d in told.decided if isinstance(d, Deliver))
    assert told.types_said()[-1] == "deadline.breached:breach"
    assert told.said[-1].data["mark"] == "D"


def test_a_right_that_is_not_used_lapses_and_breaks_nothing():
    told = Telling(event("transfer.sent", "2026-03-10 09:00"), event("filing.declined", "2026-03-11 09:00"))
    told.ring("2026-06-01")
    clock = told.clock("O310-09a")
    assert (clock.state, clock.breached_by, clock.alarm) == (ClockState.WITHDRAWN, None, None)
    assert told.types_said()[-1] == "deadline.withdrawn:lapsed"
    assert "deadline.breached:breach" not in told.types_said()
    late = told.tell(event("reconsideration.requested", "2026-06-02 09:00", addressee=POLICE)).clock(
        "O310-09a"
    )
    assert late.state is ClockState.MET_LATE


def test_an_undecided_filing_is_said_by_its_legal_name():
    told = Telling(RECEIVED).ring("2026-03-17 00:00")
    said = [d for d in told.decided if isinstance(d, Emit)]
    assert [d.type for d in said] == ["filing.undecided_overdue"]
    assert said[0].data["overrun_seconds"] == 1
    assert decode(encode(said[0].type, said[0].data)).data["holder"] == POLICE


def test_an_unanswered_opinion_is_said_by_its_legal_name():
    told = Telling(event("reverse.opinion_delivered", "2026-03-11", addressee=AGENCY, letter_no="7")).ring(
        "2026-06-12"
    )
    said = [d for d in told.decided if isinstance(d, Emit)]
    assert [(d.type, d.data["letter_no"], d.data["days_over"]) for d in said] == [
        ("reverse.reply_overdue", "7", 0)
    ]
    assert decode(encode(said[0].type, said[0].data)).data["holder"] == AGENCY


def test_a_voided_start_withdraws_the_clock():
    told = Telling(RECEIVED).ring("2026-03-17 12:00")
    told.tell(_void(RECEIVED))
    clock = told.clock("O310-08")
    assert (clock.state, clock.breach_withdrawn, clock.alarm) == (ClockState.WITHDRAWN, True, None)
    assert told.types_said()[-1] == "deadline.withdrawn:withdrawn"


def test_a_voided_stop_lets_the_clock_run_again():
    told = Telling(RECEIVED, FILED, _void(FILED))
    clock = told.clock("O310-08")
    assert (clock.state, clock.stopped_by, clock.alarm) == (ClockState.RUNNING, None, Alarm.YELLOW)
    assert told.clock("O310-12").state is ClockState.WITHDRAWN


def test_a_voided_stop_after_the_due_time_settles_before_it_rings():
    told = Telling(RECEIVED, FILED, _void(FILED, at="2026-04-01 10:00"))
    assert told.clock("O310-08").alarm_at == moment("2026-04-01 10:00") + timedelta(seconds=61)


def test_a_corrected_start_keeps_its_clock():
    right = event("transfer.received", "2026-03-12 09:00", id="right")
    told = Telling(RECEIVED, right, _correct(RECEIVED, right))
    clock = told.clock("O310-08")
    assert (clock.started_by, clock.due_latest) == (right.identity, day_end("2026-03-16"))
    assert clock.id == Telling(RECEIVED).clock("O310-08").id


def test_a_start_corrected_to_after_its_stop_keeps_its_clock():
    wrong = event("transfer.received", "2026-03-11 09:00", id="wrong")
    filed = event("filing.accepted", "2026-03-12 10:00")
    right = event("transfer.received", "2026-03-12 15:00", id="right")
    told = Telling(wrong, filed, _correct(wrong, right), right)
    (met,) = (clock for clock in told.clocks("O310-08") if clock.state is not ClockState.WITHDRAWN)
    assert (met.started_by, met.state) == (right.identity, ClockState.MET)
    assert met.id == Telling(wrong).clock("O310-08").id


def test_a_start_corrected_to_another_unit_withdraws_the_wrong_ones_clock():
    wrong = event("transfer.sent", "2026-03-11 09:00", id="wrong")
    right = event("transfer.sent", "2026-03-11 09:00", id="right", addressee="by-police-town")
    told = Telling(wrong, right, _correct(wrong, right, by=AGENCY))
    assert {one.holder: one.state for one in told.clocks("O310-08")} == {
        POLICE: ClockState.WITHDRAWN,
        "by-police-town": ClockState.RUNNING,
    }


def test_a_correction_of_nothing_known_changes_nothing():
    told = Telling(RECEIVED)
    told.decided.clear()
    lost = event("transfer.sent", "2026-03-01 09:00", id="never said")
    assert told.tell(_void(lost)).decided == []


def _void(target: CaseEvent, at: str = "2026-03-13 18:00") -> CaseEvent:
    source, id_ = target.identity
    return event("case.voided", at, by=source, regarding_source=source, regarding_id=id_)


def _correct(wrong: CaseEvent, right: CaseEvent, by: str = POLICE) -> CaseEvent:
    source, id_ = wrong.identity
    data = {"regarding_source": source, "regarding_id": id_, "replacement_id": right.envelope.id}
    return event("case.corrected", "2026-03-13 18:00", by=by, **data)


def test_the_event_of_an_alarm_depends_on_the_clock_alone():
    clock = Telling(RECEIVED).clock("O310-08")
    read_from_the_database = clock._replace(rung=frozenset())
    once, again = alarm_event(clock, case().id), alarm_event(read_from_the_database, case().id)
    assert once == again
    assert alarm_event(clock._replace(alarm=Alarm.ORANGE), case().id)[0] != once[0]
    assert alarm_event(clock._replace(due_latest=day_end("2026-03-17")), case().id)[0] != once[0]


def test_nothing_rings_without_an_alarm():
    with pytest.raises(ValueError, match="has no alarm"):
        alarm_event(Telling(RECEIVED).clock("O310-08")._replace(alarm=None), case().id)


def test_every_alarm_is_a_payload_of_its_type():
    told = Telling(RECEIVED, event("filing.declined", "2026-03-12 09:00")).ring("2027-01-01")
    for one in told.said:
        assert decode(encode(one.type, one.data)).data["clock_id"]


def test_replaying_decides_the_same():
    told = (
        Telling(RECEIVED)
        .ring("2026-03-17 12:00")
        .tell(replace(FILED, recorded_at=moment("2026-03-20 10:00")))
    )
    again = case()
    decided = []
    for one in told.case.events:
        again = with_event(again, one)
        decisions = decide(again, again.events[-1], rulebook())
        decided += decisions
        again = replace(
            again,
            clocks={**again.clocks, **{d.clock.id: d.clock for d in decisions if isinstance(d, ClockSet)}},
        )
    assert again.clocks == told.case.clocks
    assert decided == told.decided

"""What may be done with records that were not applied, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consumers.redrive.rules import (
    MOST_ATTEMPTS,
    Action,
    Candidate,
    Group,
    Place,
    Verdict,
    plan,
    ranked,
    verdict_counts,
)
from schemas.admission import Reason, Refusal

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CASE, OTHER = UUID(int=1), UUID(int=2)


def refused(number: int = 0, **changes) -> Candidate:
    """A dead letter whose cause is gone."""
    made = Candidate(
        Place("dead-letters", 0, number), "refused", "unknown-type", "by-env", "by-env", f"e{number}",
        "transfer.sent", CASE, MORNING + timedelta(minutes=number),
    )  # fmt: skip
    return replace(made, **changes)


def parked(number: int = 0, **changes) -> Candidate:
    return refused(number, kind="parked", reason="wrong-speaker", owner="by-police-town", **changes)


def verdicts(chosen, action=Action.REDRIVE, **more) -> list[Verdict]:
    return [one.verdict for one in plan(chosen, action, **{"cap": 100, **more})]


STILL = Refusal(Reason.UNKNOWN_TYPE, "schema id 99 is not in the catalogue")


def test_a_verdict_does_not_quote_what_a_field_holds():
    quoting = Refusal(Reason.UNDECODABLE, "transfer.sent: offence: expected a text, got '张三'")
    [one] = plan([refused(refusal=quoting)], Action.REDRIVE, cap=100)
    assert one.detail == f"{Reason.UNDECODABLE.value}: transfer.sent: offence: expected a text"


@pytest.mark.parametrize(
    ("one", "action", "verdict"),
    [
        (refused(), Action.REDRIVE, Verdict.READY),
        (refused(refusal=STILL), Action.REDRIVE, Verdict.REFUSED),
        (refused(applied=True), Action.REDRIVE, Verdict.APPLIED),
        (refused(returned=True), Action.REDRIVE, Verdict.RETURNED),
        (refused(owner=""), Action.REDRIVE, Verdict.NO_EVENT),
        (refused(kind="conflict", reason="identity-conflict"), Action.REDRIVE, Verdict.CONFLICT),
        (parked(), Action.REDRIVE, Verdict.NEEDS_RELEASE),
        (refused(kind="parked", reason="rule-failed"), Action.REDRIVE, Verdict.READY),
        (parked(), Action.RELEASE, Verdict.READY),
        (refused(), Action.RELEASE, Verdict.NOTHING_TO_RELEASE),
        (refused(kind="parked", reason="rule-failed"), Action.RELEASE, Verdict.NOTHING_TO_RELEASE),
        (refused(kind="conflict"), Action.RELEASE, Verdict.CONFLICT),
        (refused(kind="conflict"), Action.RETURN, Verdict.READY),
        (refused(refusal=STILL), Action.RETURN, Verdict.READY),
        (refused(applied=True), Action.RETURN, Verdict.APPLIED),
    ],
)
def test_each_kind_of_record_admits_only_what_is_legitimate(one, action, verdict):
    assert verdicts([one], action) == [verdict]


def test_a_record_that_failed_often_in_the_same_way_stops_until_somebody_insists():
    often = refused(failures={"wrong-speaker": MOST_ATTEMPTS})
    assert verdicts([often]) == [Verdict.STUCK]
    assert verdicts([often], insist=True) == [Verdict.READY]
    differently = refused(failures={"wrong-speaker": MOST_ATTEMPTS - 1, "rule-failed": 1})
    assert verdicts([differently]) == [Verdict.READY]


def test_what_came_earlier_of_the_same_unit_and_case_goes_first():
    later = refused(5)
    assert verdicts([later], siblings=[refused(2)]) == [Verdict.BEHIND]
    assert verdicts([later], siblings=[refused(7)]) == [Verdict.READY]
    assert verdicts([later], siblings=[refused(2, case_id=OTHER)]) == [Verdict.READY]
    assert verdicts([later], siblings=[refused(2, owner="by-police")]) == [Verdict.READY]
    assert verdicts([later], siblings=[refused(2, applied=True)]) == [Verdict.READY]


def test_within_a_selection_a_record_waits_for_the_one_before_it_that_cannot_go():
    assert verdicts([refused(2), refused(1, refusal=STILL), refused(0)]) == [
        Verdict.READY,
        Verdict.REFUSED,
        Verdict.BEHIND,
    ]


def test_a_person_is_told_of_events_that_were_applied_meanwhile():
    [one] = plan([refused(later=4)], Action.REDRIVE, cap=1)
    assert (one.verdict, "4" in one.detail) == (Verdict.READY, True)


def test_the_same_event_twice_goes_once():
    assert verdicts([refused(1, event_id="e"), refused(2, event_id="e")]) == [Verdict.READY, Verdict.REPEAT]


RECORDS = some.lists(
    some.builds(
        refused,
        some.integers(0, 40),
        case_id=some.sampled_from([CASE, OTHER, None]),
        owner=some.sampled_from(["by-env", "by-police"]),
        kind=some.sampled_from(["refused", "conflict"]),
        refusal=some.sampled_from([None, STILL]),
        applied=some.booleans(),
    ),
    unique_by=lambda one: one.place,
    max_size=25,
)


@given(RECORDS, some.integers(1, 5))
def test_a_plan_names_each_record_once_within_its_cap_and_never_overtakes(chosen, cap):
    planned = plan(chosen, Action.REDRIVE, cap=cap)
    assert sorted(one.candidate.place for one in planned) == sorted(one.place for one in chosen)
    assert verdict_counts(planned).get("ready", 0) <= cap
    stopped = set()
    for one in planned:
        if one.verdict is Verdict.READY:
            assert one.candidate.lane is None or one.candidate.lane not in stopped
        elif one.verdict not in (Verdict.APPLIED, Verdict.REPEAT):
            stopped.add(one.candidate.lane)


def group(count: int, due: datetime | None, oldest: datetime = MORNING) -> Group:
    return Group("refused", "unknown-type", None, "by-env", count, oldest, oldest, due)


def test_causes_are_ranked_by_the_legal_time_left_then_by_age():
    soon, late = MORNING + timedelta(hours=3), MORNING + timedelta(days=3)
    older = MORNING - timedelta(days=9)
    found = ranked([group(9000, None), group(1, None, older), group(40, late), group(2, soon)])
    assert [one.count for one in found] == [2, 40, 1, 9000]

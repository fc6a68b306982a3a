"""Late, uncertain and shuffled reports: the state follows what happened, not when it was told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.casefile import CaseEvent
from consumers.transfers.history import in_order, is_late, replay
from schemas.spans import Precision
from schemas.units import Role
from tests.consumers.casework.story import REGISTER, Story, flags

HISTORY: list[tuple[str, str, dict[str, Any]]] = [
    ("by-env", "admin_case.filed", {}),
    ("by-env", "transfer.suspected", {"offence": "污染环境罪"}),
    ("by-env", "transfer.sent", {"addressee": "by-police-town", "offence": "污染环境罪"}),
    ("by-police-town", "transfer.received", {}),
    ("by-police-town", "transfer.supplement_requested", {}),
    ("by-env", "transfer.supplemented", {}),
    ("by-police-town", "transfer.forwarded", {"addressee": "by-police"}),
    ("by-police", "filing.declined", {}),
    ("by-env", "reconsideration.requested", {}),
    ("by-police", "reconsideration.decided", {"result": "maintained"}),
    ("by-criminal", "supervision.reasons_requested", {}),
    ("by-police", "filing.accepted", {"offence": "非法处置进口的固体废物罪"}),
    ("by-police", "case.sent_for_prosecution", {"addressee": "by-criminal"}),
    ("by-criminal", "case.not_prosecuted", {"party": None}),
    ("by-admin", "reverse.opinion_issued", {"addressee": "by-env", "letter_no": "L"}),
    ("by-env", "reverse.replied", {"letter_no": "L", "interim": True}),
    ("by-admin", "reverse.followed_up", {"addressee": "by-env", "kind": "follow_up"}),
]


def told_in(order: list[int]) -> Story:
    """The history, each event at its own hour, reported in this order.

    Who is not yet part of the case is parked, and comes in when a person lets the event in again.
    """
    story = Story()
    waiting = list(order)
    while waiting:
        parked = [position for position in waiting if not _admitted(story, position)]
        assert len(parked) < len(waiting), parked
        waiting = parked
    return story


def _admitted(story: Story, position: int) -> bool:
    unit, type_, data = HISTORY[position]
    return story.say(unit, type_, at=position, id=f"h{position}", **data).parked is None


def place(story: Story) -> tuple[Any, ...]:
    case = story.known
    return case.state, case.reverse_state, dict(case.roles), case.offence, case.horizon


IN_ORDER = place(told_in(list(range(len(HISTORY)))))


def test_the_history_itself_leads_to_the_follow_up() -> None:
    assert IN_ORDER[:2] == ("NOT_PROSECUTED", "FOLLOW_UP")
    assert IN_ORDER[2][Role.POLICE] == "by-police"
    assert IN_ORDER[3] == "非法处置进口的固体废物罪"


@settings(deadline=None)  # a shared machine may stand still for a moment
@given(st.permutations(range(1, len(HISTORY))))
def test_any_order_of_reports_leads_to_the_same_place(order: list[int]) -> None:
    """Exact times: whichever order the log has them in, state, roles and offence are the same."""
    assert place(told_in([0, *order])) == IN_ORDER


@settings(deadline=None)  # a shared machine may stand still for a moment
@given(st.data())
def test_saying_things_twice_changes_nothing(data: st.DataObject) -> None:
    twice = data.draw(st.lists(st.integers(0, len(HISTORY) - 1), max_size=5))
    order = [*range(len(HISTORY)), *twice]
    story = Story()
    for number, position in enumerate(order):
        unit, type_, payload = HISTORY[position]
        story.say(unit, type_, at=position, id=f"h{number}", **payload)
    assert place(story)[:4] == IN_ORDER[:4]


def test_a_late_report_does_not_move_the_case_back_and_is_not_flagged() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", at=1, addressee="by-police")
    story.say("by-police", "filing.accepted", at=5)
    late = story.say("by-police", "transfer.received", at=2)
    assert flags(late) == []
    assert story.known.state == "FILED"


def test_a_late_transfer_explains_the_filing_but_is_itself_in_order() -> None:
    story = Story()
    story.say("by-env", "lead.found", at=0)
    assert "out-of-order" in flags(story.say("by-police", "filing.accepted", at=5))
    late = story.say("by-env", "transfer.sent", at=2, addressee="by-police")
    assert flags(late) == []
    assert story.known.state == "FILED"
    assert story.known.roles[Role.POLICE] == "by-police"


def test_a_late_report_that_contradicts_its_own_day_is_flagged() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", at=1, addressee="by-police")
    story.say("by-police", "filing.accepted", at=5)
    story.say("by-police", "case.sent_for_prosecution", at=9)
    assert flags(story.say("by-env", "reconsideration.requested", at=2)) == ["out-of-order"]
    assert story.known.state == "SENT_FOR_PROSECUTION"


def test_a_late_transfer_to_the_first_police_does_not_take_the_case_from_the_second() -> None:
    story = Story()
    story.say("by-env", "admin_case.filed", at=0)
    story.say("by-env", "transfer.sent", at=1, addressee="by-police")
    story.say("by-police", "transfer.forwarded", at=5, addressee="hd-police")
    story.say("by-env", "transfer.on_site_handed", at=0.5, addressee="by-police")
    assert story.known.roles[Role.POLICE] == "hd-police"


def test_a_late_filing_does_not_rename_the_offence() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", at=1, addressee="by-police", offence="污染环境罪")
    story.say("by-police", "filing.accepted", at=5, offence="非法经营罪")
    story.say("by-env", "transfer.suspected", at=0.5, offence="逃税罪")
    assert story.known.offence == "非法经营罪"


def test_of_two_events_of_one_month_the_log_decides() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", at=0, addressee="by-police", precision=Precision.MONTH)
    story.say("by-police", "filing.declined", at=0, precision=Precision.MONTH)
    assert flags(story.say("by-police", "filing.accepted", at=0, precision=Precision.MONTH)) == []
    assert story.known.state == "FILED"


def test_a_day_without_a_year_moves_the_case_as_it_is_told() -> None:
    """An unknown day is never certainly late."""
    story = Story()
    story.say("by-env", "transfer.sent", at=10, addressee="by-police")
    story.say("by-police", "filing.accepted", at=0, precision=Precision.UNKNOWN)
    story.say("by-police", "case.sent_for_prosecution", at=0, precision=Precision.AFTER)
    assert story.known.state == "SENT_FOR_PROSECUTION"


SPANS = st.tuples(
    st.floats(0, 2000, allow_nan=False),
    st.sampled_from([Precision.SECOND, Precision.DAY, Precision.MONTH, Precision.BEFORE, Precision.AFTER]),
)


def _certainly_before(one: CaseEvent, other: CaseEvent) -> bool:
    latest, earliest = one.span.latest, other.span.earliest
    return latest is not None and earliest is not None and latest < earliest


@settings(deadline=None)  # a shared machine may stand still for a moment
@given(st.lists(SPANS, min_size=2, max_size=12), st.randoms())
def test_the_order_keeps_what_is_certain_and_the_step_equals_the_replay(
    spans: list[tuple[float, Precision]], random: Any
) -> None:
    story = Story()
    for hours, precision in spans:
        unit, type_, data = random.choice(HISTORY[:14])
        if story.say(unit, type_, at=hours, precision=precision, **data).parked:
            continue
        case = story.known
        ordered = in_order(case)
        assert len(ordered) == len(case.events)
        for earlier, later in itertools.combinations(ordered, 2):
            assert not _certainly_before(later, earlier)
        again, _ = replay(case, REGISTER)
        assert (again.state, again.reverse_state) == (case.state, case.reverse_state)
        assert dict(again.roles) == dict(case.roles)


@pytest.mark.parametrize(("at", "late"), [(1, True), (5, False), (6, False)])
def test_only_what_certainly_came_before_something_known_is_late(at: float, late: bool) -> None:
    story = Story()
    story.say("by-env", "transfer.sent", at=5, addressee="by-police")
    assert is_late(story.known, story.event("by-police", "transfer.received", at=at)) is late

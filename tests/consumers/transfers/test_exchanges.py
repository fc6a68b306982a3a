"""Exchanges between units: the matter, who begins it, how it stands and whose turn it is, as each reader sees it."""

from __future__ import annotations

import pytest

from consumers.decisions import Delivery
from consumers.transfers.exchanges import MATTERS, TRACKS, may_answer, may_open
from tests.consumers.casework.story import REGISTER
from tests.consumers.transfers.exchanged import Told

AG, PSB, PC, PI = "by-env", "by-police", "by-criminal", "by-pil"


@pytest.fixture
def story() -> Told:
    told = Told()
    told.tell(AG, "transfer.sent", addressee=PSB)
    return told


def obstacle(story: Told, *, assigned: bool = False) -> None:
    story.tell(AG, "obstacle.reported", obstacle_no="O", kind="custody", detail="d", addressee=None)
    if assigned:
        story.tell(PC, "obstacle.assigned", obstacle_no="O", kind="custody", detail="d", addressee=PI)


def test_every_answer_is_a_step_of_the_track_out_of_that_state() -> None:
    for matter in MATTERS.values():
        steps = {step.event: step for step in TRACKS[matter.track].steps}
        assert steps[matter.opening].to in matter.answers
        for state, answers in matter.answers.items():
            assert all(state in steps[event].after for event in answers)


def test_whoever_is_asked_has_to_answer_and_nobody_else_may(story: Told) -> None:
    story.tell(AG, "consult.asked", addressee=PC, consultation_no="K", question="?", written=True)
    [one] = story.seen()
    assert (one.state, one.waits, one.turn, one.first.envelope.source) == ("ASKED", True, (PC,), AG)
    assert may_answer(one, PC, REGISTER) == ("consult.answered",)
    assert [unit for unit in (AG, PSB, PI) if may_answer(one, unit, REGISTER)] == []
    story.tell(PC, "consult.answered", addressee=AG, consultation_no="K", answer="!")
    [one] = story.seen()
    assert (one.state, one.waits, one.turn) == ("ANSWERED", False, ())
    assert may_answer(one, PC, REGISTER) == ()


def test_two_consultations_of_a_case_are_two_matters(story: Told) -> None:
    for number in ("K", "L"):
        story.tell(AG, "consult.asked", addressee=PC, consultation_no=number, question="?", written=True)
    story.tell(PC, "consult.answered", addressee=AG, consultation_no="L", answer="!")
    assert [(one.number, one.state) for one in story.seen()] == [("K", "ASKED"), ("L", "ANSWERED")]


def test_a_lead_goes_to_the_criminal_department_which_clears_or_assigns_it(story: Told) -> None:
    obstacle(story)
    [one] = story.seen()
    assert one.turn == (PC,)
    assert may_answer(one, PC, REGISTER) == ("obstacle.cleared", "obstacle.assigned")


def test_an_assigned_lead_is_for_its_assignee_and_stays_with_who_assigned_it(story: Told) -> None:
    obstacle(story, assigned=True)
    [one] = story.seen()
    assert (one.state, one.turn, one.also) == ("ASSIGNED", (PI,), (PC,))
    assert may_answer(one, PI, REGISTER) == ("obstacle.cleared",)  # only the criminal department assigns
    assert may_answer(one, PC, REGISTER) == ("obstacle.cleared", "obstacle.assigned")


def test_the_assignee_sees_the_lead_from_its_assignment_on_and_learns_of_its_end(story: Told) -> None:
    obstacle(story, assigned=True)
    [one] = story.seen(PI)
    assert (one.state, one.turn, one.first.type) == ("ASSIGNED", (PI,), "obstacle.assigned")
    story.tell(PC, "obstacle.cleared", obstacle_no="O", action="a")
    assert [one.state for one in story.seen(PI)] == ["CLEARED"]


def test_an_intervention_is_asked_for_opined_on_and_answered_in_turn(story: Told) -> None:
    story.tell(PSB, "intervention.requested", addressee=PC)
    assert [(one.number, one.turn) for one in story.seen()] == [(PSB, (PC,))]
    story.tell(PC, "intervention.opined", addressee=PSB, items=["i"])
    [one] = story.seen()
    assert (one.state, one.turn) == ("OPINED", (PSB,))
    assert may_answer(one, PSB, REGISTER) == ("intervention.adopted",)
    story.tell(PSB, "intervention.adopted", addressee=PC, adopted=True)
    assert [one.state for one in story.seen()] == ["ANSWERED"]


def test_a_reader_learns_of_other_recipients_only_what_the_speaker_tells(story: Told) -> None:
    story.tell(PC, "obstacle.reported", obstacle_no="O", kind="custody", detail="d", addressee=PI)
    assert [one.turn for one in story.seen(PC)] == [(PI,)]
    assert [one.turn for one in story.seen(PSB)] == [()]  # got a copy
    assert story.heard[story.told[-1].identity][PSB] == Delivery.COPY


def test_a_question_that_was_taken_back_is_no_exchange(story: Told) -> None:
    asked = story.tell(AG, "consult.asked", addressee=PC, consultation_no="K", question="?", written=True)
    story.tell(AG, "case.voided", regarding_source=AG, regarding_id=asked.envelope.id, reason="r")
    assert story.seen() == []


def test_units_begin_what_the_table_of_speakers_lets_them_say() -> None:
    assert may_open(AG, REGISTER) == ("consult", "obstacle", "intervention")
    assert may_open(PC, REGISTER) == ("consult", "obstacle")
    assert may_open("by-court", REGISTER) == ("obstacle",)
    assert may_open("nobody", REGISTER) == ()

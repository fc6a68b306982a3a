"""The fold: opening, taking part, correcting; and that folding again gives exactly what folding along gave."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.casefile import Case
from consumers.casework.fold import fold, refold
from consumers.decisions import Anomaly, Deliver, Delivery, Moved, RoleTaken
from schemas.identity import case_id
from schemas.spans import Precision
from schemas.units import Role
from tests.consumers.casework.story import Story, flags, received, rulebook


def told() -> Story:
    story = Story()
    story.say("by-env", "admin_case.filed", id="filed")
    story.say("by-env", "transfer.sent", addressee="by-police", offence="污染环境罪", id="sent")
    return story


# --- opening ----------------------------------------------------------------------------------------------


def test_the_first_event_opens_the_case() -> None:
    story = Story()
    story.say("by-env", "admin_case.filed", offence="污染环境罪")
    case = story.known
    assert (case.id, case.origin_unit, case.origin_case) == (case_id("by-env", "A-1"), "by-env", "A-1")
    assert (case.district, case.field, case.offence) == ("baiyun", "environment", "污染环境罪")
    assert case.roles == {Role.AGENCY: "by-env"}
    assert case.state == "ADMIN_FILED"
    assert case.events == tuple(story.told)


def test_a_field_that_the_first_event_lacks_comes_with_a_later_one() -> None:
    story = Story(field="")
    story.say("by-env", "lead.found")
    assert story.known.field == ""
    story.field = "water"
    story.say("by-env", "admin_case.filed")
    story.field = "land"
    story.say("by-env", "transfer.suspected")
    assert story.known.field == "water"


def test_the_offence_is_the_one_last_named_on_the_tracks() -> None:
    story = told()
    story.say("by-police", "filing.accepted", offence="非法经营罪")
    story.say("by-env", "intervention.requested", addressee="by-police", offence="逃税罪")
    assert story.known.offence == "非法经营罪"


def test_who_speaks_or_receives_takes_part() -> None:
    case = told().known
    assert case.participants == {"by-env", "by-police", "by-criminal", "by-casemgmt"}


def test_the_bus_takes_no_part() -> None:
    story = told()
    story.say("bus", "lead.threshold_matched")
    assert "bus" not in story.known.participants


def test_what_is_decided_comes_in_order_anomalies_moves_deliveries() -> None:
    story = Story()
    story.say("by-env", "lead.found")
    kinds = [type(d) for d in story.say("by-police", "filing.accepted").decisions]
    assert kinds[:4] == [Anomaly, Anomaly, RoleTaken, Moved]
    assert Deliver in kinds


def test_a_parked_event_leaves_the_very_same_case() -> None:
    story = told()
    before = story.known
    folded = story.say("hd-police", "filing.accepted")
    assert folded.parked is not None
    assert folded.case is before
    assert fold(None, story.event("hd-police", "filing.accepted"), rulebook()).case is None


def test_a_case_having_changes_is_what_replacing_them_makes() -> None:
    case = told().known
    changes: dict[str, Any] = {"state": "FILED", "voided": frozenset({("by-env", "x")})}
    assert case.having(**changes) == replace(case, **changes)
    assert case.having() == case
    assert set(vars(case)) == {field.name for field in fields(Case)}


# --- corrections ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("correction", ["case.voided", "case.corrected"])
def test_taking_an_event_back_undoes_what_it_moved(correction: str) -> None:
    story = told()
    folded = story.say("by-env", correction, regarding_source="by-env", regarding_id="sent", reason="wrong")
    case = story.known
    assert case.voided == {("by-env", "sent")}
    assert case.state == "ADMIN_FILED"
    assert case.roles == {Role.AGENCY: "by-env"}
    assert case.offence is None
    assert [d for d in folded.decisions if isinstance(d, Moved)] == [Moved("ADMIN_FILED")]
    assert [d for d in folded.decisions if isinstance(d, RoleTaken)] == [RoleTaken(Role.POLICE, "")]
    assert received(folded) == {"by-police": Delivery.DUTY, "by-criminal": Delivery.COPY}


def test_taking_back_the_way_back_ends_the_reverse_track() -> None:
    story = told()
    story.say("by-police", "case.sent_for_prosecution")
    story.say("by-criminal", "case.not_prosecuted", id="drop")
    folded = story.say("by-criminal", "case.voided", regarding_source="by-criminal", regarding_id="drop")
    assert (story.known.state, story.known.reverse_state) == ("SENT_FOR_PROSECUTION", None)
    moves = {(d.state, d.reverse) for d in folded.decisions if isinstance(d, Moved)}
    assert moves == {("SENT_FOR_PROSECUTION", False), ("", True)}


def test_the_replacement_stands_instead() -> None:
    story = told()
    story.say("by-env", "transfer.sent", at=1.5, addressee="by-police-town", id="again")
    story.say(
        "by-env", "case.corrected", regarding_source="by-env", regarding_id="sent", replacement_id="again"
    )
    assert story.known.state == "TRANSFERRED"
    assert story.known.roles[Role.POLICE] == "by-police-town"


def test_those_who_received_it_then_are_told_not_those_who_would_today() -> None:
    """The police that the case has since been forwarded to never had the receipt."""
    story = told()
    story.say("by-police", "transfer.received", id="receipt")
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    folded = story.say("by-police", "case.voided", regarding_source="by-police", regarding_id="receipt")
    assert set(received(folded)) == {"by-env", "by-criminal"}


def test_who_received_it_is_decided_on_the_case_as_it_then_was() -> None:
    """A second transfer had been taken back before the test result came, so that the first police got it."""
    story = told()
    story.say("by-env", "transfer.sent", addressee="by-police-town", id="mistake")
    story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="mistake")
    assert set(received(story.say("by-env", "test.resulted", id="test"))) == {"by-police"}
    folded = story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="test")
    assert set(received(folded)) == {"by-police"}


def test_who_took_part_may_still_speak_after_a_correction() -> None:
    """The police may say that the case that was never theirs has reached them."""
    story = told()
    story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="sent")
    assert story.say("by-police", "transfer.out_of_remit").parked is None


FLAWED = [
    ("by-police", ("by-env", "sent"), "foreign-correction"),
    ("by-env", ("by-env", "nothing"), "unknown-event"),
    ("by-env", ("by-police", "sent"), "unknown-event"),
]


@pytest.mark.parametrize(("unit", "target", "code"), FLAWED)
@pytest.mark.parametrize("correction", ["case.voided", "case.corrected"])
def test_a_correction_that_is_not_ones_own_has_no_effect(
    unit: str, target: tuple[str, str], code: str, correction: str
) -> None:
    story = told()
    before = story.known
    folded = story.say(unit, correction, regarding_source=target[0], regarding_id=target[1], reason="r")
    assert flags(folded) == [code]
    assert received(folded) == {}
    assert story.known == replace(before, events=story.known.events)


def test_a_correction_counts_once_and_cannot_be_corrected() -> None:
    story = told()
    story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="sent", id="void")
    again = story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="sent")
    assert flags(again) == ["already-voided"]
    unsaid = story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="void")
    assert flags(unsaid) == ["correction-of-correction"]
    assert story.known.voided == {("by-env", "sent")}


def test_a_correction_cannot_take_itself_back() -> None:
    story = told()
    folded = story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="self", id="self")
    assert flags(folded) == ["unknown-event"]


def test_a_stranger_to_the_case_may_not_even_try() -> None:
    story = told()
    folded = story.say("hd-police", "case.voided", regarding_source="by-env", regarding_id="sent")
    assert folded.parked is not None
    assert folded.case is story.known


def test_a_late_event_finds_its_place_beside_a_voided_one() -> None:
    story = told()
    story.say("by-police", "filing.declined", at=9, id="no")
    story.say("by-police", "case.voided", at=10, regarding_source="by-police", regarding_id="no")
    story.say("by-police", "transfer.received", at=5)
    assert story.known.state == "ACCEPTED"


# --- folding again ----------------------------------------------------------------------------------------

SPEECHES: list[tuple[str, str, dict[str, Any]]] = [
    ("by-env", "admin_case.filed", {"parties": [{"name": "甲"}, {"name": "乙"}]}),
    ("by-env", "transfer.suspected", {"offence": "污染环境罪"}),
    ("by-env", "transfer.sent", {"addressee": "by-police", "offence": "污染环境罪"}),
    ("by-env", "transfer.sent", {"addressee": "by-police-town"}),
    ("by-police", "transfer.received", {}),
    ("by-police", "transfer.forwarded", {"addressee": "hd-police"}),
    ("hd-police", "filing.accepted", {"offence": "非法经营罪"}),
    ("by-police", "filing.declined", {}),
    ("by-criminal", "supervision.reasons_requested", {}),
    ("by-criminal", "opinion.to_transfer_issued", {"addressee": "by-env", "letter_no": "T"}),
    ("by-police", "case.sent_for_prosecution", {}),
    ("by-criminal", "case.not_prosecuted", {"party": "甲"}),
    ("by-criminal", "case.not_prosecuted", {"party": None}),
    ("by-admin", "reverse.opinion_issued", {"addressee": "by-env", "letter_no": "L"}),
    ("by-env", "reverse.replied", {"letter_no": "L", "interim": False}),
    ("by-pil", "pil.filed", {}),
    ("by-env", "consult.asked", {"addressee": "by-market", "consultation_no": "1"}),
    ("by-market", "consult.answered", {"addressee": "by-env", "consultation_no": "1"}),
]
PRECISIONS = st.sampled_from([Precision.SECOND, Precision.DAY, Precision.MONTH, Precision.BEFORE])
SAYINGS = st.lists(
    st.tuples(st.integers(0, len(SPEECHES) + 2), st.integers(0, 1500), PRECISIONS, st.randoms()),
    min_size=1,
    max_size=14,
)


def _said(sayings: list[tuple[int, int, Precision, Any]]) -> Story:
    """A history of anything: speeches, corrections of what was said, decisions on mirrors, the bus in between."""
    story = Story()
    for speech, hour, precision, random in sayings:
        said = [e for e in story.told if e.envelope.source != "bus"]
        if speech < len(SPEECHES):
            unit, type_, data = SPEECHES[speech]
            story.say(unit, type_, at=hour, precision=precision, **data)
        elif said:
            target = random.choice(said)
            unit = target.envelope.source if speech % 2 else "by-pil"
            type_ = "case.voided" if speech % 2 else "mirror.accepted"
            story.say(
                unit, type_, at=hour, regarding_source=target.envelope.source, regarding_id=target.envelope.id
            )
        if hour % 2:
            story.bus_says()
    return story


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SAYINGS)
def test_folding_again_gives_exactly_the_same_case(sayings: list[tuple[int, int, Precision, Any]]) -> None:
    story = _said(sayings)
    if story.case is None:
        return
    assert refold(story.case.events, rulebook()) == story.case
    assert refold(story.told, rulebook()) == story.case


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SAYINGS, st.integers(0, 14))
def test_folding_on_from_anywhere_gives_the_same_decisions(
    sayings: list[tuple[int, int, Precision, Any]], cut: int
) -> None:
    """A worker that takes a case over in the middle decides what the first one would have decided."""
    story = _said([(0, 0, Precision.SECOND, None), *sayings])
    here = cut % len(story.told)
    along = refold(story.told[:here], rulebook())
    for event in story.told[here:]:
        one, other = (
            fold(along, event, rulebook()),
            fold(refold(story.told[:here], rulebook()), event, rulebook()),
        )
        assert one == other
        units = [d.unit for d in one.decisions if isinstance(d, Deliver)]
        assert len(units) == len(set(units))
        assert event.envelope.source not in units
        along, here = one.case, here + 1


def test_nothing_makes_no_case() -> None:
    assert refold([], rulebook()) is None

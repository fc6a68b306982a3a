"""Who may speak for a case: parked events are rare, right, and without any effect."""

from __future__ import annotations

import pytest

from schemas.units import Role
from tests.consumers.casework.story import Story, flags, received


def sent(to: str = "by-police") -> Story:
    story = Story()
    story.say("by-env", "admin_case.filed")
    story.say("by-env", "transfer.sent", addressee=to)
    return story


PARKED = [
    ("hd-police", "filing.accepted"),  # police of another district
    ("by-police-town", "filing.accepted"),  # a station the case was never sent to
    ("by-market", "consult.asked"),  # an agency that has nothing to do with it
    ("hd-market", "admin_case.penalised"),
    ("hd-criminal", "supervision.file_ordered"),  # a procuratorate no party of the case belongs to
    ("hd-justice", "hearing.held"),
    ("nobody", "filing.accepted"),
]


@pytest.mark.parametrize(("unit", "type_"), PARKED)
def test_an_organ_without_a_part_in_the_case_is_parked_and_changes_nothing(unit: str, type_: str) -> None:
    story = sent()
    before = story.known
    folded = story.say(unit, type_, addressee="by-env")
    assert folded.parked is not None
    assert folded.parked.reason == "wrong-speaker"
    assert unit in folded.parked.detail
    assert folded.decisions == ()
    assert folded.case is before


ADMITTED = [
    ("by-police", "transfer.received"),  # it was sent there
    ("by-court", "hearing.held"),  # organs of the district by their office
    ("by-criminal", "supervision.reasons_requested"),
    ("by-supervision", "consult.answered"),
    ("gz-env", "consult.answered"),  # the superior of an organ of the case
]


@pytest.mark.parametrize(("unit", "type_"), ADMITTED)
def test_who_has_a_part_in_the_case_may_speak(unit: str, type_: str) -> None:
    folded = sent().say(unit, type_, kind="court")
    assert folded.parked is None
    assert "uninvited" not in flags(folded)


def test_whoever_received_something_may_speak() -> None:
    story = sent()
    story.say("by-criminal", "consult.asked", addressee="by-market", consultation_no="1")
    answered = story.say("by-market", "consult.answered", addressee="by-criminal", consultation_no="1")
    assert answered.parked is None
    assert flags(answered) == []


def test_a_foreign_procuratorate_may_speak_once_the_case_touches_its_district() -> None:
    story = sent()
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    assert story.say("hd-criminal", "supervision.reasons_requested").parked is None


def test_the_county_police_file_what_was_sent_to_their_station() -> None:
    """提级: the superior takes the case over, and what follows goes to it."""
    story = sent("by-police-town")
    filed = story.say("by-police", "filing.accepted")
    assert filed.parked is None
    assert flags(filed) == []
    assert story.known.roles[Role.POLICE] == "by-police"
    assert flags(story.say("by-police-town", "case.suspect_in_custody")) == []
    assert story.known.roles[Role.POLICE] == "by-police"


def test_police_that_forwarded_the_case_are_flagged_if_they_decide_on_it() -> None:
    story = sent()
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    folded = story.say("by-police", "filing.accepted")
    assert flags(folded) == ["not-in-charge"]
    assert story.known.roles[Role.POLICE] == "hd-police"
    assert story.known.state == "FILED"


def test_police_of_the_district_may_file_what_no_transfer_brought_to_them() -> None:
    """Filing without a published transfer: admitted, believed and flagged, never parked."""
    story = Story()
    story.say("by-env", "lead.found")
    folded = story.say("by-police", "filing.accepted")
    assert folded.parked is None
    assert flags(folded) == ["uninvited", "out-of-order"]
    assert story.known.state == "FILED"
    assert received(folded)["by-env"].value == "duty"


def test_an_agency_of_the_district_may_join_a_case_that_has_none() -> None:
    story = Story(origin="by-criminal")
    story.say("by-criminal", "lead.found")
    folded = story.say("by-market", "admin_case.filed")
    assert flags(folded) == ["uninvited"]
    assert story.known.roles[Role.AGENCY] == "by-market"
    assert story.say("by-tax", "admin_case.filed").parked is not None


def test_after_an_accident_any_agency_of_the_district_may_be_in_the_inquiry_team() -> None:
    story = Story(origin="by-emergency", field="work_safety")
    story.say("by-emergency", "accident.occurred")
    folded = story.say("by-town", "transfer.sent", addressee="by-police")
    assert folded.parked is None
    assert "by-police" in received(folded)
    assert story.known.roles[Role.AGENCY] == "by-emergency"


@pytest.mark.parametrize("unit", ["by-police", "by-criminal", "by-court"])
def test_a_case_that_another_organ_of_the_district_brings_first_is_flagged(unit: str) -> None:
    story = Story(origin="by-env")
    folded = story.say(unit, "case.judged" if unit == "by-court" else "consult.asked")
    assert flags(folded)[0] == "foreign-opening"
    assert story.known.district == "baiyun"


@pytest.mark.parametrize("unit", ["hd-police", "by-market", "hd-criminal"])
def test_nobody_else_may_bring_a_case_first(unit: str) -> None:
    folded = Story(origin="by-env").say(unit, "lead.found")
    assert folded.parked is not None
    assert folded.case is None


def test_a_case_of_an_agency_outside_the_bus_belongs_to_the_district_that_brings_it() -> None:
    story = Story(origin="xx-forestry")
    folded = story.say("by-police", "filing.accepted")
    assert flags(folded)[0] == "foreign-opening"
    assert story.known.district == "baiyun"


def test_the_bus_speaks_for_every_case() -> None:
    assert sent().say("bus", "lead.threshold_matched", rule="-").parked is None


def test_a_parked_event_counts_after_a_person_has_released_it() -> None:
    """The same bytes stand in the log twice: the first had no effect, the release lets the second in."""
    story = sent()
    assert story.say("by-police-town", "transfer.received", id="r").parked is not None
    story.say(
        "bus",
        "case.event_released",
        addressee="by-police-town",
        regarding_source="by-police-town",
        regarding_id="r",
        place="case-events/0/2",
        reason="指定协助",
    )
    folded = story.say("by-police-town", "transfer.received", id="r")
    assert folded.parked is None
    assert "by-env" in received(folded)


def test_a_release_lets_in_nobody_else() -> None:
    story = sent()
    story.say("bus", "case.event_released", addressee="by-police-town")
    assert story.say("hd-police", "filing.accepted").parked is not None

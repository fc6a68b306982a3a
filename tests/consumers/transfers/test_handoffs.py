"""What goes to an organ outside the district is recorded, told to somebody inside, and nothing of it is lost."""

from __future__ import annotations

import json

import pytest

from consumers.decisions import Delivery
from consumers.transfers.handoffs import NAMES_ORGAN, handoffs
from schemas.catalogue import AVRO, BY_NAME
from tests.consumers.casework.story import REGISTER, Story, details, flags, received


def sent() -> Story:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    return story


def seen(story: Story) -> list[tuple[str, str, bool]]:
    return [(one.type, one.organ, one.on_the_bus) for one in handoffs(story.known, "baiyun", REGISTER)]


def test_forwarding_to_police_that_are_not_on_the_bus_is_recorded_and_told() -> None:
    story = sent()
    told = story.say("by-police", "transfer.forwarded", addressee="佛山市公安局南海分局", reasons="r")
    assert seen(story) == [("transfer.forwarded", "佛山市公安局南海分局", False)]
    assert received(told) == {
        "by-env": Delivery.RESULT,
        "by-criminal": Delivery.COPY,
        "by-casemgmt": Delivery.COPY,
    }
    assert flags(told) == ["no-recipient"]
    assert "佛山市公安局南海分局" in details(told)[0]
    assert story.known.state == "FORWARDED"


def test_a_letter_to_an_unregistered_organ_reaches_case_management() -> None:
    story = sent()
    told = story.say("by-env", "consult.asked", addressee="广东省生态环境厅", consultation_no="1")
    assert received(told) == {"by-casemgmt": Delivery.COPY}
    assert seen(story) == [("consult.asked", "广东省生态环境厅", False)]


def test_an_organ_of_another_district_on_the_bus_is_delivered_to_and_recorded() -> None:
    story = sent()
    told = story.say("by-police", "transfer.forwarded", addressee="hd-police", reasons="r")
    assert received(told)["hd-police"] is Delivery.DUTY
    assert "by-casemgmt" not in received(told)
    assert seen(story) == [("transfer.forwarded", "hd-police", True)]


def test_the_proper_organ_that_the_police_name_is_recorded() -> None:
    story = sent()
    story.say("by-police", "transfer.out_of_remit", reasons="r", proper_organ="广州海事局")
    assert seen(story) == [("transfer.out_of_remit", "广州海事局", False)]


def test_what_stays_in_the_district_is_no_hand_off_and_what_is_voided_was_none() -> None:
    story = sent()
    assert seen(story) == []
    story.say("by-police", "transfer.forwarded", addressee="某局", reasons="r", id="f")
    story.say("by-police", "case.voided", regarding_source="by-police", regarding_id="f", reason="r")
    assert seen(story) == []


@pytest.mark.parametrize("name", NAMES_ORGAN)
def test_the_field_that_names_the_organ_is_one_of_the_event(name: str) -> None:
    schema = json.loads((AVRO / BY_NAME[name].avsc).read_text("utf-8"))
    assert NAMES_ORGAN[name] in {field["name"] for field in schema["fields"]}

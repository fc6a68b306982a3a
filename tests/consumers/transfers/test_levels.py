"""Opinions across districts and levels, departments of another procuratorate, duties that nobody can take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consumers.decisions import Deliver, Delivery
from schemas.units import Register, Role, Unit
from tests.consumers.casework.story import REGISTER, Story, bases, flags, received

DUTY, COPY = Delivery.DUTY, Delivery.COPY


def unit(code: str, role: Role, district: str, superior: str | None = None) -> Unit:
    return Unit(code, code, code, frozenset({role}), district, superior=superior)


WITH_CITY = Register(
    (
        *(
            replace(known, superior="gz-criminal") if known.code == "by-criminal" else known
            for known in REGISTER.units
        ),
        unit("gz-criminal", Role.CRIMINAL, "guangzhou"),
        unit("gz-admin", Role.ADMINISTRATIVE, "guangzhou"),
        unit("gz-pil", Role.PUBLIC_INTEREST, "guangzhou"),
    )
)

LETTERS = [
    ("by-criminal", "opinion.to_transfer_issued", "gz-criminal", "hd-criminal"),
    ("by-admin", "reverse.opinion_issued", "gz-admin", "hd-admin"),
    ("by-pil", "pil.suggested", "gz-pil", None),
]


def not_prosecuted(register: Register) -> Story:
    story = Story(register=register)
    story.say("by-env", "transfer.sent", addressee="by-police")
    story.say("by-police", "case.sent_for_prosecution")
    story.say("by-criminal", "case.not_prosecuted")
    return story


@pytest.mark.parametrize(("speaker", "letter", "above", "_"), LETTERS)
def test_a_letter_to_a_higher_organ_also_goes_to_the_procuratorate_of_that_level(
    speaker: str, letter: str, above: str, _: str
) -> None:
    """G24: an opinion for a higher-level organ goes up; the bus delivers, gives the duty and flags."""
    folded = not_prosecuted(WITH_CITY).say(speaker, letter, addressee="gz-env", letter_no="L")
    assert received(folded)["gz-env"] is DUTY
    assert received(folded)[above] is DUTY
    assert "higher-level" in flags(folded)
    assert "no-recipient" not in flags(folded)


@pytest.mark.parametrize(("speaker", "letter", "above", "_"), LETTERS)
def test_without_that_procuratorate_on_the_bus_the_missing_recipient_is_flagged(
    speaker: str, letter: str, above: str, _: str
) -> None:
    folded = not_prosecuted(REGISTER).say(speaker, letter, addressee="gz-env", letter_no="L")
    assert received(folded)["gz-env"] is DUTY
    assert above not in received(folded)
    assert [flag for flag in flags(folded) if flag != "out-of-order"] == ["higher-level", "no-recipient"]


@pytest.mark.parametrize(("speaker", "letter", "_", "beside"), LETTERS[:2])
def test_a_letter_to_another_place_is_copied_to_the_procuratorate_there(
    speaker: str, letter: str, _: str, beside: str
) -> None:
    story = not_prosecuted(REGISTER)
    folded = story.say(speaker, letter, addressee="hd-market", letter_no="L")
    assert received(folded)["hd-market"] is DUTY
    assert received(folded)[beside] is COPY
    assert "higher-level" not in flags(folded)


def test_the_justice_bureau_beside_the_addressee_gets_the_copy() -> None:
    folded = not_prosecuted(REGISTER).say("by-admin", "reverse.opinion_issued", addressee="hd-market")
    assert received(folded)["hd-justice"] is COPY
    assert "by-justice" not in received(folded)


@pytest.mark.parametrize("letter", ["supervision.corrected", "supervision.urged"])
def test_a_correction_notice_is_reported_to_the_next_higher_procuratorate(letter: str) -> None:
    story = Story(register=WITH_CITY)
    story.say("by-env", "transfer.sent", addressee="by-police")
    folded = story.say("by-criminal", letter, notice_no="1")
    assert received(folded)["gz-criminal"] is COPY
    assert bases(folded)["gz-criminal"] == "《人民检察院刑事诉讼规则》第564条 [V]"


def test_the_agency_of_another_place_answers_who_wrote_to_it() -> None:
    """The return route is not the inbound route."""
    story = not_prosecuted(REGISTER)
    story.say("by-admin", "reverse.opinion_issued", addressee="hd-market", letter_no="L")
    replied = story.say("hd-market", "reverse.replied", letter_no="L")
    assert received(replied) == {"by-admin": Delivery.RESULT, "by-criminal": COPY}
    assert flags(replied) == []
    assert story.known.roles[Role.AGENCY] == "by-env"


def test_departments_copy_each_other_inside_their_own_procuratorate() -> None:
    """A case of Baiyun that Huadu's procuratorate handles stays inside Huadu's procuratorate."""
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    sent = story.say("hd-police", "case.sent_for_prosecution", addressee="hd-criminal")
    assert received(sent) == {"hd-criminal": DUTY}
    dropped = story.say("hd-criminal", "case.not_prosecuted")
    assert received(dropped)["hd-admin"] is DUTY
    assert "by-admin" not in received(dropped)
    held = story.say("hd-police", "case.suspect_in_custody")
    assert "hd-criminal" in received(held)
    assert "by-criminal" not in received(held)


def test_a_duty_that_nobody_can_take_is_flagged() -> None:
    story = Story(origin="hd-market", register=REGISTER)
    story.say("hd-market", "transfer.sent", addressee="hd-police")
    folded = story.say("hd-criminal", "case.prosecuted")
    assert flags(folded) == ["no-recipient"]
    assert "hd-police" in received(folded)


def test_an_addressee_outside_the_bus_is_flagged_and_nobody_else_gets_its_duty() -> None:
    story = Story()
    story.say("by-env", "admin_case.filed")
    folded = story.say("by-env", "consult.asked", addressee="gd-env-province", consultation_no="1")
    assert flags(folded) == ["no-recipient"]
    assert received(folded) == {"by-casemgmt": Delivery.COPY}


def test_a_restricted_lead_goes_to_the_supervision_organ_alone() -> None:
    """Addressed to anybody else by mistake, it is delivered to nobody."""
    story = Story()
    story.say("by-env", "admin_case.filed")
    assert received(story.say("by-env", "duty_lead.sent", addressee="by-police")) == {}
    assert "no-recipient" in flags(story.say("by-env", "duty_lead.sent", addressee="by-criminal"))


def test_a_unit_with_two_roles_gets_one_copy_for_its_strongest_reason() -> None:
    """The police as police and as the agency that punishes."""
    story = Story(origin="by-police", field="traffic")
    story.say("by-police", "lead.found")
    story.say("by-criminal", "case.not_prosecuted")
    folded = story.say("by-admin", "reverse.opinion_issued", addressee="by-police", letter_no="L")
    delivered = [d for d in folded.decisions if isinstance(d, Deliver) and d.unit == "by-police"]
    assert [(d.delivery, d.role) for d in delivered] == [(DUTY, Role.POLICE)]
    assert story.known.roles[Role.AGENCY] == "by-police"


@pytest.mark.parametrize(
    ("year", "expected"), [(2019, False), (2021, False), (2022, True)], ids=["2019", "early 2021", "2022"]
)
def test_the_copy_to_the_justice_bureau_begins_with_the_provisions(year: int, expected: bool) -> None:
    story = Story(start=Story().start.replace(year=year))
    story.say("by-env", "admin_case.filed")
    folded = story.say("by-criminal", "opinion.to_transfer_issued", addressee="by-env")
    assert ("by-justice" in received(folded)) is expected

"""Whose case it is: opened by police or procuratorate, taken over by who acts, ended for one party or for all."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.units import Role
from tests.consumers.casework.story import Story, flags

OWN = [
    ("by-police", "by-police", "filing.accepted", "FILED"),
    ("by-police", "by-police", "filing.declined", "NOT_FILED"),
    ("by-police", "by-police", "case.suspect_in_custody", "INVESTIGATING"),
    ("by-police", "by-police", "case.sent_for_prosecution", "SENT_FOR_PROSECUTION"),
    ("by-police", "by-police", "case.withdrawn", "WITHDRAWN"),
    ("by-police", "by-police", "returned.to_agency", "RETURNED"),
    ("by-criminal", "by-criminal", "case.prosecuted", "PROSECUTED"),
    ("by-criminal", "by-criminal", "case.not_prosecuted", "NOT_PROSECUTED"),
    ("by-court", "by-court", "case.judged", "JUDGED"),
    ("by-court", "by-court", "case.appeal_decided", "JUDGED"),
]


@pytest.mark.parametrize(("origin", "unit", "type_", "state"), OWN)
@pytest.mark.parametrize("lead", [False, True], ids=["at once", "after a lead"])
def test_a_case_of_police_or_procuratorate_begins_where_they_are(
    origin: str, unit: str, type_: str, state: str, *, lead: bool
) -> None:
    story = Story(origin=origin)
    if lead:
        story.say(origin, "lead.found")
    folded = story.say(unit, type_, addressee="by-env")
    assert "out-of-order" not in flags(folded)
    assert story.known.state == state


@pytest.mark.parametrize("type_", ["case.withdrawn", "returned.to_agency", "case.not_prosecuted"])
def test_in_such_a_case_a_decision_on_one_party_of_unknown_many_changes_nothing(type_: str) -> None:
    story = Story(origin="by-police")
    story.say("by-police", "lead.found")
    folded = story.say("by-criminal" if type_.endswith("prosecuted") else "by-police", type_, party="甲")
    assert "out-of-order" not in flags(folded)
    assert story.known.state == "LEAD"


TAKEN = [
    # (event, who says it, addressed to, role, unit that has it then)
    ("admin_case.filed", "by-env", None, Role.AGENCY, "by-env"),
    ("opinion.to_transfer_issued", "by-criminal", "by-env", Role.AGENCY, "by-env"),
    ("returned.to_agency", "by-police", "by-env", Role.AGENCY, "by-env"),
    ("transfer.sent", "by-env", "by-police", Role.POLICE, "by-police"),
    ("transfer.received", "by-police", None, Role.POLICE, "by-police"),
    ("case.sent_for_prosecution", "by-police", "hd-criminal", Role.CRIMINAL, "hd-criminal"),
    ("case.arrest_approved", "by-criminal", None, Role.CRIMINAL, "by-criminal"),
    ("reverse.case_moved", "by-criminal", "hd-admin", Role.ADMINISTRATIVE, "hd-admin"),
    ("reverse.registered", "by-admin", None, Role.ADMINISTRATIVE, "by-admin"),
    ("pil.filed", "by-pil", None, Role.PUBLIC_INTEREST, "by-pil"),
    ("case.prosecuted", "by-criminal", "by-court", Role.COURT, "by-court"),
    ("case.judged", "by-court", None, Role.COURT, "by-court"),
]


@pytest.mark.parametrize(("type_", "unit", "addressee", "role", "holder"), TAKEN)
def test_who_acts_in_the_case_is_told_by_what_they_do(
    type_: str, unit: str, addressee: str | None, role: Role, holder: str
) -> None:
    story = Story(origin="by-supervision")
    story.say("by-supervision", "lead.found")
    story.say(unit, type_, addressee=addressee)
    assert story.known.roles.get(role) == holder


def test_a_transfer_to_a_unit_that_is_no_police_gives_no_role() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-market")
    assert Role.POLICE not in story.known.roles


def suspects(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "kind": "natural_person", "role": None} for name in names]


def test_not_prosecuting_one_party_does_not_end_the_case_for_the_others() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police", parties=suspects("宋某", "王某", "付某"))
    story.say("by-police", "case.sent_for_prosecution")
    folded = story.say("by-criminal", "case.not_prosecuted", party="宋某")
    assert flags(folded) == []
    assert story.known.state == "SENT_FOR_PROSECUTION"
    assert story.known.reverse_state == "NOT_PROSECUTED"


def test_the_case_ends_once_every_known_party_had_the_decision() -> None:
    story = Story()
    victims = [{"name": "工人", "kind": "natural_person", "role": "被害人"}]
    story.say("by-env", "transfer.sent", addressee="by-police", parties=suspects("R公司", "T公司") + victims)
    story.say("by-police", "case.sent_for_prosecution")
    story.say("by-criminal", "case.not_prosecuted", party="R公司")
    assert story.known.state == "SENT_FOR_PROSECUTION"
    story.say("by-criminal", "case.not_prosecuted", party="T公司")
    assert story.known.state == "NOT_PROSECUTED"


@pytest.mark.parametrize(
    ("type_", "unit", "ended"),
    [
        ("case.withdrawn", "by-police", "WITHDRAWN"),
        ("returned.to_agency", "by-police", "RETURNED"),
        ("case.not_prosecuted", "by-criminal", "NOT_PROSECUTED"),
    ],
)
def test_a_decision_that_names_no_party_or_the_only_one_ends_the_case(
    type_: str, unit: str, ended: str
) -> None:
    for party in (None, "李某"):
        story = Story()
        story.say("by-env", "transfer.sent", addressee="by-police", parties=suspects("李某"))
        story.say("by-police", "filing.accepted")
        story.say(unit, type_, party=party)
        assert story.known.state == ended


@pytest.mark.parametrize(
    ("type_", "needs", "kind"),
    [
        ("pil.suit_filed", "pil.announced", "criminal_attached_civil"),
        ("pil.suit_filed", "pil.suggested", "administrative"),
    ],
)
def test_a_suit_without_its_preliminary_step_is_asked_about(type_: str, needs: str, kind: str) -> None:
    story = Story(origin="by-pil")
    assert "missing-step" in flags(story.say("by-pil", type_, kind=kind))
    story.say("by-pil", needs, addressee="by-env")
    assert "missing-step" not in flags(story.say("by-pil", type_, kind=kind))

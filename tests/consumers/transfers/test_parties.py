"""Whose case it is: opened by police or procuratorate, taken over by who acts, ended for one party or for all."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.decisions import Anomaly
from consumers.transfers.history import parties
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


def sent_on(*names: str) -> Story:
    """A case of these suspects, filed and sent for prosecution for all of them."""
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police", parties=suspects(*names))
    story.say("by-police", "filing.accepted")
    story.say("by-police", "case.sent_for_prosecution")
    return story


def states(story: Story) -> dict[str, tuple[str, str]]:
    return dict(parties(story.known, story.register))


def test_each_party_stands_where_the_decisions_about_it_lead() -> None:
    story = sent_on("宋某", "王某", "付某")
    for type_, party in (("case.not_prosecuted", "宋某"), ("case.prosecuted", "王某")):
        assert flags(story.say("by-criminal", type_, party=party)) == []
    story.say("by-court", "case.judged", party="王某")
    assert states(story) == {
        "宋某": ("NOT_PROSECUTED", "NOT_PROSECUTED"),
        "王某": ("JUDGED", ""),
        "付某": ("SENT_FOR_PROSECUTION", ""),
    }


def test_an_event_that_names_nobody_is_about_those_for_whom_it_is_in_order() -> None:
    story = sent_on("宋某", "王某")
    story.say("by-criminal", "case.not_prosecuted", party="宋某")
    story.say("by-criminal", "case.prosecuted", party="王某")
    story.say("by-admin", "reverse.registered")
    story.say("by-court", "case.judged")
    assert states(story) == {
        "宋某": ("NOT_PROSECUTED", "ADMIN_DEPT_RECEIVED"),
        "王某": ("JUDGED", ""),
    }


def test_filing_for_one_and_not_for_the_other_is_in_order_either_way_round() -> None:
    for order in (1, -1):
        story = Story()
        story.say("by-env", "transfer.sent", addressee="by-police", parties=suspects("宋某", "王某"))
        decisions: list[dict[str, Any]] = [
            {"type_": "filing.accepted", "parties": suspects("宋某")},
            {"type_": "filing.declined", "party": "王某"},
        ]
        for decision in decisions[::order]:
            assert flags(story.say("by-police", **decision)) == []
        assert states(story) == {"宋某": ("FILED", ""), "王某": ("NOT_FILED", "")}
        assert story.known.state == "FILED"
        assert "out-of-order" not in flags(story.say("by-env", "reconsideration.requested"))


def test_a_step_back_for_a_second_party_is_in_order_though_the_first_is_further_on() -> None:
    story = sent_on("宋某", "王某")
    for party in ("宋某", "王某"):
        story.say("by-criminal", "case.not_prosecuted", party=party)
        story.say("by-admin", "reverse.registered", party=party)
        if party == "宋某":
            story.say("by-admin", "reverse.opinion_issued", party=party, addressee="by-env")
    assert "out-of-order" not in flags(story.say("by-admin", "reverse.suspended", party="王某"))
    assert {name: reverse for name, (_, reverse) in states(story).items()} == {
        "宋某": "OPINION_ISSUED",
        "王某": "SUSPENDED",
    }


def test_a_decision_that_does_not_follow_for_its_party_is_flagged_though_it_would_for_another() -> None:
    story = sent_on("宋某", "王某")
    story.say("by-criminal", "case.prosecuted", party="宋某")
    folded = story.say("by-criminal", "case.not_prosecuted", party="宋某")
    [flag] = [d for d in folded.decisions if isinstance(d, Anomaly)]
    assert flag.code == "out-of-order"
    assert "该当事人" in flag.detail
    assert "宋某" not in flag.detail, "a flag names nobody"
    assert story.known.state == "PROSECUTED"


def test_a_party_that_nobody_named_before_is_judged_by_where_the_case_stands() -> None:
    story = sent_on("宋某", "王某")
    story.say("by-criminal", "case.not_prosecuted")
    folded = story.say("by-admin", "reverse.opinion_issued", party="某公司", addressee="by-env")
    assert "out-of-order" not in flags(folded)


def test_a_case_of_one_party_keeps_no_state_but_its_own() -> None:
    assert states(sent_on("宋某")) == {}


def test_what_is_kept_of_an_earlier_question_is_not_used_for_another_history_of_the_case() -> None:
    asked = Story()
    asked.say("by-env", "lead.found", parties=suspects("宋某", "王某"))
    for _ in range(2):
        asked.say("by-criminal", "case.prosecuted", party="宋某")
    other = Story()
    other.say("by-env", "lead.found", parties=suspects("宋某", "王某"))
    other.say("by-env", "transfer.sent", addressee="by-police")
    other.say("by-police", "filing.accepted")
    other.say("by-police", "case.sent_for_prosecution")
    assert flags(other.say("by-criminal", "case.not_prosecuted", party="宋某")) == []


def test_a_voided_decision_takes_its_party_back() -> None:
    story = sent_on("宋某", "王某")
    story.say("by-criminal", "case.not_prosecuted", party="宋某", id="wrong")
    story.say("by-criminal", "case.voided", regarding_source="by-criminal", regarding_id="wrong", reason="–")
    assert states(story)["宋某"] == ("SENT_FOR_PROSECUTION", "")


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

"""Facts held against prosecution standards: advice, with the facts and the text, once, and never a decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.casework.fold import Folded
from consumers.decisions import Anomaly, Delivery, Emit
from consumers.rulebook import Rulebook
from consumers.thresholds.rules import MATCHED, decide
from consumers.thresholds.standards import STANDARDS
from schemas.codec import encode
from schemas.facts import FACT_BY_CODE
from schemas.sealed.keys import Master, Masters, of_case
from schemas.sealed.payloads import About, opened_payload, sealed_payload
from schemas.sealed.suites import SUITES
from schemas.spans import Precision
from tests.consumers.casework.story import MONDAY, REGISTER, Story, flags, received, rulebook

MY_CASE = UUID("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c03")


def stated(**facts: int) -> list[dict[str, Any]]:
    return [{"code": code, "value": value} for code, value in facts.items()]


def said(folded: Folded) -> list[Emit]:
    return [one for one in folded.decisions if isinstance(one, Emit) and one.type == MATCHED]


def rules(folded: Folded) -> list[str]:
    return [emit.data["rule"] for emit in said(folded)]


def measured(story: Story, **facts: int) -> Folded:
    return story.say("by-env", "test.resulted", tested="废水", result="超标", facts=stated(**facts))


def test_a_match_names_the_facts_the_standard_and_its_article() -> None:
    (emit,) = said(measured(Story(), heavy_metal_ratio=1240))
    assert emit.data == {
        "rule": "TH-338-2023",
        "offence": "污染环境罪",
        "matched": ["铅、汞、镉、铬、砷、铊、锑的浓度与排放标准之比：12.4倍"],
        "amount_fen": None,
        "standard": "《两高关于办理环境污染刑事案件适用法律若干问题的解释》（法释〔2023〕7号）第1条：第三项 [V]："
        "铅、汞、镉、铬、砷、铊、锑的浓度与排放标准之比3倍以上",
        "party": None,
        "summary": "比值为实测浓度除以排放标准限值",
        "documents": [],
    }
    assert encode(emit.type, emit.data)


def test_it_goes_to_the_agency_and_the_criminal_department_and_to_nobody_else() -> None:
    story = Story()
    story.say("by-env", "admin_case.filed", case_no="1", facts=stated(hazardous_waste_kg=3_000))
    ((event, heard),) = [pair for pair in story.bus_says() if pair[0].type == MATCHED]
    assert event.data["matched"] == ["危险废物：3吨"]
    assert received(heard) == {"by-env": Delivery.COPY, "by-criminal": Delivery.COPY}
    assert flags(heard) == []


def test_it_decides_nothing() -> None:
    """No state, no clock, no mirror; and a penalty after it goes to no police that had nothing to do with the case."""
    story, plain = Story(), Story()
    for one, facts in ((story, stated(hazardous_waste_kg=9_000)), (plain, [])):
        one.say("by-env", "admin_case.filed", case_no="1", facts=facts)
    story.bus_says()
    assert (story.known.state, story.known.clocks.keys()) == (plain.known.state, plain.known.clocks.keys())
    assert story.known.mirrors == {}
    assert received(story.say("by-env", "admin_case.penalised")) == received(
        plain.say("by-env", "admin_case.penalised")
    )


# (field, facts that just do not reach, the one that reaches, what matches)
EDGES = [
    ("environment", {"hazardous_waste_kg": 2_999}, {"hazardous_waste_kg": 3_000}, "TH-338-2023"),
    ("environment", {"metal_ratio": 999}, {"metal_ratio": 1_000}, "TH-338-2023"),
    ("environment", {"heavy_metal_ratio": 299}, {"heavy_metal_ratio": 300}, "TH-338-2023"),
    ("environment", {"penalties_2y": 1}, {"penalties_2y": 2}, "TH-338-2023"),
    ("environment", {"toxic_by_evasion": 0}, {"toxic_by_evasion": 1}, "TH-338-2023"),
    ("environment", {"gain_fen": 29_999_999}, {"gain_fen": 30_000_000}, "TH-338-2023"),
    ("food", {"sales_fen": 15_000_000}, {"sales_fen": 15_000_000, "penalties_2y": 1}, "TH-143-2021"),
    ("tobacco", {"cigarettes": 199_999}, {"cigarettes": 200_000}, "TH-225-tobacco"),
    (
        "tobacco",
        {"penalties_3y": 2, "business_fen": 2_999_999},
        {"penalties_3y": 2, "business_fen": 3_000_000},
        "TH-225-tobacco",
    ),
    (
        "tax",
        {"tax_evaded_fen": 99_000_000},
        {"tax_evaded_fen": 10_000_000, "tax_evaded_ratio": 1_000},
        "TH-201-2024",
    ),
    (
        "labour",
        {"unpaid_workers": 9, "unpaid_wages_fen": 90_000_000},
        {"unpaid_workers": 10, "unpaid_wages_fen": 3_000_000},
        "TH-276-1",
    ),
    ("land", {"basic_farmland_occupied_mu": 499}, {"basic_farmland_occupied_mu": 500}, "TH-342-farmland"),
    ("fishery", {"destructive_gear": 1}, {"destructive_gear": 1, "closed_area_or_season": 1}, "TH-340"),
    (
        "mining",
        {"mineral_value_fen": 5_000_000},
        {"mineral_value_fen": 5_000_000, "protected_mining": 1},
        "TH-343",
    ),
]


@pytest.mark.parametrize(("field", "short", "enough", "rule"), EDGES)
def test_a_standard_is_met_at_its_figure_and_not_below(
    field: str, short: dict[str, int], enough: dict[str, int], rule: str
) -> None:
    assert rule not in rules(measured(Story(field=field), **short))
    assert rule in rules(measured(Story(field=field), **enough))


def test_facts_of_several_events_count_together_and_the_greatest_value_of_each() -> None:
    story = Story(field="tobacco")
    assert rules(measured(story, penalties_3y=2, business_fen=1_000_000)) == []
    (emit,) = said(measured(story, business_fen=4_000_000, penalties_3y=1))
    assert emit.data["matched"] == ["三年内因同类违法受过的行政处罚：2次", "非法经营数额：40000元"]
    assert emit.data["amount_fen"] == 4_000_000


def penalised(story: Story, party: str, **facts: int) -> Folded:
    return story.say("by-env", "admin_case.penalised", decision_no=party, party=party, facts=stated(**facts))


def two_parties(*names: str) -> Story:
    """A case in which two sell tobacco, each on his own."""
    story = Story(field="tobacco")
    parties = [{"name": name, "kind": "natural_person", "role": None} for name in names or ("甲某", "乙某")]
    story.say("by-env", "admin_case.filed", case_no="1", parties=parties)
    return story


def test_two_parties_that_are_each_below_a_standard_do_not_meet_it_together() -> None:
    story = two_parties()
    assert rules(penalised(story, "甲某", penalties_3y=2)) == []
    assert rules(penalised(story, "乙某", business_fen=4_000_000)) == []
    (emit,) = said(penalised(story, "甲某", business_fen=3_500_000))
    assert emit.data["party"] == "甲某"
    assert emit.data["matched"] == ["三年内因同类违法受过的行政处罚：2次", "非法经营数额：35000元"]


def test_each_party_is_put_once_for_the_same_facts() -> None:
    story = two_parties()
    facts = {"business_fen": 6_000_000}
    told = [said(penalised(story, party, **facts)) for party in ("甲某", "乙某", "甲某", "乙某")]
    assert [[emit.data["party"] for emit in emits] for emits in told] == [["甲某"], ["乙某"], [], []]
    assert len({emit.id for emits in told for emit in emits}) == 2


def test_the_name_of_a_party_that_was_sealed_in_what_it_did_opens_in_the_advice() -> None:
    masters = Masters([Master("first", bytes(32))])
    subject = of_case(MY_CASE)
    key = masters.unwrap(subject, masters.make(subject, SUITES["aes"], bytes))

    def sealed(name: str) -> str:
        penalty = {"party": name, "summary": None}
        return str(
            sealed_payload("admin_case.penalised", penalty, About(MY_CASE, "by-env", name), key)["party"]
        )

    story = two_parties(*map(sealed, ("甲某", "乙某")))
    (emit,) = said(penalised(story, sealed("甲某"), business_fen=6_000_000))
    opened = opened_payload(MATCHED, emit.data, About(MY_CASE, "bus", emit.id), key.opening)
    assert opened["party"] == "甲某"


def test_what_is_stated_of_several_parties_or_of_nobody_counts_for_each_of_them() -> None:
    story = two_parties()
    assert rules(measured(story, penalties_3y=2)) == []
    (emit,) = said(penalised(story, "乙某", business_fen=3_500_000))
    assert emit.data["party"] == "乙某"
    together = [{"name": name, "kind": "natural_person", "role": None} for name in ("甲某", "乙某")]
    joint = story.say(
        "by-env", "lead.found", origin="inspection", parties=together, facts=stated(gain_fen=3_000_000)
    )
    (emit,) = [one for one in said(joint) if one.data["party"] is None]
    assert emit.data["matched"] == ["违法所得：30000元"]


def test_a_case_of_one_party_has_all_facts_together() -> None:
    story = Story(field="tobacco")
    penalised(story, "甲某", penalties_3y=2)
    (emit,) = said(measured(story, business_fen=4_000_000))
    assert emit.data["matched"] == ["三年内因同类违法受过的行政处罚：2次", "非法经营数额：40000元"]


def test_the_same_facts_are_said_once_and_greater_ones_again() -> None:
    story = Story()
    assert rules(measured(story, hazardous_waste_kg=4_000)) == ["TH-338-2023"]
    assert rules(measured(story, hazardous_waste_kg=4_000)) == []
    assert rules(measured(story, hazardous_waste_kg=3_500)) == []
    assert rules(measured(story, hazardous_waste_kg=5_000)) == ["TH-338-2023"]


def test_facts_that_were_taken_back_do_not_count_and_are_not_said_again() -> None:
    story = Story()
    measured(story, hazardous_waste_kg=9_000)
    story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="e0", reason="误报")
    assert rules(measured(story, metal_ratio=900)) == []
    (emit,) = said(measured(story, hazardous_waste_kg=3_100))
    assert emit.data["matched"] == ["危险废物：3.1吨"]
    assert rules(measured(story, hazardous_waste_kg=9_000)) == []


def test_somebody_else_cannot_take_facts_back() -> None:
    story = Story(field="tobacco")
    measured(story, penalties_3y=2)
    story.say("by-criminal", "case.voided", regarding_source="by-env", regarding_id="e0", reason="-")
    assert rules(measured(story, business_fen=3_000_000)) == ["TH-225-tobacco"]


def test_the_standard_is_that_of_the_day_of_the_event() -> None:
    old = Story()
    old.start = old.start.replace(year=2020)
    assert rules(measured(old, hazardous_waste_kg=3_000)) == ["TH-338-2016"]
    older = Story()
    older.start = older.start.replace(year=2014)
    assert rules(measured(older, hazardous_waste_kg=3_000)) == []


def test_an_event_of_an_uncertain_day_has_the_standard_of_its_last_possible_day() -> None:
    story = Story()
    story.start = story.start.replace(year=2023)
    told = story.say(
        "by-env",
        "test.resulted",
        precision=Precision.YEAR,
        tested="-",
        result="-",
        facts=stated(hazardous_waste_kg=3_000),
    )
    assert rules(told) == ["TH-338-2023"]


def test_a_named_offence_is_held_against_its_own_standards_alone() -> None:
    story = Story(field="ip")
    assert rules(measured(story, sales_fen=6_000_000, business_fen=6_000_000)) == [
        "TH-213-2004",
        "TH-214-2004",
        "TH-215-2004",
    ]
    named = Story(field="ip")
    named.say("by-env", "transfer.suspected", offence="假冒注册商标罪")
    assert rules(measured(named, sales_fen=6_000_000, business_fen=6_000_000)) == ["TH-213-2004"]


def test_a_standard_of_one_field_is_not_held_against_another() -> None:
    story = Story(field="market")
    story.say("by-env", "transfer.suspected", offence="非法经营罪")
    assert "TH-225-tobacco" not in rules(measured(story, business_fen=90_000_000))


def test_the_amount_of_a_filed_case_counts_but_a_fine_does_not() -> None:
    filed = Story(field="tobacco").say("by-env", "admin_case.filed", case_no="1", amount_fen=6_000_000)
    assert rules(filed) == ["TH-140", "TH-225-tobacco"]
    fined = Story(field="tobacco").say("by-env", "admin_case.penalised", amount_fen=6_000_000)
    assert rules(fined) == []


def test_an_accident_is_held_against_its_standard_by_its_own_fields() -> None:
    told = Story(field="work_safety").say("by-env", "accident.occurred", deaths=1, loss_fen=5)
    (emit,) = said(told)
    assert (emit.data["rule"], emit.data["matched"]) == ("TH-134", ["死亡：1人"])


def test_a_fact_that_nobody_knows_is_admitted_flagged_and_not_compared() -> None:
    told = measured(Story(), moon_phase=4, hazardous_waste_kg=3_000)
    (flag,) = [one for one in told.decisions if isinstance(one, Anomaly)]
    assert flag.code == "unknown-fact"
    assert "moon_phase" in flag.detail
    assert rules(told) == ["TH-338-2023"]


def test_a_standard_from_memory_is_off_without_its_profile() -> None:
    story = Story(field="ip")
    assert rules(measured(story, stock_value_fen=90_000_000)) == []
    with_profile = Rulebook(REGISTER, rulebook().calendar, profiles=frozenset({"ip-2011"}))
    decided = decide(story.known, story.known.events[-1], with_profile)
    assert [one.data["rule"] for one in decided if isinstance(one, Emit)] == ["TH-214-stock"]


FACTS = st.dictionaries(st.sampled_from(sorted(FACT_BY_CODE)), st.integers(0, 10**9), min_size=1, max_size=4)
FIELDS = st.sampled_from(["environment", "food", "tobacco", "ip", "tax", "land", "mining", "fishery"])


@settings(deadline=None)  # a shared machine may stand still for a moment
@given(FIELDS, st.lists(FACTS, min_size=1, max_size=5))
def test_no_facts_are_said_twice_and_a_replay_says_the_same(field: str, told: list[dict[str, int]]) -> None:
    first, again = Story(field=field), Story(field=field)
    emits = [emit for facts in told for emit in said(measured(first, **facts))]
    assert [emit for facts in told for emit in said(measured(again, **facts))] == emits
    keys = [(emit.data["rule"], tuple(emit.data["matched"])) for emit in emits]
    assert len(set(keys)) == len(keys)
    assert len({emit.id for emit in emits}) == len(emits)


@settings(deadline=None)  # a shared machine may stand still for a moment
@given(FIELDS, FACTS, FACTS)
def test_more_facts_never_lose_a_match(field: str, facts: dict[str, int], more: dict[str, int]) -> None:
    alone = set(rules(measured(Story(field=field), **facts)))
    grown = {code: max(facts.get(code, 0), more.get(code, 0)) for code in facts | more}
    assert alone <= set(rules(measured(Story(field=field), **grown)))


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda row: row.code)
def test_each_item_alone_is_enough(standard: Any) -> None:
    for item in standard.items:
        story = Story(field=min(standard.fields) if standard.fields else "urban")
        last = standard.until or MONDAY.date()
        story.start = story.start.replace(year=last.year - (standard.until is not None))
        story.rulebook = Rulebook(
            REGISTER, story.rulebook.calendar, profiles=frozenset({standard.profile or "-"})
        )
        told = story.say(
            "by-env",
            "transfer.suspected",
            offence=standard.offence,
            facts=stated(**{need.fact: need.value for need in item.needs}),
        )
        assert standard.code in rules(told), item


# --- a penalty in place of a transfer ---------------------------------------------------------------------


def fined(story: Story, **facts: int) -> Folded:
    return story.say("by-env", "admin_case.penalised", decision_no="1", result="罚款", facts=stated(**facts))


def test_a_penalty_in_a_case_that_meets_a_standard_asks_whether_it_should_go_to_the_police() -> None:
    story = Story()
    measured(story, heavy_metal_ratio=1240)
    (question,) = [one for one in fined(story).decisions if isinstance(one, Anomaly)]
    assert question.code == "penalised-only"
    assert "TH-338-2023" in question.detail
    assert "是否应当移送" in question.detail


def test_it_is_asked_as_well_when_the_penalty_states_the_facts_or_they_come_after_it() -> None:
    assert "penalised-only" in flags(fined(Story(), heavy_metal_ratio=1240))
    story = Story()
    assert "penalised-only" not in flags(fined(story))
    assert "penalised-only" in flags(measured(story, heavy_metal_ratio=1240))


def test_it_is_not_asked_again_for_the_same_facts() -> None:
    story = Story()
    fined(story, heavy_metal_ratio=1240)
    assert "penalised-only" not in flags(measured(story, heavy_metal_ratio=1240))


@pytest.mark.parametrize(
    ("unit", "type_", "data"),
    [
        ("by-env", "transfer.sent", {"addressee": "by-police"}),
        ("by-police", "filing.accepted", {"filing_no": "1"}),
        ("by-police", "case.suspect_in_custody", {}),
    ],
)
def test_it_is_not_asked_of_a_case_that_went_to_the_police(
    unit: str, type_: str, data: dict[str, Any]
) -> None:
    story = Story()
    measured(story, heavy_metal_ratio=1240)
    story.say(unit, type_, **data)
    assert "penalised-only" not in flags(fined(story))


def test_it_is_not_asked_below_every_standard_nor_once_the_facts_were_taken_back() -> None:
    story = Story()
    measured(story, heavy_metal_ratio=200)
    assert "penalised-only" not in flags(fined(story))
    wrong = Story()
    wrong.say(
        "by-env",
        "test.resulted",
        tested="废水",
        result="超标",
        facts=stated(heavy_metal_ratio=1240),
        id="wrong",
    )
    wrong.say("by-env", "case.voided", regarding_source="by-env", regarding_id="wrong", reason="误报")
    assert "penalised-only" not in flags(fined(wrong))

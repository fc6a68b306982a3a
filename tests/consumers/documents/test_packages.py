"""What a transfer must come with: flagged with exactly what is missing, cleared by what comes later, never refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.decisions import Deliver
from consumers.documents.belonging import DOCUMENTS, LETTER
from consumers.documents.kinds import TEST_REPORT, TRANSFER_LETTER
from consumers.documents.rules import Package, packages
from tests.consumers.casework.story import PACKAGE, Story, details, flags

ENOUGH = ["涉嫌犯罪案件移送书", "案件调查报告", "涉案物品清单", "监测报告", "监测机构资质认定证书"]
LIST, REPORT, PROOF = "涉案物品清单", "监测报告", "监测机构资质认定证书"


def papers(*kinds: str) -> list[dict[str, str]]:
    return [{"kind": kind, "title": f"白环〔2026〕3号{kind}"} for kind in kinds]


def sent(*kinds: str, story: Story | None = None, **data: Any) -> Story:
    story = story or Story()
    story.say("by-env", "transfer.sent", addressee="by-police", documents=papers(*kinds), **data)
    return story


def missing(story: Story, which: int = -1) -> list[str]:
    return [one.kind.zh for one in packages(story.known)[which].missing]


def supplier(package: Package, kind: str) -> str | None:
    found = next(one.supplied_by for one in package.asked if one.kind.zh == kind)
    return None if found is None else found[1]


def test_a_whole_package_is_not_flagged() -> None:
    story = Story()
    told = story.say("by-env", "transfer.sent", addressee="by-police", documents=papers(*ENOUGH))
    assert flags(told) == []
    assert missing(story) == []


def test_an_incomplete_package_is_delivered_and_flagged_with_each_document_and_its_article() -> None:
    story = Story()
    told = story.say(
        "by-env", "transfer.sent", addressee="by-police", documents=papers("移送书", "调查报告", PROOF)
    )
    assert told.parked is None
    assert "by-police" in {one.unit for one in told.decisions if isinstance(one, Deliver)}
    assert flags(told) == ["missing-document"]
    (detail,) = details(told)
    assert detail == (
        "移送材料缺少：涉案物品清单（《行政执法机关移送涉嫌犯罪案件的规定》第6条：移送应当附有的材料 [V]）；"
        "检验报告或者鉴定意见（《行政执法机关移送涉嫌犯罪案件的规定》第6条：移送应当附有的材料 [V]）"
        " — the transfer package lacks: list of the articles (State Council Order 310 on transfers, art. 6: "
        "what a transfer must come with [V]); test report or expert opinion (State Council Order 310 on "
        "transfers, art. 6: what a transfer must come with [V])"
    )
    assert story.known.state == "TRANSFERRED"


def test_a_transfer_that_lists_nothing_lacks_the_four_documents_of_article_6() -> None:
    assert missing(sent()) == [
        "涉嫌犯罪案件移送书",
        "涉嫌犯罪案件情况的调查报告",
        "涉案物品清单",
        "检验报告或者鉴定意见",
    ]


@settings(deadline=None)  # a shared machine may stand still for a moment
@given(st.sets(st.sampled_from(ENOUGH)))
def test_what_is_missing_is_what_is_asked_for_and_not_listed(listed: set[str]) -> None:
    asked = [*ENOUGH[:4], *([PROOF] if REPORT in listed else [])]
    assert len(missing(sent(*sorted(listed)))) == len([kind for kind in asked if kind not in listed])


def test_no_list_is_asked_for_if_the_letter_says_that_there_are_no_articles() -> None:
    assert missing(sent("移送书", "调查报告", REPORT, PROOF, items_count=0)) == []
    assert missing(sent("移送书", "调查报告", REPORT, PROOF, items_count=2)) == [LIST]


def test_a_report_needs_the_proof_of_who_made_it() -> None:
    assert missing(sent("移送书", "调查报告", LIST, REPORT)) == ["检验鉴定机构资质证明"]
    story = sent("移送书", "调查报告", LIST, REPORT)
    story.say("by-env", "test.resulted", tested="废水", result="超标", qualified=True)
    assert missing(story) == []


def test_the_penalty_decision_is_asked_for_if_the_penalty_came_first() -> None:
    story = Story()
    story.say("by-env", "admin_case.penalised")
    assert missing(sent(*ENOUGH, story=story)) == ["行政处罚决定书"]
    story = sent(*ENOUGH)
    story.say("by-env", "admin_case.penalised")
    assert missing(story) == []


@pytest.mark.parametrize(
    ("type_", "unit"),
    [("transfer.supplemented", "by-env"), ("test.resulted", "by-env"), ("items.handed_over", "by-env")],
)
def test_what_reaches_the_police_later_clears_it_and_is_named(type_: str, unit: str) -> None:
    story = sent("移送书", "调查报告", REPORT, PROOF)
    assert missing(story) == [LIST]
    told = story.say(unit, type_, addressee="by-police", documents=papers(LIST), id="later")
    assert "missing-document" not in flags(told)
    assert missing(story) == []
    assert supplier(packages(story.known)[0], LIST) == "later"


def test_a_list_given_on_site_before_the_letter_counts_but_a_test_before_it_does_not() -> None:
    story = Story()
    story.say("by-env", "transfer.on_site_handed", addressee="by-police", documents=papers(LIST), id="site")
    story.say("by-env", "test.resulted", tested="废水", result="超标", documents=papers(REPORT, PROOF))
    sent("移送书", "调查报告", story=story)
    assert missing(story) == ["检验报告或者鉴定意见"]
    assert supplier(packages(story.known)[0], LIST) == "site"


def test_a_supplement_that_is_voided_leaves_the_document_missing_again() -> None:
    story = sent("移送书", "调查报告", REPORT, PROOF)
    story.say("by-env", "transfer.supplemented", documents=papers(LIST), supplied=[], id="later")
    story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="later", reason="r")
    assert missing(story) == [LIST]


def test_each_letter_has_a_package_of_its_own() -> None:
    story = sent(*ENOUGH)
    story.say("by-police", "transfer.out_of_remit", reasons="r")
    sent("移送书", story=story)
    assert missing(story, 0) == []
    assert LIST in missing(story, 1)


@pytest.mark.parametrize(
    ("document", "is_letter"),
    [
        ({"kind": "涉嫌犯罪案件移送书", "title": "白环移〔2026〕5号"}, True),
        ({"kind": "移送书（白环移〔2026〕5号）", "title": ""}, True),
        ({"kind": "文书", "title": "《移送涉嫌犯罪案件函》"}, True),
        ({"kind": "涉嫌犯罪案件移送书回执", "title": "回执"}, False),
        ({"kind": "", "title": ""}, False),
        ({}, False),
    ],
)
def test_a_document_is_recognised_as_offices_write_it(document: dict[str, str], is_letter: bool) -> None:
    assert TRANSFER_LETTER.fits(document) is is_letter


def test_proof_of_qualification_is_no_test_report() -> None:
    assert not TEST_REPORT.fits({"kind": PROOF, "title": PROOF})


def test_the_package_of_the_stories_is_whole() -> None:
    required = [row for row in DOCUMENTS if row.required and LETTER in row.events]
    assert [row.kind.zh for row in required if not any(map(row.kind.fits, PACKAGE))] == []

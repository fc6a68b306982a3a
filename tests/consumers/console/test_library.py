"""The library holds what was published and every row of the law, where the other pages link to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from consumers.console.library.anchors import basis_address, limit_address
from consumers.console.library.shelves import grounds, shelves
from consumers.console.library.typical_cases import TYPICAL_CASES
from consumers.handovers.statutes import STATUTES
from consumers.transfers.routes import ROUTES

PUBLISHED = {path.stem: json.loads(path.read_text("utf-8")) for path in Path("tests/cases").glob("*.json")}
BY_CODE = {one.code: one for one in TYPICAL_CASES}


def test_every_published_case_is_there_with_its_source():
    assert len(BY_CODE) == len(TYPICAL_CASES)
    assert set(BY_CODE) == set(PUBLISHED)
    for code, told in PUBLISHED.items():
        one, source = BY_CODE[code], told["published"]
        assert (one.title_zh, one.title_en) == (told["title"]["zh"], told["title"]["en"])
        assert (one.by, one.on, one.address, one.copied) == (
            source["by"], source["on"], source["address"], bool(source.get("copy")),
        )  # fmt: skip
        assert (one.field, one.offence) == (told["field"], told["offence"])


def test_every_limit_stands_once_under_an_anchor_of_its_own():
    anchors = [limit.anchor for shelf in shelves() for limit in shelf.limits]
    assert len(anchors) == len(set(anchors)) == len(STATUTES)
    assert {limit_address(*row.key) for row in STATUTES} == {f"/library/limits#{one}" for one in anchors}


def test_every_ground_of_a_routing_stands_once_under_an_anchor_of_its_own():
    anchors = [one.anchor for one in grounds()]
    assert len(anchors) == len(set(anchors))
    cited = {basis_address(route.basis.cited) for route in ROUTES}
    assert cited == {f"/library/routing#{one}" for one in anchors}
    assert basis_address("《已经没有的依据》") is None


def test_an_offices_own_target_is_not_shelved_under_the_text_it_cites():
    shelved = {limit.statute.code: shelf.text for shelf in shelves() for limit in shelf.limits}
    assert shelved["O310-05a"] == ""
    assert shelved["PIL-21"].startswith("《")


@pytest.mark.postgres
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_pages_have_what_the_case_page_links_to(filled, enter, language):
    from tests.consumers.console.test_case_page import CASE  # noqa: PLC0415

    person = enter(filled, "operator")
    page = person.get(f"/cases/{CASE}?lang={language}").text
    links = set(re.findall(r'href="(/library/\w+)#([\w-]+)"', page))
    assert {path for path, _ in links} == {"/library/limits", "/library/routing"}
    for path in ("/library/limits", "/library/routing"):
        shown = person.get(f"{path}?lang={language}").text
        assert [anchor for to, anchor in links if to == path and f'id="{anchor}"' not in shown] == []


@pytest.mark.postgres
def test_published_cases_are_found_by_their_field(filled, enter):
    person = enter(filled, "security")
    page = person.get("/library?field=food").text
    shown = set(re.findall(r'id="case-([\w-]+)"', page))
    assert shown == {one.code for one in TYPICAL_CASES if one.field == "food"}
    assert 'rel="noreferrer noopener"' in page

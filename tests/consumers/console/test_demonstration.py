"""Nobody who signs in to the demonstration finds an empty page, and what is proposed there waits for a second person."""

from __future__ import annotations

import re

import pytest

from consumers.administration.proposals import Kind
from consumers.console.access import NAVIGATION, may
from infra.demo.administration import administer, proposal_id
from infra.demo.people import PARTS
from infra.importing import SheetDesk
from infra.settings import Settings
from tests.conftest import DEMO_UNITS
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
SOMETHING = re.compile(r"<tbody[^>]*>\s*<tr|<article|<ul class=\"papers\"><li")
"""A line of a table, a typical case, or a form to fill in."""


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_no_page_is_empty_for_anybody(enter, filled, register, part):
    desk = SheetDesk(Settings(), register, filled, lambda: NOW)
    person = enter(filled, part.name, importing=desk)
    shown = re.findall(r'<li><a href="([^"]+)"', person.get("/account").text.split("</nav>")[0])
    left_out = set() if part.unit and desk.forms(part.unit) else {"/imports"}
    assert set(shown) == {entry.path for entry in NAVIGATION if may(part.role, entry.route)} - left_out
    empty = [path for path in shown if not SOMETHING.search(MAIN.findall(person.get(path).text)[0])]
    assert empty == []


@pytest.mark.parametrize("kind", [Kind.SUSPEND, Kind.PROFILES])
def test_what_one_proposes_only_the_other_can_approve(enter, filled, kind):
    path = f"/proposals/{proposal_id(kind)}"
    assert 'value="approve"' not in enter(filled, "security").get(path).text
    assert 'value="approve"' in enter(filled, "second").get(path).text


def test_the_second_person_sees_what_the_proposed_rules_would_change(enter, filled):
    page = enter(filled, "second").get(f"/proposals/{proposal_id(Kind.PROFILES)}?lang=en").text
    assert "spp21-08" in page
    assert re.search(r"<tbody>\s*<tr>", page), "no difference is shown"


def test_a_second_demonstration_proposes_and_opens_nothing_twice(enter, copied, register):
    def kept() -> tuple[int, int]:
        person = enter(copied, "security")
        pages = (person.get(path).text for path in ("/channels", "/proposals"))
        channels, proposals = (len(re.findall(r"<tr><td|<tr>\s*<td", page)) for page in pages)
        return channels, proposals

    before = kept()
    address = copied.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(database=address, units=DEMO_UNITS)
    administer(copied, settings, register, "http://console.test", now=NOW)
    assert kept() == before
    assert min(before) >= 2

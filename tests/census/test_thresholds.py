"""The tables of prosecution standards and facts hang together, cite their source and are what the page shows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from consumers.sources import Mark
from consumers.thresholds.rules import STATED, TAKEN_FROM
from consumers.thresholds.standard import Standard
from consumers.thresholds.standards import STANDARDS
from consumers.thresholds.thresholds_page import thresholds_page
from schemas.catalogue import AVRO, BY_NAME
from schemas.facts import FACT_BY_CODE, FACTS
from schemas.fields import FIELD_BY_CODE
from schemas.offences import OFFENCES
from schemas.samples import all_samples

PAGE = Path(__file__).parents[2] / "docs" / "thresholds.md"
EACH = pytest.mark.parametrize("row", STANDARDS, ids=lambda row: row.code)


@EACH
def test_a_standard_is_about_an_offence_of_the_table_and_facts_of_the_table(row: Standard) -> None:
    assert row.offence in {offence.zh for offence in OFFENCES}
    assert row.items
    assert all(item.needs for item in row.items)
    assert {need.fact for item in row.items for need in item.needs} <= FACT_BY_CODE.keys()
    assert row.fields <= FIELD_BY_CODE.keys()
    assert row.until is None or row.since < row.until


@EACH
def test_a_standard_from_memory_is_off_unless_a_profile_turns_it_on(row: Standard) -> None:
    assert (row.mark is Mark.MEMORY) == (row.profile is not None)


def test_codes_are_unique_and_two_versions_of_a_standard_do_not_bind_at_once() -> None:
    assert max(Counter(row.code for row in STANDARDS).values()) == 1
    assert len(FACT_BY_CODE) == len(FACTS)


def test_every_fact_is_asked_for_by_a_standard() -> None:
    asked = {need.fact for row in STANDARDS for item in row.items for need in item.needs}
    assert FACT_BY_CODE.keys() == asked


@pytest.mark.parametrize("name", TAKEN_FROM)
def test_the_events_that_facts_come_from_have_these_fields(name: str) -> None:
    schema = json.loads((AVRO / BY_NAME[name].avsc).read_text(encoding="utf-8"))
    fields = {field["name"] for field in schema["fields"]}
    assert TAKEN_FROM[name].keys() <= fields
    assert set(TAKEN_FROM[name].values()) <= FACT_BY_CODE.keys()
    assert STATED in fields or TAKEN_FROM[name]


def test_no_other_event_states_facts() -> None:
    stating = {
        name
        for name, row in BY_NAME.items()
        if any(
            field["name"] == STATED for field in json.loads((AVRO / row.avsc).read_text("utf-8"))["fields"]
        )
    }
    assert stating <= TAKEN_FROM.keys()


def test_the_examples_name_known_facts_and_standards() -> None:
    for sample in all_samples():
        assert {fact["code"] for fact in sample.data.get(STATED, [])} <= FACT_BY_CODE.keys()
        if sample.envelope.type == "lead.threshold_matched":
            assert sample.data["rule"] in {row.code for row in STANDARDS}


def test_the_page_shows_the_tables_as_they_are() -> None:
    """After a change of a table: `make generate`."""
    assert PAGE.read_text(encoding="utf-8") == thresholds_page()

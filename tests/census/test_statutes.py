"""The tables of duties and limits hang together, name only events that exist, and are what the page shows."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.handovers.concerns import DUTIES
from consumers.handovers.statutes import BY_KEY, STATUTES
from consumers.handovers.statutes_page import statutes_page
from consumers.sources import Mark
from schemas.catalogue import AVRO, BY_NAME
from schemas.fields import FIELD_BY_CODE

ROOT = Path(__file__).parents[2]


def fields_of(type_: str) -> dict[str, object]:
    schema = json.loads((AVRO / BY_NAME[type_].avsc).read_text(encoding="utf-8"))
    return {field["name"]: field["type"] for field in schema["fields"]}


def events_of(duty) -> list[str]:
    other = [duty.extended_by, duty.lengthened_by, *duty.requires]
    other += [name for pause in duty.pauses for name in (pause.begins, pause.ends)]
    return [*(one.type for one in (*duty.starts, *duty.stops)), *(name for name in other if name)]


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_every_event_of_a_duty_is_in_the_catalogue(duty):
    assert [name for name in events_of(duty) if name not in BY_NAME] == []


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_every_payload_field_that_a_duty_asks_for_exists(duty):
    for one in (*duty.starts, *duty.stops):
        asked = {name for name, _ in one.only} | set(one.key)
        assert asked <= fields_of(one.type).keys()
    for start in duty.starts:
        assert set(start.key or duty.key) <= fields_of(start.type).keys()


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_a_start_said_to_be_addressed_always_names_its_addressee(duty):
    for start in duty.starts:
        if start.addressed:
            assert fields_of(start.type)["addressee"] == "string"


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_a_value_asked_of_an_enumeration_is_one_of_its_symbols(duty):
    for one in (*duty.starts, *duty.stops):
        for name, values in one.only:
            type_ = fields_of(one.type)[name]
            if isinstance(type_, dict) and type_["type"] == "enum":
                assert set(values) <= set(type_["symbols"])


def test_no_two_rows_have_the_same_code_and_version():
    assert len(BY_KEY) == len(STATUTES)


def test_a_duty_is_one_object_under_its_name():
    for row in STATUTES:
        assert next(duty for duty in DUTIES if duty.name == row.duty.name) is row.duty


@pytest.mark.parametrize("row", STATUTES, ids=lambda row: f"{row.code}-{row.version}")
def test_a_row_cites_its_source_and_stands_in_order(row):
    assert row.source
    assert isinstance(row.mark, Mark)
    assert row.zh
    assert row.en
    assert row.until is None or row.since < row.until
    assert row.fields <= FIELD_BY_CODE.keys()


@pytest.mark.parametrize("row", STATUTES, ids=lambda row: f"{row.code}-{row.version}")
def test_what_is_known_from_memory_only_is_off_unless_asked_for(row):
    assert row.mark is not Mark.MEMORY or row.profile is not None


def test_what_an_office_sets_itself_is_no_statutory_limit():
    for row in STATUTES:
        if row.office:
            assert row.mark is not Mark.VERIFIED
            assert not row.escalate_to


def test_a_code_stands_for_a_statutory_limit_or_for_a_target_but_never_for_both():
    """Whoever reads the code alone must not take a target that was missed for a breach of law."""
    targets = {code for row in STATUTES if row.office for code in (row.code, *row.also)}
    statutory = {code for row in STATUTES if not row.office for code in (row.code, *row.also)}
    assert targets & statutory == set()


def test_versions_of_a_code_leave_no_day_to_two_of_them():
    """Rows that differ only in their dates must not overlap: which one binds would depend on the order."""
    for row in STATUTES:
        for other in STATUTES:
            same = (row.code, row.duty, row.fields, row.economic, row.only, row.profile)
            if row is not other and same == (
                other.code,
                other.duty,
                other.fields,
                other.economic,
                other.only,
                other.profile,
            ):
                assert row.until is not None or other.until is not None
                assert (row.until or other.since) <= other.since or (other.until or row.since) <= row.since


def test_every_announcement_is_the_buss_own():
    for row in STATUTES:
        if row.announces:
            assert "BUS" in {role.value for role in BY_NAME[row.announces].speakers}


def test_extensions_name_approvers_of_the_schema_and_lengthen():
    for row in STATUTES:
        for approver, days in row.extensions:
            assert approver in fields_of("filing.extended")["approver_level"]["symbols"]
            assert timedelta(days=days) > timedelta(days=row.period.count)


def test_the_page_is_up_to_date():
    """After a change of the tables: `python -m consumers.handovers.statutes_page > docs/statutes.md`."""
    assert (ROOT / "docs" / "statutes.md").read_text(encoding="utf-8") == statutes_page()


@pytest.mark.parametrize(
    "code",
    [
        "O310-05a", "O310-05b", "O310-05c", "O310-07b", "O310-08", "O310-09a", "O310-09b", "O310-09c", "O310-12",
        "PSB-175", "PSB-180a", "PSB-180b", "PSB-182a", "PSB-182b", "PSB-184", "PSB-189", "ECO-16", "ECO-16-ordinary",
        "PR-560", "PR-561", "PR-562", "PR-563", "PR-564", "CPL-172", "G24-a", "G24-12", "G24-reply-90",
        "SPP21-08", "SPP21-09", "SPP21-13", "PIL-13", "PIL-20", "PIL-21", "SUG-19", "APL-60", "JOINT-06", "ENV-17",
    ],
)  # fmt: skip
def test_the_table_knows_the_code(code):
    assert [row for row in STATUTES if code == row.code or code in row.also]

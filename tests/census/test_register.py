"""The register of units: the demonstration's is complete, docs/units.md describes it, and a wrong row is named."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from schemas.catalogue import SPEAKERS
from schemas.fields import FIELD_BY_CODE
from schemas.units import PROCURATORATE, Register, RegisterError, Role, Unit, load_register
from tests.census.pages import pages, read

PAGE = read("docs/units.md")
SHOWN = [block.text for page in pages() for block in page.blocks if "[[unit]]" in block.text]

GOOD: dict[str, object] = {
    "code": "by-env",
    "name_zh": "白云区生态环境分局",
    "name_en": "Baiyun ecology and environment branch",
    "roles": ["AG"],
    "district": "baiyun",
}


def _written(path: Path, *units: dict[str, object]) -> Path:
    rows = ["\n".join(f"{key} = {value!r}" for key, value in unit.items()) for unit in units]
    path.write_text("".join(f"[[unit]]\n{row}\n" for row in rows), encoding="utf-8")
    return path


def test_every_unit_of_the_demonstration_is_named_in_both_languages(register: Register) -> None:
    for unit in register.units:
        assert re.search(r"[\u4e00-\u9fff]", unit.name_zh)
        assert unit.name_en.isascii()


def test_every_field_that_an_agency_enforces_is_a_known_one(register: Register) -> None:
    assert {name for unit in register.units for name in unit.fields} <= FIELD_BY_CODE.keys()


def test_every_district_with_an_agency_has_police_and_a_procuratorate(register: Register) -> None:
    """A city bureau acts in the districts below it, so it needs none of its own."""
    below = {
        unit.district
        for unit in register.units
        if Role.AGENCY in unit.roles and Role.SUPERIOR not in unit.roles
    }
    for district in below:
        acting = {role for role in Role if register.acting(district, role) is not None}
        assert acting >= PROCURATORATE | {Role.POLICE, Role.JUSTICE}


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: str(tomllib.loads(shown)["unit"][0]["code"]))
def test_a_register_that_a_page_shows_is_accepted(shown: str, tmp_path: Path) -> None:
    path = tmp_path / "units.toml"
    path.write_text(shown, encoding="utf-8")
    assert load_register(path).units


def test_the_page_names_every_key_and_every_role() -> None:
    assert {field.name for field in fields(Unit)} <= set(PAGE.spans)
    rows = {
        row[0].strip("`"): row[1]
        for section in PAGE.sections
        for row in section.rows
        if section.title == "Roles"
    }
    assert rows == {role.value: SPEAKERS[role][0] for role in Role if role is not Role.BUS}


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        ([GOOD, GOOD], "unit 'by-env' is registered twice"),
        ([GOOD | {"code": "bus"}], "use lower-case letters, digits and hyphens, and not 'bus'"),
        ([GOOD | {"code": "By Env"}], "use lower-case letters, digits and hyphens"),
        ([GOOD | {"code": "白环"}], "is not ASCII"),
        ([GOOD | {"roles": []}], "give it at least one role"),
        ([GOOD | {"roles": ["BUS"]}], "and not BUS"),
        ([GOOD | {"roles": ["XX"]}], "'XX' is not a valid Role"),
        ([GOOD | {"roles": "AG"}], "expected a list of strings, got 'AG'"),
        ([{"code": "by-env"}], "unit 'by-env' lacks 'name_zh'"),
        ([GOOD | {"superior": "gz-env"}], "unit 'by-env': superior 'gz-env' is not in the register"),
        (
            [GOOD | {"fields": ["environment", "tobaco"]}],
            f"unit 'by-env': 'tobaco' is no field; accepted: {', '.join(FIELD_BY_CODE)}",
        ),
        ([], "holds no [[unit]] table"),
    ],
)
def test_a_register_that_cannot_be_used_is_refused_with_what_is_wrong(
    units: list[dict[str, object]], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(RegisterError, match=re.escape(sentence)):
        load_register(_written(tmp_path / "units.toml", *units))


def test_the_example_of_a_refusal_is_a_real_one(tmp_path: Path) -> None:
    with pytest.raises(RegisterError) as refused:
        load_register(_written(tmp_path / "units.toml", GOOD | {"superior": "gz-env"}))
    assert str(refused.value) in PAGE.spans

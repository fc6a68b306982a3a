"""A unit is added to the register's file as a whole or not at all."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.register_file import add_to_register, as_toml
from schemas.units import Contact, RegisterError, Role, Unit, load_register
from tests.conftest import DEMO_UNITS

NEW = Unit(
    "by-water",
    "白云区水务局",
    'Baiyun "water" bureau \\ branch',
    frozenset({Role.AGENCY}),
    "baiyun",
    frozenset({"water"}),
    "gz-env",
    (Contact("值班室", "", "duty@example.org"),),
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "units.toml"
    path.write_bytes(DEMO_UNITS.read_bytes())
    return path


def test_a_unit_is_appended_and_everything_else_stays(file):
    before = file.read_text()
    assert add_to_register(file, NEW)
    assert file.read_text().startswith(before.rstrip())
    assert load_register(file).by_code["by-water"] == NEW


def test_adding_it_again_changes_nothing(file):
    add_to_register(file, NEW)
    before = file.read_bytes()
    assert not add_to_register(file, NEW)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"superior": "nobody"}, "superior 'nobody'"),
        ({"fields": frozenset({"magic"})}, "'magic' is no field"),
    ],
)
def test_a_unit_that_the_register_cannot_hold_leaves_the_file_as_it_was(file, change, complaint):
    before = file.read_bytes()
    with pytest.raises(RegisterError, match=complaint):
        add_to_register(file, replace(NEW, **change))
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("contacts", "complaint"),
    [
        ('[{ name = "值班室" }]', "a contact has a name, and a phone or a mail"),
        ('[{ name = "值班室", email = "a@example.org" }]', "a contact is { name = …, phone = …, mail = … }"),
        ('"值班室"', "expected a list of contacts, got '值班室'"),
    ],
)
def test_a_contact_that_nobody_can_reach_is_refused(tmp_path, contacts, complaint):
    path = tmp_path / "units.toml"
    path.write_text(f"{as_toml(replace(NEW, superior=None, contacts=()))}contacts = {contacts}\n")
    with pytest.raises(RegisterError, match=re.escape(complaint)):
        load_register(path)


def test_a_unit_that_stands_there_otherwise_is_not_overwritten(file):
    add_to_register(file, NEW)
    with pytest.raises(RegisterError, match="and otherwise"):
        add_to_register(file, Unit("by-water", "别的", "other", frozenset({Role.AGENCY}), "baiyun"))


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_name_comes_back_as_it_was(tmp_path_factory, chinese, english):
    path = tmp_path_factory.mktemp("register") / "units.toml"
    unit = Unit("one", chinese, english, frozenset({Role.AGENCY}), "baiyun")
    path.write_text(as_toml(unit), encoding="utf-8")
    assert load_register(path).units == (unit,)

"""Which demo unit plays which organ."""

from __future__ import annotations

import pytest

from infra.demo.cast import cast_of
from schemas.units import Register, Role


@pytest.mark.parametrize(
    ("field", "agency"),
    [
        ("environment", "by-env"),
        ("ip", "by-market"),
        ("tobacco", "by-tobacco"),
        ("wildlife", "by-agri"),
        ("traffic", "by-police"),
        ("work_safety", "by-emergency"),
    ],
)
def test_the_agency_of_a_case_is_the_one_that_enforces_its_field(
    register: Register, field: str, agency: str
) -> None:
    assert cast_of("any-case", field, register)["AG"] == agency


def test_a_letter_to_another_city_goes_to_the_neighbour_and_the_rest_stays_at_home(
    register: Register,
) -> None:
    cast = cast_of("yingjiang-shishi-trademark", "ip", register)
    assert register.district_of(cast["AG"]) == "huadu"
    assert register.district_of(cast["PA"]) == "baiyun"


def test_a_town_office_is_played_by_the_town(register: Register) -> None:
    assert cast_of("zhongshan-plating", "environment", register)["AG"] == "by-town"


def test_every_role_is_played_by_a_unit_that_has_it(register: Register) -> None:
    cast = cast_of("any-case", "tax", register)
    assert all(register.has_role(cast[role], Role(role)) for role in cast.keys() - {"AG2"})
    assert register.has_role(cast["AG2"], Role.AGENCY)


def test_a_field_that_nobody_enforces_has_no_agency(register: Register) -> None:
    assert not {"AG", "AG2"} & cast_of("any-case", "astronomy", register).keys()

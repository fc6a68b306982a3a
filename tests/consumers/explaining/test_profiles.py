"""Profiles as an office writes them: a misspelt one is refused with the name that was meant."""

from __future__ import annotations

import pytest

from consumers.explaining.profiles import ProfileError, known_profiles, require_known
from infra.cli.errors import explanation
from infra.rules import read_rulebook
from infra.settings import EXIT_BAD_SETTING, Settings
from tests.infra.test_rule_sets import DEMO_UNITS


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("env-71", "did you mean env-17?"),
        ("ENV-17", "did you mean env-17?"),
        ("order310-working-days", "did you mean order-310-working-days?"),
        ("ENV-17-entry", "it is the code of a limit, Agency enters its steps on the platform, environment"),
        ("ENV-17-entry", "which the profile env-17 turns on"),
        ("O310-08", "which is always on"),
        ("zzz", "there are "),
    ],
)
def test_a_name_that_no_rule_has_is_refused_with_the_one_that_was_meant(name: str, advice: str) -> None:
    with pytest.raises(ProfileError, match=f"'{name}'") as refused:
        require_known({"env-17", name})
    assert advice in str(refused.value)


def test_every_profile_of_the_tables_is_accepted() -> None:
    require_known(known_profiles())


def test_no_process_starts_with_such_a_name() -> None:
    with pytest.raises(ProfileError) as refused:
        read_rulebook(Settings(units=DEMO_UNITS, profiles=frozenset({"env-71"})))
    told = explanation(refused.value)
    assert told is not None
    assert told.exit_code == EXIT_BAD_SETTING

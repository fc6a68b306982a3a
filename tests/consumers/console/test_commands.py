"""The commands that admit people."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from consumers.console import passwords
from infra.dev.supervisor import DEMO_UNITS

pytestmark = pytest.mark.postgres


@pytest.fixture
def linkage(database):
    def run(*words: str, given: str = ""):
        return subprocess.run(
            [sys.executable, "-m", "infra.cli", "console", "user", *words],
            env={**os.environ, "LINKAGE_DATABASE": database, "LINKAGE_UNITS": str(DEMO_UNITS)},
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_somebody_is_admitted_once_with_a_password_that_is_shown_once(linkage):
    made = linkage("add", "li", "--role", "head", "--unit", "by-criminal", "--generate")
    assert (made.returncode, len(made.stdout.strip()) >= 16) == (0, True)
    again = linkage("add", "li", "--role", "head", "--unit", "by-criminal", "--generate")
    assert (again.returncode, "'li' is there already" in again.stderr) == (1, True)
    assert "by-criminal" in linkage("list").stdout


def test_somebody_gets_a_new_password_and_nobody_else_does(linkage):
    linkage("add", "li", "--role", "head", "--unit", "by-criminal", "--generate")
    given = linkage("password", "li", "--generate")
    assert (given.returncode, len(given.stdout.strip()) >= 16) == (0, True)
    unknown = linkage("password", "wang", "--generate")
    assert (unknown.returncode, "nobody is called 'wang'" in unknown.stderr) == (1, True)


def test_a_password_that_happens_to_contain_the_name_is_not_given():
    tokens = iter(["xxLi-8fQ2mZk4TqW9r7", "pQ8fQ2mZk4TqW9r7xZc"])
    assert passwords.generated("li", token=tokens.__next__) == "pQ8fQ2mZk4TqW9r7xZc"


@pytest.mark.parametrize(
    ("words", "given", "why"),
    [
        (["--role", "king"], "a-long-enough-secret", "'king' is no role: use operator, auditor"),
        (["--role", "head"], "a-long-enough-secret", "role head: name a unit"),
        (
            ["--role", "operator", "--unit", "by-env"],
            "a-long-enough-secret",
            "role operator: belongs to no unit",
        ),
        (
            ["--role", "clerk", "--unit", "by-nobody"],
            "a-long-enough-secret",
            "'by-nobody' is not in the register",
        ),
        (["--role", "operator"], "short", "a password has 12 to 256 characters"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(linkage, words, given, why):
    done = linkage("add", "li", *words, given=given + "\n")
    assert done.returncode == 1
    assert why in done.stderr

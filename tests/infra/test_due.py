"""`linkage due` counts a limit, shows how, and says what it accepts."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from infra.cli.due import app


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    monkeypatch.delenv("LINKAGE_HOLIDAYS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


def ran(*arguments):
    return CliRunner().invoke(app, list(arguments))


def counted(*arguments):
    done = ran(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


@pytest.mark.parametrize(
    ("arguments", "version", "due", "provisional"),
    [
        (["--rule", "O310-08", "--from", "2026-02-12"], "2020", "2026-02-24T23:59:59+08:00", False),
        (["--rule", "PSB-180a", "--from", "2026-02-12"], "2020", "2026-02-24T23:59:59+08:00", False),
        (["--rule", "O310-08", "--from", "2017-06-22"], "2001", "2017-06-26T23:59:59+08:00", False),
        (
            ["--rule", "O310-05c", "--from", "2026-02-13T18:30:00+08:00"],
            "2020",
            "2026-02-14T18:30:00+08:00",
            False,
        ),
        (
            ["--rule", "O310-05c", "--from", "2026-02-13T10:30:00Z"],
            "2020",
            "2026-02-14T18:30:00+08:00",
            False,
        ),
        (
            [
                "--rule",
                "O310-05c",
                "--from",
                "2026-02-13T18:30:00+08:00",
                "--profile",
                "hours-from-next-full-hour",
            ],
            "2020",
            "2026-02-14T19:00:00+08:00",
            False,
        ),
        (["--rule", "G24-12", "--from", "2026-09-30"], "2024", "2026-10-20T23:59:59+08:00", False),
        (
            ["--rule", "SPP21-09", "--from", "2026-12-31", "--profile", "spp21-09"],
            "2021-kept",
            "2027-03-01T23:59:59+08:00",
            True,
        ),
        (
            ["--rule", "ENV-17", "--from", "2026-03-11", "--field", "environment"],
            "2017",
            "2026-03-16T23:59:59+08:00",
            False,
        ),
        (["--rule", "ECO-16", "--from", "2023-01-30"], "2018", "2023-02-09T23:59:59+08:00", False),
        (["--rule", "PIL-21", "--from", "2022-01-29"], "2018", "2022-03-29T23:59:59+08:00", False),
        (
            ["--rule", "PIL-21", "--version", "2018-urgent", "--from", "2022-01-29"],
            "2018-urgent",
            "2022-02-14T23:59:59+08:00",
            False,
        ),
    ],
)
def test_a_limit_is_counted_by_the_rule_in_force(arguments, version, due, provisional):
    found = counted(*arguments)
    assert (found["version"], found["due"], found["provisional"]) == (version, due, provisional)
    assert found["steps"]
    assert all(step["zh"] and step["en"] for step in found["steps"])


def test_people_see_the_article_and_the_steps():
    done = ran("--rule", "O310-08", "--from", "2026-02-12")
    assert done.exit_code == 0
    assert "第8条 [V]" in done.output
    assert "moved to Tue 2026-02-24" in done.output
    assert "届满 due: 2026-02-24T23:59:59+08:00" in done.output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--rule", "O310-99", "--from", "2026-02-12"], "accepted: O310-05a"),
        (["--rule", "O310-08", "--from", "yesterday"], "2026-03-11T09:30:00+08:00"),
        (["--rule", "O310-08", "--from", "2026-02-12T10:00:00"], "has no offset"),
        (["--rule", "O310-05c", "--from", "2026-02-12"], "give the time"),
        (["--rule", "G24-12", "--from", "2020-02-12"], "for starts from 2024-11-26"),
        (["--rule", "ENV-17", "--from", "2026-02-12", "--field", "labour"], "with field environment"),
        (["--rule", "ENV-17", "--from", "2026-02-12", "--field", "sea"], "accepted: environment"),
        (["--rule", "LETTER-reply", "--from", "2020-02-12"], "the letter sets it"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_what_is_accepted(arguments, named):
    done = ran(*arguments)
    assert done.exit_code == 2
    assert named in " ".join(done.output.replace("│", " ").split())


def test_the_operators_calendar_counts(monkeypatch, tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text(
        'published = [2027]\n[[day]]\ndate = 2027-01-04\nstate = "off"\nwhy = "元旦"\n', encoding="utf-8"
    )
    monkeypatch.setenv("LINKAGE_HOLIDAYS", str(path))
    found = counted("--rule", "O310-08", "--from", "2026-12-31")
    assert (found["due"], found["provisional"]) == ("2027-01-05T23:59:59+08:00", False)


def test_a_rule_from_memory_is_answered_with_its_mark_and_that_it_is_off():
    done = ran("--rule", "SPP21-13", "--from", "2026-02-12")
    assert done.exit_code == 0
    assert "[M]" in done.output
    assert "off: only with the profile spp21-13" in done.output

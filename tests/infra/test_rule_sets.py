"""Sets of rules by name, kept decisions, and the commands that compare them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Engine
from typer.testing import CliRunner

from consumers.casework.transaction import Casework
from consumers.rebuild import dump
from infra.cli import app
from infra.database import engine as database_engine
from infra.dev.addresses import as_environment
from infra.rule_sets import RuleSetError, read_rule_set
from infra.settings import Settings
from schemas.units import Register
from tests.conftest import DEMO_UNITS
from tests.consumers.casework.logged import TOPIC, Log, told
from tests.consumers.explaining.telling import rulebook
from tests.faults.scripts import OVERDUE, SWIFT

CASES = Path(__file__).parents[1] / "cases"
Linkage = Callable[..., Result]


@pytest.fixture
def linkage() -> Linkage:
    def run(*arguments: Any) -> Result:
        return CliRunner().invoke(
            app, [str(one) for one in arguments], env={"LINKAGE_UNITS": str(DEMO_UNITS)}
        )

    return run


def some_cases(folder: Path) -> Path:
    """Three published cases, so that the commands are quick."""
    for path in sorted(CASES.glob("*.json"))[:3]:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_set_of_rules_is_named_by_settings_on_the_line_or_in_a_file(tmp_path: Path) -> None:
    settings = Settings(units=DEMO_UNITS, profiles=frozenset({"env-17"}))
    (tmp_path / "units.toml").write_bytes(DEMO_UNITS.read_bytes())
    file = tmp_path / "proposal.toml"
    file.write_text('profiles = ["mps-2015"]\nunits = "units.toml"\nsettling_seconds = 5\n', encoding="utf-8")
    current, inline, filed = (
        read_rule_set(name, settings) for name in ("current", "profiles=mps-2015,env-17", str(file))
    )
    assert current.profiles == {"env-17"}
    assert inline.profiles == {"mps-2015", "env-17"}
    assert (filed.profiles, filed.settling.total_seconds()) == ({"mps-2015"}, 5)
    assert read_rule_set("profiles=;settling_seconds=7", settings).profiles == frozenset()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("yesterday", "'yesterday' is no set of rules: write current"),
        ("profiles=nothing", "no rule has the profile 'nothing'; there are env-17"),
        ("colour=red", "'colour' is not known in a rule set; use profiles"),
        ("settling_seconds=soon", "settling_seconds is a number from 0 to 86400, not 'soon'"),
        ("none.toml", "the rule set none.toml cannot be read"),
        ("none.json", "the decisions in none.json cannot be read"),
    ],
)
def test_a_name_that_stands_for_no_rules_is_one_sentence(name: str, words: str) -> None:
    with pytest.raises(RuleSetError) as raised:
        read_rule_set(name, Settings(units=DEMO_UNITS))
    assert words in str(raised.value)


@pytest.mark.parametrize("content", ["", "{}", '{"format": "linkage-decisions/1"}', "nonsense", "[]"])
def test_a_file_that_holds_no_decisions_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "old.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RuleSetError, match=r"old\.json"):
        read_rule_set(str(file), Settings(units=DEMO_UNITS))


def test_kept_decisions_are_compared_like_the_rules_that_made_them(linkage: Linkage, tmp_path: Path) -> None:
    """What another version of the program decided is a file: it differs in nothing from who wrote it."""
    cases, kept = some_cases(tmp_path), tmp_path / "kept" / "a.json"
    kept.parent.mkdir()
    assert linkage("rules", "record", kept, "profiles=mps-2015", "--cases", cases).exit_code == 0
    same = json.loads(linkage("rules", "diff", kept, "profiles=mps-2015", "--cases", cases, "--json").stdout)
    assert (same["cases"], same["groups"], same["a"]) == (3, [], same["b"])
    other = json.loads(linkage("rules", "diff", kept, "current", "--cases", cases, "--json").stdout)
    made = json.loads(
        linkage("rules", "diff", "profiles=mps-2015", "current", "--cases", cases, "--json").stdout
    )
    assert other == made


def test_the_name_of_the_rules_in_force_can_be_shown(linkage: Linkage) -> None:
    shown = json.loads(linkage("rules", "show").stdout)
    assert set(shown) == {"tables", "calendar", "units", "profiles", "settling_seconds"}
    assert shown != json.loads(linkage("rules", "show", "profiles=mps-2015").stdout)


@pytest.fixture
def stored(database: str, register: Register) -> Iterator[tuple[Settings, Engine]]:
    """A database with two cases in it."""
    settings = Settings(database=database, units=DEMO_UNITS)
    connector = database_engine(settings)
    log = Log()
    log.add(*told(SWIFT, OVERDUE))
    Casework(connector, rulebook(register), log.range, cached_events=60_000, topic=TOPIC).apply(log.records)
    yield settings, connector
    connector.dispose()


@pytest.mark.postgres
def test_past_events_of_the_database_are_decided_again_and_nothing_is_written(
    stored: tuple[Settings, Engine],
) -> None:
    settings, connector = stored
    before = list(dump.lines(connector))

    def diff(*arguments: str) -> dict[str, Any]:
        done = CliRunner().invoke(
            app, ["rules", "diff", "current", *arguments, "--json"], env=as_environment(settings)
        )
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    changed = diff("profiles=mps-2015", "--since", "2026-11-23")
    assert (changed["cases"], changed["differing_cases"] > 0) == (2, True)
    assert {group["what"] for group in changed["groups"]} >= {"O310-08 (2020) → MPS-2015 (2015)"}
    assert diff("current", "--since", "2026-11-23")["groups"] == []
    assert diff("profiles=mps-2015", "--since", "2099-01-01")["cases"] == 0
    assert list(dump.lines(connector)) == before

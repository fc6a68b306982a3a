"""Rules live in tables: offences, fields, units, limits and days in force are written where they are declared."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import infra.dev
from consumers.handovers.statutes import STATUTES
from consumers.thresholds.standards import STANDARDS
from consumers.transfers.states import FORWARD_STATES, REVERSE_STATES
from schemas.facts import FACT_BY_CODE
from schemas.fields import FIELD_BY_CODE
from schemas.offences import OFFENCES
from schemas.units import load_register

ROOT = Path(__file__).parents[2]
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for package in ("schemas", "producers", "consumers", "infra")
    for path in sorted((ROOT / package).rglob("*.py"))
}
REGISTER = load_register(Path(infra.dev.__file__).with_name("units.toml"))

# What is written → where it may stand, as the beginnings of paths. The demonstration is about some unit and case.
HOMES: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "an offence": (
        {name for row in OFFENCES for name in (row.zh, *row.also)},
        (
            "schemas/offence",
            "consumers/thresholds/standards.py",
            "consumers/console/library/typical_cases.py",
            "infra/dev/",
        ),
    ),
    "a field": (
        set(FIELD_BY_CODE),
        (
            "schemas/fields.py",
            "schemas/offence",
            "consumers/thresholds/standards.py",
            "consumers/transfers/conditions.py",
            "consumers/opinions/mirrors.py",
            "consumers/console/library/typical_cases.py",
            "consumers/handovers/",
            "infra/dev/",
        ),
    ),
    "a fact": (
        set(FACT_BY_CODE) - {"deaths", "amount_fen", "loss_fen"},  # which are fields of events as well
        ("schemas/facts.py", "consumers/thresholds/standards.py"),
    ),
    "a unit": (set(REGISTER.by_code), ("infra/demo/", "infra/dev/", "infra/cli/demo.py")),
    "a limit": ({row.code for row in STATUTES}, ("consumers/handovers/", "infra/dev/")),
    "a standard": ({row.code for row in STANDARDS}, ("consumers/thresholds/standards.py",)),
    "a state": (
        {row.code for row in (*FORWARD_STATES, *REVERSE_STATES) if row.code} - {"OPEN", "DELIVERED"},
        (
            "consumers/transfers/states.py",
            "consumers/transfers/transitions.py",
            "consumers/transfers/side_tracks.py",
            "consumers/transfers/conditions.py",
        ),
    ),
}
DAYS = (
    "consumers/transfers/routes.py",
    "consumers/handovers/",
    "consumers/thresholds/standards.py",
    "consumers/workdays",
    "producers/imports/cells.py",  # from which spreadsheets count days
    "schemas/admission.py",  # before which nothing on the bus can have happened
)
"""Where a day may be written: the days from which a text or a calendar counts."""


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize("what", HOMES)
def test_what_belongs_into_a_table_stands_in_its_table(what: str) -> None:
    names, homes = HOMES[what]
    astray = [
        f"{module}:{line} {text}"
        for module, tree in TREES.items()
        if not module.startswith((*homes, "schemas/events/"))
        for line, text in _strings(tree)
        if text in names
    ]
    assert astray == []


def test_the_tables_themselves_would_be_found() -> None:
    """The search works: every name is found where it is at home."""
    for names, homes in HOMES.values():
        found = {
            text for module, tree in TREES.items() if module.startswith(homes) for _, text in _strings(tree)
        }
        assert names <= found or names <= {unit.code for unit in REGISTER.units}


def test_a_day_is_written_only_where_a_text_or_a_calendar_begins_to_count() -> None:
    astray = [
        f"{module}:{node.lineno}"
        for module, tree in TREES.items()
        if not module.startswith(DAYS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and re.search(r"(^|\.)(date|datetime)$", ast.unparse(node.func))
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert astray == []

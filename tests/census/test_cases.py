"""The published cases keep the shape that their README describes, mask private persons and expect what exists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from consumers.handovers.statutes import STATUTES
from consumers.thresholds.standards import STANDARDS
from infra.demo.cast import cast_of
from infra.demo.expectations import MUST_NOT
from producers.histories import parse_history, translate
from schemas.facts import FACT_BY_CODE
from schemas.spans import Precision
from schemas.units import Register, Role

CASES = Path(__file__).parents[1] / "cases"
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.json"))}
README = (CASES / "README.md").read_text(encoding="utf-8")

KEYS = {
    "id", "title", "published", "region", "field", "offence", "organs", "parties", "facts", "teaches", "gaps",
    "steps", "expect",
}  # fmt: skip
STEP_KEYS = {
    "n", "precision", "when", "event", "by", "to", "others", "documents", "details", "each", "linked_case",
    "summary", "note",
}  # fmt: skip
CLOCK_KEYS = {"rule", "step", "result", "due", "overrun_days", "assumed_start", "certain", "why"}
RESULTS = {"met", "met-late", "overdue", "undetermined", "none"}
ROLES = {str(role) for role in Role} | {"AG2"}
MASKED = re.compile(r"^[\u4e00-\u9fff]某[甲乙丙丁]?(等\d+人)?$|^\d+名\S+$")

every_case = pytest.mark.parametrize("case", FILES.values(), ids=FILES.keys())


def expectations(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in case["expect"].values() for row in rows]


@every_case
def test_a_case_has_the_keys_that_the_readme_describes(case: dict[str, Any]) -> None:
    assert KEYS <= case.keys() <= KEYS | {"note"}
    assert all(step.keys() <= STEP_KEYS for step in case["steps"])
    assert all(f"`{key}`" in README for key in KEYS | STEP_KEYS | MUST_NOT)
    kinds = {"routing", "mirror", "clocks", "anomalies", "must_not"}
    assert kinds <= case["expect"].keys() <= kinds | {"thresholds"}


@every_case
def test_a_case_is_named_like_its_file_and_counts_its_steps(case: dict[str, Any]) -> None:
    assert FILES[case["id"]] is case
    assert [step["n"] for step in case["steps"]] == list(range(1, len(case["steps"]) + 1))


@every_case
def test_a_time_is_given_as_exactly_as_the_precision_says(case: dict[str, Any]) -> None:
    lengths = {"hour": {13}, "day": {10}, "month": {7}, "year": {4}, "before": {7, 10}, "after": {7, 10}}
    for step in case["steps"]:
        assert step["precision"] in {str(precision) for precision in Precision}
        assert len(step.get("when", "")) in lengths.get(step["precision"], {0})


@every_case
def test_private_persons_are_masked(case: dict[str, Any]) -> None:
    for party in case["parties"]:
        if party["kind"] == "natural_person":
            assert MASKED.match(party["name"]), f"{case['id']}: {party['name']} is not masked"


@every_case
def test_the_publisher_is_named_and_an_address_is_a_real_one(case: dict[str, Any]) -> None:
    published = case["published"]
    assert published["by"]
    assert re.fullmatch(r"\d{4}(-\d{2}-\d{2})?", published["on"])
    assert published["address"] is None or re.match(r"https?://[\w.-]+\.\w+/", published["address"])
    assert published["address"] or published["copy"], "without an address only a copy was read"


@every_case
def test_expectations_are_about_steps_that_are_said_and_roles_that_are_played(
    case: dict[str, Any], register: Register
) -> None:
    cast = cast_of(case["id"], case["field"], register)
    said = {saying.step for saying in translate(parse_history(case), cast).sayings}
    rows = expectations(case)
    nested = [value for row in rows for value in row.values() if isinstance(value, dict)]
    for row in rows + nested:
        assert row.get("step") in said | {None}
        assert set(row.get("to", [])) <= cast.keys() & ROLES


@every_case
def test_every_expectation_says_why(case: dict[str, Any]) -> None:
    assert all(row["why"] for row in expectations(case))


@every_case
def test_what_a_clock_is_expected_to_show_is_one_of_the_described_results(case: dict[str, Any]) -> None:
    for clock in case["expect"]["clocks"]:
        results = {clock["result"]} if isinstance(clock["result"], str) else set(clock["result"])
        assert clock.keys() <= CLOCK_KEYS
        assert clock["rule"] in {row.code for row in STATUTES}
        assert results <= RESULTS
        assert ("overrun_days" in clock) == (results == {"met-late"})
        assert all(f"`{result}`" in README for result in results)


@every_case
def test_a_forbidden_outcome_is_one_of_the_described_kinds(case: dict[str, Any]) -> None:
    for row in case["expect"]["must_not"]:
        assert len(row.keys() & MUST_NOT) == 1
        assert row.keys() <= MUST_NOT | {"why"}


@every_case
def test_facts_and_thresholds_are_those_of_the_tables(case: dict[str, Any]) -> None:
    stated = [fact for step in case["steps"] for fact in step.get("details", {}).get("facts", [])]
    assert {fact["code"] for fact in stated} <= FACT_BY_CODE.keys()
    for row in case["expect"].get("thresholds", []):
        assert row.keys() == {"step", "rule", "why"}
        assert row["rule"] in {standard.code for standard in STANDARDS}


def test_there_are_thirty_four_cases_and_every_field_is_enforced_by_a_demo_agency(register: Register) -> None:
    enforced = {name for unit in register.units for name in unit.fields}
    assert len(FILES) == 34
    assert {case["field"] for case in FILES.values()} <= enforced


def test_every_case_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", README)) - {"met-late"}
    assert named <= FILES.keys()

"""The page of invariants has a test for every square, and every test that it names exists."""

from __future__ import annotations

import re

import pytest

from tests.census.pages import ROOT, read

*TABLES, TESTS = (section.rows for section in read("docs/invariants.md").sections if section.rows)
SQUARES = [(row[0], square) for table in TABLES for row in table for square in row[1:]]
NAME = re.compile(r"`([^`]+)`")


def test_every_invariant_has_a_row():
    assert [row[0].partition(" ")[0] for row in TABLES[0]] == [f"I{number}" for number in range(1, 13)]


@pytest.mark.parametrize(("row", "square"), SQUARES)
def test_every_square_names_tests_or_says_why_there_is_none(row: str, square: str):
    assert NAME.findall(square) or re.match("— .", square), row


def test_every_name_stands_for_a_test_and_every_test_for_a_square():
    named = {name for _, square in SQUARES for name in NAME.findall(square)}
    assert named == {NAME.findall(row[0])[0] for row in TESTS}


@pytest.mark.parametrize("row", TESTS, ids=lambda row: row[0])
def test_every_test_exists(row: list[str]):
    _, path, name = (NAME.findall(cell)[0] for cell in row)
    assert f"def {name}(" in (ROOT / path).read_text("utf-8")

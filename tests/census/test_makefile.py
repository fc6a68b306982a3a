"""The targets of the Makefile do what the pages say, as far as a dry run shows it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _commands(*arguments: str) -> list[str]:
    """What `make` would run, whatever the `make` that runs these tests was told."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name and name != "ARGS"}
    command = ["make", "--dry-run", "--no-print-directory", *arguments]
    shown = subprocess.check_output(command, cwd=ROOT, text=True, env=environment)
    return [" ".join(line.split()) for line in shown.splitlines()]


@pytest.mark.parametrize(
    ("module", "page"),
    [
        ("consumers.transfers.routing_page", "docs/routing.md"),
        ("consumers.opinions.mirrors_page", "docs/mirrors.md"),
        ("consumers.handovers.statutes_page", "docs/statutes.md"),
        ("consumers.views.views_page", "docs/views.md"),
        ("consumers.documents.documents_page", "docs/documents.md"),
        ("consumers.thresholds.thresholds_page", "docs/thresholds.md"),
        ("consumers.opinions.offences_page", "docs/offences.md"),
        ("consumers.bulletins.figures_page", "docs/figures.md"),
    ],
)
def test_generate_writes_each_page_of_the_rules(module: str, page: str) -> None:
    assert f".venv/bin/python -m {module} > {page}" in _commands("generate")


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ((), "linkage demo"),
        (("ONCE=1",), "linkage demo --once"),
        (("ARGS=--lang en",), "linkage demo --lang en"),
        (("ONCE=1", "ARGS=--lang en"), "linkage demo --once --lang en"),
    ],
)
def test_demo_hands_its_arguments_on(arguments: tuple[str, ...], command: str) -> None:
    assert _commands("demo", *arguments)[-1] == f".venv/bin/{command}"

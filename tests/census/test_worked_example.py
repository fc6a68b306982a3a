"""The worked example of CONTRIBUTING for a limit, performed on a copy of the code: one place is enough."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = "consumers/handovers/statutes_supervision.py"
LOOK = """
import json
from consumers.handovers.counting import Question, as_json, count
from consumers.handovers.statutes_page import statutes_page
from consumers.workdays import published_calendar
from tests.consumers.given import event, rulebook
from tests.consumers.handovers.telling import Telling
declined = event("filing.declined", "2026-04-03 10:00", field="tobacco", addressee=None)
sent = event("transfer.sent", "2026-04-01 10:00", field="tobacco")
said = Telling(sent, declined, rules=rulebook("baiyun-26"))
without = Telling(sent, declined)
question = Question("BAIYUN-26", "2026-04-03", "tobacco")
print(json.dumps({
    "due": as_json("BAIYUN-26", count(question, published_calendar()))["due"],
    "page": "BAIYUN-26" in statutes_page(),
    "clocks": [str(one.due_latest) for one in said.clocks("BAIYUN-26")],
    "without": len(without.clocks("BAIYUN-26")),
    "others": len(said.clocks("O310-09a")),
}))
"""


@pytest.fixture(scope="module")
def performed(tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for package in ("consumers", "schemas", "infra", "producers"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "tests" / "consumers",
        copy / "tests" / "consumers",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = guide.split("### A statutory limit")[1].split("### ")[0]
    row = re.search(r"```text\n(.*?)```", section, re.DOTALL)[1]
    table = copy / TABLE
    before, opening, after = table.read_text("utf-8").partition("SUPERVISION: tuple[Statute, ...] = (\n")
    assert opening
    table.write_text(before + opening + row + after, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=copy,
        env={"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_row_is_a_limit_that_is_counted_clocked_and_shown(performed):
    assert performed["due"] == "2026-04-09T23:59:59+08:00"
    assert performed["page"]
    assert performed["clocks"] == ["2026-04-09 15:59:59+00:00"]


def test_its_profile_and_its_place_before_the_general_row_decide_where_it_binds(performed):
    assert performed["without"] == 0
    assert performed["others"] == 0

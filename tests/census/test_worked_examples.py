"""The worked examples of CONTRIBUTING, performed on a copy of the project: a unit, a department, an event, a limit.

An interpreter of its own is needed for each state of the copy, and is most of the cost: each does all it can.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from schemas.catalogue import EVENT_TYPES
from schemas.topics import TopicNames, manifest
from schemas.units import Role, load_register
from tests.census.pages import read
from tests.consumers.casework.story import Story, received

ROOT = Path(__file__).parents[2]
PARTS = ("schemas", "producers", "consumers", "infra", "tests", "docs")
GENERATE = """
import sys
from pathlib import Path
import pytest
from consumers.documents.documents_page import documents_page
from consumers.transfers.routing_page import page as routing_page
from infra.cli.schemas import generate
root = Path.cwd()
generate(root)
(root / "docs/routing.md").write_text(routing_page(), "utf-8")
(root / "docs/documents.md").write_text(documents_page(), "utf-8")
"""
ASK = """
pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]])
"""
COUNT = """
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
(root / "limit.json").write_text(json.dumps({
    "due": as_json("BAIYUN-26", count(question, published_calendar()))["due"],
    "page": "BAIYUN-26" in statutes_page(),
    "clocks": [str(one.due_latest) for one in said.clocks("BAIYUN-26")],
    "without": len(without.clocks("BAIYUN-26")),
    "others": len(said.clocks("O310-09a")),
}))
"""
AGENCY, EVENT, ROUTE, LIMIT, DEPARTMENT = (
    "An agency, or any unit",
    "An event type",
    "A routing rule",
    "A statutory limit",
    "A department with two jobs, another district",
)


def blocks(title: str) -> list[str]:
    """The pieces of code under a heading of CONTRIBUTING, as they stand there."""
    (section,) = (one for one in read("CONTRIBUTING.md").sections if one.title == title)
    return [
        dedent(text)
        for text in re.findall(r"^ *```(?:text|toml)\n(.*?)^ *```", section.text, re.MULTILINE | re.DOTALL)
    ]


class Copy:
    """The project in a folder of its own, where a test may edit and run things."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in PARTS:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (*ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"):
            shutil.copy(path, folder / path.name)

    def insert(self, name: str, row: str, *, before: str) -> None:
        """Put `row` in front of the only place that says `before`."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert text.count(before) == 1, f"{name}: {before!r}"
        path.write_text(text.replace(before, row + before), "utf-8")

    def neighbour(self, kind: str, neighbour: str, file: str, **changes: str) -> None:
        """A file like that of a neighbouring event, with other words."""
        source = self.folder / "schemas" / kind / neighbour
        text = source.read_text("utf-8")
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        target = self.folder / "schemas" / kind / file
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, "utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("project"))


def test_the_event_of_the_example_takes_an_id_that_is_free() -> None:
    (row, _) = blocks(EVENT)
    schema_id = re.search(r"EventType\((\d+), ", row)
    assert schema_id is not None
    assert int(schema_id[1]) not in {one.schema_id for one in EVENT_TYPES}, (
        "CONTRIBUTING: take the next free id"
    )


def test_an_agency_and_a_department_are_one_row_each(copy: Copy) -> None:
    register = copy.folder / "infra" / "dev" / "units.toml"
    with register.open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join([*blocks(AGENCY), *blocks(DEPARTMENT)]))
    known = load_register(register)
    assert {"by-water", "cc-civil-admin"} <= known.by_code.keys()
    told = Story(origin="by-water", field="water", register=known)
    assert "by-criminal" in received(told.say("by-water", "admin_case.filed", case_no="1"))
    assert {known.acting("conghua", role) for role in (Role.CIVIL, Role.ADMINISTRATIVE)} == {"cc-civil-admin"}
    assert {"ingress-by-water", "feed-by-water"} <= {topic.name for topic in manifest(known, TopicNames(), 1)}


@pytest.fixture(scope="module")
def whole(copy: Copy) -> str:
    """The copy with the event and the limit of the examples; what its tests say of the event then.

    Each step that is left out is asked for by name.
    """
    row, belonging = blocks(EVENT)
    (route,) = blocks(ROUTE)
    copy.insert("schemas/catalogue.py", f"    {row}", before=")\n\nBY_SCHEMA_ID")
    missing = copy.run("-m", "infra.cli", "schemas", "generate", "--root", str(copy.folder))
    assert missing.returncode == 1
    assert "write schemas/avro/items.returned.v1.avsc" in missing.stderr
    copy.neighbour(
        "avro",
        "items.custody_entrusted.v1.avsc",
        "items.returned.v1.avsc",
        ItemsCustodyEntrusted="ItemsReturned",
        **{"委托代为保管 — Custody entrusted": "返还涉案物品 — Articles returned"},
    )
    (sample,) = sorted((ROOT / "schemas/examples/items.custody_entrusted.v1").glob("*.json"))[:1]
    kind = json.loads(sample.read_text("utf-8"))["data"]["documents"][0]["kind"]
    copy.neighbour(
        "examples",
        f"items.custody_entrusted.v1/{sample.name}",
        "items.returned.v1/drums-are-returned.json",
        **{"items.custody_entrusted": "items.returned", kind: "返还决定书", '"id": "': '"id": "returned-'},
    )
    asked = copy.run(
        "-c",
        GENERATE + ASK,
        "tests/census/test_routes.py",
        "tests/census/test_documents.py",
        "-k",
        "items.returned",
    ).stdout
    assert "test_every_event_has_a_recipient_or_a_reason_for_none[items.returned]" in asked
    assert "test_every_event_has_documents_or_a_reason_for_none[items.returned]" in asked
    copy.insert("consumers/transfers/routes.py", f"    {route}", before=")\n\nROUTES:")
    copy.insert("consumers/documents/belonging.py", f"    {belonging}", before=")\n\nDOCUMENTS:")
    (limit,) = blocks(LIMIT)
    table = copy.folder / "consumers/handovers/statutes_supervision.py"
    before, opening, after = table.read_text("utf-8").partition("SUPERVISION: tuple[Statute, ...] = (\n")
    assert opening
    table.write_text(before + opening + limit + after, encoding="utf-8")
    tests = [f"tests/census/test_{name}.py" for name in ("contracts", "routes", "documents")]
    done = copy.run(
        "-c", GENERATE + COUNT + ASK, *tests, "-k", "items.returned or generated or page or ids or breaking"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_event_type_is_one_row_and_one_file_at_each_of_its_places(copy: Copy, whole: str) -> None:
    assert "failed" not in whole, whole[-3000:]
    assert "passed" in whole
    assert "items.returned" in (copy.folder / "docs/routing.md").read_text("utf-8")


def test_one_row_is_a_limit_that_is_counted_clocked_and_shown(copy: Copy, whole: str) -> None:
    assert "passed" in whole
    limit = json.loads((copy.folder / "limit.json").read_text("utf-8"))
    assert limit["due"] == "2026-04-09T23:59:59+08:00"
    assert limit["page"]
    assert limit["clocks"] == ["2026-04-09 15:59:59+00:00"]
    assert (limit["without"], limit["others"]) == (0, 0), "its profile and its place decide where it binds"

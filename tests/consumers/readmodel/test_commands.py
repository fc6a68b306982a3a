"""`linkage case`, `clocks` and `dlq` on the small world: pages for people, JSON for programs, one sentence for errors."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from infra.cli import app
from infra.dev.addresses import as_environment
from infra.dev.supervisor import DEMO_UNITS
from infra.settings import Settings
from schemas.identity import case_id

pytestmark = pytest.mark.postgres

FORWARD = "by-env:白环移〔2026〕17号"


@pytest.fixture
def linkage(database: str) -> Callable[..., Result]:
    environment = as_environment(Settings(database=database, units=DEMO_UNITS)) | {"COLUMNS": "200"}
    return lambda *arguments: CliRunner().invoke(app, arguments, env=environment)


@pytest.mark.usefixtures("world")
def test_a_case_page_says_who_got_what_on_which_basis_and_which_clocks_run(
    linkage: Callable[..., Result],
) -> None:
    page = linkage("case", FORWARD)
    assert page.exit_code == 0, page.output
    for words in (
        "白环移〔2026〕17号",
        "ACCEPTED",
        "正式移送",
        "by-criminal (copy)",
        "第8条",
        "breached",
        "by-pil",
        "! order",
    ):
        assert words in page.output


@pytest.mark.usefixtures("world")
def test_a_page_can_be_seen_as_one_unit_sees_it(linkage: Callable[..., Result]) -> None:
    page = linkage("case", FORWARD, "--unit", "by-justice")
    assert "opinion.to_transfer_issued" in page.output
    assert "transfer.sent" not in page.output
    blind = linkage("case", FORWARD, "--unit", "by-tax")
    assert (blind.exit_code, blind.stderr) == (1, f"linkage: no case {FORWARD} is known to by-tax.\n")


@pytest.mark.usefixtures("world")
def test_json_is_what_the_api_gives(linkage: Callable[..., Result]) -> None:
    shown = json.loads(linkage("case", str(case_id("by-env", "白环移〔2026〕17号")), "--json").stdout)
    assert [entry["event"]["id"] for entry in shown["events"]] == ["sent", "got", "opinion"]
    clocks = json.loads(linkage("clocks", "--overdue", "--json").stdout)
    assert [(clock["rule"], clock["holder"]) for clock in clocks] == [("O310-08", "by-police")]


@pytest.mark.usefixtures("world")
def test_an_overdue_clock_says_by_how_much(linkage: Callable[..., Result]) -> None:
    page = linkage("clocks", "--overdue")
    assert "overdue by" in page.output
    assert "《行政执法机关移送涉嫌犯罪案件的规定》（国务院令第310号，2020修订）第8条" in page.output.replace(
        "\n", ""
    )


@pytest.mark.usefixtures("world")
def test_the_quarantine_lists_and_shows_records(linkage: Callable[..., Result]) -> None:
    listed = linkage("dlq", "list")
    assert "ingress-by-env/0/5" in listed.output
    assert "addressee: expected the code of a unit" in listed.output
    assert "张三" not in listed.output + linkage("dlq", "list", "--json").stdout
    why = ("--reveal", "--by", "王某", "--why", "核对编码")
    shown = linkage("dlq", "show", "ingress-by-env/0/5", *why)
    assert "value  00 01" in shown.output
    assert "(null)" in shown.output
    record = json.loads(linkage("dlq", "show", "ingress-by-env/0/5", "--json", *why).stdout)
    assert record["value"] == "AAE="


@pytest.mark.usefixtures("world")
def test_content_is_revealed_only_to_whoever_says_who_and_why(linkage: Callable[..., Result]) -> None:
    masked = linkage("dlq", "show", "ingress-by-env/0/5")
    assert masked.exit_code == 0
    assert "00 01" not in masked.output
    refused = linkage("dlq", "show", "ingress-by-env/0/5", "--reveal")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--by NAME --why REASON" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("case", "nonsense"), "names no case"),
        (("case", "by-env:none"), "no case by-env:none is known."),
        (("clocks", "--unit", "nobody"), "'nobody' is not in the register"),
        (("dlq", "show", "nonsense"), "write TOPIC/PARTITION/OFFSET"),
        (("dlq", "show", "t/0/1"), "no record of t/0/1 is in quarantine"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    linkage: Callable[..., Result], arguments: tuple[str, ...], words: str
) -> None:
    done = linkage(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("linkage: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


@pytest.mark.parametrize(
    "arguments", [("clocks",), ("dlq", "list"), ("clocks", "--overdue", "--unit", "by-env")]
)
def test_an_empty_bus_has_a_page_too(linkage: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    done = linkage(*arguments)
    assert done.exit_code == 0
    assert done.stdout.strip().startswith("No")

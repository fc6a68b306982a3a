"""The documentation tells the truth: whatever a page names exists, and the two READMEs say the same."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import dropwhile
from typing import Any

import pytest
import yaml
from kafka import KafkaProducer
from typer.main import get_command

from consumers import patience
from consumers.feeds.numbering import Logged, Numbered
from consumers.feeds.relay import feed_records
from consumers.handovers.periods import Period, Unit
from consumers.handovers.statutes import STATUTES
from consumers.sources import Mark
from infra import streams, watchdog
from infra.cli import app, errors
from infra.dev.addresses import as_environment
from infra.kafka import admin_client
from infra.settings import EXIT_BAD_SETTING, Settings
from producers.gateway.statements import Reader
from schemas.catalogue import BY_NAME
from schemas.codec import encode_json
from schemas.envelope import write_headers
from schemas.samples import samples
from schemas.sealed.ingress import IngressKey, public_half
from schemas.sealed.suites import SUITES
from schemas.topics import TopicNames
from schemas.units import Register
from tests.census.pages import ROOT, Block, Page, Section, pages, read

PAGES = tuple(pages())
README, README_ZH = read("README.md"), read("README.zh-CN.md")
PRODUCT = [
    path
    for folder in ("schemas", "producers", "consumers", "infra")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
CODE = "\n".join(path.read_text("utf-8") for path in PRODUCT)
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

NOW = datetime(2026, 12, 1, tzinfo=UTC)

each_readme = pytest.mark.parametrize("readme", [README, README_ZH], ids=lambda page: page.name)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


# Commands


def _invocations(page: Page, program: str) -> Iterator[list[str]]:
    """The words behind `program` wherever a command of the page calls it, up to the end of that call."""
    for command in page.commands:
        for call in re.findall(rf"(?:^|[\s(/]){program}((?: [^\n)|;#]*)?)", command.partition(" #")[0]):
            yield shlex.split(call)


def _problem(words: list[str]) -> str | None:
    """What is wrong with `linkage` called with these words, or None."""
    command: Any = get_command(app)
    for n, word in enumerate(words):
        inner = getattr(command, "commands", {})
        if inner and not word.startswith("-"):
            if word not in inner:
                return f"there is no command {' '.join(words[: n + 1])!r}"
            command = inner[word]
        elif word.startswith("--"):
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            if word.partition("=")[0] not in {*known, "--help"}:
                return f"{' '.join(words)!r}: no option {word}"
    return None


@each_page
def test_every_linkage_command_exists(page: Page) -> None:
    assert [problem for words in _invocations(page, "linkage") if (problem := _problem(words))] == []


@each_page
def test_every_make_target_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    for words in _invocations(page, "make"):
        for word in words:
            name, is_variable, _ = word.partition("=")
            assert f"$({name})" in MAKEFILE if is_variable else name in targets, " ".join(["make", *words])


@each_page
def test_every_python_module_that_is_run_exists(page: Page) -> None:
    named = {words[1] for words in _invocations(page, "python") if words[:1] == ["-m"]}
    assert {name for name in named if importlib.util.find_spec(name) is None} == set()


@each_page
def test_every_variable_is_read_by_the_code(page: Page) -> None:
    known = {f"LINKAGE_{name.upper()}" for name in Settings.model_fields} | set(
        re.findall(r"\bLINKAGE_[A-Z_]+\b", CODE)
    )
    assert set(re.findall(r"\bLINKAGE_[A-Z_]*[A-Z]\b", page.text)) - known == set()


@each_page
def test_every_address_of_the_gateway_exists(page: Page) -> None:
    routes = {_shape(route) for route in re.findall(r'"(/(?:v1/[^"]*|health))"', CODE)}
    named = re.findall(r"(?:(?:GET|POST) |\$GATEWAY|\{gateway\})(/(?:v1/|health)[^\s`'\"?]*)", page.text)
    assert [address for address in named if not any(re.fullmatch(route, address) for route in routes)] == []


def _shape(route: str) -> str:
    """The regular expression of the addresses that a route answers."""
    return re.sub(r"\\\{[^}]*\}", ".+", re.escape(route))


# Files and links

TOP = {path.name for path in ROOT.iterdir()}
NAMES = {path.name for path in ROOT.rglob("*") if ".venv" not in path.parts}
_FILE = re.compile(r"[\w.<>*\-]+\.(py|md|toml|yml|avsc|lock|json|sh|sql)")


def _is_missing(span: str) -> bool:
    """Whether a piece of code names a file or test of the repository that is not there."""
    path, _, test = span.partition("::")
    if " " in path or path.startswith(("/", "$", "-")):
        return False
    if path.split("/")[0] not in TOP:  # by its name alone, or made when the program runs
        return bool(_FILE.fullmatch(path)) and path not in NAMES and f'"{path}"' not in CODE
    found = list(ROOT.glob(re.sub(r"<[^>]+>", "*", path.rstrip("/"))))
    return not found or bool(test and not any(f"def {test}(" in one.read_text("utf-8") for one in found))


@each_page
def test_every_file_and_test_exists(page: Page) -> None:
    assert [span for span in page.spans if _is_missing(span)] == []


@each_page
def test_every_link_leads_somewhere(page: Page) -> None:
    broken = []
    for link in page.links:
        path, _, anchor = link.partition("#")
        if re.match(r"https?:", link):
            continue
        target = (page.folder / path).resolve() if path else ROOT / page.name
        if not target.exists() or (
            anchor and anchor not in read(target.relative_to(ROOT).as_posix()).anchors
        ):
            broken.append(link)
    assert broken == []


def test_the_index_names_every_page_of_the_documentation() -> None:
    index = read("docs/README.md")
    linked = {(index.folder / link.partition("#")[0]).resolve() for link in index.links}
    wanted = {
        path
        for path in (ROOT / "docs").rglob("*.md")
        if path.parent.name != "adr" or path.name == "README.md"
    }
    assert {path.name for path in wanted - linked - {ROOT / "docs/README.md"}} == set()


def test_the_index_of_decisions_names_every_one() -> None:
    index = read("docs/adr/README.md")
    decisions = {path.name for path in (ROOT / "docs/adr").glob("0*.md")}
    assert decisions == set(index.links)


# What is said about the bus


@each_page
def test_every_event_type_exists(page: Page) -> None:
    conversations = "|".join({row.conversation for row in BY_NAME.values()})
    named = {span for span in page.spans if re.fullmatch(rf"({conversations})\.[a-z_]+", span)}
    assert named - BY_NAME.keys() == set()


@each_page
def test_nothing_is_promised_that_nobody_can_keep(page: Page) -> None:
    """Words that are true only with a condition, which these pages must give."""
    text = page.text.lower()
    for promise in (
        "exactly-once delivery",
        "exactly once delivery",
        "恰好一次投递",
        "精确一次",
        "zero loss",
        "零丢失",
        "绝不丢失",
    ):
        assert promise not in text


def _blocks(language: str) -> list[Block]:
    return [block for page in PAGES for block in page.blocks if block.language == language]


@pytest.mark.parametrize("block", _blocks("python"), ids=lambda block: block.text.split("\n")[0])
def test_every_python_example_calls_what_exists_as_it_wants_to_be_called(block: Block) -> None:
    tree = ast.parse(block.text)
    names: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(str(node.module))
            names |= {alias.asname or alias.name: getattr(module, alias.name) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            keywords = {str(keyword.arg): None for keyword in node.keywords}
            inspect.signature(names[node.func.id]).bind(*node.args, **keywords)


def _said_in(page: Page) -> Iterator[dict[str, object]]:
    for block in page.blocks:
        for said in re.findall(r"/v1/events .*?-d '(\{.*?\})'", block.text, re.DOTALL):
            yield json.loads(said)


@each_readme
def test_the_first_event_would_be_admitted(readme: Page, register: Register) -> None:
    said = list(_said_in(readme))
    for event in said:
        record = Reader(register, 262_144).record(event, unit="by-env", now=NOW, entropy=bytes(10))
        assert f"/v1/events/by-env/{record.envelope.id}" in readme.text
        assert f"linkage case '{record.envelope.origin_unit}:{record.envelope.origin_case}'" in readme.text
    assert len(said) == 1


def _example(calls: str) -> str:
    """The Python block of the README that calls this."""
    [text] = [block.text for block in README.blocks if block.language == "python" and calls in block.text]
    return text


@pytest.fixture
def surroundings(settings: Settings) -> dict[str, str]:
    """What the examples find in their environment, on a broker with the topics that they use.

    They know of no namespace, so these topics have none.
    """
    with admin_client(settings) as client:
        missing = {"ingress-by-police", "feed-by-police"} - {
            topic["name"] for topic in client.describe_topics()
        }
        if missing:
            client.create_topics({name: {"num_partitions": 1, "replication_factor": 1} for name in missing})
            client.wait_for_topics(sorted(missing))
    public = public_half(bytes(32))
    ever = datetime(9999, 1, 1, tzinfo=UTC)
    ingress = IngressKey("abcd_-12", SUITES["aes"], public, ever, ever)
    return {**os.environ, **as_environment(settings), "LINKAGE_INGRESS_KEY": ingress.text}


@pytest.mark.kafka
def test_the_example_of_publishing_gives_a_receipt(surroundings: dict[str, str]) -> None:
    command = [sys.executable, "-c", _example("publisher.publish(")]
    done = subprocess.run(
        command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Receipt(source='by-police', id='2026-5', topic='ingress-by-police'")


@pytest.mark.kafka
def test_the_example_of_subscribing_shows_what_is_delivered(surroundings: dict[str, str]) -> None:
    sample = samples("transfer.sent")[0]
    event = Logged(0, 0, b"case", write_headers(sample.envelope), encode_json("transfer.sent", sample.data))
    [out] = feed_records([Numbered("by-police", 1, "duty", "PSB", "第7条", event)], TopicNames())
    with KafkaProducer(bootstrap_servers=surroundings["LINKAGE_BOOTSTRAP"]) as producer:
        producer.send(out.topic, out.value, out.key, headers=list(out.headers)).get(timeout=30)
    command = [sys.executable, "-u", "-c", _example("Subscriber(")]
    with subprocess.Popen(command, env=surroundings, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        shown = running.stdout.readline()
        running.kill()
    assert shown.split() == ["1", "duty", "transfer.sent", sample.envelope.origin_case, "第7条"]


@each_readme
def test_every_exit_status_is_explained(readme: Page) -> None:
    statuses = {int(row[0]) for section in readme.sections for row in section.rows if row[0].isdigit()}
    assert statuses == {
        errors.FAILED,
        errors.UNAVAILABLE,
        patience.EXIT_LOG_LOST,
        patience.EXIT_STALLED,
        watchdog.EXIT_SILENT,
        streams.EXIT_UNEXPECTED,
        EXIT_BAD_SETTING,
    }


@each_readme
def test_compose_is_asked_for_services_and_commands_that_exist(readme: Page) -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    runs = [words for words in _invocations(readme, "docker compose") if words[0] == "run"]
    assert runs
    for words in runs:
        service, *command = dropwhile(lambda word: word.startswith("--"), words[1:])
        assert service in services
        assert _problem(command) is None


# The law

_UNITS = {
    Unit.HOURS: ("hours", "小时"),
    Unit.CALENDAR_DAYS: ("days", "日"),
    Unit.WORKING_DAYS: ("working days", "个工作日"),
    Unit.MONTHS: ("months", "个月"),
}


def _limits(period: Period | None) -> set[str]:
    """How a table may write a period, in both languages."""
    if period is None:
        return set()
    english, chinese = _UNITS[period.unit]
    return {f"{period.count} {english}", f"{period.count}{chinese}"}


def _articles(text: str) -> set[str]:
    """The articles that a source names, as the rule tables write them."""
    english = {
        f"第{article}条" + (f"第{paragraph}款" if paragraph else "")
        for article, paragraph in re.findall(r"\bart\. (\d+)(?:\((\d+)\))?", text)
    }
    return english | set(re.findall(r"第\d+条(?:第\d+款)?", text))


def _law(readme: Page) -> list[list[str]]:
    codes = {statute.code for statute in STATUTES}
    return [
        row
        for section in readme.sections
        for row in section.rows
        if len(row) == 6 and row[2].strip("`") in codes
    ]


@each_readme
def test_each_step_of_the_law_is_a_row_of_the_rules(readme: Page) -> None:
    rows = _law(readme)
    assert len(rows) == max(len(section.rows) for section in readme.sections)
    for step, event, code, limit, source, mark in rows:
        fitting = [
            statute
            for statute in STATUTES
            if (statute.code, statute.mark) == (code.strip("`"), mark)
            and limit in _limits(statute.period)
            and event.strip("`") in {start.type for start in statute.duty.starts}
            and all(article in statute.source for article in _articles(source))
        ]
        assert fitting, f"{step}: no row {code} with mark {mark}, {limit} from {event} by {source}"
        assert all((statute.profile is not None) == (mark == "M") for statute in fitting)


@each_readme
def test_every_mark_is_explained_and_shown(readme: Page) -> None:
    assert {row[5] for row in _law(readme)} == set(Mark)
    assert all(f"**{mark}**" in readme.text for mark in Mark)


# Two pages that say the same


def test_the_four_sentences_are_the_same_wherever_they_stand() -> None:
    sentences = [
        [
            re.sub(r"\s+", " ", sentence)
            for sentence in re.findall(r"^[1-4]\. .+(?:\n   .+)*", read(name).text, re.MULTILINE)[:4]
        ]
        for name in ("docs/architecture.md", "CONTRIBUTING.md")
    ]
    assert len(sentences[0]) == 4
    assert sentences[0] == sentences[1]


def test_both_readmes_have_the_same_headings() -> None:
    assert [section.level for section in README.sections] == [section.level for section in README_ZH.sections]


def _uncommented(block: Block) -> tuple[str, str]:
    """The block without what is said in one language: comments; of an output only its length."""
    if block.language == "text":
        return block.language, str(block.text.count("\n"))
    return block.language, re.sub(r" +# .*", "", block.text)


def test_both_readmes_have_the_same_blocks_of_code() -> None:
    assert [_uncommented(block) for block in README.blocks] == [
        _uncommented(block) for block in README_ZH.blocks
    ]


@pytest.mark.parametrize("n", range(len(README.sections)), ids=lambda n: README.sections[n].title)
def test_a_section_names_the_same_things_in_both_readmes(n: int) -> None:
    english, chinese = README.sections[n], README_ZH.sections[n]
    assert Counter(english.spans) == Counter(chinese.spans)
    assert [len(row) for row in english.rows] == [len(row) for row in chinese.rows]
    assert _items(english) == _items(chinese)


def _items(section: Section) -> int:
    return len(re.findall(r"^- ", section.text, re.MULTILINE))


def test_both_readmes_link_to_the_same_pages() -> None:
    english = Counter(
        link.replace(".en.png", ".png") for link in README.links
    )  # pictures are in its language
    assert english - Counter([README_ZH.name]) == Counter(README_ZH.links) - Counter([README.name])

"""Every published case, said by its units to a whole bus on the real broker, leads to what the law makes of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from infra.database import create_database
from infra.demo.phrases import Phrases
from infra.demo.playing import Way
from infra.demo.report import Report
from infra.demo.show import Told, play_all, read_feed
from infra.demo.wording import LANGUAGES
from infra.dev.supervisor import Dev, DevOptions
from infra.settings import Settings
from producers.histories import read_histories

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

HISTORIES = read_histories(Path(__file__).parents[1] / "cases")
every_case = pytest.mark.parametrize("case", [history.id for history in HISTORIES])


@pytest.fixture(scope="module")
def installation(
    kafka: str, postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dev]:
    """A bus of its own on the session's broker, with all its processes."""
    name = uuid.uuid4().hex[:10]
    database = create_database(postgres_url, f"cases_{name}", template=template_database)
    settings = Settings(namespace=f"c{name}-", settling_seconds=1)
    folder = tmp_path_factory.mktemp("published-cases")
    with Dev(folder, DevOptions(bootstrap=kafka, database=database, settings=settings)) as running:
        yield running


@pytest.fixture(scope="module")
def told(installation: Dev) -> Mapping[str, Told]:
    return {one.play.history.id: one for one in play_all(installation, HISTORIES)}


@every_case
def test_a_published_case_leads_to_what_the_law_makes_of_it(case: str, told: Mapping[str, Told]) -> None:
    failed = [
        f"{check.claim}: found {check.found} ({check.why})" for check in told[case].checks if not check.ok
    ]
    assert not failed


def test_it_does_so_whether_it_is_said_over_http_or_straight_to_kafka(told: Mapping[str, Told]) -> None:
    assert {one.play.way for one in told.values()} == set(Way)


def test_what_is_delivered_to_a_department_arrives_in_its_feed_topic(
    installation: Dev, told: Mapping[str, Told]
) -> None:
    read = read_feed(installation, "by-pil")
    mirrored = {
        (mirror.opinion_id, mirror.unit)
        for one in told.values()
        for mirror in one.outcome.mirrors
        if mirror.unit == "by-pil"
    }
    assert read.mirrored == len(mirrored) > 0
    assert read.last > read.mirrored


def test_publishing_everything_again_changes_nothing(installation: Dev, told: Mapping[str, Told]) -> None:
    again = {one.play.history.id: one for one in play_all(installation, HISTORIES)}
    assert {case: one.outcome for case, one in again.items()} == {
        case: one.outcome for case, one in told.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_tells_every_case_in_both_languages(
    installation: Dev, told: Mapping[str, Told], language: str
) -> None:
    page = StringIO()
    phrases = Phrases(LANGUAGES[language], installation.register, datetime(2026, 11, 23, tzinfo=UTC))
    report = Report(Console(file=page, width=120), phrases)
    for number, one in enumerate(told.values(), start=1):
        report.case(number, one)
    report.overdue(told.values())
    report.total(list(told.values()))
    text = page.getvalue()
    assert all(history.title[language] in text for history in HISTORIES)
    assert "O310-08" in text
    assert "✗" not in text

"""The report tells the score and, of each scenario, what was seen and what to mend, in both forms and languages."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document

from consumers.certification.reading import read_said
from consumers.certification.report import Report, as_html, as_word, rows_of
from consumers.certification.scenarios import SCENARIOS, judge
from consumers.certification.watched import Exchange, Transport, Watched

START = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)


@pytest.fixture
def report(register):
    told = {"reason": "undecodable", "detail": "<b>summary</b> is no text"}
    said = {"id": "a", "type": "lead.found"}
    seen = Exchange(START, "POST", "/v1/events", {}, 422, said, told, read_said({}, said))
    return Report(
        register.by_code["by-env"], START, START, judge({Transport.HTTP: Watched("by-env", (seen,))})
    )


@pytest.mark.parametrize(("language", "verdict"), [("zh", "认证未通过"), ("en", "Not certified")])
def test_both_forms_say_the_same(report, language, verdict):
    html = as_html(report, language)
    word = Document(BytesIO(as_word(report, language)))
    assert verdict in html
    assert verdict in word.paragraphs[2].text
    rows = [[cell.text for cell in row.cells] for row in word.tables[0].rows][1:]
    assert len(rows) == len(SCENARIOS)
    for title, over, result, _, mend in rows:
        assert f"<td>{title}</td>\n<td>{over}</td>" in html
        assert result in html
        assert mend in html


@pytest.mark.parametrize(("language", "result"), [("zh", "不适用"), ("en", "not asked")])
def test_what_was_not_asked_stands_there_with_its_transport_and_the_reason(register, language, result):
    judged = judge({Transport.KAFKA: Watched("by-env")})
    told = Report(register.by_code["by-env"], START, START, judged)
    [row] = [row for row in rows_of(judged, language) if row.code == "kafka-batch"]
    assert (row.over, row.result, row.mend) == ("Kafka", result, "")
    assert f"<td>{row.why}</td>" in as_html(told, language)
    table = Document(BytesIO(as_word(told, language))).tables[0]
    assert [row.title, row.over, row.result, row.why, ""] in [
        [cell.text for cell in one.cells] for one in table.rows
    ]


def test_times_are_chinas(report):
    assert "2026-03-11 16:00:00" in as_html(report, "zh")


def test_what_a_system_sends_is_shown_and_never_run(report):
    html = as_html(report, "en")
    assert "&lt;b&gt;summary&lt;/b&gt; is no text" in html
    assert "<b>" not in html

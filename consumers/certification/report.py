"""The report of a certification run in HTML and in Word: score, and what was seen and is to be mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Literal

from docx import Document
from docx.oxml.ns import qn
from jinja2 import Environment, PackageLoader, select_autoescape

from consumers.certification.scenario import State, Words
from consumers.certification.scenarios import Judged, Score, mend_of, score
from consumers.certification.watched import Transport
from schemas.spans import CHINA
from schemas.units import Unit

Language = Literal["zh", "en"]

_PAGES = Environment(
    loader=PackageLoader("consumers.certification", ""),
    autoescape=select_autoescape(default=True, default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)
_FONT = "宋体"
_RESULTS = {
    State.PASSED: Words("通过", "passed"),
    State.FAILED: Words("未通过", "failed"),
    State.NOT_SHOWN: Words("未演示", "not shown"),
    State.NOT_USED: Words("不使用", "not used"),
    State.NOT_ASKED: Words("不适用", "not asked"),
}
_OVER = {Transport.HTTP: Words("HTTPS", "HTTPS"), Transport.KAFKA: Words("Kafka", "Kafka")}
_WORDS = {
    "title": Words("接入认证报告", "Certification report"),
    "begun": Words("开始", "begun"),
    "ended": Words("结束", "ended"),
    "scenario": Words("场景", "Scenario"),
    "over": Words("途径", "Over"),
    "result": Words("结果", "Result"),
    "evidence": Words("依据", "What was seen"),
    "mend": Words("整改", "What to mend"),
    "certified": Words("认证通过", "Certified"),
    "not_certified": Words("认证未通过", "Not certified"),
    "footer": Words(
        "依据为认证期间实际观察到的请求、答复、推送应答、主题记录和消费位置；时间为北京时间。",
        "What was seen are requests, answers, replies to deliveries, records of topics and how far they were read, "
        "during the run; times are China's.",
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A run that is over: `begun` and `ended` are aware."""

    unit: Unit
    begun: datetime
    ended: datetime
    judged: tuple[Judged, ...]

    @property
    def score(self) -> Score:
        """How many scenarios were passed."""
        return score(self.judged)


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario over one transport as a report tells it, in one language. `why`: it was not asked, therefore."""

    code: str
    title: str
    over: str
    state: str
    result: str
    evidence: tuple[tuple[str, str], ...]
    mend: str
    why: str


def rows_of(judged: tuple[Judged, ...], language: Language) -> list[Row]:
    """The rows of a report or of a screen."""
    return [_row(one, language) for one in judged]


def result_in(state: State, language: Language) -> str:
    """A state in words."""
    return _in(_RESULTS[state], language)


def over_in(transport: Transport, language: Language) -> str:
    """A transport in words."""
    return _in(_OVER[transport], language)


def as_html(report: Report, language: Language) -> str:
    """The report as a page that needs nothing else."""
    return _PAGES.get_template("report.html.jinja").render(
        language=language,
        words={name: _in(words, language) for name, words in _WORDS.items()},
        unit=report.unit.code,
        unit_name=report.unit.name_zh if language == "zh" else report.unit.name_en,
        begun=_moment(report.begun),
        ended=_moment(report.ended),
        verdict=_verdict(report, language),
        score=report.score,
        rows=rows_of(report.judged, language),
    )


def as_word(report: Report, language: Language) -> bytes:
    """The report as a .docx file, for Word and WPS."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name = _FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    words = {name: _in(told, language) for name, told in _WORDS.items()}
    name = report.unit.name_zh if language == "zh" else report.unit.name_en
    document.add_heading(words["title"], 0)
    document.add_paragraph(
        f"{name} ({report.unit.code})  {words['begun']} {_moment(report.begun)}  "
        f"{words['ended']} {_moment(report.ended)}"
    )
    told = report.score
    document.add_heading(
        f"{_verdict(report, language)}  {told.passed}/{told.counted}  {told.percent} %", level=1
    )
    table = document.add_table(rows=1, cols=5, style="Table Grid")
    heads = (words["scenario"], words["over"], words["result"], words["evidence"], words["mend"])
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    for row in rows_of(report.judged, language):
        seen = "\n".join(f"{at} {text}" for at, text in row.evidence) or row.why
        told_of = (row.title, row.over, row.result, seen, row.mend)
        for cell, text in zip(table.add_row().cells, told_of, strict=True):
            cell.text = text
    document.add_paragraph(words["footer"])
    packed = BytesIO()
    document.save(packed)
    return packed.getvalue()


def _row(one: Judged, language: Language) -> Row:
    mend = mend_of(one)
    return Row(
        code=one.code,
        title=_in(one.scenario.title, language),
        over=over_in(one.transport, language),
        state=one.finding.state.value,
        result=result_in(one.finding.state, language),
        evidence=tuple((_moment(seen.at), _in(seen.words, language)) for seen in one.finding.evidence),
        mend="" if mend is None else _in(mend, language),
        why="" if one.finding.why is None else _in(one.finding.why, language),
    )


def _verdict(report: Report, language: Language) -> str:
    return _in(_WORDS["certified" if report.score.certified else "not_certified"], language)


def _in(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en


def _moment(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")

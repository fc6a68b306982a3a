"""Bulletins on the console: everybody sees their own numbers, each number leads to its cases, and files open as they are."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from consumers.bulletins import shelf
from consumers.bulletins.contests import contests_of
from consumers.bulletins.figures import FIGURE_BY_CODE, FIGURES
from consumers.bulletins.periods import Stretch, period_at
from consumers.bulletins.shelf import Part, Which
from consumers.bulletins.sight import Sight, sight_of
from consumers.console.phrases import Phrases
from consumers.console.words import Language, Words
from infra.bulletin_tables import bulletin_answers, bulletins, counted_lines
from infra.demo.bulletins import show_bulletins
from infra.tables import console_audit
from tests.consumers.casework.logged import TOPIC
from tests.consumers.console.conftest import NOW
from tests.consumers.console.test_isolation import numbers, seen_by

pytestmark = pytest.mark.postgres

EVERYBODY = Sight(None, whole=True)
MONTH = period_at(Stretch.MONTH, NOW).before


@pytest.fixture(scope="module")
def month(filled):
    """The bulletin of last month."""
    with filled.connect() as connection:
        return next(one for one in shelf.listed(connection, EVERYBODY) if one.period == MONTH)


def linked(text):
    """(address, number) of every number of a page that leads to its cases."""
    return [
        (address.replace("&amp;", "&"), int(number))
        for address, number in re.findall(r'<a href="([^"]*lines\?[^"]*)">(\d+)</a>', text)
    ]


def test_every_number_of_a_bulletin_leads_to_as_many_cases(filled, enter, month):
    person = enter(filled, "operator")
    shown = linked(person.get(f"/bulletins/{month.id}").text)
    assert len(shown) > 10
    for address, number in shown:
        assert person.get(address).text.count("<tr><td class=") == min(number, 100), address


def test_numbers_of_the_statistics_lead_to_as_many_cases_by_unit_and_by_field(filled, enter):
    person = enter(filled, "operator")
    for by in ("unit", "field"):
        shown = linked(person.get(f"/statistics?by={by}&period={MONTH.name}&district=baiyun").text)
        assert shown
        for address, number in shown[:: max(1, len(shown) // 12)]:
            assert person.get(address).text.count("<tr><td class=") == min(number, 100), address


def test_the_statistics_of_a_quarter_are_those_of_its_months(filled):
    quarter = period_at(Stretch.QUARTER, NOW)
    units = shelf_units(filled)
    with filled.connect() as connection:
        whole = {(one.figure, one.unit): 0 for one in shelf.sums_now(connection, quarter, units)}
        parts = dict(whole)
        for one in shelf.sums_now(connection, quarter, units):
            whole[one.figure, one.unit] += one.total
        one_month = period_at(Stretch.MONTH, NOW)
        while one_month.first >= quarter.first:
            one_month = one_month.before
        for _ in range(3):
            one_month = one_month.next
            for one in shelf.sums_now(connection, one_month, units):
                parts[one.figure, one.unit] += one.total
    assert whole
    assert whole == parts


def shelf_units(connector):
    with connector.connect() as connection:
        return set(connection.execute(select(counted_lines.c.unit).distinct()).scalars())


@pytest.mark.parametrize("user", ["env", "police"])
def test_a_unit_sees_its_own_row_and_no_total(filled, enter, rulebook, month, user):
    person, unit = enter(filled, user), f"by-{user}"
    others = [one for one in rulebook.register.units if one.code != unit]
    for path in (f"/bulletins/{month.id}", f"/statistics?period={MONTH.name}"):
        text = person.get(path).text
        tables = "".join(re.findall(r"<table.*?</table>", text, re.DOTALL))
        assert rulebook.register.by_code[unit].name_zh in tables
        assert [one.code for one in others if f"<strong>{one.name_zh}<" in tables] == []
        assert "合计" not in tables
    shown = dict(linked(person.get(f"/bulletins/{month.id}").text))
    expected = sorted(one.total for one in month.sums if one.unit == unit)
    assert sorted(shown.values()) == sorted(
        sum(one.total for one in month.sums if (one.unit, one.figure) == (unit, figure))
        for figure in {one.figure for one in month.sums if one.unit == unit}
    )
    assert expected


def test_a_department_of_the_procuratorate_sees_its_district(filled, enter, rulebook, month):
    text = enter(filled, "criminal").get(f"/bulletins/{month.id}").text
    assert "白云区公安分局" in text
    assert "合计" in text
    sight = sight_of("by-criminal", rulebook.register)
    assert not sight.sees("hd-market")
    assert sight_of("by-env", rulebook.register) == Sight(frozenset({"by-env"}), whole=False)


@pytest.mark.parametrize("user", ["env", "police"])
def test_the_numbers_of_another_unit_are_not_found_by_any_address(filled, enter, month, user):
    person = enter(filled, user)
    for path in (
        f"/bulletins/{month.id}/lines?figure=transferred&unit=by-market",
        "/statistics/lines?figure=transferred&unit=by-market",
        "/statistics?district=huadu",
        "/statistics/lines?figure=transferred&district=huadu",
    ):
        assert person.get(path).status_code == 404, path


@pytest.mark.parametrize(("user", "unit"), [("env", "by-env"), ("police", "by-police"), ("pil", "by-pil")])
def test_no_page_or_file_of_a_bulletin_names_a_foreign_case(filled, enter, month, user, unit):
    person, foreign = enter(filled, user), numbers(filled, seen_by(filled, unit), among=False)
    paths = [f"/bulletins/{month.id}/lines?figure={figure.code}" for figure in FIGURES]
    paths += [f"/statistics/lines?period={MONTH.name}&figure={figure.code}" for figure in FIGURES]
    for path in (*paths, f"/bulletins/{month.id}", f"/bulletins/{month.id}/bulletin.csv", "/bulletins"):
        text = person.get(path).content.decode()
        assert [name for name in foreign if f">{name}<" in text] == [], path


def test_a_case_that_a_department_may_not_see_is_counted_without_its_name(filled, month):
    with filled.connect() as connection:
        foreign, everything = (
            [
                line
                for figure in FIGURES
                for line in shelf.lines_of(
                    connection, month.id, Which(figure.code, month.units), unit, Part(0, 1000)
                )
            ]
            for unit in ("by-tax", None)
        )
    assert len(foreign) == len(everything) == sum(one.total for one in month.sums)
    assert any(line.case is None for line in foreign)
    assert all(line.case is not None for line in everything)


# Files


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_three_files_tell_the_same_numbers(filled, enter, month, language):
    person = enter(filled, "operator")

    def taken(ending):
        return person.get(f"/bulletins/{month.id}/bulletin.{ending}?lang={language}").content

    rows = [row for row in csv.reader(StringIO(taken("csv").decode("utf-8-sig"))) if row]
    book = load_workbook(BytesIO(taken("xlsx")))
    document = Document(BytesIO(taken("docx")))
    in_book = [
        ["" if cell is None else str(cell) for cell in row]
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows(values_only=True)
    ]
    in_word = [
        ["" if cell.text == "—" else cell.text for cell in row.cells]
        for table in document.tables
        for row in table.rows
    ]
    in_csv = [row for row in rows if len(row) > 1]
    assert len(in_csv) > 15
    assert in_csv == in_word
    assert [[cell.removesuffix(".0") for cell in row] for row in in_csv] == [
        [cell.removesuffix(".0") for cell in row] for row in in_book
    ]
    assert month.digest.hex() in " ".join(paragraph.text for paragraph in document.paragraphs)
    assert month.digest.hex() in str(book.worksheets[0]["A5"].value)


def test_numbers_in_the_workbook_are_numbers_and_texts_are_no_formulas(filled, enter, month):
    book = load_workbook(
        BytesIO(enter(filled, "operator").get(f"/bulletins/{month.id}/bulletin.xlsx").content)
    )
    kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "inlineStr", "n"}
    assert any(isinstance(cell.value, int) for cell in book.worksheets[1]["B"])


def test_taking_a_bulletin_out_is_written_down(filled, enter, month):
    enter(filled, "police").get(f"/bulletins/{month.id}/bulletin.docx")
    with filled.connect() as connection:
        rows = select(console_audit).where(
            console_audit.c.user == "police", console_audit.c.action == "export"
        )
        last = connection.execute(rows.order_by(console_audit.c.n.desc())).first()
    assert last.target == f"/bulletins/{month.id}/bulletin.docx"


# Issuing, contests, answers


def test_only_operators_and_heads_at_the_procuratorate_issue(empty, enter):
    for user, status in (
        ("operator", 303),
        ("criminal", 303),
        ("police", 403),
        ("env", 403),
        ("auditor", 403),
    ):
        person = enter(empty, user)
        person.get("/bulletins")
        answer = person.post("/bulletins", period=MONTH.name, district="baiyun")
        assert answer.status_code == status, user
    with empty.connect() as connection:
        [issued] = connection.execute(select(bulletins)).all()
    assert (issued.district, issued.issued_by) == ("baiyun", "operator")


@pytest.mark.parametrize(
    ("period", "problem"),
    [("2026-13", "期间无法识别"), (period_at(Stretch.YEAR, NOW).name, "尚未届满"), ("", "期间无法识别")],
)
def test_a_bulletin_that_cannot_be_issued_says_why(empty, enter, period, problem):
    person = enter(empty, "operator")
    person.get("/bulletins")
    answer = person.post("/bulletins", period=period, district="baiyun")
    assert answer.status_code == 400
    assert problem in answer.text


def test_a_unit_contests_its_number_and_the_procuratorate_answers(empty, enter, rulebook):
    show_bulletins(empty, TOPIC, rulebook.register, now=NOW)
    with empty.connect() as connection:
        issued = next(one for one in shelf.listed(connection, EVERYBODY) if one.period == MONTH)
    unit, head, other = (enter(empty, user) for user in ("police", "criminal", "env"))
    unit.get(f"/bulletins/{issued.id}")
    said = unit.post(f"/bulletins/{issued.id}/contests", figure="filed", reason="漏计一件立案")
    assert said.status_code == 303
    assert "漏计一件立案" in unit.get(f"/bulletins/{issued.id}").text
    assert "漏计一件立案" not in other.get(f"/bulletins/{issued.id}").text
    page = head.get(f"/bulletins/{issued.id}").text
    contests = re.findall(r'action="(/contests/[^"]+)"', page)
    assert len(contests) == 2  # with the one of the demonstration
    assert other.post(contests[0], verdict="kept", reason="不是自己的").status_code == 403
    assert unit.post(contests[0], verdict="granted", reason="自己答复自己").status_code == 403
    assert (
        head.post(f"/bulletins/{issued.id}/contests", figure="filed", reason="自己的数字").status_code == 303
    )
    assert len(re.findall(r'action="(/contests/[^"]+)"', head.get(f"/bulletins/{issued.id}").text)) == 2
    with empty.connect() as connection:
        own = next(one for one in contests_of(connection, issued.id) if one.unit == "by-criminal")
    assert head.post(f"/contests/{own.id}", verdict="granted", reason="自己答复自己").status_code == 403
    assert head.post(contests[0], verdict="maybe", reason="已经核对台账").status_code == 400
    assert head.post(contests[0], verdict="granted", reason="短").status_code == 400
    assert head.post(contests[0], verdict="granted", reason="已经核对台账").status_code == 303
    assert "予以更正（列入下一期）" in unit.get(f"/bulletins/{issued.id}").text
    with empty.connect() as connection:
        [answered] = connection.execute(select(bulletin_answers)).all()
        audit = connection.execute(select(console_audit.c.user, console_audit.c.detail)).all()
    assert (answered.verdict, answered.answered_by) == ("granted", "criminal")
    assert {("police", "漏计一件立案"), ("criminal", "已经核对台账")} <= {tuple(row) for row in audit}


def test_a_contest_without_a_reason_says_so(empty, enter, rulebook):
    show_bulletins(empty, TOPIC, rulebook.register, now=NOW)
    with empty.connect() as connection:
        [*_, issued] = shelf.listed(connection, EVERYBODY)
    person = enter(empty, "env")
    person.get(f"/bulletins/{issued.id}")
    answer = person.post(f"/bulletins/{issued.id}/contests", figure="filed", reason=" ")
    assert (answer.status_code, "请写明理由" in answer.text) == (400, True)


def test_a_bulletin_shows_how_it_was_made(filled, enter, month):
    text = enter(filled, "auditor").get(f"/bulletins/{month.id}").text
    assert month.digest.hex() in text
    assert "数字已经固定" in text
    assert 'id="contests"' in text
    assert FIGURE_BY_CODE["transferred"].zh in text


@pytest.mark.parametrize(
    ("language", "district", "told"),
    [
        (Language.ZH, "baiyun", "白云区人民检察院"),
        (Language.EN, "baiyun", "Baiyun procuratorate"),
        (Language.ZH, "nowhere", "nowhere"),
    ],
)
def test_a_district_is_called_as_its_procuratorate_is(register, language, district, told):
    assert Phrases(Words(language), register, NOW).district(district) == told

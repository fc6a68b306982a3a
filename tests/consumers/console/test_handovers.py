"""The board shows each clock of the filter once, says why a date is what it is, and takes out what it shows."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import func, select, true

from consumers.console import sheets
from consumers.console.handovers import queries
from consumers.console.handovers.filters import After, Filter, Order, Shown, Whose, parse_after
from consumers.readmodel import scope
from infra.tables import clocks, console_audit
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres


def everything(connection, unit, wanted, size):
    """All pages of the board, one after another."""
    rows = queries.board(connection, unit, wanted, NOW, limit=size)
    while rows:
        yield from rows
        after = After(rows[-1].clock.due_to, rows[-1].clock.id)
        there = Filter(wanted.shown, wanted.whose, wanted.order, after=after)
        rows = queries.board(connection, unit, there, NOW, limit=size)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("unit", [None, "by-police"])
def test_the_pages_together_have_every_clock_once_and_in_order(filled, unit, order):
    wanted = Filter(Shown.ALL, Whose.SEEN, order)
    with filled.connect() as connection:
        paged = [row.clock.id for row in everything(connection, unit, wanted, 7)]
        at_once = [row.clock.id for row in queries.board(connection, unit, wanted, NOW, limit=10_000)]
    assert len(paged) > 50
    assert paged == at_once
    assert len(set(paged)) == len(paged)


def test_the_parts_of_the_board_hold_what_they_are_called(filled):
    with filled.connect() as connection:
        states = {
            shown: {
                row.clock.state for row in queries.board(connection, None, Filter(shown), NOW, limit=10_000)
            }
            for shown in Shown
        }
        total = connection.execute(
            select(func.count()).select_from(clocks).where(clocks.c.kind == "deadline")
        ).scalar_one()
        assert len(queries.board(connection, None, Filter(Shown.ALL), NOW, limit=10_000)) == total
    assert states[Shown.OPEN] <= {"running", "paused", "breached"}
    assert "breached" in states[Shown.OVERDUE]
    assert states[Shown.OVERDUE] <= {"running", "breached"}
    assert {"breached", "met-late"} <= states[Shown.HISTORY]


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (Filter(Shown.ALL, unit="by-police"), lambda row: row.clock.holder == "by-police"),
        (Filter(Shown.ALL, rule="O310-08"), lambda row: row.clock.rule == "O310-08"),
        (Filter(Shown.ALL, field="environment"), lambda row: row.field == "environment"),
    ],
)
def test_a_filter_keeps_exactly_what_it_names(filled, wanted, holds):
    with filled.connect() as connection:
        kept = queries.board(connection, None, wanted, NOW, limit=10_000)
        everything_ = queries.board(connection, None, Filter(Shown.ALL), NOW, limit=10_000)
    assert kept
    assert [row.clock.id for row in kept] == [row.clock.id for row in everything_ if holds(row)]


def test_the_calendar_counts_what_the_board_shows_for_that_day(filled, enter):
    person = enter(filled, "operator")
    page = person.get("/handovers/calendar").text
    counted = re.findall(r'href="/handovers\?due=([\d-]+)">(\d+) 件到期', page)
    assert counted
    for day, count in counted:
        board = person.get(f"/handovers?due={day}").text
        assert board.count('/why" hx-get') == min(int(count), queries.ON_ONE_PAGE), day


@pytest.mark.parametrize(
    "query", ["due=tomorrow", "after=x", "shown=none", "month=13", "order=none", "after=2026-01-01~"]
)
def test_an_address_that_means_nothing_is_said_to_be_wrong(filled, enter, query):
    path = "/handovers/calendar" if query.startswith("month") else "/handovers"
    assert enter(filled, "operator").get(f"{path}?{query}").status_code == 400


def test_why_a_date_is_what_it_is_comes_as_a_page_and_as_a_part(filled, enter):
    person = enter(filled, "operator")
    address = re.search(r"/handovers/[0-9a-f-]+/why", person.get("/handovers").text)[0]
    page, part = person.get(address).text, person.get(address, headers={"hx-request": "true"}).text
    assert "<html" in page
    assert "<html" not in part
    assert "为最后时点" in page
    assert "为最后时点" in part


def test_a_kept_view_is_the_persons_own(filled, enter):
    person = enter(filled, "criminal")
    person.post("/handovers/views", name="环保", query="shown=overdue&field=environment")
    assert "/handovers?shown=overdue&amp;field=environment" in person.get("/handovers").text
    assert "环保</a>" not in enter(filled, "police").get("/handovers").text
    enter(filled, "police").post("/handovers/views/drop", name="环保")
    assert "环保</a>" in person.get("/handovers").text
    person.post("/handovers/views/drop", name="环保")
    assert "环保</a>" not in person.get("/handovers").text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_both_exports_have_the_rows_of_the_board_under_the_same_heading(filled, enter, language):
    person = enter(filled, "operator")
    told = person.get(f"/handovers.csv?shown=history&lang={language}").content
    assert told.startswith(b"\xef\xbb\xbf")
    as_csv = list(csv.reader(StringIO(told.decode("utf-8-sig"))))
    book = load_workbook(BytesIO(person.get(f"/handovers.xlsx?shown=history&lang={language}").content))
    as_xlsx = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
    with filled.connect() as connection:
        rows = queries.board(connection, None, Filter(Shown.HISTORY), NOW, limit=10_000)
    assert as_csv == as_xlsx
    assert [row[0] for row in as_csv[1:]] == [row.clock.case.number for row in rows]


def test_taking_out_is_written_down(filled, enter):
    enter(filled, "police").get("/handovers.csv?shown=all")
    with filled.connect() as connection:
        last = connection.execute(
            select(console_audit).where(console_audit.c.user == "police").order_by(console_audit.c.n.desc())
        ).first()
    assert (last.action, last.target) == ("export", "/handovers.csv?shown=all")


@pytest.mark.parametrize("unit", ["by-police", "by-pil", "by-env", "by-tax", "nobody"])
def test_beginning_with_the_events_of_a_unit_finds_the_same_clocks_as_looking_at_each(filled, unit):
    with filled.connect() as connection:
        assert scope.sees_little(connection, unit)
        each = select(clocks.c.clock_id).where(scope.clocks_for(unit))
        among = select(clocks.c.clock_id).where(scope.clocks_among(unit, true()))
        found = set(connection.execute(among).scalars())
        assert found == set(connection.execute(each).scalars())
    assert bool(found) == (unit != "nobody")


def test_the_why_of_a_date_names_what_the_texts_leave_open(filled, enter):
    with filled.connect() as connection:
        rows = select(clocks.c.clock_id).where(clocks.c.rule == "O310-08").limit(1)
        clock = connection.execute(rows).scalar_one()
    person = enter(filled, "operator")
    assert "国务院令第310号的“日”是日历日还是工作日" in person.get(f"/handovers/{clock}/why").text
    assert "(unsigned)" in person.get(f"/handovers/{clock}/why?lang=en").text


# Sheets


@given(st.text())
def test_no_cell_of_a_csv_begins_what_a_spreadsheet_would_carry_out(text):
    [[cell]] = (
        csv.reader(StringIO(sheets.as_csv([[text]]).decode("utf-8-sig"), newline="")) if text else [[""]]
    )
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", " =1", "\x00=1"])
def test_no_cell_of_a_workbook_is_a_formula(text):
    book = load_workbook(BytesIO(sheets.as_xlsx("x", [["heading"], [text]])))
    cell = book.active["A2"]
    assert cell.data_type == "s"
    assert not str(cell.value).lstrip(" ").startswith(("=", "+", "-", "@", "\t"))


@given(st.one_of(st.none(), st.datetimes(timezones=st.just(NOW.tzinfo))), st.uuids())
def test_the_place_of_a_page_survives_the_address(due, clock):
    assert parse_after(str(After(due, clock))) == After(due, clock)

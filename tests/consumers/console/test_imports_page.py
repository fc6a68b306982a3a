"""Sheets at the console: a unit's own only, brought once however often the form is sent, said after a check."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from infra.import_tables import import_jobs, import_rows
from infra.importing import SheetDesk
from infra.settings import Settings
from infra.tables import console_audit
from producers.imports.jobs import claim, rows_of
from tests.consumers.casework.story import REGISTER

pytestmark = pytest.mark.postgres

HEADERS = "案号,移送书文号,移送时间,受移送公安机关,涉嫌罪名\n"
RIGHT = "白环立〔2026〕1号,白环移〔2026〕1号,2026-03-02 09:30,白云区公安分局,污染环境罪\n"
SECOND = "白环立〔2026〕2号,白环移〔2026〕2号,2026-03-03,白云区公安分局,污染环境罪\n"
WRONG = "白环立〔2026〕3号,白环移〔2026〕3号,某日,白云区公安分局,污染环境罪\n"


@pytest.fixture
def desk(empty, clock) -> SheetDesk:
    return SheetDesk(Settings(), REGISTER, empty, clock)


@pytest.fixture
def clerk(empty, enter, desk):
    """Somebody of the environment branch."""
    return enter(empty, "env", importing=desk)


def brought(person, *rows: str, name: str = "台账.csv", **chosen: str) -> str:
    """The address of the import that the form makes."""
    file = {"file": (name, (HEADERS + "".join(rows)).encode("gb18030"), "text/csv")}
    answer = person.post("/imports", files=file, **({"time": "t"} | chosen))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def states(connector, address: str) -> list[tuple[int, str]]:
    rows = select(import_rows.c.number, import_rows.c.state).where(
        import_rows.c.import_id == address.rpartition("/")[2]
    )
    with connector.connect() as connection:
        return [tuple(row) for row in connection.execute(rows.order_by(import_rows.c.number))]


def held(connector) -> int:
    with connector.connect() as connection:
        return connection.execute(select(func.count()).select_from(import_jobs)).scalar_one()


def test_a_checked_sheet_says_nothing_and_shows_what_is_wrong_in_both_languages(clerk, empty):
    address = brought(clerk, RIGHT, WRONG, check="true", partial="true")
    assert states(empty, address) == [(2, "held"), (3, "flawed")]
    page = clerk.get(address).text
    assert "已核对，未报送" in page
    assert "不是有效日期" in page
    assert "is no date" in clerk.get(f"{address}?lang=en").text
    listed = clerk.get("/imports?lang=zh-CN").text
    assert f'href="{address}"' in listed
    with empty.connect() as connection:
        assert claim(connection, now=clerk_time(connection), lease=timedelta(seconds=1)) is None


def clerk_time(connection):
    return connection.execute(select(func.max(import_jobs.c.created_at))).scalar_one()


def test_the_right_rows_are_said_after_all_once_however_often_it_is_asked(clerk, empty):
    address = brought(clerk, RIGHT, WRONG, SECOND)
    assert states(empty, address) == [(2, "held"), (3, "flawed"), (4, "held")]
    assert "报送核对无误的 2 行" in clerk.get(address).text
    answers = {clerk.post(f"{address}/say").headers["location"] for _ in range(2)}
    [saying] = answers
    assert saying != address
    assert states(empty, saying) == [(2, "ready"), (4, "ready")]
    assert f'href="{saying}"' in clerk.get(address).text
    assert "报送核对无误" not in clerk.get(address).text
    with empty.begin() as connection:
        job = claim(connection, now=clerk_time(connection), lease=timedelta(seconds=30))
        assert str(job.import_id) == saying.rpartition("/")[2]
        events = [row.events for row in rows_of(connection, job.import_id)]
    assert [[event["type"] for event in said] for said in events] == [["transfer.sent"]] * 2


def test_what_was_checked_is_what_is_said_to_the_second(clerk, empty):
    """A row keeps what it would say and is not read a second time: its event is the same as without the check."""
    checked = clerk.post(f"{brought(clerk, RIGHT, check='true')}/say").headers["location"]
    at_once = brought(clerk, RIGHT, name="另一份.csv")
    with empty.connect() as connection:
        [one], [other] = (rows_of(connection, address.rpartition("/")[2]) for address in (checked, at_once))
    assert (one.row_id, one.events) == (other.row_id, other.events)


def test_a_form_that_is_sent_twice_brings_one_sheet(clerk, empty):
    address = brought(clerk, RIGHT)
    assert brought(clerk, RIGHT) == address
    assert held(empty) == 1
    assert brought(clerk, RIGHT, time="u") != address


def test_another_unit_finds_nothing_of_a_sheet(clerk, enter, empty, desk):
    address = brought(clerk, RIGHT, check="true")
    other = enter(empty, "police", importing=desk)
    assert address not in other.get("/imports").text
    answers = [other.get(address), other.get(f"{address}/sheet")]
    assert {answer.status_code for answer in answers} == {404}
    assert other.post(f"{address}/say").status_code == 404
    assert held(empty) == 1


def test_a_content_that_was_deleted_after_its_time_is_not_said(clerk, empty):
    address = brought(clerk, RIGHT, check="true")
    with empty.begin() as connection:
        connection.execute(update(import_rows).values(cells=None, events=None))
    answer = clerk.post(f"{address}/say")
    assert answer.status_code == 400
    assert "请重新上传表格" in answer.text
    assert held(empty) == 1


def test_a_unit_gets_its_own_templates_and_no_others(clerk, enter, empty, desk):
    page = clerk.get("/imports").text
    assert "/imports/forms/transfer-sent.xlsx" in page
    assert "/imports/forms/filing-accepted.xlsx" not in page
    book = load_workbook(BytesIO(clerk.get("/imports/forms/transfer-sent.xlsx").content))
    assert book.sheetnames[0] == "正式移送"
    assert clerk.get("/imports/forms/filing-accepted.xlsx").status_code == 404
    assert (
        enter(empty, "police", importing=desk).get("/imports/forms/filing-accepted.xlsx").status_code == 200
    )


def test_the_sheet_comes_back_with_what_became_of_each_row(clerk):
    address = brought(clerk, RIGHT, WRONG)
    book = load_workbook(BytesIO(clerk.get(f"{address}/sheet").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][-2:] == ("导入状态", "错误")
    assert [row[-2] for row in rows[1:]] == ["未报送", "有误"]


@pytest.mark.parametrize(
    ("content", "chosen", "words"),
    [
        (b"", {}, "请选择要导入的文件"),
        (b"PK\x03\x04 broken", {}, "未导入："),
        ("甲,乙\n1,2\n".encode(), {}, "无法从表头判断"),
        ((HEADERS + RIGHT).encode(), {"form": "filing-accepted"}, "缺少列"),
        ((HEADERS + RIGHT).encode(), {"form": "nothing"}, "没有这个模板"),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_kept(clerk, empty, content, chosen, words):
    answer = clerk.post("/imports", files={"file": ("a.csv", content, "text/csv")}, time="t", **chosen)
    assert answer.status_code == 400
    assert words in answer.text
    assert held(empty) == 0


def test_a_unit_does_not_bring_what_it_may_not_say(clerk):
    sheet = (
        "案号,案件来源单位,立案决定书文号,立案时间\n白环立〔2026〕1号,by-env,白公立〔2026〕1号,2026-03-14\n"
    )
    answer = clerk.post("/imports", files={"file": ("a.csv", sheet.encode(), "text/csv")}, time="t")
    assert answer.status_code == 400
    assert "不能报送这种事件" in answer.text


def test_bringing_saying_and_taking_out_are_in_the_audit(clerk, empty):
    address = brought(clerk, RIGHT, check="true")
    clerk.get(f"{address}/sheet")
    clerk.post(f"{address}/say")
    with empty.connect() as connection:
        told = [
            (row.action, re.sub("[0-9a-f-]{36}", "…", row.target))
            for row in connection.execute(select(console_audit).order_by(console_audit.c.n))
            if row.target.startswith("/imports")
        ]
    assert told == [("change", "/imports"), ("export", "/imports/…/sheet"), ("change", "/imports/…/say")]

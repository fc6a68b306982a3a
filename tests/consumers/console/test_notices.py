"""Notices: for whom they are, who has read them, their files; withdrawn and never gone, published once."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from consumers.console.access import ConsoleRole
from consumers.console.desk import Filing
from consumers.console.notices import addressing, board
from consumers.console.notices.addressing import Notice, Receipt
from infra.document_store import FolderStore, Incoming
from infra.documents import drop_unnamed
from infra.notice_tables import notice_files, notice_receipts, notices
from infra.settings import Settings
from tests.consumers.casework.story import REGISTER
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

FORM = {
    "kind": "notice",
    "title": "开会通知",
    "body": "周三开会。",
    "roles": ["PSB"],
    "units": ["by-env"],
    "time": "t",
}
PAPER = ("议程.pdf", b"%PDF agenda", "application/pdf")


@pytest.fixture
def filing(tmp_path) -> Filing:
    settings = Settings(documents=str(tmp_path))
    return Filing(FolderStore(tmp_path / "kept"), Incoming(settings), 1000)


@pytest.fixture
def publisher(empty, enter, filing):
    """The head of the criminal department."""
    return enter(empty, "criminal", filing=filing)


def published(person, *, files=(PAPER,), **other) -> str:
    """The address of the notice that the form publishes."""
    answer = person.post("/notices/new", files=[("files", file) for file in files], **(FORM | other))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def held(connector, table) -> int:
    with connector.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def notice(**other) -> Notice:
    values = {
        "id": UUID(int=1), "kind": "notice", "title": "t", "body": "b", "author": "a", "unit": "by-criminal",
        "units": ("by-env",), "roles": ("PSB",), "published_at": NOW, "withdrawn_at": None, "withdrawn_by": None,
        "withdrawn_reason": "",
    }  # fmt: skip
    return Notice(**(values | other))


def test_a_notice_is_for_the_units_named_and_for_every_unit_of_the_kinds_but_not_its_own():
    police = {one.code for one in REGISTER.by_code.values() if "PSB" in one.roles}
    assert set(addressing.addressed(notice(), REGISTER)) == police | {"by-env"}
    own = notice(units=("by-criminal", "by-env"), roles=())
    assert addressing.addressed(own, REGISTER) == ("by-env",)


def test_those_who_have_not_read_it_come_first():
    receipts = [Receipt(name, name, "by-env", NOW) for name in ("zhao", "li")]
    found = addressing.standings(notice(units=("by-env", "by-market"), roles=()), receipts, REGISTER)
    assert [(one.unit, len(one.receipts)) for one in found] == [("by-market", 0), ("by-env", 2)]


@pytest.mark.parametrize(
    ("role", "unit", "may"),
    [
        (ConsoleRole.OPERATOR, None, True),
        (ConsoleRole.AUDITOR, None, False),
        (ConsoleRole.HEAD, "by-criminal", True),
        (ConsoleRole.CLERK, "by-criminal", False),
        (ConsoleRole.HEAD, "by-police", False),
    ],
)
def test_operators_and_heads_of_the_procuratorate_publish(role, unit, may):
    assert addressing.may_publish(role, unit, REGISTER) is may


def test_another_department_does_not_withdraw_it_and_nobody_twice():
    assert addressing.may_withdraw(notice(), ConsoleRole.HEAD, "by-criminal", REGISTER)
    assert not addressing.may_withdraw(notice(), ConsoleRole.HEAD, "by-pil", REGISTER)
    gone = notice(withdrawn_at=NOW)
    assert not addressing.may_withdraw(gone, ConsoleRole.HEAD, "by-criminal", REGISTER)


def test_a_form_that_is_sent_twice_publishes_one_notice_with_its_file(publisher, empty, filing):
    address = published(publisher)
    assert published(publisher) == address
    assert (held(empty, notices), held(empty, notice_files)) == (1, 1)
    assert published(publisher, body="周四开会。") != address
    page = publisher.get(address).text
    assert "议程.pdf" in page
    file = re.search(rf'href="({address}/files/0)"', page)[1]
    answer = publisher.get(file)
    assert answer.content == PAPER[1]
    assert answer.headers["content-disposition"].startswith("attachment")


def test_who_it_is_for_reads_it_signs_once_and_the_author_sees_who_has_not(
    publisher, empty, enter, clock, filing
):
    address = published(publisher)
    env = enter(empty, "env", filing=filing)
    assert "未签收" in env.get("/notices").text
    assert "签收：本人已阅" in env.get(address).text
    assert env.get(f"{address}/files/0").content == PAPER[1]
    env.post(f"{address}/read")
    clock.move(timedelta(minutes=5))
    env.post(f"{address}/read")
    with empty.connect() as connection:
        [receipt] = connection.execute(select(notice_receipts)).all()
    assert (receipt.user, receipt.unit, receipt.read_at) == ("env", "by-env", NOW)
    page = publisher.get(address).text
    assert "已签收</span></td><td><span>生态环境分局经办人" in page
    assert page.index("未签收") < page.index("<small>env</small>")
    assert "readers-title" not in enter(empty, "police").get(address).text


def test_for_others_there_is_no_such_notice(publisher, empty, enter, filing):
    address = published(publisher)
    other = enter(empty, "pil", filing=filing)
    assert "开会通知" not in other.get("/notices").text
    answers = [other.get(address), other.get(f"{address}/files/0"), other.post(f"{address}/read")]
    assert {answer.status_code for answer in answers} == {404}
    assert held(empty, notice_receipts) == 0


def test_a_withdrawn_notice_keeps_title_reason_and_receipts_and_loses_text_and_files(
    publisher, empty, enter, filing
):
    address = published(publisher)
    env = enter(empty, "env", filing=filing)
    env.post(f"{address}/read")
    assert "撤回应当写明理由" in publisher.post(f"{address}/withdraw", reason=" ").text
    for _ in range(2):
        assert publisher.post(f"{address}/withdraw", reason="时间有误，另行通知").status_code == 303
    page = env.get(address).text
    assert "开会通知" in page
    assert "时间有误" in page
    assert "周三开会" not in page
    assert env.get(f"{address}/files/0").status_code == 404
    assert "周三开会" in publisher.get(address).text
    assert (held(empty, notices), held(empty, notice_receipts)) == (1, 1)


def test_who_may_not_publish_cannot(empty, enter):
    police = enter(empty, "police")
    assert police.get("/notices/new").status_code == 403
    assert police.post("/notices/new", **FORM).status_code == 403
    assert held(empty, notices) == 0


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"title": " "}, "标题和正文都应当填写"),
        ({"kind": "order"}, "标题和正文都应当填写"),
        ({"roles": [], "units": []}, "请选择受文单位"),
        ({"units": ["nobody"]}, "请选择受文单位"),
    ],
)
def test_what_is_missing_is_said_and_what_was_written_stays(publisher, empty, other, words):
    answer = publisher.post("/notices/new", **(FORM | other))
    assert answer.status_code == 400
    assert words in answer.text
    assert "周三开会。</textarea>" in answer.text
    assert held(empty, notices) == 0


def test_a_file_that_is_too_large_leaves_nothing_behind(publisher, empty, filing, tmp_path):
    answer = publisher.post("/notices/new", files=[("files", ("a.bin", b"x" * 1001, "a/b"))], **FORM)
    assert answer.status_code == 400
    assert "附件过大" in answer.text
    assert held(empty, notices) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_far_too_large_is_not_even_read(open_console, empty, filing):
    person = open_console(empty, filing=filing)
    answer = person.client.post("/notices/new", content=b"x" * (1024 * 1024 + 1001))
    assert answer.status_code == 413
    assert person.client.post("/sign-in", content=iter([b"x"])).status_code == 411


def test_files_of_notices_are_kept_when_documents_are_cleaned(publisher, empty, filing):
    address = published(publisher)
    assert drop_unnamed(empty, filing.store, before=NOW + timedelta(days=90)) == 0
    assert publisher.get(f"{address}/files/0").content == PAPER[1]


def test_a_notice_that_nobody_of_the_unit_has_read_is_on_its_desk(publisher, empty, enter, filing):
    address = published(publisher)
    env = enter(empty, "env", filing=filing)
    with empty.connect() as connection:
        assert board.unread(connection, "by-env", REGISTER) == 1
        assert board.unread(connection, "by-criminal", REGISTER) == 0
    env.post(f"{address}/read")
    with empty.connect() as connection:
        assert board.unread(connection, "by-env", REGISTER) == 0

"""The audit: found by who, what, where and when, taken out as it is shown, printing included; the two tables are one."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from openpyxl import load_workbook
from sqlalchemy import select, text

from infra.audit import Entry, enter
from infra.database import alembic_config, create_database, engine
from infra.settings import Settings
from infra.tables import console_audit
from schemas.spans import CHINA
from tests.consumers.console.conftest import NOW

pytestmark = pytest.mark.postgres

CASE = "8f14e45f-ceea-467f-9575-6d1b2f3c0a11"


@pytest.fixture
def told(empty):
    """Entries of some days: what somebody did is the target, so that it can be looked for."""
    entries = (
        (Entry("env", "read", "", "/cases/one", role="clerk", unit="by-env"), 3),
        (Entry("police", "export", "", "/handovers.csv", role="head", unit="by-police"), 2),
        (Entry("王某", "change", "job-approved", "job-77", detail="=已核对"), 1),
    )
    with empty.begin() as connection:
        for entry, days in entries:
            enter(connection, entry, now=NOW - timedelta(days=days))
    return empty


def shown(page: str) -> set[str]:
    return {
        target for target in ("/cases/one", "/handovers.csv", "job-77") if f"<code>{target}</code>" in page
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"user": "env"}, {"/cases/one"}),
        ({"action": "export"}, {"/handovers.csv"}),
        ({"unit": "by-police"}, {"/handovers.csv"}),
        ({"q": "已核"}, {"job-77"}),
        ({"q": "%"}, set()),
        ({"since": f"{NOW.astimezone(CHINA) - timedelta(days=1):%Y-%m-%d}"}, {"job-77"}),
        ({"until": f"{NOW.astimezone(CHINA) - timedelta(days=3):%Y-%m-%d}"}, {"/cases/one"}),
    ],
)
def test_entries_are_found_by_who_what_where_and_when(enter, told, clock, asked, expected):
    clock.now = NOW.replace(hour=6)
    assert shown(enter(told, "auditor").get("/audit", params=asked).text) == expected


def test_a_day_that_is_none_is_said_to_be_wrong(enter, told):
    assert enter(told, "auditor").get("/audit?since=2026-13-01").status_code == 400


def test_what_was_done_at_the_command_line_stands_beside_what_was_done_here(enter, told):
    page = enter(told, "security").get("/audit?lang=en").text
    assert "approved a job" in page
    assert shown(page) == {"/cases/one", "/handovers.csv", "job-77"}


def test_an_export_holds_what_the_page_shows_and_no_formula(enter, told):
    person = enter(told, "auditor")
    lines = person.get("/audit.csv?user=王某").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ",'=已核对," in lines[1]
    sheet = load_workbook(BytesIO(person.get("/audit.xlsx?user=王某").content)).active
    assert [row[7].value for row in sheet.iter_rows()][1:] == ["'=已核对"]
    assert "export" in {entry.action for entry in entries(told) if entry.user == "auditor"}


def entries(connector):
    with connector.connect() as connection:
        return connection.execute(select(console_audit).order_by(console_audit.c.n)).all()


def test_printing_is_written_down_with_the_page_and_its_case(enter, empty):
    person = enter(empty, "env")
    assert person.post("/printed", page=f"/cases/{CASE}?lang=en").status_code == 204
    last = entries(empty)[-1]
    assert (last.user, last.action, last.target) == ("env", "print", f"/cases/{CASE}?lang=en")
    assert last.case_id == uuid.UUID(CASE)
    assert person.post("/printed", page="https://elsewhere.test").status_code == 400
    person.token = "wrong"
    assert person.post("/printed", page="/today").status_code == 403
    assert entries(empty)[-1].target == last.target


def upgrade(connector, wanted) -> None:
    """To the revision that makes one audit of two tables, or to the one before it."""
    with connector.begin() as connection:
        config = alembic_config(connection)
        [found] = [
            one for one in ScriptDirectory.from_config(config).walk_revisions() if "one audit" in one.doc
        ]
        command.upgrade(config, found.revision if wanted == "after" else found.down_revision)


def test_the_two_tables_become_one_in_the_order_of_time(postgres_url):
    address = create_database(postgres_url, f"audit_{uuid.uuid4().hex[:8]}")
    connector = engine(Settings(database=address), pool=1)
    upgrade(connector, "before")
    with connector.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO console_audit (at, "user", role, action, target, detail, address) VALUES '
                "('2026-11-01', 'env', 'clerk', 'read', '/today', '', ''), "
                "('2026-11-03', 'env', 'clerk', 'read', '/cases', '', '')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO operator_actions (at, operator, action, subject, reason) VALUES "
                "('2026-11-02', '王某', 'record-revealed', 'ingress/0/1', '核对'), "
                "('2026-11-04', '李某', 'job-approved', 'job', '同意')"
            )
        )
    upgrade(connector, "after")
    with connector.begin() as connection:
        enter(connection, Entry("赵某", "change", "job-stopped", "job"), now=NOW)
    assert [(one.user, one.action, one.what, one.detail) for one in entries(connector)] == [
        ("env", "read", "", ""),
        ("王某", "reveal", "record-revealed", "核对"),
        ("env", "read", "", ""),
        ("李某", "change", "job-approved", "同意"),
        ("赵某", "change", "job-stopped", ""),
    ]
    with pytest.raises(Exception, match="only added to"), connector.begin() as connection:
        connection.execute(text("DELETE FROM console_audit"))
    connector.dispose()

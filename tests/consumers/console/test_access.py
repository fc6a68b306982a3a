"""Every route asks its row of the table, every answer says what a page may load, and every use is written down."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError

from consumers.console.access import ACCESS, NAVIGATION, Action, ConsoleRole
from consumers.console.app import ROUTERS
from infra.tables import console_audit

pytestmark = pytest.mark.postgres

WHO = {
    ConsoleRole.OPERATOR: "operator",
    ConsoleRole.AUDITOR: "auditor",
    ConsoleRole.SECURITY: "security",
    ConsoleRole.HEAD: "criminal",
    ConsoleRole.CLERK: "env",
}
FILLED_IN = {
    "{case}": "00000000-0000-0000-0000-000000000000",
    "{mirror}": "00000000-0000-0000-0000-000000000000",
    "{job}": "00000000-0000-0000-0000-000000000000",
    "{bulletin}": "00000000-0000-0000-0000-000000000000",
    "{campaign}": "00000000-0000-0000-0000-000000000000",
    "{contested}": "00000000-0000-0000-0000-000000000000",
    "{clock}": "00000000-0000-0000-0000-000000000000",
    "{proposal}": "00000000-0000-0000-0000-000000000000",
    "{unit}": "by-env",
    "{channel}": "00000000-0000-0000-0000-000000000000",
    "{track}": "consult",
    "{notice}": "00000000-0000-0000-0000-000000000000",
    "{imported}": "00000000-0000-0000-0000-000000000000",
    "{form}": "transfer-sent",
    "{n}": "0",
}


def _routes():
    """(name, method, path) of every route."""
    for router in ROUTERS:
        for route in router(None).routes:
            path = route.path
            for gap, value in FILLED_IN.items():
                path = path.replace(gap, value)
            yield route.name, next(iter(route.methods)), path


ROUTES = list(_routes())
GUARDED = [route for route in ROUTES if ACCESS[route[0]].roles is not None]


def test_every_route_has_its_row_and_every_row_its_route():
    assert sorted(name for name, _, _ in ROUTES) == sorted(ACCESS)


def test_every_page_of_the_navigation_is_a_route_of_that_address():
    addresses = {name: path for name, method, path in ROUTES if method == "GET"}
    assert [entry for entry in NAVIGATION if addresses.get(entry.route) != entry.path] == []


def test_whatever_changes_something_is_written_down():
    unwritten = {
        "sign_in_submitted",
        "second_factor_submitted",
        "printed",
    }  # write for themselves what it was
    changing = {name for name, method, _ in ROUTES if method != "GET"} - unwritten
    assert {name for name in changing if ACCESS[name].action is Action.NONE} == set()


@pytest.mark.parametrize("role", ConsoleRole)
def test_every_route_admits_exactly_the_roles_of_its_row(enter, empty, role):
    last = {"sign_out": 1}  # as it ends the session
    wrong = {}
    person = enter(empty, WHO[role])
    for name, method, path in sorted(GUARDED, key=lambda route: last.get(route[0], 0)):
        status = (person.get(path) if method == "GET" else person.post(path)).status_code
        if status >= 500 or (status != 403) != (role in ACCESS[name].roles):
            wrong[name] = status
    assert wrong == {}


def test_no_route_answers_anybody_who_is_not_signed_in(open_console, empty):
    person = open_console(empty)
    person.get("/sign-in")
    for name, method, path in GUARDED:
        answer = person.get(path) if method == "GET" else person.post(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), name


def test_who_is_refused_is_written_down(enter, empty):
    enter(empty, "operator").get("/people")
    with empty.connect() as connection:
        last = connection.execute(select(console_audit).order_by(console_audit.c.n.desc())).first()
    assert (last.user, last.role, last.action, last.target) == ("operator", "operator", "refused", "/people")


def test_an_entry_of_the_audit_is_neither_changed_nor_removed(enter, empty):
    enter(empty, "auditor").get("/audit?user=env")
    with pytest.raises(DBAPIError, match="only added to"), empty.begin() as connection:
        connection.execute(delete(console_audit))
    with empty.connect() as connection:
        assert connection.execute(select(func.count()).select_from(console_audit)).scalar_one() > 0


@pytest.mark.parametrize("path", ["/sign-in", "/today", "/nowhere", "/static/console.css", "/static/none"])
def test_every_answer_says_what_a_page_may_load(enter, empty, path):
    headers = enter(empty, "operator").get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_are_kept_by_nobody_and_assets_for_ever(enter, empty):
    person = enter(empty, "operator")
    page = person.get("/today")
    assert page.headers["cache-control"] == "no-store"
    style = next(part.split('"')[0] for part in page.text.split('href="') if "console.css" in part)
    assert "immutable" in person.get(style).headers["cache-control"]


def test_over_https_cookies_are_secure(enter, empty, open_console):
    person = open_console(empty, https=True)
    person.client.base_url = "https://console.test"
    answer = person.sign_in("env")
    assert all(
        "Secure" in cookie for cookie in answer.headers.get_list("set-cookie") if "Max-Age=0" not in cookie
    )
    assert "strict-transport-security" in answer.headers


def test_a_wrong_parameter_of_an_address_is_said_to_be_wrong(enter, empty):
    answer = enter(empty, "auditor").get("/audit?before=none")
    assert answer.status_code == 400
    assert "地址中的参数无法识别" in answer.text

"""Who gets in: passwords, locking, sessions, the second factor, and forms that come from elsewhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from consumers.console import people
from consumers.console.entrance.signing_in import inside
from consumers.console.sessions import IDLE, LONGEST
from infra.database import engine as make_engine
from infra.tables import console_audit, console_sessions, console_users
from tests.consumers.console.conftest import PASSWORD
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres


def test_nobody_sees_a_page_before_signing_in(open_console, empty):
    answer = open_console(empty).get("/audit?user=env")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Faudit%3Fuser%3Denv"


def test_whoever_signs_in_comes_to_the_page_that_was_asked_for(open_console, empty):
    person = open_console(empty)
    person.get("/sign-in?next=/account")
    answer = person.post("/sign-in", name="env", password=PASSWORD, next="/account")
    assert answer.headers["location"] == "/account"


@pytest.mark.parametrize(
    "address", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/a\nb"]
)
def test_nobody_is_led_elsewhere_by_signing_in(address):
    assert inside(address) == "/"


@pytest.mark.parametrize(("name", "password"), [("env", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(open_console, empty, name, password):
    answer = open_console(empty).sign_in(name, password)
    assert answer.status_code == 401
    assert "用户名或口令不对" in answer.text
    assert "linkage_session" not in answer.headers.get("set-cookie", "")


def test_five_failures_lock_even_for_the_right_password_until_the_time_is_over(open_console, empty, clock):
    person = open_console(empty)
    for _ in range(people.MOST_FAILURES):
        assert person.sign_in("env", "wrong").status_code == 401
    assert person.sign_in("env").status_code == 401
    clock.move(people.LOCKED_FOR + timedelta(seconds=1))
    assert person.sign_in("env").status_code == 303


def test_a_security_administrator_unlocks(open_console, enter, empty):
    person = open_console(empty)
    for _ in range(people.MOST_FAILURES):
        person.sign_in("env", "wrong")
    security = enter(empty, "security")
    assert security.post("/people", change="unlock", name="env").status_code == 303
    assert person.sign_in("env").status_code == 303


@pytest.mark.parametrize("over", [IDLE, LONGEST])
def test_a_session_ends_when_it_is_idle_or_old(enter, empty, clock, over):
    person, gone = enter(empty, "env"), timedelta()
    step = IDLE if over is IDLE else IDLE / 2
    while gone < over:
        assert person.get("/account").status_code == 200
        clock.move(step + timedelta(seconds=1))
        gone += step + timedelta(seconds=1)
    assert person.get("/account").status_code == 303


def test_signing_out_ends_the_session_on_the_server(enter, empty):
    person = enter(empty, "env")
    cookie = person.client.cookies["linkage_session"]
    assert person.post("/sign-out").status_code == 303
    person.client.cookies.set("linkage_session", cookie)
    assert person.get("/account").status_code == 303


def test_shutting_somebody_out_ends_their_sessions_at_once(enter, empty):
    person, security = enter(empty, "env"), enter(empty, "security")
    security.post("/people", change="shut", name="env")
    assert person.get("/account").status_code == 303
    assert person.sign_in("env").status_code == 401


def test_who_lost_a_password_gets_a_new_one_that_ends_what_the_old_one_opened(open_console, enter, empty):
    person, security = enter(empty, "env"), enter(empty, "security")
    locked_out = open_console(empty)
    for _ in range(people.MOST_FAILURES):
        locked_out.sign_in("env", "wrong")
    shown = security.post("/people", change="new-password", name="env")
    fresh = re.search(r'<code class="secret">([^<]+)</code>', shown.text)[1]
    assert person.get("/account").status_code == 303
    assert locked_out.sign_in("env").status_code == 401
    assert locked_out.sign_in("env", fresh).status_code == 303
    assert fresh not in security.get("/people").text


@pytest.mark.parametrize("name", ["security", "nobody"])
def test_a_new_password_is_for_somebody_else_who_is_there(enter, empty, name):
    answer = enter(empty, "security").post("/people", change="new-password", name=name)
    assert (answer.status_code, 'class="secret"' in answer.text) == (400, False)


def test_the_database_knows_neither_passwords_nor_tokens(enter, empty):
    token = enter(empty, "env").client.cookies["linkage_session"]
    with empty.connect() as connection:
        kept = str(connection.execute(select(console_users)).all())
        kept += str(connection.execute(select(console_sessions.c.token_hash)).all())
    assert PASSWORD not in kept
    assert token not in kept
    assert "$argon2id$" in kept


# Forms


def test_a_form_without_the_sessions_token_changes_nothing(enter, empty):
    person = enter(empty, "env")
    person.token = "made up"
    assert person.post("/sign-out").status_code == 403
    assert person.get("/account").status_code == 200


def test_a_form_with_another_sessions_token_changes_nothing(enter, empty):
    person, other = enter(empty, "env"), enter(empty, "police")
    person.token = other.token
    assert person.post("/sign-out").status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.test"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_form_that_was_sent_from_elsewhere_changes_nothing(enter, empty, headers):
    person = enter(empty, "env")
    person.headers = headers
    assert person.post("/sign-out").status_code == 403


def test_nobody_is_signed_in_by_a_form_that_was_sent_from_elsewhere(open_console, empty):
    answer = open_console(empty).post("/sign-in", name="env", password=PASSWORD)
    assert answer.status_code == 403


def test_a_script_may_give_the_token_in_a_header(enter, empty):
    person = enter(empty, "env")
    person.headers, person.token = {"x-csrf-token": person.token}, ""
    assert person.post("/sign-out").status_code == 303


# The second factor


def _set_up(person) -> pyotp.TOTP:
    secret = re.search(r'class="secret">([A-Z2-7]+)<', person.post("/account/second-factor").text)
    return pyotp.TOTP(secret[1])


def test_the_second_factor_is_asked_for_once_it_is_set_up(enter, open_console, empty, clock):
    person = enter(empty, "env")
    factor = _set_up(person)
    assert person.post("/account/second-factor", code=factor.at(clock.now)).status_code == 303
    clock.move(timedelta(seconds=30))
    again = open_console(empty)
    assert again.sign_in("env").headers["location"] == "/second-factor"
    assert again.get("/account").headers["location"] == "/second-factor"
    again.get("/second-factor")
    assert again.post("/second-factor", code=factor.at(clock.now)).status_code == 303
    assert again.get("/account").status_code == 200


def test_a_copy_of_the_database_gives_no_second_factor(enter, empty, clock, tmp_path):
    database = empty.url.render_as_string(hide_password=False).replace("+psycopg", "")
    sealing = make_engine(sealing_settings(database, tmp_path))
    person = enter(sealing, "env")
    factor = _set_up(person)
    with sealing.connect() as connection:
        kept = connection.execute(
            select(console_users.c.secret).where(console_users.c.name == "env")
        ).scalar_one()
    assert factor.secret not in kept
    assert person.post("/account/second-factor", code=factor.at(clock.now)).status_code == 303
    sealing.dispose()


def test_a_code_counts_once(enter, open_console, empty, clock):
    person = enter(empty, "env")
    factor = _set_up(person)
    person.post("/account/second-factor", code=factor.at(clock.now))
    again = open_console(empty)
    again.sign_in("env")
    again.get("/second-factor")
    assert again.post("/second-factor", code=factor.at(clock.now)).status_code == 401


def test_whoever_has_the_password_cannot_guess_codes_for_ever(enter, open_console, empty, clock):
    person = enter(empty, "env")
    factor = _set_up(person)
    person.post("/account/second-factor", code=factor.at(clock.now))
    clock.move(timedelta(minutes=1))
    guesser = open_console(empty)
    for _ in range(people.MOST_FAILURES):
        guesser.sign_in("env")
        guesser.get("/second-factor")
        assert guesser.post("/second-factor", code="000000").status_code == 401
    assert guesser.sign_in("env").status_code == 401


def test_a_console_that_wants_a_second_factor_shows_nothing_else_before(enter, empty):
    person = enter(empty, "env", second_factor=True)
    assert person.get("/today").headers["location"] == "/account"
    assert "要求启用动态验证码" in person.get("/account").text


# What is written down


def test_who_signed_in_or_failed_to_is_in_the_audit(open_console, empty):
    person = open_console(empty)
    person.sign_in("env", "wrong")
    person.sign_in("env")
    with empty.connect() as connection:
        rows = connection.execute(select(console_audit.c.user, console_audit.c.action)).all()
    assert rows[:2] == [("env", "refused"), ("env", "sign-in")]


def test_changing_the_password_ends_the_persons_other_sessions(enter, empty):
    person, elsewhere = enter(empty, "env"), enter(empty, "env")
    new = "lantern-orchid-43"
    assert person.post("/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert person.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "env-and-1234567"])
def test_a_weak_password_is_not_taken(enter, empty, weak):
    person = enter(empty, "env")
    assert person.post("/account/password", old=PASSWORD, new=weak, again=weak).status_code == 400
    assert person.sign_in("env").status_code == 303

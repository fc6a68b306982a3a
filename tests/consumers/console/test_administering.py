"""Units and their access: shown to whoever runs the bus, changed by security administrators, once, by two if wanted."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from consumers.approvals.rules import AFTER, Decision, State, to_decision, to_words
from infra.access import keys_on_record, unit_of
from infra.administration_tables import proposals
from infra.suspensions import suspended
from infra.tables import console_audit

postgres = pytest.mark.postgres
SECRET = re.compile(r'class="secret">(lk_[^<]+)<')


@pytest.fixture
def two(empty):
    """A bus with a second security administrator, as the demonstration has."""
    return empty


def ask(person, kind, *, proposal="", reason="例行检查", **fields):
    person.get("/units/by-env")
    return person.post("/units/by-env", kind=kind, proposal=proposal or str(uuid4()), reason=reason, **fields)


def deeds(connector) -> list[tuple[str, str]]:
    with connector.connect() as connection:
        rows = select(console_audit.c.user, console_audit.c.what).where(console_audit.c.what != "")
        return [tuple(row) for row in connection.execute(rows.order_by(console_audit.c.n))]


def states(connector) -> list[str]:
    with connector.connect() as connection:
        return list(connection.execute(select(proposals.c.state)).scalars())


def held(connector) -> dict:
    with connector.connect() as connection:
        return suspended(connection)


def keys(connector) -> list:
    with connector.connect() as connection:
        return keys_on_record(connection).get("by-env", [])


@postgres
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("name", ["operator", "auditor", "security"])
@pytest.mark.parametrize("path", ["/units", "/units/by-env", "/proposals"])
def test_who_runs_and_watches_the_bus_reads_of_units(enter, filled, name, path, lang):
    page = enter(filled, name).get(f"{path}?lang={lang}").text
    assert f'lang="{lang}"' in page
    assert ("<form" in page.split("<main")[1]) == (name == "security" and path == "/units/by-env")


@postgres
def test_an_unknown_unit_is_not_found(enter, empty):
    assert enter(empty, "security").get("/units/nobody").status_code == 404


@postgres
def test_a_unit_is_suspended_and_resumed_with_the_reason_that_was_given(enter, empty):
    person = enter(empty, "security")
    assert ask(person, "unit-suspend", reason="证书泄露").status_code == 303
    assert held(empty)["by-env"].reason == "证书泄露"
    assert "证书泄露" in person.get("/units").text
    ask(person, "unit-resume", reason="已更换")
    assert held(empty) == {}
    assert deeds(empty) == [
        ("security", "unit-suspend-proposed"),
        ("security", "unit-suspended"),
        ("security", "unit-resume-proposed"),
        ("security", "unit-resumed"),
    ]


@postgres
def test_without_a_reason_nothing_is_done(enter, empty):
    answer = ask(enter(empty, "security"), "unit-suspend", reason=" ")
    assert answer.status_code == 400
    assert "须注明理由" in answer.text
    assert (held(empty), states(empty)) == ({}, [])


@postgres
def test_a_key_is_shown_once_however_often_the_form_is_sent(enter, empty):
    person, proposal = enter(empty, "security"), str(uuid4())
    first = ask(person, "key-issue", proposal=proposal, days="30")
    [key] = SECRET.findall(first.text)
    with empty.connect() as connection:
        assert unit_of(connection, key) == "by-env"
    again = ask(person, "key-issue", proposal=proposal, days="30")
    assert again.status_code == 303
    assert len(keys(empty)) == 1
    assert keys(empty)[0].expires_at is not None
    assert key not in person.get("/units/by-env").text


@postgres
def test_a_third_key_retires_the_oldest_and_one_is_revoked_by_its_name(enter, empty, clock):
    person, made = enter(empty, "security"), []
    for _ in range(3):
        made += SECRET.findall(ask(person, "key-issue").text)
        clock.move(timedelta(minutes=1))
    with empty.connect() as connection:
        assert [unit_of(connection, key) for key in made] == [None, "by-env", "by-env"]
    oldest = keys(empty)[0].name
    ask(person, "keys-revoke", key=oldest)
    with empty.connect() as connection:
        assert [unit_of(connection, key) for key in made] == [None, None, "by-env"]


@postgres
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "unit-delete"},
        {"kind": "key-issue", "days": "0"},
        {"kind": "key-issue", "days": "soon"},
        {"kind": "keys-revoke", "key": "%"},
        {"kind": "unit-suspend", "proposal": "1"},
    ],
)
def test_what_no_form_offers_is_refused(enter, empty, fields):
    person = enter(empty, "security")
    assert ask(person, fields.pop("kind"), **fields).status_code == 400
    assert states(empty) == []


@postgres
def test_where_two_are_asked_for_nothing_happens_before_the_second_agrees(enter, two):
    first, second = (enter(two, name, admin_approval=True) for name in ("security", "second"))
    proposal = str(uuid4())
    ask(first, "unit-suspend", proposal=proposal)
    assert held(two) == {}
    own = first.post(f"/proposals/{proposal}", decision="approve", reason="自己")
    assert (own.status_code, "须由另一人复核" in own.text) == (400, True)
    assert second.post(f"/proposals/{proposal}", decision="approve", reason="同意").status_code == 303
    assert list(held(two)) == ["by-env"]
    again = second.post(f"/proposals/{proposal}", decision="reject", reason="后悔")
    assert again.status_code == 400
    assert states(two) == ["done"]
    assert deeds(two)[1:] == [("second", "proposal-approved"), ("second", "unit-suspended")]


@postgres
def test_a_rejected_or_withdrawn_proposal_does_nothing(enter, two):
    first, second = (enter(two, name, admin_approval=True) for name in ("security", "second"))
    rejected, withdrawn = str(uuid4()), str(uuid4())
    for one in (rejected, withdrawn):
        ask(first, "unit-suspend", proposal=one)
    second.post(f"/proposals/{rejected}", decision="reject", reason="不妥")
    first.post(f"/proposals/{withdrawn}", decision="withdraw", reason="误填")
    assert (sorted(states(two)), held(two)) == (["rejected", "withdrawn"], {})


@postgres
def test_an_approved_key_is_collected_by_whoever_asked_for_it_and_by_nobody_else(enter, two):
    first, second = (enter(two, name, admin_approval=True) for name in ("security", "second"))
    proposal = str(uuid4())
    assert SECRET.findall(ask(first, "key-issue", proposal=proposal).text) == []
    second.post(f"/proposals/{proposal}", decision="approve", reason="同意")
    assert keys(two) == []
    stolen = second.post(f"/proposals/{proposal}", decision="collect")
    assert (stolen.status_code, SECRET.findall(stolen.text)) == (400, [])
    assert "领取密钥" in first.get(f"/proposals/{proposal}").text
    [_] = SECRET.findall(first.post(f"/proposals/{proposal}", decision="collect").text)
    assert first.post(f"/proposals/{proposal}", decision="collect").status_code == 400
    assert len(keys(two)) == 1


NAMES = st.sampled_from(["甲", "乙"])


@given(st.sampled_from(State), st.sampled_from(Decision), NAMES, NAMES)
def test_nobody_approves_or_rejects_what_he_proposed_and_nothing_closed_opens_again(state, decision, a, b):
    allowed = to_decision(state, decision, proposed_by=a, by=b) is None
    if decision is Decision.WITHDRAW:
        assert allowed == (a == b and state in (State.PROPOSED, State.APPROVED))
    else:
        assert allowed == (a != b and state is State.PROPOSED)
    assert AFTER[decision] is not State.PROPOSED


@pytest.mark.parametrize(
    ("by", "reason"), [("", "理由"), (" ", "理由"), ("甲" * 61, "理由"), ("甲", ""), ("甲", "x" * 2001)]
)
def test_who_says_nothing_of_himself_or_why_is_not_heard(by, reason):
    assert to_words(by, reason)
    assert to_words("甲", "理由") is None

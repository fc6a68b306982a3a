"""Destroying a key takes two people and a reason, and is written down."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from consumers.shredding.requests import ShredError, ask, confirm, refuse, requests
from infra.database import engine as make_engine
from infra.tables import console_audit
from infra.vault import case_keys, vault_behind
from schemas.sealed.keys import of_case
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres

CASE, REQUEST, NOW = UUID(int=1), UUID(int=2), datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def connection(database, tmp_path):
    """Of an installation in which the case has a key."""
    connector = make_engine(sealing_settings(database, tmp_path), pool=1)
    with connector.begin() as connection:
        vault_behind(connection).issued(connection, [of_case(CASE)], NOW)
        yield connection
    connector.dispose()


def asked(connection, request=REQUEST, by="周某"):
    ask(connection, request, CASE, by=by, reason="依当事人申请删除", now=NOW)


def test_the_key_is_gone_when_somebody_else_confirms(connection):
    asked(connection)
    assert case_keys(connection, [CASE])[CASE] is not None
    done = confirm(connection, REQUEST, by="吴某", now=NOW)
    assert (done.state, done.decided_by) == ("destroyed", "吴某")
    assert case_keys(connection, [CASE]) == {CASE: None}


@pytest.mark.parametrize("again", ["周某", " 周某 "])
def test_nobody_confirms_what_he_asked_for(connection, again):
    asked(connection)
    with pytest.raises(ShredError, match="somebody else has to confirm"):
        confirm(connection, REQUEST, by=again, now=NOW)
    assert case_keys(connection, [CASE])[CASE] is not None


def test_a_refused_request_destroys_nothing_and_cannot_be_confirmed(connection):
    asked(connection)
    assert refuse(connection, REQUEST, by="吴某", now=NOW).state == "refused"
    with pytest.raises(ShredError, match="is refused already, by 吴某"):
        confirm(connection, REQUEST, by="郑某", now=NOW)
    assert case_keys(connection, [CASE])[CASE] is not None


def test_every_step_is_written_down_with_who_and_why(connection):
    asked(connection)
    confirm(connection, REQUEST, by="吴某", now=NOW)
    column = console_audit.c
    wanted = select(column.user, column.what, column.detail).order_by(column.n)
    assert connection.execute(wanted).all() == [
        ("周某", "key-destruction-asked", "依当事人申请删除"),
        ("吴某", "key-destruction-destroyed", "依当事人申请删除"),
    ]
    assert [one.state for one in requests(connection)] == ["destroyed"]


def test_what_cannot_be_asked_for_is_refused_with_a_sentence(connection):
    with pytest.raises(ShredError, match="give a reason"):
        ask(connection, REQUEST, CASE, by="周某", reason="  x ", now=NOW)
    with pytest.raises(ShredError, match="say who you are"):
        ask(connection, REQUEST, CASE, by=" ", reason="依申请删除", now=NOW)
    with pytest.raises(ShredError, match="has no key"):
        ask(connection, REQUEST, UUID(int=9), by="周某", reason="依申请删除", now=NOW)
    with pytest.raises(ShredError, match="there is no request"):
        confirm(connection, uuid4(), by="吴某", now=NOW)
    asked(connection)
    confirm(connection, REQUEST, by="吴某", now=NOW)
    with pytest.raises(ShredError, match="was destroyed 2026-03-10"):
        asked(connection, uuid4())

"""Channels are added, tested and silenced by security administrators, each once, and shown to whoever runs the bus."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from consumers.notifying.channels import all_channels
from infra.notifying_tables import messages
from infra.tables import console_audit

pytestmark = pytest.mark.postgres

SECRET = re.compile(r'class="secret">(whsec_[^<]+)<')
MAIL = {"name": "值班邮箱", "kind": "mail", "address": "duty@example.org", "language": "zh-CN", "digest": "0"}


def add(person, channel="", **fields):
    person.get("/channels")
    given = MAIL | {"topics": "overdue", "channel": channel or str(uuid4())} | fields
    return person.post("/channels", **given)


def kept(connector):
    with connector.connect() as connection:
        return all_channels(connection)


def test_a_channel_is_kept_once_and_its_secret_shown_once(enter, empty):
    person, channel = enter(empty, "security"), str(uuid4())
    hook = {"kind": "webhook", "address": "https://office.example/hook", "unit": "by-env", "quiet": "true"}
    [secret] = SECRET.findall(add(person, channel, **hook).text)
    assert SECRET.findall(add(person, channel, **hook).text) == []
    [one] = kept(empty)
    assert (one.secret, one.unit, one.quiet, one.topics) == (secret, "by-env", True, {"overdue"})
    assert secret not in person.get("/channels").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "pigeon"},
        {"address": "nobody"},
        {"digest": "often"},
        {"digest": "-1"},
        {"topics": "everything"},
        {"unit": "nobody"},
        {"channel": "1"},
    ],
)
def test_what_cannot_be_a_channel_is_said(enter, empty, wrong):
    assert add(enter(empty, "security"), **wrong).status_code == 400
    assert kept(empty) == []


def test_the_test_button_queues_a_message_and_silence_is_kept_both_in_the_audit(enter, empty):
    person = enter(empty, "security")
    add(person)
    [one] = kept(empty)
    for change in ("test", "silence", "silence"):
        assert person.post(f"/channels/{one.id}", change=change).status_code == 303
    assert not kept(empty)[0].active
    with empty.connect() as connection:
        [queued] = connection.execute(select(messages)).all()
        done = (
            connection.execute(select(console_audit.c.what).where(console_audit.c.what != "")).scalars().all()
        )
    assert (queued.test, queued.state) == (True, "queued")
    assert sorted(done) == ["channel-added", "channel-silenced", "channel-tested"]
    assert "待发送" in enter(empty, "operator").get("/channels").text


def test_an_unknown_channel_or_change_is_refused(enter, empty):
    person = enter(empty, "security")
    add(person)
    assert person.post(f"/channels/{uuid4()}", change="test").status_code == 404
    assert person.post(f"/channels/{kept(empty)[0].id}", change="sell").status_code == 400


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_who_runs_the_bus_sees_channels_and_changes_none(enter, empty, lang):
    add(enter(empty, "security"), kind="robot", address="693a91f6-secret-part")
    page = enter(empty, "auditor").get(f"/channels?lang={lang}").text
    assert "值班邮箱" in page
    assert "secret-part" not in page
    assert "<form" not in page.split("<main")[1]

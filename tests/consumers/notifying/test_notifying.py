"""Notifications from the database to a real mail server, a webhook and a robot: once, as queued, tried again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_network
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import create_engine, select, update
from standardwebhooks import Webhook

from consumers.notifying.channels import add, queue_test, set_active
from consumers.notifying.process import Notifier
from consumers.notifying.rules import ChannelKind, Topic
from consumers.notifying.sending import Carrier, MailServer
from consumers.webhooks.receivers import Receiver, Receivers
from consumers.webhooks.secrets import secret_of
from consumers.webhooks.sending import Sender
from infra.audit import Actor
from infra.database import sqlalchemy_url
from infra.dev.process import free_port
from infra.notifying_tables import messages
from infra.tables import clocks, feeds, quarantine
from tests.consumers.notifying.test_rules import CALENDAR, WEDNESDAY, channel
from tests.consumers.readmodel.conftest import World
from tests.infra.listening import Listening

pytestmark = pytest.mark.postgres

SECURITY = Actor("security")
CASE = ("by-env", "白环立〔2026〕7号")
CONSOLE = "https://bus.example"


@dataclass
class Mailbox:
    """What a mail server took; `refuses` times it says that it cannot."""

    refuses: int = 0
    got: list = field(default_factory=list)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            self.refuses -= 1
            return "451 later"
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def mailbox():
    return Mailbox()


@dataclass
class Desk:
    """The database and a clock that stands still until it is moved."""

    engine: object
    mail: MailServer
    now: datetime = WEDNESDAY
    robot: str = ""
    receivers: Receivers = field(default_factory=Receivers)

    def has(self, **more) -> UUID:
        made = channel(**({"id": uuid4(), "created_at": self.now} | more))
        with self.engine.begin() as connection:
            add(connection, SECURITY, made)
        return made

    def round(self) -> int:
        async def once() -> int:
            async with Sender(self.receivers) as sender:
                carrier = Carrier(self.mail, sender, self.robot, lambda: self.now)
                return await Notifier(self.engine, carrier, CALENDAR, CONSOLE, lambda: self.now).round()

        return asyncio.run(once())

    def sent(self) -> list:
        with self.engine.connect() as connection:
            return connection.execute(select(messages).order_by(messages.c.queued_at)).all()


@pytest.fixture
def desk(database, mailbox):
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    server = MailServer("127.0.0.1", port, "none", "", "", "bus@example.org")
    engine = create_engine(sqlalchemy_url(database))
    yield Desk(engine, server)
    controller.stop(no_assert=True)
    engine.dispose()


@pytest.fixture
def limit(desk):
    """A case with a limit of the environment branch that passes in an hour."""
    world = World(desk.engine)
    world.open_case(CASE)
    world.start_clock("one", "by-env", ("by-police", "e1"), case=CASE)
    with desk.engine.begin() as connection:
        due = desk.now + timedelta(hours=1)
        connection.execute(update(clocks).values(due_from=due, due_to=due, kind="deadline", state="running"))
    return world


def test_a_limit_is_told_when_it_is_near_and_when_it_has_passed_each_once(desk, limit, mailbox):
    desk.has()
    assert [desk.round(), desk.round()] == [1, 0]
    desk.now += timedelta(hours=1, seconds=1)
    assert [desk.round(), desk.round()] == [1, 0]
    near, late = mailbox.got
    assert "一个工作日内到期" in near["subject"]
    assert "已逾期" in late["subject"]
    assert late["to"] == "office@example.org"
    [line] = late.get_content().splitlines()
    assert line.startswith("[已逾期] 白环立〔2026〕7号 2026-11-25 11:00 https://bus.example/cases/")


def test_what_is_sent_is_what_was_queued_with_the_same_id_at_every_try(desk, limit, mailbox):
    mailbox.refuses = 2
    desk.has(topics=frozenset({Topic.SOON}), quiet=False)
    for seconds in (0, 10, 60):
        desk.now += timedelta(seconds=seconds)
        desk.round()
    [queued], [mail] = desk.sent(), mailbox.got
    assert (queued.state, queued.attempts) == ("delivered", 3)
    assert mail.get_content().strip() == queued.body
    assert mail["subject"] == queued.subject
    assert str(queued.message_id) in mail["message-id"]


def test_a_message_that_nobody_takes_for_three_days_has_failed(desk, limit, mailbox):
    mailbox.refuses = 1000
    desk.has(topics=frozenset({Topic.SOON}), quiet=False)
    desk.round()
    desk.now += timedelta(hours=73)
    desk.round()
    assert desk.sent()[0].state == "failed"
    assert "451" in desk.sent()[0].answer


def test_another_units_limits_are_not_told_and_an_operators_channel_tells_all(desk, limit, mailbox):
    desk.has(unit="by-market")
    assert desk.round() == 0
    desk.has(unit=None, address="operators@example.org")
    assert desk.round() == 1
    assert mailbox.got[0]["to"] == "operators@example.org"


def test_what_was_overdue_before_the_channel_is_not_told(desk, limit):
    desk.now += timedelta(hours=2)
    desk.has()
    assert desk.round() == 0


def test_at_night_a_quiet_channel_waits_for_the_morning_and_a_test_does_not(desk, limit, mailbox):
    night = desk.has(topics=frozenset({Topic.OVERDUE}))
    desk.now = WEDNESDAY.replace(hour=23)
    assert desk.round() == 0
    with desk.engine.begin() as connection:
        queue_test(connection, SECURITY, night, CONSOLE, now=desk.now)
    assert desk.round() == 1
    assert "测试" in mailbox.got[0]["subject"]
    desk.now += timedelta(hours=10)
    assert desk.round() == 1


def test_a_try_that_failed_in_the_evening_is_not_repeated_at_night(desk, limit, mailbox):
    mailbox.refuses = 1
    desk.has()
    desk.now = WEDNESDAY.replace(hour=17, minute=29)
    assert desk.round() == 1
    desk.now = WEDNESDAY.replace(hour=18)
    assert desk.round() == 0
    desk.now = WEDNESDAY.replace(hour=9) + timedelta(days=1)
    assert desk.round() == 1
    assert len(mailbox.got) == 1


def test_a_digest_collects_and_a_silent_channel_says_nothing(desk, limit, mailbox):
    silent = desk.has(address="silent@example.org")
    with desk.engine.begin() as connection:
        set_active(connection, SECURITY, silent.id, active=False, now=desk.now)
    desk.has(digest=timedelta(minutes=90), quiet=False)
    assert desk.round() == 0
    desk.now += timedelta(minutes=90)
    assert desk.round() == 1
    assert mailbox.got[0]["subject"].count("1") == 2


def test_records_that_were_not_applied_and_feeds_that_stand_still_are_told(desk, limit, mailbox):
    desk.has()
    limit.add(
        quarantine, topic="ingress-by-env", partition=0, log_offset=3, kind="parked", reason="speaker",
        detail="", owner="by-env", recorded_at=desk.now, headers=b"[]",
    )  # fmt: skip
    limit.add(feeds, unit="by-env", assigned=9, published=9, acknowledged=2, acknowledged_at=None)
    desk.round()
    lines = mailbox.got[0].get_content().splitlines()
    assert [line[: line.index("]") + 1] for line in lines] == [
        "[上报未被采用]", "[一个工作日内到期]", "[送达停滞]",
    ]  # fmt: skip
    assert "ingress" not in mailbox.got[0].get_content()


@pytest.mark.parametrize(("code", "state"), [(0, "delivered"), (93000, "queued")])
def test_a_robot_takes_it_only_if_its_answer_says_so(desk, limit, code, state):
    with Listening(body=json.dumps({"errcode": code}).encode()) as listening:
        desk.robot = f"{listening.address}/proxy/"
        desk.has(kind=ChannelKind.ROBOT, address="693a91f6-7xxx-4bc4")
        desk.round()
    [got] = listening.got
    assert got.path == "/proxy/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4"
    told = json.loads(got.body)
    assert told["msgtype"] == "text"
    assert told["text"]["content"].startswith("行刑衔接提醒")
    assert desk.sent()[0].state == state
    assert code == 0 or "93000" in desk.sent()[0].answer


def test_a_webhook_gets_it_signed_and_only_at_an_approved_address(desk, limit):
    secret = secret_of(b"s" * 32)
    with Listening() as listening:
        host, port = "127.0.0.1", listening.port
        desk.has(kind=ChannelKind.WEBHOOK, address=f"{listening.address}/hook", secret=secret, quiet=False)
        desk.round()
        assert listening.got == []
        assert "not approved" in desk.sent()[0].answer
        receiver = Receiver("by-env", host, port, (ip_network("127.0.0.0/8"),), plain=True)
        desk.receivers = Receivers((receiver,))
        desk.now += timedelta(seconds=30)
        desk.round()
    [got] = listening.got
    signed = {name: got.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    assert signed["webhook-id"] == str(desk.sent()[0].message_id)
    wanted = Webhook(secret).sign(signed["webhook-id"], desk.now, got.body)
    assert signed["webhook-signature"] == wanted
    assert json.loads(got.body)["text"] == desk.sent()[0].body


def test_without_a_mail_server_the_answer_names_the_setting(desk, limit):
    desk.mail = MailServer("", 25, "none", "", "", "bus@example.org")
    desk.has()
    desk.round()
    assert desk.sent()[0].answer == "LINKAGE_SMTP_HOST is not set"

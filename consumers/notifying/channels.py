"""Channels in the database: made and ended by security administrators. The caller commits."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from consumers.notifying.rules import Channel, ChannelKind, Topic, trial_message
from consumers.webhooks.rules import LIFETIME, State
from infra.audit import Actor, enter_change
from infra.notifying_tables import channels, messages

_ADDRESS = {
    ChannelKind.MAIL: re.compile(r"[^@\s,;<>\"]{1,64}@[a-zA-Z0-9.\-]{1,190}"),
    ChannelKind.WEBHOOK: re.compile(r"https?://[\x21-\x7e]{3,480}"),
    ChannelKind.ROBOT: re.compile(r"[A-Za-z0-9\-]{8,100}"),
}


class ChannelError(ValueError):
    """A channel that cannot be used; the text (Chinese — English) says why."""


def check(channel: Channel) -> None:
    """Raises ChannelError for a channel that can tell nothing or reaches nobody."""
    if not channel.name.strip() or len(channel.name) > 60:
        raise ChannelError("请填写名称，不超过 60 字 — give it a name of at most 60 characters")
    if not _ADDRESS[channel.kind].fullmatch(channel.address):
        raise ChannelError(
            "地址有误：邮箱、https 地址或机器人 key — the address is a mail address, a URL, or the key of a robot"
        )
    if not channel.topics:
        raise ChannelError("请选择至少一类事项 — choose what it shall tell")
    if not timedelta() <= channel.digest <= timedelta(days=1):
        raise ChannelError("汇总间隔为 0 至 1440 分钟 — it collects for 0 to 1440 minutes")


def add(connection: Connection, actor: Actor, channel: Channel) -> bool:
    """Keeps a channel; False if there is one of that id, which stays as it is. Raises ChannelError."""
    check(channel)
    row = {
        "channel_id": channel.id,
        "name": channel.name,
        "kind": channel.kind.value,
        "address": channel.address,
        "secret": channel.secret,
        "unit": channel.unit,
        "topics": sorted(one.value for one in channel.topics),
        "language": channel.language,
        "quiet": channel.quiet,
        "digest_minutes": int(channel.digest.total_seconds() // 60),
        "active": channel.active,
        "created_by": channel.created_by,
        "created_at": channel.created_at,
    }
    told = insert(channels).values(row).on_conflict_do_nothing().returning(channels.c.channel_id)
    made = connection.execute(told).one_or_none() is not None
    if made:
        target = f"{channel.kind} {channel.name}"
        enter_change(connection, actor, "channel-added", target, "", now=channel.created_at)
    return made


def set_active(
    connection: Connection, actor: Actor, channel_id: UUID, *, active: bool, now: datetime
) -> None:
    """Lets a channel tell, or silences it."""
    changed = connection.execute(
        update(channels)
        .where(channels.c.channel_id == channel_id, channels.c.active != active)
        .values(active=active)
    )
    if changed.rowcount:
        what = "channel-resumed" if active else "channel-silenced"
        enter_change(connection, actor, what, str(channel_id), "", now=now)


def queue_test(
    connection: Connection, actor: Actor, channel: Channel, console: str, *, now: datetime
) -> None:
    """Queues the message of the test button, which goes out at any hour."""
    subject, body = trial_message(channel, console)
    queue(connection, channel, subject, body, now=now, test=True)
    enter_change(connection, actor, "channel-tested", f"{channel.kind} {channel.name}", "", now=now)


def queue(
    connection: Connection, channel: Channel, subject: str, body: str, *, now: datetime, test: bool = False
) -> UUID:
    """Queues a message as it will be sent; returns its id."""
    message_id = uuid4()
    connection.execute(
        insert(messages).values(
            message_id=message_id,
            channel_id=channel.id,
            subject=subject,
            body=body,
            test=test,
            state=State.QUEUED.value,
            attempts=0,
            queued_at=now,
            due_at=now,
            expires_at=now + LIFETIME,
            answer="",
        )
    )
    return message_id


def all_channels(connection: Connection) -> list[Channel]:
    """Every channel, by name."""
    return [channel_of(row) for row in connection.execute(select(channels).order_by(channels.c.name))]


def channel_of(row: Any) -> Channel:
    """The channel of a row."""
    return Channel(
        row.channel_id, row.name, ChannelKind(row.kind), row.address, row.secret, row.unit,
        frozenset(Topic(one) for one in row.topics), row.language, row.quiet,
        timedelta(minutes=row.digest_minutes), row.active, row.created_by, row.created_at,
    )  # fmt: skip

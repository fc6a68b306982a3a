"""What a notification says, and when it may be sent: pure.

A text names case numbers, dates and pages, and nothing of what a case is about: it leaves the house unencrypted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from consumers.console.worktime import left
from consumers.workdays import Calendar
from schemas.spans import CHINA

MOST_LINES = 50
_INSTANT = timedelta(seconds=1)


class ChannelKind(StrEnum):
    """How a channel carries messages."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    ROBOT = "robot"  # 群机器人, as WeCom (企业微信) has it


class Topic(StrEnum):
    """What a channel may tell."""

    OVERDUE = "overdue"
    SOON = "soon"
    PARKED = "parked"
    DELIVERIES = "deliveries"


@dataclass(frozen=True, slots=True)
class Channel:
    """Where notifications go. `unit` None: everybody's matters, for operators. `digest`: collects so long."""

    id: UUID
    name: str
    kind: ChannelKind
    address: str
    secret: str
    unit: str | None
    topics: frozenset[Topic]
    language: str
    quiet: bool
    digest: timedelta
    active: bool
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to be told. `number` is the case's, empty where there is none; `path` the page about it."""

    key: str
    topic: Topic
    number: str
    path: str
    at: datetime | None


_WORDS: dict[Topic, tuple[str, str]] = {
    Topic.OVERDUE: ("已逾期", "overdue"),
    Topic.SOON: ("一个工作日内到期", "due within a workday"),
    Topic.PARKED: ("上报未被采用", "not applied"),
    Topic.DELIVERIES: ("送达停滞", "deliveries stand still"),
}


def in_office_hours(now: datetime, calendar: Calendar) -> bool:
    """Whether people work at `now`: office hours on a workday of the calendar."""
    return left(now, now + _INSTANT, calendar) > timedelta()


def may_tell(channel: Channel, oldest: datetime, now: datetime, calendar: Calendar) -> bool:
    """Whether what has waited since `oldest` goes out now: the digest is full, and nobody is disturbed."""
    if not channel.active or now < oldest + channel.digest:
        return False
    return not channel.quiet or in_office_hours(now, calendar)


def composed(channel: Channel, matters: Sequence[Matter], console: str) -> tuple[str, str]:
    """Subject and text of a message; `console` is the address of the console. Links lead there and nowhere else."""
    column = 1 if channel.language == "en" else 0
    counted = Counter(one.topic for one in matters)
    told = [f"{_WORDS[topic][column]} {counted[topic]}" for topic in Topic if counted[topic]]
    subject = (f"行刑衔接提醒：{'，'.join(told)}", f"Linkage bus: {', '.join(told)}")[column]
    lines = [_line(one, column, console) for one in matters[:MOST_LINES]]
    if more := len(matters) - len(lines):
        lines.append((f"另有 {more} 项，见 {console}/today", f"{more} more: {console}/today")[column])
    return subject, "\n".join(lines)


def trial_message(channel: Channel, console: str) -> tuple[str, str]:
    """Subject and text of what the test button sends."""
    if channel.language == "en":
        return "Linkage bus: test", f"This is a test of the channel “{channel.name}”. {console}"
    return "行刑衔接提醒：测试", f"这是通知渠道“{channel.name}”的测试消息。{console}"


def _line(one: Matter, column: int, console: str) -> str:
    at = "" if one.at is None else f" {one.at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    number = f" {one.number}" if one.number else ""
    return f"[{_WORDS[one.topic][column]}]{number}{at} {console}{one.path}"

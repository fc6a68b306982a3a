"""What a notification says and when: pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.notifying.channels import ChannelError, check
from consumers.notifying.rules import (
    MOST_LINES,
    Channel,
    ChannelKind,
    Matter,
    Topic,
    composed,
    in_office_hours,
    may_tell,
    trial_message,
)
from consumers.workdays import published_calendar
from schemas.spans import CHINA

CALENDAR = published_calendar()
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=CHINA)


def channel(**more) -> Channel:
    values = {
        "id": UUID(int=1), "name": "科室邮箱", "kind": ChannelKind.MAIL, "address": "office@example.org",
        "secret": "", "unit": "by-env", "topics": frozenset(Topic), "language": "zh-CN", "quiet": True,
        "digest": timedelta(), "active": True, "created_by": "security", "created_at": WEDNESDAY,
    }  # fmt: skip
    return Channel(**(values | more))


def matter(n: int = 1, topic: Topic = Topic.OVERDUE) -> Matter:
    return Matter(f"{topic} {n}", topic, f"白环立〔2026〕{n}号", f"/cases/{UUID(int=n)}", WEDNESDAY)


@pytest.mark.parametrize(
    ("at", "works"),
    [
        (WEDNESDAY, True),
        (WEDNESDAY.replace(hour=13), False),
        (WEDNESDAY.replace(hour=23), False),
        (datetime(2026, 11, 28, 10, 0, tzinfo=CHINA), False),  # a Saturday
        (datetime(2026, 10, 1, 10, 0, tzinfo=CHINA), False),  # a holiday
        (datetime(2026, 2, 14, 10, 0, tzinfo=CHINA), True),  # a Saturday that is worked
    ],
)
def test_a_quiet_channel_tells_in_office_hours_of_the_calendar_only(at, works):
    assert in_office_hours(at.astimezone(UTC), CALENDAR) is works
    assert may_tell(channel(), at, at, CALENDAR) is works
    assert may_tell(channel(quiet=False), at, at, CALENDAR)


def test_a_digest_waits_until_it_is_full_and_a_silent_channel_for_ever():
    hourly, later = channel(digest=timedelta(hours=1)), WEDNESDAY + timedelta(hours=1)
    assert not may_tell(hourly, WEDNESDAY, later - timedelta(seconds=1), CALENDAR)
    assert may_tell(hourly, WEDNESDAY, later, CALENDAR)
    assert not may_tell(channel(active=False), WEDNESDAY, later, CALENDAR)


_LINE = re.compile(
    r"\[[^\]]+\] 白环立〔2026〕\d+号 2026-11-25 10:00 https://bus\.example/cases/[0-9a-f-]{36}"
)


@given(st.lists(st.tuples(st.integers(1, 999), st.sampled_from(Topic)), min_size=1, max_size=80))
def test_a_message_holds_numbers_times_and_links_and_counts_everything(told):
    matters = [matter(n, topic) for n, topic in told]
    subject, body = composed(channel(), matters, "https://bus.example")
    lines = body.splitlines()
    assert sum(int(n) for n in re.findall(r"\d+", subject)) == len(matters)
    assert all(_LINE.fullmatch(line) for line in lines[:MOST_LINES])
    assert len(lines) == min(len(matters), MOST_LINES) + (len(matters) > MOST_LINES)


def test_english_is_english():
    told = composed(channel(language="en"), [Matter("a", Topic.SOON, "", "/today", None)] * 60, "https://b")
    assert not re.search("[一-鿿]", "".join(told))
    assert "10 more" in told[1]
    assert not re.search("[一-鿿]", "".join(trial_message(channel(language="en", name="desk"), "https://b")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"address": "nobody"},
        {"address": "a@b.cn, c@d.cn"},
        {"address": "a@b.cn\nBcc: c@d.cn"},
        {"kind": ChannelKind.WEBHOOK, "address": "ftp://host/x"},
        {"kind": ChannelKind.ROBOT, "address": "key&other=1"},
        {"topics": frozenset()},
        {"digest": timedelta(days=2)},
    ],
)
def test_a_channel_that_reaches_nobody_or_tells_nothing_is_refused(wrong):
    with pytest.raises(ChannelError):
        check(channel(**wrong))
    check(channel())

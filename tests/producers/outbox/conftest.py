"""Outboxes of by-env: in a file, and in a PostgreSQL that stands for the agency's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from infra.database import sqlalchemy_url
from producers.outbox.outbox import Outbox
from producers.records import Statement
from schemas.units import Register


class Hand:
    """A clock that a test moves."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


Saying = Callable[..., Statement]


@pytest.fixture
def clock(now: datetime) -> Hand:
    return Hand(now)


@pytest.fixture
def saying() -> Saying:
    """Makes what by-env says: event `event_id` of case `case`."""

    def make(event_id: str, case: str = "白环移〔2026〕17号", **facts: object) -> Statement:
        when = datetime(2026, 3, 11, 1, 30, tzinfo=UTC)
        data = {"addressee": "by-police", "offence": "污染环境罪"} | facts
        return Statement("transfer.sent", case, when, data, id=event_id, field="environment")

    return make


@pytest.fixture
def in_file(tmp_path: Path, register: Register, clock: Hand) -> Iterator[Outbox]:
    outbox = Outbox.in_file(tmp_path / "outbox.sqlite", "by-env", register=register, clock=clock)
    yield outbox
    outbox.engine.dispose()


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def outbox(request: pytest.FixtureRequest, register: Register, clock: Hand) -> Iterator[Outbox]:
    """In a file of its own, and in the agency's database."""
    if request.param == "file":
        yield request.getfixturevalue("in_file")
        return
    engine = create_engine(sqlalchemy_url(request.getfixturevalue("database")))
    kept = Outbox(engine, "by-env", register=register, clock=clock)
    kept.create()
    yield kept
    engine.dispose()

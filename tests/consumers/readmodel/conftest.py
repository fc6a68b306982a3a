"""A small world in the database: two cases, their deliveries, clocks and mirrors, written straight into the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, insert

from consumers.readmodel import http
from consumers.readmodel.wakeups import Wakeups
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra import callers, problems, tables
from infra.access import KeyRing, issue_key
from infra.database import listening_connection, sqlalchemy_url
from infra.settings import Settings
from schemas.codec import encode
from schemas.envelope import Envelope, write_headers
from schemas.identity import case_id, derived_id
from schemas.units import Register

NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
FORWARD = ("by-env", "白环移〔2026〕17号")
SENT = {"addressee": "by-police", "offence": "污染环境罪"}
OTHER = ("hd-market", "花市监〔2026〕3号")


@dataclass
class World:
    """Writes rows as casework and relay would; `offset` counts the events of partition 0."""

    engine: Engine
    offset: int = 0
    said: dict[tuple[str, str], int] = field(default_factory=dict)  # where each event stands

    def say(
        self,
        source: str,
        event_id: str,
        type_name: str,
        data: dict[str, Any],
        *,
        case: tuple[str, str] = FORWARD,
        to: tuple[str | tuple[str, str, str], ...] = (),
    ) -> None:
        """An applied event, delivered to these units, each alone or as (unit, delivery, role)."""
        at = self.offset
        self.offset += 1
        self.said[source, event_id] = at
        envelope = Envelope(event_id, source, type_name, case_id(*case), NOW, *case)
        packed = json.dumps([[name, raw.decode()] for name, raw in write_headers(envelope)]).encode()
        self.add(
            tables.events,
            partition=0,
            log_offset=at,
            source=source,
            event_id=event_id,
            type=type_name,
            case_id=case_id(*case),
            occurred_from=NOW,
            occurred_to=NOW,
            recorded_at=NOW + timedelta(minutes=at),
            headers=packed,
            value=encode(type_name, data),
            digest=bytes(32),
            chain=bytes(32),
        )
        for n, one in enumerate(to):
            unit, delivery, role = one if isinstance(one, tuple) else (one, "copy" if n else "duty", "PSB")
            self.add(
                tables.feed_entries,
                partition=0,
                log_offset=at,
                n=n,
                unit=unit,
                delivery=delivery,
                role=role,
                basis="国务院令第310号第五条",
            )

    def open_case(self, case: tuple[str, str]) -> None:
        self.add(
            tables.cases,
            case_id=case_id(*case),
            partition=0,
            origin_unit=case[0],
            origin_case=case[1],
            district="baiyun",
            field="environment",
            offence="污染环境罪",
            state="TRANSFERRED",
            reverse_state=None,
            events=3,
            opened_at=NOW,
            updated_at=NOW,
            last_offset=9,
        )

    def start_clock(
        self,
        name: str,
        holder: str,
        started: tuple[str, str],
        *,
        case: tuple[str, str] = FORWARD,
        state: str = "running",
    ) -> UUID:
        clock = derived_id(name, "clock", holder)
        self.add(
            tables.clocks,
            clock_id=clock,
            case_id=case_id(*case),
            partition=0,
            rule=name,
            version="2020",
            kind="deadline",
            holder=holder,
            started_source=started[0],
            started_id=started[1],
            started_offset=self.said.get(started, -1),  # no row says what never was said
            start_from=NOW,
            start_to=NOW,
            assumed_start=False,
            due_from=NOW + timedelta(days=3),
            due_to=NOW + timedelta(days=3),
            provisional=False,
            state=state,
            certain=True,
            breach_withdrawn=False,
            reported_late=False,
        )
        return clock

    def number(self, unit: str, *entries: tuple[int, int], published: int, acknowledged: int = 0) -> None:
        """The relay's numbers for entries (offset, n) of a unit's feed."""
        for seq, (offset, n) in enumerate(entries, start=1):
            self.add(tables.feed_positions, unit=unit, seq=seq, partition=0, log_offset=offset, n=n)
        self.add(
            tables.feeds, unit=unit, assigned=len(entries), published=published, acknowledged=acknowledged
        )

    def refuse(self, owner: str, offset: int, *, kind: str = "refused", event_id: str | None = None) -> None:
        self.add(
            tables.quarantine,
            topic=f"ingress-{owner}",
            partition=0,
            log_offset=offset,
            kind=kind,
            reason="undecodable",
            detail="transfer.sent: addressee: expected the code of a unit, got '张三'",
            owner=owner,
            source=None if event_id is None else owner,
            event_id=event_id,
            type=None,
            case_id=None,
            recorded_at=NOW,
            key=b"\xff",
            value=b"\x00\x01",
            headers=b'[["ce_id","eA=="],["odd",null]]',
        )

    def add(self, table: Any, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(table).values(**values))


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    connector = create_engine(sqlalchemy_url(database))
    yield connector
    connector.dispose()


@pytest.fixture
def world(engine: Engine) -> World:
    """by-env sends a case to by-police, who receives it; by-criminal gives an opinion; and a foreign case."""
    made = World(engine)
    made.open_case(FORWARD)
    made.open_case(OTHER)
    made.say("by-env", "sent", "transfer.sent", SENT, to=("by-police", "by-criminal"))  # 0
    made.say(
        "by-police", "got", "transfer.received", {"receipt_no": "1", "receiver": "王"}, to=("by-env",)
    )  # 1
    made.say(
        "by-criminal",
        "opinion",
        "opinion.to_transfer_issued",
        {"addressee": "by-env", "letter_no": "1"},
        to=("by-env", "by-justice"),
    )  # 2
    made.say(
        "hd-market", "sent", "transfer.sent", {"addressee": "hd-police"}, case=OTHER, to=("hd-police",)
    )  # 3
    made.start_clock("O310-08", "by-police", ("by-env", "sent"), state="breached")
    made.start_clock("O310-12", "by-env", ("by-criminal", "opinion"))
    made.start_clock(
        "O310-09a", "by-justice", ("by-env", "sent")
    )  # of an event that the holder never received
    made.start_clock("O310-08", "hd-police", ("hd-market", "sent"), case=OTHER)
    made.add(
        tables.mirrors,
        mirror_id=derived_id("opinion", "mirror", "by-pil"),
        case_id=case_id(*FORWARD),
        partition=0,
        opinion_source="by-criminal",
        opinion_id="opinion",
        unit="by-pil",
        why="environment",
        state="copied",
        copied_at=NOW,
        reason="",
        clue_no="",
    )
    made.add(
        tables.anomalies,
        partition=0,
        log_offset=1,
        n=0,
        case_id=case_id(*FORWARD),
        code="order",
        detail="early",
    )
    made.refuse("by-env", 5, event_id="bad")
    made.refuse("hd-market", 6)
    return made


@pytest.fixture
def ask(engine: Engine, database: str, register: Register) -> Callable[[str], TestClient]:
    """Clients of the reading routes, by unit."""
    app = FastAPI()
    wakeups = Wakeups(lambda: listening_connection(Settings(database=database)))
    problems.install(app)
    callers.install(app, KeyRing(engine))
    app.include_router(
        http.router(engine, wakeups, rulebook=Rulebook(register, published_calendar()), clock=lambda: NOW)
    )
    app.state.wakeups = wakeups

    def client(unit: str) -> TestClient:
        with engine.begin() as connection:
            key = issue_key(connection, unit, now=NOW)
        return TestClient(app, headers={"Authorization": f"Bearer {key}"})

    return client

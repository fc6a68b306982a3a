"""Any unit reads the signed heads, nobody else, and they tell nothing of a case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from consumers.proof import http
from consumers.proof.heads import sign_now
from consumers.proof.signing import head_text, is_signed
from infra import callers, problems
from infra.access import KeyRing, issue_key
from infra.tables import events
from schemas.said import read_said
from tests.consumers.casework.logged import TOPIC

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def client(engine, signer):
    app = FastAPI()
    problems.install(app)
    callers.install(app, KeyRing(engine))
    app.include_router(http.router(engine, clock=lambda: NOW, signer=signer, namespace="test-"))
    return TestClient(app)


def test_heads_are_for_every_unit_and_verify_as_read(engine, client, signer):
    sign_now(engine, signer, namespace="test-", topic=TOPIC, now=NOW)
    with engine.begin() as connection:
        key = issue_key(connection, "by-tax", now=NOW)
    assert client.get("/v1/heads").status_code == 401
    headers = {"Authorization": f"Bearer {key}"}
    [head] = client.get("/v1/heads", headers=headers).json()
    said = head_text(
        head["namespace"], head["partition"], head["next_offset"], bytes.fromhex(head["chain"]), NOW
    )
    assert is_signed(said, bytes.fromhex(head["signature"]), signer.public)
    earlier = client.get("/v1/heads", params={"before": NOW.isoformat()}, headers=headers)
    assert earlier.json() == []
    assert (
        client.get("/v1/heads", params={"before": "2026-11-24T03:00:00"}, headers=headers).status_code == 400
    )


def said(client, engine, unit, **period):
    with engine.begin() as connection:
        key = issue_key(connection, unit, now=NOW)
    return client.get("/v1/statements/said", params=period, headers={"Authorization": f"Bearer {key}"})


def test_a_unit_gets_a_signed_statement_of_what_it_has_said_and_of_nobody_else(engine, client, signer):
    with engine.connect() as connection:
        rows = connection.execute(select(events).order_by(events.c.recorded_at, events.c.log_offset)).all()
    unit = rows[0].source
    own = [[row.event_id, row.digest.hex()] for row in rows if row.source == unit]
    answer = said(client, engine, unit, since="2020-01-01T00:00:00Z", until="2026-11-24T02:00:00Z")
    told = read_said(answer.text)
    assert [list(row) for row in told.applied] == own
    assert is_signed(told.text, bytes.fromhex(told.signature), signer.public)
    stranger = said(client, engine, "by-tax", since="2020-01-01T00:00:00Z", until="2026-11-24T02:00:00Z")
    assert (stranger.json()["applied"], stranger.json()["count"]) == ([], 0)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-01-01T00:00:00Z", "2026-11-24T02:59:00Z"),  # what is younger may be under way
        ("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("2026-01-01T00:00:00", "2026-11-01T00:00:00Z"),
    ],
)
def test_a_period_that_cannot_be_stated_is_refused(engine, client, since, until):
    assert said(client, engine, "by-tax", since=since, until=until).status_code == 400

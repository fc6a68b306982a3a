"""Any unit reads the signed heads, nobody else, and they tell nothing of a case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from consumers.proof import http
from consumers.proof.heads import sign_now
from consumers.proof.signing import head_text, is_signed
from infra import callers, problems
from infra.access import KeyRing, issue_key
from tests.consumers.casework.logged import TOPIC

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def client(engine):
    app = FastAPI()
    problems.install(app)
    callers.install(app, KeyRing(engine))
    app.include_router(http.router(engine))
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

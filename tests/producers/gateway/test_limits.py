"""What one unit may bring: the gateway says when it is used up, takes nothing then, and serves others as ever."""

from __future__ import annotations

import time

import pytest
from fastapi.testclient import TestClient

from infra.gateway import create_app
from schemas.topics import GATEWAY
from tests.producers.gateway.conftest import beside, issuer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

BURST = 500


@pytest.fixture
def asking(settings, register, make_topics, engine, tmp_path):
    """Clients of one gateway at which nothing comes back for an hour: by unit."""
    own = settings.model_copy(
        update={
            "gateway_rate": BURST / 3600,
            "gateway_burst": BURST,
            "gateway_batch_events": 300,
            "gateway_body_bytes": 4096,
            "documents": str(tmp_path),
        }
    )
    make_topics(own, own.topics.ingress(GATEWAY))
    key = issuer(engine)
    app = create_app(own, register)
    with TestClient(app) as first:
        yield lambda unit: beside(first, key(unit))


def test_every_answer_tells_how_much_is_left(asking, event):
    client = asking("by-env")
    for left in (BURST - 1, BURST - 2):
        answer = client.get("/v1/clocks")
        assert answer.headers["ratelimit-policy"] == f'"unit";q={BURST};w=3600'
        assert answer.headers["ratelimit"].startswith(f'"unit";r={left};t=')
    assert "ratelimit" in client.get("/v1/events/by-env/none").headers
    assert "ratelimit" not in client.get("/health").headers


def test_a_list_counts_by_its_events_and_a_refused_one_leaves_nothing_behind(asking):
    client = asking("by-env")
    assert client.post("/v1/events", json=[{}] * 300).status_code == 207
    refused = client.post("/v1/events", json=[{}] * 300)
    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:linkage:problem:too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert client.post("/v1/events", json=[{}] * 100).status_code == 207


def test_a_flood_of_one_unit_does_not_slow_another(asking):
    loud, quiet = asking("by-env"), asking("by-market")
    assert {loud.get("/v1/clocks").status_code for _ in range(BURST + 20)} == {200, 429}
    began = time.perf_counter()
    assert {quiet.get("/v1/clocks").status_code for _ in range(20)} == {200}
    assert time.perf_counter() - began < 5


def test_the_settings_bound_a_request(asking):
    client = asking("by-env")
    assert client.post("/v1/events", json=[{}] * 301).status_code == 413
    assert client.post("/v1/events", json={"data": {"summary": "x" * 5000}}).status_code == 413

"""No request that the OpenAPI document allows, or that breaks it in one place, is answered by 5xx."""

from __future__ import annotations

import pytest

from tests.fuzz.asking import ask_everything

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def test_no_request_makes_the_gateway_fail(shared_client):
    def ask(method, url, rest):
        return shared_client.request(method, url, **rest).status_code

    counts = ask_everything(shared_client.get("/openapi.json").json(), ask, examples=1)
    assert counts["2xx"] > 0
    assert counts["4xx"] > 0

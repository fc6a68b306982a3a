"""The OpenAPI document is one, and names every problem that a route may answer with."""

from __future__ import annotations

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.problems import PROBLEMS

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture(scope="module")
def document(shared_client):
    return shared_client.get("/openapi.json").json()


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_the_asyncapi_document_names_the_topics_of_this_installation(shared_client, shared_settings):
    told = shared_client.get("/asyncapi.json").json()
    assert told["asyncapi"] == "3.0.0"
    assert told["channels"]["log"]["address"] == shared_settings.topics.case_events


def test_every_route_that_needs_a_key_tells_of_401_429_and_503_and_the_shape_of_a_problem(document):
    problem = {"$ref": "#/components/schemas/Problem"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                continue
            told = operation["responses"]
            for status in ("401", "429", "503"):
                assert told[status]["content"]["application/problem+json"]["schema"] == problem, (
                    path,
                    method,
                )


def test_no_route_answers_in_a_shape_that_the_bus_does_not_have(document):
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("asked", "headers", "status"),
    [
        ("GET /v1/clocks", {"Authorization": ""}, 401),
        ("GET /nowhere", {}, 404),
        ("DELETE /v1/events", {}, 405),
        ("POST /v1/events", {"Content-Type": "text/csv"}, 415),
        ("POST /v1/events", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ("GET /v1/clocks?limit=0", {}, 422),
        ("PUT /v1/documents/short", {}, 422),
        ("GET /v1/events/by-env/none", {}, 404),
    ],
)
def test_every_error_is_a_problem_of_the_table_in_the_documented_shape(
    shared_client, document, asked, headers, status
):
    answer = shared_client.request(*asked.split(), headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    shape = document["components"]["schemas"]["Problem"]
    jsonschema.validate(told, shape | {"components": document["components"]})
    assert (told["type"].removeprefix("urn:linkage:problem:"), told["status"]) in {
        (problem.slug, problem.status) for problem in PROBLEMS
    }

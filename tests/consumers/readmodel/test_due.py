"""`GET /v1/due` answers any unit as `linkage due --json` answers on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from consumers.readmodel import due
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra import callers, problems
from infra.access import KeyRing, issue_key
from infra.cli.due import app as command
from tests.consumers.readmodel.conftest import NOW

pytestmark = pytest.mark.postgres


@pytest.fixture
def ask(engine, register) -> Callable[[str], TestClient]:
    app = FastAPI()
    problems.install(app)
    callers.install(app, KeyRing(engine))
    app.include_router(due.router(Rulebook(register, published_calendar())))

    def client(unit: str) -> TestClient:
        with engine.begin() as connection:
            key = issue_key(connection, unit, now=NOW)
        return TestClient(app, headers={"Authorization": f"Bearer {key}"})

    return client


def test_any_unit_gets_the_answer_of_the_command_line(ask):
    client = ask("by-market")
    for rule in ("O310-08", "PSB-182", "SPP21-08"):
        told = CliRunner().invoke(command, ["--rule", rule, "--from", "2026-03-11", "--json"])
        answer = client.get("/v1/due", params={"rule": rule, "from": "2026-03-11"})
        assert answer.status_code == 200
        assert answer.json() == json.loads(told.output)


def test_profiles_and_fields_are_asked_for(ask):
    asked = {"rule": "SPP21-08", "from": "2026-03-11", "profile": ["spp21-08"]}
    assert ask("by-police").get("/v1/due", params=asked).json()["binds"] is True


@pytest.mark.parametrize(
    "asked",
    [{"rule": "O310-99", "from": "2026-03-11"}, {"rule": "O310-08", "from": "soon"}, {"rule": "O310-08"}],
)
def test_what_cannot_be_counted_is_a_problem_that_says_why(ask, asked):
    answer = ask("by-police").get("/v1/due", params=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_without_a_key_nothing_is_counted(ask):
    client = ask("by-police")
    client.headers.pop("Authorization")
    assert client.get("/v1/due", params={"rule": "O310-08", "from": "2026-03-11"}).status_code == 401

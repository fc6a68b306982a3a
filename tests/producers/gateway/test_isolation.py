"""Every route of the gateway, asked by every unit that a case does not concern: nothing of it is told.

The routes are the application's own. A new one fails here until it says what a stranger finds there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, insert

from infra import import_tables, tables, webhook_tables
from infra.gateway import create_app
from schemas.identity import case_id
from schemas.topics import GATEWAY
from tests.consumers.readmodel.conftest import NOW, World
from tests.producers.gateway.conftest import beside

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CANARY = "canary-7f3a"
CASE = ("by-env", f"{CANARY}-case")
OTHER_CASE = ("by-env", f"{CANARY[::-1]}-case")
CONTENT = f"{CANARY} document".encode()
DIGEST = sha256(CONTENT).hexdigest()
IMPORT = UUID(int=99)
MIRROR = UUID(int=98)
HOOKS = [UUID(int=number) for number in range(1, 4)]  # the third is nobody's
CONCERNED = {"by-env", "by-police"}
NOW_AND_THEN = ("FROM suspensions", "SET claimed_until")
"""What a gateway asks from time to time, whoever calls meanwhile."""


@dataclass(frozen=True)
class NotFound:
    """Addresses of objects of the case, each with one of the same length that names nothing: answered alike, by 404."""

    pairs: tuple[tuple[str, str], ...]
    method: str = "GET"
    owner: int = 200
    json: Any = None


@dataclass(frozen=True)
class Own:
    """A route that speaks of the caller only: `addresses` are answered, and show nothing of the case."""

    addresses: tuple[str, ...]
    json: Any = None


@dataclass(frozen=True)
class Elsewhere:
    """Not about units' objects, or an endless answer; `why` says which, and where it is tested."""

    why: str


MATRIX: dict[str, NotFound | Own | Elsewhere] = {
    "GET /v1/cases/{case:path}": NotFound(
        (
            (f"/v1/cases/{case_id(*CASE)}", f"/v1/cases/{case_id(*OTHER_CASE)}"),
            ("/v1/cases/{}:{}".format(*CASE), "/v1/cases/{}:{}".format(*OTHER_CASE)),
        )
    ),
    "GET /v1/events/{source}/{id:path}": NotFound(
        (
            (f"/v1/events/by-env/{CANARY}-event", f"/v1/events/by-env/{CANARY[::-1]}-event"),
            (f"/v1/events/by-env/{CANARY}-refused", f"/v1/events/by-env/{CANARY[::-1]}-refused"),
            (f"/v1/events/by-env/{CANARY}-pending", f"/v1/events/by-env/{CANARY[::-1]}-pending"),
        )
    ),
    "GET /v1/documents/{digest}": NotFound(((f"/v1/documents/{DIGEST}", f"/v1/documents/{DIGEST[::-1]}"),)),
    "GET /v1/statements/said": Own(
        ("/v1/statements/said?since=2020-01-01T00:00:00Z&until=2026-01-01T00:00:00Z",)
    ),
    "GET /v1/clocks": Own(("/v1/clocks", "/v1/clocks?overdue=true")),
    "GET /v1/quarantine": Own(("/v1/quarantine",)),
    "GET /v1/feeds/me": Own(("/v1/feeds/me?after=0", f"/v1/feeds/me?after=0&case={case_id(*CASE)}")),
    "GET /v1/feeds/me/statement": Own(("/v1/feeds/me/statement", "/v1/feeds/me/statement?step=1")),
    "GET /v1/feeds/me/keys/{case}": NotFound(
        ((f"/v1/feeds/me/keys/{case_id(*CASE)}", f"/v1/feeds/me/keys/{case_id(*OTHER_CASE)}"),), owner=404
    ),  # 404 to its owner too: nothing is sealed here; with keys: tests/journeys/test_sealed.py
    "GET /v1/heads": Own(("/v1/heads",)),
    "POST /v1/feeds/me/ack": Own(("/v1/feeds/me/ack",), json={"seq": 0}),
    "GET /v1/webhooks": Own(("/v1/webhooks",)),
    "POST /v1/webhooks": Elsewhere("makes something of the caller's own"),
    "POST /v1/webhooks/{id}/resume": NotFound(
        ((f"/v1/webhooks/{HOOKS[0]}/resume", f"/v1/webhooks/{HOOKS[2]}/resume"),), "POST", 202
    ),
    "DELETE /v1/webhooks/{id}": NotFound(
        ((f"/v1/webhooks/{HOOKS[1]}", f"/v1/webhooks/{HOOKS[2]}"),), "DELETE", 204
    ),
    "GET /v1/mirrors": Own(("/v1/mirrors",)),
    "POST /v1/mirrors/{id}": NotFound(
        ((f"/v1/mirrors/{MIRROR}", f"/v1/mirrors/{HOOKS[2]}"),),
        "POST",
        422,  # found; but an agency takes no opinion up
        {"decision": "accept", "time": NOW.isoformat()},
    ),
    "GET /v1/deliveries/failed": Own(("/v1/deliveries/failed",)),
    "GET /v1/imports/{import_id}": NotFound(((f"/v1/imports/{IMPORT}", f"/v1/imports/{HOOKS[2]}"),)),
    "GET /v1/imports/{import_id}/sheet": NotFound(
        ((f"/v1/imports/{IMPORT}/sheet", f"/v1/imports/{HOOKS[2]}/sheet"),)
    ),
    "POST /v1/imports": Elsewhere("makes something of the caller's own"),
    "GET /v1/imports/templates": Own(("/v1/imports/templates",)),
    "GET /v1/imports/templates/{name}.xlsx": Elsewhere("the same for everybody"),
    "GET /v1/feeds/me/stream": Elsewhere("an endless answer: tests/consumers/readmodel/test_stream.py"),
    "POST /v1/events": Elsewhere("says something: the two tests below"),
    "PUT /v1/documents/{digest}": Elsewhere("says something: test_documents.py"),
    "GET /v1/ingress-key": Elsewhere("the same for everybody: test_sealed.py"),
    "GET /v1/due": Elsewhere("the same for everybody: tests/consumers/readmodel/test_due.py"),
    "GET /health": Elsewhere("asked without a key"),
    "GET /openapi.json": Elsewhere("the same for everybody"),
    "GET /asyncapi.json": Elsewhere("the same for everybody"),
    "GET /docs": Elsewhere("the same for everybody"),
    "GET /docs/oauth2-redirect": Elsewhere("the same for everybody"),
    "GET /redoc": Elsewhere("the same for everybody"),
}


@pytest.fixture(scope="module")
def owner(
    shared_settings, register, make_topics, *, shared_engine, shared_key, tmp_path_factory
) -> Iterator[TestClient]:
    """A gateway, and a case between by-env and by-police with an object of every kind."""
    settings = shared_settings.model_copy(update={"documents": str(tmp_path_factory.mktemp("documents"))})
    make_topics(settings, settings.topics.ingress(GATEWAY))
    made = World(shared_engine)
    made.open_case(CASE)
    named = [{"kind": "移送书", "title": CANARY, "sha256": DIGEST}]
    told = {"addressee": "by-police", "summary": CANARY, "documents": named}
    made.say("by-env", f"{CANARY}-event", "transfer.sent", told, case=CASE, to=("by-police",))
    made.start_clock("O310-08", "by-police", ("by-env", f"{CANARY}-event"), case=CASE)
    made.refuse("by-env", 5, event_id=f"{CANARY}-refused")
    with shared_engine.begin() as connection:
        row = {"source": "by-env", "event_id": f"{CANARY}-pending", "digest": bytes(32), "received_at": NOW}
        connection.execute(insert(tables.submissions).values(row))
        connection.execute(insert(tables.mirrors).values(_mirror()))
        connection.execute(insert(import_tables.import_jobs).values(_import()))
        connection.execute(insert(webhook_tables.webhooks), [_webhook(one) for one in HOOKS[:2]])
    application = create_app(settings, register)
    with TestClient(application, headers=shared_key("by-env")) as asking:
        assert asking.put(f"/v1/documents/{DIGEST}", content=CONTENT).status_code == 201
        yield asking


def _mirror() -> dict[str, Any]:
    return {
        "mirror_id": MIRROR,
        "case_id": case_id(*CASE),
        "partition": 0,
        "opinion_source": "by-env",
        "opinion_id": f"{CANARY}-event",
        "unit": "by-env",
        "why": CANARY,
        "state": "copied",
        "copied_at": NOW,
        "reason": "",
        "clue_no": "",
    }


def _import() -> dict[str, Any]:
    return {
        "import_id": IMPORT,
        "unit": "by-env",
        "template": "penalties",
        "filename": f"{CANARY}.xlsx",
        "headers": f'["{CANARY}"]',
        "state": "checked",
        "created_at": NOW,
        "claimed_until": NOW,
        "finished_at": NOW,
    }


def _webhook(name: UUID) -> dict[str, Any]:
    return {
        "webhook_id": name,
        "unit": "by-env",
        "url": f"https://{CANARY}.example.org/",
        "secret": CANARY,
        "types": [],
        "fields": [],
        "state": "paused",
        "cursor": 0,
        "created_at": NOW,
        "failures": 0,
        "answer": "",
    }


@pytest.fixture(scope="module")
def app(owner):
    return owner.app


@pytest.fixture(scope="module")
def stranger(owner, shared_key) -> Callable[[str], TestClient]:
    made: dict[str, TestClient] = {}

    def asking(unit: str) -> TestClient:
        if unit not in made:
            made[unit] = beside(owner, shared_key(unit))
        return made[unit]

    return asking


def routes_of(router: Any) -> Iterator[str]:
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router)
        else:
            yield from (f"{method} {route.path}" for method in route.methods if method != "HEAD")


def test_every_route_of_the_application_is_in_the_matrix(app):
    assert set(routes_of(app)) == MATRIX.keys()


def test_a_foreign_object_is_answered_as_one_that_does_not_exist(stranger, register):
    asked = [(row, *pair) for row in MATRIX.values() if isinstance(row, NotFound) for pair in row.pairs]
    for unit in register.by_code.keys() - CONCERNED:
        for row, there, nowhere in asked:
            found, missing = (
                stranger(unit).request(row.method, one, json=row.json) for one in (there, nowhere)
            )
            assert (unit, there, found.status_code) == (unit, there, 404)
            assert found.text.replace(_tail(there), _tail(nowhere)) == missing.text
            assert found.headers["content-length"] == missing.headers["content-length"]
            assert found.headers.keys() == missing.headers.keys()


def test_a_foreign_object_costs_the_same_questions_and_rows_as_one_that_does_not_exist(stranger, register):
    """Who only watches the time learns nothing: the same statements in the same order, as many rows of each."""
    asked = [(row, *pair) for row in MATRIX.values() if isinstance(row, NotFound) for pair in row.pairs]
    for unit in sorted(register.by_code.keys() - CONCERNED):
        for row, there, nowhere in asked:
            with counted() as found:
                stranger(unit).request(row.method, there, json=row.json)
            with counted() as missing:
                stranger(unit).request(row.method, nowhere, json=row.json)
            assert (unit, there, found) == (unit, there, missing)
            assert found


@contextmanager
def counted() -> Iterator[list[tuple[str, int]]]:
    """The statements that any engine of this process runs meanwhile, and how many rows each gives."""
    seen: list[tuple[str, int]] = []

    def note(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        if not any(one in statement for one in NOW_AND_THEN):
            seen.append((statement, cursor.rowcount))

    event.listen(Engine, "after_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "after_cursor_execute", note)


def _tail(address: str) -> str:
    """The part of an address that names the object."""
    return address.split("/", 3)[3].removesuffix("/resume").removesuffix("/sheet")


def test_a_route_about_the_caller_shows_nothing_of_another_units_case(stranger, register):
    for unit in register.by_code.keys() - CONCERNED:
        for row, method in ((row, name.split()[0]) for name, row in MATRIX.items() if isinstance(row, Own)):
            for address in row.addresses:
                answer = stranger(unit).request(method, address, json=row.json)
                assert (unit, address, answer.status_code) == (unit, address, 200)
                assert CANARY not in answer.text.replace(address, "")
                assert str(case_id(*CASE)) not in answer.text


def test_a_unit_says_nothing_in_anothers_name_and_learns_nothing_by_trying(stranger, event):
    for changes in ({"id": f"{CANARY}-event"}, {"id": "free"}):
        answer = stranger("by-market").post("/v1/events", json=event | changes | {"source": "by-env"})
        assert answer.status_code == 403
        assert "409" not in answer.text


def test_another_units_id_is_free_for_ones_own_event(stranger, event):
    said = event | {"id": f"{CANARY}-event", "case": {"number": "m-1"}}
    assert stranger("by-market").post("/v1/events", json=said).status_code == 201


def test_whom_the_case_concerns_finds_its_objects(stranger):
    """At the end, since an owner may also remove what is its own."""
    for row in MATRIX.values():
        if isinstance(row, NotFound):
            for address, _ in row.pairs:
                answer = stranger("by-env").request(row.method, address, json=row.json)
                assert (address, answer.status_code) == (address, row.owner)

"""What became of an event: applied with all it caused, refused, parked, or on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from infra.tables import submissions

pytestmark = pytest.mark.postgres


def test_an_applied_event_shows_where_it_went_and_which_clocks_it_moved(
    world: Any, ask: Callable[[str], TestClient]
) -> None:
    world.start_clock("O310-05c", "by-env", ("by-env", "before"))
    trace = ask("by-env").get("/v1/events/by-env/sent").json()
    assert trace["state"] == "applied"
    assert [d["unit"] for d in trace["entry"]["deliveries"]] == ["by-police", "by-criminal"]
    assert [clock["rule"] for clock in trace["clocks"]] == ["O310-08", "O310-09a"]
    assert trace["entry"]["position"] == {"partition": 0, "offset": 0}
    assert ask("by-criminal").get("/v1/events/by-criminal/opinion").json()["mirrors"][0]["unit"] == "by-pil"


def test_a_receiver_may_trace_what_it_received(world: Any, ask: Callable[[str], TestClient]) -> None:
    assert world
    trace = ask("by-police").get("/v1/events/by-env/sent").json()
    assert [d["unit"] for d in trace["entry"]["deliveries"]] == ["by-police"]
    assert trace["received_at"] is None


def test_an_applied_event_is_explained_to_its_sender_and_to_a_receiver_as_far_as_it_may_see(
    world: Any, ask: Callable[[str], TestClient]
) -> None:
    assert world
    told = ask("by-env").get("/v1/events/by-env/sent").json()["account"]
    assert "by-police" in [one["unit"]["code"] for one in told["received"]]
    assert told["tracks"][0]["after"]["code"] == "TRANSFERRED"
    read = ask("by-police").get("/v1/events/by-env/sent").json()["account"]
    assert [one["unit"]["code"] for one in read["received"]] == ["by-police"]
    assert read["not_received"] == []


@pytest.mark.parametrize("kind", ["refused", "parked", "conflict"])
def test_an_event_that_was_not_applied_shows_why(
    world: Any, ask: Callable[[str], TestClient], kind: str
) -> None:
    world.refuse("by-market", 9, kind=kind, event_id="mine")
    trace = ask("by-market").get("/v1/events/by-market/mine").json()
    assert (trace["state"], trace["entry"]) == (kind, None)
    assert "addressee" in trace["quarantined"][0]["detail"]


@pytest.mark.parametrize(("topic", "state"), [("ingress-gateway", "pending"), (None, "unknown")])
def test_an_event_that_is_not_applied_yet_is_known_to_its_sender_alone(
    world: Any, ask: Callable[[str], TestClient], topic: str | None, state: str
) -> None:
    at = {"topic": topic, "partition": 0, "log_offset": 1} if topic else {}
    received = {
        "source": "by-env",
        "event_id": "new/1",
        "digest": bytes(32),
        "received_at": "2026-03-11T08:00:00Z",
    }
    world.add(submissions, **received, **at)
    trace = ask("by-env").get("/v1/events/by-env/new/1").json()
    assert (trace["state"], trace["received_at"]) == (state, "2026-03-11T08:00:00+00:00")
    assert ask("by-police").get("/v1/events/by-env/new/1").status_code == 404


@pytest.mark.parametrize(
    "name", ["by-env", ":", "by-env:", "by-env:%20", "12", "00000000-0000-0000-0000-00000000000g"]
)
def test_a_name_that_can_be_no_case_is_not_found(ask: Callable[[str], TestClient], name: str) -> None:
    assert ask("by-env").get(f"/v1/cases/{name}").status_code == 404


def test_a_case_is_found_by_the_number_that_people_know(world: Any, ask: Callable[[str], TestClient]) -> None:
    world.open_case(("by-env", "a/b:c"))
    world.say("by-env", "odd", "transfer.sent", {"addressee": "by-police"}, case=("by-env", "a/b:c"))
    assert ask("by-env").get("/v1/cases/by-env:a/b:c").json()["case"]["number"] == "a/b:c"

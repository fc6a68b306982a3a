"""A unit sees what it said and what was delivered to it; everything foreign is not found, whatever route it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from consumers.readmodel import queries
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from schemas.identity import case_id
from schemas.units import Register

pytestmark = pytest.mark.postgres

FORWARD = ("by-env", "白环移〔2026〕17号")
OTHER = ("hd-market", "花市监〔2026〕3号")

# unit → events, clocks and mirrors of the forward case that it may see
SEEN: dict[str, tuple[set[str], set[str], set[str]]] = {
    "by-env": ({"sent", "got", "opinion"}, {"O310-08", "O310-09a", "O310-12"}, set()),
    "by-police": ({"sent", "got"}, {"O310-08", "O310-09a"}, set()),
    "by-criminal": ({"sent", "opinion"}, {"O310-08", "O310-09a", "O310-12"}, {"by-pil"}),
    "by-justice": ({"opinion"}, {"O310-09a", "O310-12"}, set()),
}
BLIND = ["by-market", "by-supervision", "hd-market", "hd-police", "gz-env"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("unit", SEEN)
def test_a_case_shows_exactly_what_concerns_the_unit(ask: Callable[[str], TestClient], unit: str) -> None:
    shown = ask(unit).get(f"/v1/cases/{case_id(*FORWARD)}").json()
    events, clocks, mirrors = SEEN[unit]
    assert {entry["event"]["id"] for entry in shown["events"]} == events
    assert {clock["rule"] for clock in shown["clocks"]} == clocks
    assert {mirror["unit"] for mirror in shown["mirrors"]} == mirrors


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("unit", "state"),
    [("by-env", "ACCEPTED"), ("by-criminal", "TRANSFERRED"), ("by-justice", "OPINION_TO_TRANSFER")],
)
def test_a_unit_is_told_the_state_that_what_it_knows_leads_to(
    ask: Callable[[str], TestClient], unit: str, state: str
) -> None:
    """The criminal department never received the receipt of the police: it must not learn of it by the state."""
    standing = ask(unit).get(f"/v1/cases/{case_id(*FORWARD)}").json()["standing"]
    assert standing["state"] == state
    assert standing["offence"] == (None if unit == "by-justice" else "污染环境罪")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("unit", "shown"), [("by-env", 1), ("by-police", 1), ("by-criminal", 1), ("by-justice", 0)]
)
def test_whoever_sees_a_transfer_sees_what_its_package_lacks(
    ask: Callable[[str], TestClient], unit: str, shown: int
) -> None:
    packages = ask(unit).get(f"/v1/cases/{case_id(*FORWARD)}").json()["packages"]
    assert len(packages) == shown
    for package in packages:
        assert package["letter"] == {"source": "by-env", "id": "sent"}
        assert not package["complete"]
        assert [one["zh"] for one in package["documents"] if one["supplied_by"] is None][2] == "涉案物品清单"


def test_a_supplement_is_shown_as_what_cleared_the_package(
    ask: Callable[[str], TestClient], world: Any
) -> None:
    listed = [{"kind": kind, "title": kind} for kind in ("移送书", "调查报告", "涉案物品清单", "监测报告")]
    proof = [{"kind": "资质认定证书", "title": "资质认定证书"}]
    world.say(
        "by-env",
        "later",
        "transfer.supplemented",
        {"supplied": [], "documents": [*listed, *proof]},
        to=("by-police",),
    )
    (package,) = ask("by-police").get(f"/v1/cases/{case_id(*FORWARD)}").json()["packages"]
    assert package["complete"]
    assert {one["supplied_by"]["id"] for one in package["documents"]} == {"later"}
    (unaware,) = ask("by-criminal").get(f"/v1/cases/{case_id(*FORWARD)}").json()["packages"]
    assert not unaware["complete"]


def test_a_hand_off_is_shown_to_whoever_sees_the_event(ask: Callable[[str], TestClient], world: Any) -> None:
    world.say(
        "by-police", "on", "transfer.forwarded", {"addressee": "某市公安局", "reasons": "r"}, to=("by-env",)
    )
    address = f"/v1/cases/{case_id(*FORWARD)}"
    assert ask("by-env").get(address).json()["handoffs"] == [
        {
            "event": {"source": "by-police", "id": "on"},
            "type": "transfer.forwarded",
            "organ": "某市公安局",
            "on_the_bus": False,
        }
    ]
    assert ask("by-criminal").get(address).json()["handoffs"] == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("unit", SEEN)
def test_whoever_said_an_event_sees_all_its_deliveries_and_a_receiver_its_own(
    ask: Callable[[str], TestClient], unit: str
) -> None:
    for entry in ask(unit).get(f"/v1/cases/{case_id(*FORWARD)}").json()["events"]:
        told = {delivery["unit"] for delivery in entry["deliveries"]}
        assert told == {unit} or entry["event"]["source"] == unit
        assert (entry["flags"] != []) == (unit == "by-police" and entry["event"]["id"] == "got")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("unit", SEEN)
def test_clocks_are_those_held_or_started_by_something_known(
    ask: Callable[[str], TestClient], unit: str
) -> None:
    client = ask(unit)
    assert {clock["rule"] for clock in client.get("/v1/clocks").json()} == SEEN[unit][1]
    overdue = {clock["rule"] for clock in client.get("/v1/clocks?overdue=true").json()}
    assert overdue == SEEN[unit][1] & {"O310-08"}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("unit", BLIND)
def test_a_foreign_thing_is_answered_like_one_that_does_not_exist(
    ask: Callable[[str], TestClient], unit: str
) -> None:
    client = ask(unit)
    nowhere = uuid4()
    pairs = [
        (f"/v1/cases/{case_id(*FORWARD)}", f"/v1/cases/{nowhere}"),
        ("/v1/cases/by-env:白环移〔2026〕17号", "/v1/cases/by-env:no-such"),
        ("/v1/events/by-env/sent", "/v1/events/by-env/no-such"),
        ("/v1/events/by-env/bad", "/v1/events/by-env/no-such"),
        ("/v1/events/by-criminal/opinion", "/v1/events/by-criminal/no-such"),
    ]
    for foreign, missing in pairs:
        answer, other = client.get(foreign), client.get(missing)
        assert (answer.status_code, other.status_code) == (404, 404)
        assert without_names(answer.json()) == without_names(other.json())


def without_names(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name not in ("instance", "detail")}


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("unit", BLIND)
def test_a_unit_outside_the_case_finds_nothing_of_it_in_any_list(
    ask: Callable[[str], TestClient], unit: str
) -> None:
    client = ask(unit)
    lists = "".join(client.get(path).text for path in ("/v1/clocks", "/v1/quarantine", "/v1/feeds/me"))
    assert not any(word in lists for word in ("白环移", "by-env", "by-police", "O310-12"))


@pytest.mark.usefixtures("world")
def test_the_quarantine_shows_what_one_wrote_oneself(ask: Callable[[str], TestClient]) -> None:
    (mine,) = ask("by-env").get("/v1/quarantine").json()
    assert mine["detail"].endswith("got '张三'")
    assert (mine["kind"], mine["reason"], mine["event"]["id"]) == ("refused", "undecodable", "bad")
    assert ask("by-police").get("/v1/quarantine").json() == []


@pytest.mark.usefixtures("world")
def test_an_operator_sees_the_whole_case(engine: Engine, register: Register) -> None:
    rulebook = Rulebook(register, published_calendar())
    with engine.connect() as connection:
        case = queries.case_for(connection, None, case_id(*FORWARD), rulebook)
        assert len(queries.clocks_for(connection, None, rulebook)) == 4
        assert len(queries.quarantine_for(connection, None)) == 2
        record = queries.quarantined_record(connection, "ingress-by-env", 0, 5)
    assert case is not None
    assert case.standing.state == "ACCEPTED"
    assert case.clocks[0].basis.endswith("第8条")
    assert [entry.event.id for entry in case.events] == ["sent", "got", "opinion"]
    assert {delivery.unit for delivery in case.events[0].deliveries} == {"by-police", "by-criminal"}
    assert record is not None
    assert (record.value, record.headers) == (b"\x00\x01", [("ce_id", b"x"), ("odd", None)])

"""Whichever way a unit reads an event, it sees the same view of it; its speaker sees it in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.consumers.readmodel.conftest import FORWARD

pytestmark = pytest.mark.postgres

PARTY = {"name": "陈小明", "kind": "natural_person", "id_no": "440111198001010012", "role": "犯罪嫌疑人"}
SAID = {"addressee": "by-env", "letter_no": "1", "parties": [PARTY], "summary": "陈小明倾倒废酸"}
SECRETS = ("陈小明", "440111198001010012")


@pytest.fixture
def letter(world: Any) -> Any:
    """A letter of by-criminal to by-env, copied to by-justice."""
    world.say(
        "by-criminal",
        "letter",
        "opinion.to_transfer_issued",
        SAID,
        to=(("by-env", "duty", "AG"), ("by-justice", "copy", "JU")),
    )  # 4
    world.number("by-justice", (2, 1), (4, 1), published=2)
    return world


def _ways(client: TestClient) -> list[dict[str, Any]]:
    """The letter as the feed, the case and the trace of it show it."""
    case = client.get(f"/v1/cases/{FORWARD[0]}:{FORWARD[1]}").json()["events"]
    shown = [entry["event"] for entry in case if entry["event"]["id"] == "letter"]
    shown.append(client.get("/v1/events/by-criminal/letter").json()["entry"]["event"])
    feed = client.get("/v1/feeds/me").json()["items"]
    return shown + [item["event"] for item in feed if item["event"]["id"] == "letter"]


@pytest.mark.usefixtures("letter")
def test_a_copy_is_the_same_outline_in_the_feed_the_case_and_the_trace(
    ask: Callable[[str], TestClient],
) -> None:
    ways = _ways(ask("by-justice"))
    assert len(ways) == 3
    for event in ways:
        assert event == ways[0]
    assert ways[0]["view"] == "outline"
    assert ways[0]["data"]["parties"] == [PARTY | {"name": "陈某某", "id_no": None}]
    assert set(ways[0]["hidden"]) == {"parties.name", "parties.id_no", "summary"}


@pytest.mark.usefixtures("letter")
def test_nothing_that_is_hidden_stands_anywhere_in_an_answer(ask: Callable[[str], TestClient]) -> None:
    client = ask("by-justice")
    paths = (f"/v1/cases/{FORWARD[0]}:{FORWARD[1]}", "/v1/events/by-criminal/letter", "/v1/feeds/me")
    for path in paths:
        text = client.get(path).text
        assert "陈某某" in text
        assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.usefixtures("letter")
@pytest.mark.parametrize(("unit", "view"), [("by-criminal", "full"), ("by-env", "handling")])
def test_its_speaker_and_who_must_act_see_the_person(
    ask: Callable[[str], TestClient], unit: str, view: str
) -> None:
    for event in _ways(ask(unit)):
        assert (event["view"], event["hidden"]) == (view, [])
        assert event["data"]["parties"] == [PARTY]

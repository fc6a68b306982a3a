"""A case is told in its order although many units tell it, and each case goes one way as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from infra.demo.playing import Play, Way, plan, publish
from producers.histories import read_histories
from producers.records import Statement
from schemas.units import Register

HISTORIES = read_histories(Path(__file__).parents[2] / "cases")


class Listener:
    """Stands for the units' connections and for the bus: notes what is said and when a stage is dealt with."""

    def __init__(self) -> None:
        self.heard: list[tuple[Way, str, str]] = []
        self.stages: list[list[str]] = []

    def say(self, way: Way, unit: str, statements: Sequence[Statement]) -> None:
        self.heard += [(way, unit, statement.id) for statement in statements]

    def wait_for(self, event_ids: Sequence[str]) -> None:
        assert {event_id for *_, event_id in self.heard} >= set(event_ids), "waits for what was not said"
        self.stages.append(list(event_ids))


def played(register: Register) -> tuple[tuple[Play, ...], Listener]:
    plays, listener = plan(HISTORIES, register), Listener()
    publish(plays, listener, listener)
    return plays, listener


def test_everything_is_said_once_by_its_speaker_and_on_the_way_of_its_case(register: Register) -> None:
    plays, listener = played(register)
    expected = sorted((play.way, unit, event) for play in plays for event, unit in play.speakers.items())
    assert sorted(listener.heard) == expected


def test_an_event_is_said_only_after_the_one_before_in_its_case_is_dealt_with(register: Register) -> None:
    plays, listener = played(register)
    stage_of = {event_id: n for n, stage in enumerate(listener.stages) for event_id in stage}
    for play in plays:
        stages = [stage_of[saying.statement.id] for saying in play.translation.sayings]
        assert stages == list(range(len(stages)))


def test_half_of_the_cases_go_through_the_gateway(register: Register) -> None:
    ways = [play.way for play in plan(HISTORIES, register)]
    assert ways.count(Way.GATEWAY) == ways.count(Way.KAFKA) == len(HISTORIES) // 2


def test_a_linked_case_is_a_case_of_its_own(register: Register) -> None:
    play = next(p for p in plan(HISTORIES, register) if p.history.id == "donghai-empty-cigarette-tubes")
    assert len(play.case_ids) == 2
    assert play.main_case == play.case_ids[0]

"""What a unit is told of an event depends on nothing that it may not see, but for who received the event."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from consumers.casefile import CaseEvent
from consumers.decisions import Deliver
from consumers.explaining.account import Account
from consumers.explaining.explain import explain
from consumers.explaining.rehearsing import Heard
from consumers.explaining.seen import part_of, seen_by
from consumers.readmodel.views import to_json
from consumers.rulebook import Rulebook
from schemas.units import Register
from tests.consumers.explaining.telling import played, plays, rulebook


@pytest.fixture(scope="module")
def rules(register: Register) -> Rulebook:
    return rulebook(register)


@pytest.fixture(scope="module")
def views(register: Register, rules: Rulebook) -> list[tuple[str, Heard, list[CaseEvent], Account]]:
    """(unit, event, what the unit may see of its case up to it, the account as it sees it) of all published cases."""
    return [view for play in plays(register) for view in _views(played(play, rules), rules)]


def _views(heard: list[Heard], rules: Rulebook) -> Iterator[tuple[str, Heard, list[CaseEvent], Account]]:
    visible: dict[tuple[str, str], list[CaseEvent]] = {}
    for one in heard:
        if one.folded is None or one.folded.parked is not None:
            continue
        subject = str(one.event.envelope.subject)
        for unit in sorted({one.event.envelope.source, *_reached(one)} - {"bus"}):
            events = visible.setdefault((subject, unit), [])
            events.append(one.event)
            seen = seen_by(unit, one.account, part_of(events, rules), events, rules)
            yield unit, one, list(events), seen


def _reached(one: Heard) -> set[str]:
    return set() if one.folded is None else {d.unit for d in one.folded.decisions if isinstance(d, Deliver)}


def test_the_state_is_the_one_that_the_units_own_part_leads_to(
    views: list[tuple[str, Heard, list[CaseEvent], Account]], rules: Rulebook
) -> None:
    hidden = 0
    for _, one, visible, seen in views:
        own, _ = explain(part_of(visible, rules), visible[-1], rules, one.account.rules)
        assert (seen.tracks, seen.roles, seen.facts) == (own.tracks, own.roles, own.facts)
        hidden += seen.tracks != one.account.tracks
    assert hidden > 20, "no unit sees less than everything: this test shows nothing"


def test_no_event_is_named_that_the_unit_may_not_see_but_what_ended_a_clock_of_its_own(
    views: list[tuple[str, Heard, list[CaseEvent], Account]],
) -> None:
    for unit, _, visible, seen in views:
        mine = {f"{e.envelope.source}/{e.envelope.id}" for e in visible}
        assert {clock.started_by for clock in seen.clocks if clock.holder.code != unit} <= mine
        assert {limit.started_by for limit in seen.limits} <= mine
        assert {
            m.opinion for m in seen.mirrors if unit not in (m.unit.code, m.opinion.split("/")[0])
        } == set()


def test_only_the_sender_is_told_of_others_and_of_its_flags(
    views: list[tuple[str, Heard, list[CaseEvent], Account]],
) -> None:
    for unit, one, _, seen in views:
        if unit == one.event.envelope.source:
            assert [r.unit for r in seen.received] == [r.unit for r in one.account.received]
            assert seen.anomalies == one.account.anomalies
        else:
            assert {r.unit.code for r in seen.received} == {unit}
            assert seen.not_received == seen.anomalies == seen.says == ()


def test_what_is_seen_is_valid_json(views: list[tuple[str, Heard, list[CaseEvent], Account]]) -> None:
    assert all(json.loads(to_json(seen))["outcome"] == "applied" for _, _, _, seen in views)

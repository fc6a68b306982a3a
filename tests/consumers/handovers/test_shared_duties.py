"""Limits that run for the file of several parties: one party's decision ends nothing for the others."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from consumers.casefile import Clock, ClockState
from tests.consumers.given import CRIMINAL, day_end, event
from tests.consumers.handovers.telling import Telling

SENT, DECLINED = "case.sent_for_prosecution", "filing.declined"


def suspects(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "kind": "natural_person", "id_no": None, "role": None} for name in names]


def sent(when: str, *names: str) -> Any:
    return event(SENT, when, addressee=CRIMINAL, parties=suspects(*names))


def clocks(*events: Any, rule: str = "CPL-172") -> list[Clock]:
    found = [clock for clock in Telling(*events).case.clocks.values() if clock.rule == rule]
    return sorted(found, key=lambda clock: (clock.start.earliest is None, clock.start.earliest))


def test_a_decision_about_one_of_three_leaves_the_limit_running_for_the_others() -> None:
    [clock] = clocks(
        sent("2026-03-02", "宋某", "王某", "付某"), event("case.not_prosecuted", "2026-03-10", party="宋某")
    )
    assert clock.state is ClockState.RUNNING
    assert not clock.certain, "the decisions about the others may only be unreported"


def test_the_decision_about_the_last_one_ends_it_whatever_the_order_of_the_reports() -> None:
    decisions = (
        event("case.not_prosecuted", "2026-03-10", party="宋某"),
        event("case.prosecuted", "2026-03-20", party="王某"),
    )
    for one, other in permutations(decisions):
        [clock] = clocks(sent("2026-03-02", "宋某", "王某"), one, other)
        assert (clock.state, clock.certain) == (ClockState.MET, True)
        assert clock.stopped_by == decisions[1].identity


def test_a_last_decision_after_the_due_day_is_late_although_the_first_was_in_time() -> None:
    [clock] = clocks(
        sent("2026-03-02", "宋某", "王某"),
        event("case.prosecuted", "2026-03-20", party="王某"),
        event("case.not_prosecuted", "2026-12-06", party="宋某"),
    )
    assert clock.state is ClockState.MET_LATE


@pytest.mark.parametrize("names", [(), ("宋某",)])
def test_a_decision_about_the_only_known_party_or_about_nobody_by_name_ends_it(
    names: tuple[str, ...],
) -> None:
    for party in ("宋某", None):
        [clock] = clocks(sent("2026-03-02", *names), event("case.not_prosecuted", "2026-03-10", party=party))
        assert (clock.state, clock.certain) == (ClockState.MET, True)


def test_who_is_sent_on_later_has_a_period_of_his_own_and_ends_nobody_elses() -> None:
    first, second = clocks(
        sent("2026-03-02", "宋某"),
        sent("2026-03-20", "王某"),
        event("case.prosecuted", "2026-03-25", party="宋某"),
    )
    assert (first.state, first.due_earliest) == (ClockState.MET, day_end("2026-04-02"))
    assert (second.state, second.due_earliest) == (ClockState.RUNNING, day_end("2026-04-20"))
    assert first.id != second.id


def test_sending_the_same_party_again_begins_the_period_anew() -> None:
    first, second = clocks(sent("2026-03-02", "宋某", "王某"), sent("2026-03-20", "宋某", "王某"))
    assert (first.state, second.state) == (ClockState.MET, ClockState.RUNNING)


def test_declining_to_file_for_one_leaves_the_police_to_decide_about_the_other() -> None:
    story = (
        event("transfer.sent", "2026-03-02", parties=suspects("宋某", "王某")),
        event("transfer.received", "2026-03-02"),
        event(DECLINED, "2026-03-03", party="宋某"),
    )
    [clock] = clocks(*story, rule="O310-08")
    assert clock.state is ClockState.RUNNING
    [clock] = clocks(*story, event("filing.accepted", "2026-03-04", parties=suspects("王某")), rule="O310-08")
    assert clock.state is ClockState.MET


def test_filing_the_case_of_another_does_not_take_the_right_to_reconsideration() -> None:
    declined = event(DECLINED, "2026-03-03", party="宋某")
    for names, state in ((("王某",), ClockState.RUNNING), (("宋某", "王某"), ClockState.WITHDRAWN)):
        filed = event("filing.accepted", "2026-03-04", parties=suspects(*names))
        [clock] = clocks(event("transfer.sent", "2026-03-02"), declined, filed, rule="O310-09a")
        assert clock.state is state

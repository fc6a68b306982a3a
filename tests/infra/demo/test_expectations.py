"""An expectation that does not hold is seen, whatever its kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.demo.expectations import MUST_NOT, compare, overrun_days, result_of
from infra.demo.outcome import AnomalySeen, ClockSeen, Delivered, Held, MirrorSeen, Outcome

CAST = {"AG": "by-env", "PSB": "by-police", "PC": "by-criminal", "PI": "by-pil"}
CLOCK = ClockSeen(
    rule="O310-08",
    version="2001",
    kind="deadline",
    holder="by-police",
    started_id="case-1",
    due_from=datetime(2016, 9, 8, 15, 59, 59, tzinfo=UTC),
    due_to=datetime(2016, 9, 8, 15, 59, 59, tzinfo=UTC),
    state="met-late",
    certain=True,
    assumed_start=True,
    overrun_seconds=11 * 86_400 + 1,
)
OUTCOME = Outcome(
    case="case",
    steps={"case-1": 1, "case-2": 2},
    speakers={"case-1": "by-env", "case-2": "by-police"},
    applied=frozenset({"case-1", "case-2"}),
    deliveries=(
        Delivered("case-1", "by-police", "duty", "PSB", "O310-05c"),
        Delivered("case-2", "by-env", "duty", "AG", "O310-08"),
    ),
    clocks=(CLOCK,),
    mirrors=(MirrorSeen("case-1", "by-pil", "seed rule", "copied"),),
    anomalies=(AnomalySeen("case-2", "filing-without-transfer", "…"),),
)


def expect(**rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {"routing": [], "mirror": [], "clocks": [], "anomalies": [], "must_not": []} | rows


def holds(outcome: Outcome = OUTCOME, **rows: list[dict[str, Any]]) -> bool:
    checks = compare(expect(**rows), outcome, CAST)
    assert len(checks) > 1, "the expectation was not looked at"
    return all(check.ok for check in checks)


def test_an_event_that_was_not_applied_fails_every_case() -> None:
    lost = replace(
        OUTCOME, applied=frozenset({"case-1"}), held=(Held("case-2", "parked", "wrong-speaker", "who?"),)
    )
    (check,) = [check for check in compare(expect(), lost, CAST) if not check.ok]
    assert "case-2 parked: wrong-speaker" in check.found


@pytest.mark.parametrize(
    ("step", "role", "ok"),
    [
        (1, "PSB", True),  # delivered
        (1, "PI", True),  # by its mirror
        (1, "AG", True),  # it said it
        (1, "PC", False),
        (2, "PSB", True),  # it said it
        (2, "PI", False),  # mirrored another step
    ],
)
def test_a_recipient_is_reached_by_delivery_or_mirror_or_is_the_speaker(
    step: int, role: str, ok: bool
) -> None:
    assert holds(routing=[{"step": step, "to": [role], "why": "law"}]) is ok


@pytest.mark.parametrize(("role", "ok"), [("PI", True), ("PC", False)])
def test_a_mirror_is_expected_at_a_department(role: str, ok: bool) -> None:
    assert holds(mirror=[{"step": 1, "to": [role], "why": "law"}]) is ok


CLOCK_ROW = {
    "rule": "O310-08",
    "step": 1,
    "result": "met-late",
    "due": ["2016-09-08", "2016-09-08"],
    "overrun_days": 12,
    "assumed_start": True,
    "why": "law",
}


@pytest.mark.parametrize(
    ("change", "ok"),
    [
        ({}, True),
        ({"rule": "ECO-16"}, False),
        ({"rule": "ECO-16", "result": "none"}, True),
        ({"step": 2}, False),
        ({"result": "met"}, False),
        ({"result": ["met", "met-late"]}, True),
        ({"due": ["2016-09-08", "2016-09-09"]}, False),
        ({"overrun_days": 11}, False),
        ({"assumed_start": False}, False),
        ({"certain": False}, False),
        ({"certain": True}, True),
    ],
)
def test_a_clock_is_compared_in_every_part_that_is_expected(change: dict[str, Any], ok: bool) -> None:
    assert holds(clocks=[CLOCK_ROW | change]) is ok


@pytest.mark.parametrize(
    ("state", "certain", "due_known", "result"),
    [
        ("met", True, True, "met"),
        ("met", False, True, "undetermined"),
        ("met-late", True, True, "met-late"),
        ("met-late", False, True, "met-late"),
        ("breached", True, True, "overdue"),
        ("running", True, True, "running"),
        ("running", True, False, "undetermined"),
        ("withdrawn", True, True, "none"),
    ],
)
def test_the_result_of_a_clock_follows_from_state_and_certainty(
    state: str, certain: bool, due_known: bool, result: str
) -> None:
    due_to = CLOCK.due_to if due_known else None
    assert result_of(replace(CLOCK, state=state, certain=certain, due_to=due_to)) == result


@pytest.mark.parametrize(("seconds", "days"), [(None, None), (1, 1), (86_400, 1), (86_401, 2)])
def test_an_overrun_is_counted_in_begun_days(seconds: int | None, days: int | None) -> None:
    assert overrun_days(replace(CLOCK, overrun_seconds=seconds)) == days


@pytest.mark.parametrize(("step", "ok"), [(1, False), (2, True)])
def test_a_flag_is_expected_at_its_step(step: int, ok: bool) -> None:
    assert holds(anomalies=[{"step": step, "why": "law"}]) is ok


HELD = replace(OUTCOME, held=(Held("case-2", "parked", "x", "y"), Held("case-1", "refused", "x", "y")))


@pytest.mark.parametrize(
    ("outcome", "kind", "value", "ok"),
    [
        (OUTCOME, "clock", "O310", False),
        (OUTCOME, "clock", "SPP21", True),
        (OUTCOME, "breach", "O310-08", False),
        (OUTCOME, "breach", "O310-12", True),
        (OUTCOME, "certain_breach", "O310-08", False),
        (replace(OUTCOME, clocks=(replace(CLOCK, certain=False),)), "certain_breach", "O310-08", True),
        (OUTCOME, "clock_from", {"step": 1, "rule": "O310"}, False),
        (OUTCOME, "clock_from", {"step": 2, "rule": "O310"}, True),
        (OUTCOME, "delivered", {"step": 1, "to": ["PSB"]}, False),
        (OUTCOME, "delivered", {"step": 1, "to": ["PC"]}, True),
        (OUTCOME, "mirrored", {"step": 1, "to": ["PI"]}, False),
        (OUTCOME, "mirrored", {"step": 1, "to": ["PC"]}, True),
        (HELD, "parked", 2, False),
        (HELD, "parked", 1, True),
        (HELD, "refused", 1, False),
        (HELD, "refused", 2, True),
        (OUTCOME, "in_case", 2, False),
        (replace(OUTCOME, elsewhere=frozenset({"case-2"})), "in_case", 2, True),
    ],
)
def test_what_must_not_be_is_seen(outcome: Outcome, kind: str, value: Any, ok: bool) -> None:
    checks = compare(expect(must_not=[{kind: value, "why": "law"}]), outcome, CAST)
    assert checks[-1].ok is ok
    assert kind in MUST_NOT

"""What a published case is expected to lead to, held against what came out of the bus; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consumers.casefile import ClockState
from infra.demo.outcome import ClockSeen, Outcome
from schemas.spans import CHINA

_DAY_SECONDS = 86_400
_BROKEN = frozenset({ClockState.BREACHED, ClockState.MET_LATE})


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a `kind` (see CLAIMS) about `what`; `found` is what came out, `why` cites the law."""

    kind: str
    what: Mapping[str, str]
    ok: bool
    found: str
    why: str = ""

    @property
    def claim(self) -> str:
        """The expectation in short."""
        return CLAIMS[self.kind].format(**self.what)


CLAIMS: Mapping[str, str] = {
    "applied": "all events applied",
    "routing": "step {step} reaches {role}",
    "mirror": "step {step} is mirrored to {role}",
    "clock": "{rule} from step {step}: {results}{due}",
    "anomaly": "step {step} is flagged",
    "threshold": "step {step} meets {rule}",
    "must_not": "no {kind}: {value}",
}
"""What each kind of expectation claims, in English; the report has them in its own language."""


def compare(expect: Mapping[str, Any], outcome: Outcome, cast: Mapping[str, str]) -> tuple[Check, ...]:
    """Every expectation in `expect` (tests/cases/README.md) with whether it holds for `outcome`."""
    return (
        *_all_applied(outcome),
        *(check for row in expect["routing"] for check in _routing(row, outcome, cast)),
        *(check for row in expect["mirror"] for check in _mirror(row, outcome, cast)),
        *(_clock(row, outcome) for row in expect["clocks"]),
        *(_anomaly(row, outcome) for row in expect["anomalies"]),
        *(_threshold(row, outcome) for row in expect.get("thresholds", ())),
        *(_must_not(row, outcome, cast) for row in expect["must_not"]),
    )


def result_of(clock: ClockSeen) -> str:
    """The outcome of a clock in the words of the cases: met, met-late, overdue, undetermined, running, none.

    Late on every possible day is late, if maybe only from an assumed start; in time on some is undetermined.
    """
    match clock.state:
        case ClockState.WITHDRAWN:
            return "none"
        case ClockState.BREACHED:
            return "overdue"
        case ClockState.MET_LATE:
            return "met-late"
        case ClockState.MET:
            return "met" if clock.certain else "undetermined"
    return "undetermined" if clock.due_to is None or not clock.certain else "running"


def overrun_days(clock: ClockSeen) -> int | None:
    """By how many days, counted as days of the calendar, the stop came too late at least."""
    return None if clock.overrun_seconds is None else -(-clock.overrun_seconds // _DAY_SECONDS)


def _all_applied(outcome: Outcome) -> Iterator[Check]:
    lost = sorted(outcome.steps.keys() - outcome.applied)
    held = {one.event_id: f"{one.kind}: {one.reason} {one.detail}" for one in outcome.held}
    yield Check(
        "applied",
        {},
        not lost,
        "; ".join(f"{event_id} {held.get(event_id, 'missing')}" for event_id in lost) or "all",
    )


def _routing(row: Mapping[str, Any], outcome: Outcome, cast: Mapping[str, str]) -> Iterator[Check]:
    reached = _reached(outcome, row["step"])
    for role in row["to"]:
        unit = cast[role]
        found = ", ".join(sorted(reached)) or "-"
        yield Check("routing", _about(row, role), unit in reached, found, row["why"])


def _mirror(row: Mapping[str, Any], outcome: Outcome, cast: Mapping[str, str]) -> Iterator[Check]:
    mirrored = _mirrored(outcome, row["step"])
    for role in row["to"]:
        found = ", ".join(sorted(mirrored)) or "-"
        yield Check("mirror", _about(row, role), cast[role] in mirrored, found, row["why"])


def _about(row: Mapping[str, Any], role: str = "") -> dict[str, str]:
    return {"step": str(row["step"]), "role": role}


def _reached(outcome: Outcome, step: int) -> set[str]:
    """The units that got the step's events, were mirrored them, or said them and so need no copy."""
    said = {event_id for event_id, n in outcome.steps.items() if n == step}
    received = {one.unit for one in outcome.deliveries if one.event_id in said}
    return received | {outcome.speakers[event_id] for event_id in said} | _mirrored(outcome, step)


def _mirrored(outcome: Outcome, step: int) -> set[str]:
    return {one.unit for one in outcome.mirrors if outcome.step_of(one.opinion_id) == step}


def _clock(row: Mapping[str, Any], outcome: Outcome) -> Check:
    clocks = [
        one
        for one in outcome.clocks
        if one.rule == row["rule"] and outcome.step_of(one.started_id) == row["step"]
    ]
    wanted = [row["result"]] if isinstance(row["result"], str) else row["result"]
    what = _about(row) | {"rule": row["rule"], "results": "/".join(wanted), "due": _due_claim(row)}
    if not clocks:
        others = ", ".join(sorted({one.rule for one in outcome.clocks})) or "-"
        return Check("clock", what, "none" in wanted, f"no such clock; clocks: {others}", row["why"])
    wrong = [problem for one in clocks for problem in _differences(row, wanted, one)]
    return Check("clock", what, not wrong, "; ".join(wrong) or "as expected", row["why"])


def _due_claim(row: Mapping[str, Any]) -> str:
    due = row.get("due")
    return "" if due is None else f" ({due[0]})" if due[0] == due[1] else f" ({due[0]} … {due[1]})"


def _differences(row: Mapping[str, Any], wanted: Sequence[str], clock: ClockSeen) -> Iterator[str]:
    result = result_of(clock)
    if result not in wanted:
        yield f"{result} ({clock.state}, {'certain' if clock.certain else 'uncertain'})"
    due = [_day(clock.due_from), _day(clock.due_to)]
    if result != "none" and "due" in row and row["due"] != due:
        yield f"due {due[0]} to {due[1]}"
    if "overrun_days" in row and overrun_days(clock) != row["overrun_days"]:
        yield f"{overrun_days(clock)} days over instead of {row['overrun_days']}"
    if "certain" in row and clock.certain != row["certain"]:
        yield "certain" if clock.certain else "uncertain"
    if "assumed_start" in row and clock.assumed_start != row["assumed_start"]:
        yield "the start is assumed" if clock.assumed_start else "the start is not marked as assumed"


def _day(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(CHINA).date().isoformat()


def _anomaly(row: Mapping[str, Any], outcome: Outcome) -> Check:
    flagged = [one for one in outcome.anomalies if outcome.step_of(one.event_id) == row["step"]]
    found = ", ".join(one.code for one in flagged) or "not flagged"
    return Check("anomaly", _about(row), bool(flagged), found, row["why"])


def _threshold(row: Mapping[str, Any], outcome: Outcome) -> Check:
    matched = {one.rule for one in outcome.thresholds if outcome.step_of(one.event_id) == row["step"]}
    what = {"step": str(row["step"]), "rule": row["rule"]}
    return Check("threshold", what, row["rule"] in matched, ", ".join(sorted(matched)) or "none", row["why"])


def _thresholds_found(value: str, outcome: Outcome, _: Mapping[str, str]) -> list[str]:
    return [one.rule for one in outcome.thresholds if one.rule.startswith(value)]


def _must_not(row: Mapping[str, Any], outcome: Outcome, cast: Mapping[str, str]) -> Check:
    kind = next(key for key in row if key != "why")
    value = row[kind]
    found = sorted(set(_OFFENDERS[kind](value, outcome, cast)))
    what = {"kind": kind.replace("_", " "), "value": _brief(value)}
    return Check("must_not", what, not found, ", ".join(found) or "none", row["why"])


def _brief(value: object) -> str:
    return ", ".join(str(one) for one in value.values()) if isinstance(value, dict) else str(value)


def _clocks(prefix: str, outcome: Outcome) -> list[ClockSeen]:
    return [one for one in outcome.clocks if one.rule.startswith(prefix)]


def _clock_found(value: str, outcome: Outcome, _: Mapping[str, str]) -> list[str]:
    return [one.rule for one in _clocks(value, outcome)]


def _breach_found(value: str, outcome: Outcome, _: Mapping[str, str]) -> list[str]:
    return [f"{one.rule} {one.state}" for one in _clocks(value, outcome) if one.state in _BROKEN]


def _certain_breach_found(value: str, outcome: Outcome, _: Mapping[str, str]) -> list[str]:
    broken = [one for one in _clocks(value, outcome) if one.state in _BROKEN and one.certain]
    return [f"{one.rule} {one.state}" for one in broken]


def _clock_from_found(value: Mapping[str, Any], outcome: Outcome, _: Mapping[str, str]) -> list[str]:
    clocks = _clocks(value["rule"], outcome)
    return [one.rule for one in clocks if outcome.step_of(one.started_id) == value["step"]]


def _delivered_found(value: Mapping[str, Any], outcome: Outcome, cast: Mapping[str, str]) -> list[str]:
    units = {cast[role] for role in value["to"]}
    steps = [one for one in outcome.deliveries if outcome.step_of(one.event_id) == value["step"]]
    return [one.unit for one in steps if one.unit in units]


def _mirrored_found(value: Mapping[str, Any], outcome: Outcome, cast: Mapping[str, str]) -> list[str]:
    return sorted({cast[role] for role in value["to"]} & _mirrored(outcome, value["step"]))


def _held_found(kind: str) -> Callable[[int, Outcome, Mapping[str, str]], list[str]]:
    def found(step: int, outcome: Outcome, _: Mapping[str, str]) -> list[str]:
        held = [one for one in outcome.held if one.kind == kind]
        return [one.reason for one in held if outcome.step_of(one.event_id) == step]

    return found


def _in_case_found(step: int, outcome: Outcome, _: Mapping[str, str]) -> list[str]:
    inside = outcome.applied - outcome.elsewhere
    return [event_id for event_id in inside if outcome.step_of(event_id) == step]


_OFFENDERS: Mapping[str, Callable[[Any, Outcome, Mapping[str, str]], list[str]]] = {
    "clock": _clock_found,
    "breach": _breach_found,
    "certain_breach": _certain_breach_found,
    "clock_from": _clock_from_found,
    "delivered": _delivered_found,
    "mirrored": _mirrored_found,
    "parked": _held_found("parked"),
    "refused": _held_found("refused"),
    "in_case": _in_case_found,
    "threshold": _thresholds_found,
}
MUST_NOT = frozenset(_OFFENDERS)
"""The kinds of `must_not` that a case may name."""

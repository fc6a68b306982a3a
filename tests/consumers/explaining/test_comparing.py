"""Two sets of rules are compared by what they decide: nothing is missed, nothing differs from itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from consumers.casefile import Case, CaseEvent
from consumers.casework.fold import fold, refold
from consumers.explaining.comparing import Aspect, compare, differences
from consumers.explaining.comparison_page import page_of
from consumers.explaining.deciding import DecidedCase, Recipient, decided
from consumers.explaining.explain import explain
from consumers.explaining.profiles import known_profiles
from consumers.explaining.rule_sets import rule_set
from consumers.rulebook import Rulebook
from consumers.workdays import load_calendar
from infra.comparing import of_histories
from schemas.units import Register, Role, Unit
from tests.consumers.explaining.telling import HISTORIES, rulebook
from tests.consumers.given import event, moment

CASES = Path(__file__).parents[2] / "cases"
REPORTED_IN_2020 = "2020-08-05 10:00"


def story(began: str = REPORTED_IN_2020) -> list[CaseEvent]:
    """A transfer that an agency reports to its head, approves and sends a week later; recorded when it happened."""
    start = moment(began)
    told = [
        event("transfer.suspected", began, id="1", offence="销售假冒注册商标的商品罪"),
        event("transfer.reported", began, id="2"),
        *(
            event(type_, _later(start, days), id=name)
            for name, type_, days in (("3", "transfer.approved", 6), ("4", "transfer.sent", 7))
        ),
        event("transfer.received", _later(start, 8), id="5"),
        event("filing.accepted", _later(start, 9), id="6"),
    ]
    return [replace(one, offset=number) for number, one in enumerate(told)]


def _later(start: datetime, days: int) -> str:
    return f"{start + timedelta(days=days, hours=8):%Y-%m-%d %H:%M}"


def made(events: list[CaseEvent], rules: Rulebook) -> DecidedCase:
    found = decided(events, rules)
    assert found is not None
    return found


def test_rules_differ_in_nothing_from_themselves(register: Register) -> None:
    rules = rulebook(register)
    found = compare(rule_set(rules), rule_set(rules), of_histories(CASES, rules, rules, register))
    assert (found.cases >= len(HISTORIES), found.events > 150) == (True, True)
    assert (found.differing_cases, found.groups) == (0, ())


def test_each_difference_is_counted_once_in_its_group_with_its_case(register: Register) -> None:
    a, b = rulebook(register), rulebook(register, "mps-2015", "env-17")
    found = compare(rule_set(a), rule_set(b), of_histories(CASES, a, b, register))
    assert sum(group.count for group in found.groups) == sum(len(group.differences) for group in found.groups)
    assert any(group.what.endswith("→ MPS-2015 (2015)") for group in found.groups)
    for group in found.groups:
        assert group.cases == len({one.case for one in group.differences})
        assert all((one.aspect, one.what) == (group.aspect, group.what) for one in group.differences)
    for language in ("zh", "en"):
        text = page_of(found, language)
        assert all(one.event in text for group in found.groups for one in group.differences)


@pytest.mark.parametrize("profile", sorted(known_profiles()))
def test_what_a_profile_decides_otherwise_is_found_forth_and_back(register: Register, profile: str) -> None:
    a, b = made(story(), rulebook(register)), made(story(), rulebook(register, profile))
    forth, back = differences(a, b), differences(b, a)
    assert sorted((one.aspect, one.a, one.b) for one in forth) == sorted(
        (one.aspect, one.b, one.a) for one in back
    )
    assert bool(forth) == (a != b)


def test_a_clock_that_runs_keeps_its_version_when_a_new_one_comes_into_force(register: Register) -> None:
    """Order 310 was revised on 2020-08-07: a duty that began before is judged by the text of its day, also later."""
    rules, case = rulebook(register), None
    seen: list[tuple[str, str]] = []
    for one in story():
        case = fold(case, one, rules).case
        assert case is not None
        seen += [(clock.rule, clock.version) for clock in case.clocks.values()]
    assert ("O310-05b", "2001") in seen
    assert ("O310-05b", "2020") not in seen
    assert ("O310-05c", "2020") in seen  # the approval came after the revision
    assert refold(story(), rules) == case


def test_the_account_of_a_later_event_names_the_version_that_the_clock_keeps(register: Register) -> None:
    rules = rulebook(register)
    before: Case | None = refold(story()[:2], rules)
    account, _ = explain(before, story()[2], rules, rule_set(rules))
    (clock,) = (one for one in account.clocks if one.rule == "O310-05b")
    assert (clock.version, clock.change) == ("2001", "stopped")
    (newer,) = (one for one in account.limits if (one.limit.rule, one.limit.version) == ("O310-05b", "2020"))
    assert newer.reason is not None
    assert newer.reason.code == "not-in-force"


def test_a_day_off_moves_due_times_and_no_version(register: Register, tmp_path: Path) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text('[[day]]\ndate = 2020-08-10\nstate = "off"\nwhy = "台风停工"\n', encoding="utf-8")
    a = rulebook(register)
    b = replace(a, calendar=load_calendar(file))
    found = differences(made(story("2020-08-07 10:00"), a), made(story("2020-08-07 10:00"), b))
    assert {one.aspect for one in found} == {Aspect.DUE}
    assert {one.what for one in found} >= {"O310-05b: later"}
    assert all("2020-08-11" in one.b or "later" in one.what for one in found)


def test_only_what_the_log_had_since_then_counts(register: Register) -> None:
    a = rulebook(register)
    b = rulebook(register, "mps-2015")
    events = story()
    whole = compare(rule_set(a), rule_set(b), [(made(events, a), made(events, b))])
    assert whole.differing_cases == 1
    after = events[-1].recorded_at + timedelta(days=1)
    later = compare(rule_set(a), rule_set(b), [(made(events, a), made(events, b))], after)
    assert (later.events, later.groups) == (0, ())


def test_another_unit_in_a_role_is_another_recipient(register: Register) -> None:
    """A register without the justice bureau and with another department for criminal cases."""
    units = tuple(
        replace(unit, roles=frozenset({Role.CIVIL})) if unit.code == "by-criminal" else unit
        for unit in register.units
    )
    second = Unit("by-second", "第二检察部", "Second department", frozenset({Role.CRIMINAL}), "baiyun")
    a = rulebook(register)
    b = replace(a, register=Register((*units, second)))
    found = differences(made(story(), a), made(story(), b))
    told = {(one.a.split()[0] if one.a else "", one.b.split()[0] if one.b else "") for one in found
            if one.aspect is Aspect.RECIPIENTS and "PC" in one.what}  # fmt: skip
    assert ("by-criminal", "") in told
    assert ("", "by-second") in told


@pytest.mark.parametrize(
    ("changed", "aspect"),
    [
        ({"recipients": (Recipient("x", "JU", "copy", "y"),)}, Aspect.RECIPIENTS),
        ({"state": "FILED"}, Aspect.STATE),
        ({"anomalies": ("out-of-order",)}, Aspect.ANOMALIES),
        ({"mirrored_to": ("by-pil",)}, Aspect.MIRRORS),
        ({"says": ("mirror.copied",)}, Aspect.SAYS),
        ({"parked": "wrong-speaker"}, Aspect.PARKED),
    ],
    ids=lambda value: str(value) if isinstance(value, Aspect) else "",
)
def test_whatever_is_decided_on_an_event_is_compared(register: Register, changed, aspect: Aspect) -> None:
    case = made(story(), rulebook(register))
    events = (replace(case.events[0], **changed), *case.events[1:])
    assert aspect in {one.aspect for one in differences(case, replace(case, events=events))}


@pytest.mark.parametrize(
    ("changed", "aspect"),
    [
        ({"state": "withdrawn"}, Aspect.CLOCK_STATE),
        ({"version": "1999"}, Aspect.CLOCK),
        ({"started_by": "by-police/0"}, Aspect.START),
        ({"due_to": None}, Aspect.DUE),
        ({"provisional": True}, Aspect.DUE),
    ],
    ids=["state", "version", "start", "due", "provisional"],
)
def test_whatever_became_of_a_clock_is_compared(register: Register, changed, aspect: Aspect) -> None:
    case = made(story(), rulebook(register))
    other = replace(case, clocks=(replace(case.clocks[0], **changed), *case.clocks[1:]))
    assert {one.aspect for one in differences(case, other)} == {aspect}
    assert {one.aspect for one in differences(case, replace(case, clocks=case.clocks[1:]))} == {Aspect.CLOCK}


def test_a_case_that_one_side_lacks_is_counted_and_not_compared(register: Register) -> None:
    rules = rulebook(register)
    found = compare(rule_set(rules), rule_set(rules), [(made(story(), rules), None)])
    assert (found.cases, found.not_compared) == (0, 1)
    assert "1" in page_of(found, "zh").splitlines()[1]

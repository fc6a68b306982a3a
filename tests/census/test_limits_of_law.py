"""No limit of the law is missing from the table, and no date, article or rule code stands outside of it."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

from consumers.handovers.counting import Question, UncountableError, count
from consumers.handovers.duties import SUPPLEMENT_PAUSES
from consumers.handovers.echoes import ECHOES, PARTS
from consumers.handovers.open_points import OPEN_POINTS
from consumers.handovers.periods import Unit
from consumers.handovers.statutes import STATUTES
from consumers.handovers.targets import OFFICE_TARGETS
from consumers.sources import Mark
from consumers.workdays import published_calendar

ROOT = Path(__file__).parents[2]

# code: count, unit, mark; every limit of the law's tables 1.1 to 1.6, and of what was learned from cases.
LIMITS = {
    "O310-05b": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "O310-05c": (24, Unit.HOURS, Mark.VERIFIED),
    "O310-07b": (24, Unit.HOURS, Mark.VERIFIED),
    "O310-08": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "O310-09a": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "O310-09b": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "O310-09c": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "O310-12": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-180a": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-180b-notify": (24, Unit.HOURS, Mark.VERIFIED),
    "PSB-180b": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-181a": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-181b": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-182a": (7, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-182b": (15, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-175": (24, Unit.HOURS, Mark.VERIFIED),
    "PSB-184": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-189": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PSB-16-notify": (24, Unit.HOURS, Mark.REPORTED),
    "PSB-16": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "PSB-16-items": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "PSB-16-return": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "ECO-16-ordinary": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ECO-16": (10, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ECO-15": (7, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ECO-15-ordered": (15, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "MPS-2015": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "MPS-2015-checked": (7, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "PR-560": (7, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PR-561": (10, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PR-562": (7, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PR-563": (15, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PR-564": (3, Unit.MONTHS, Mark.VERIFIED),
    "PR-565": (7, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PR-565-review": (15, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "FS-2010-07": (7, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "FS-2010-09": (15, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "FS-2010-review": (5, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "FS-2010-review-decision": (15, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "SPP-2001-report": (3, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "SPP-2001-object": (5, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "SPP-2001-decide": (7, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "SPP-2001-review": (5, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "SPP-2001-review-decision": (15, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "JOINT-06": (10, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "JOINT-06-filing": (10, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "SPP21-13": (7, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "SPP21-16": (7, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "CPL-172": (1, Unit.MONTHS, Mark.VERIFIED),
    "CPL-172-extended": (1, Unit.MONTHS, Mark.VERIFIED),
    "CPL-172-fast": (10, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "CPL-172-fast-15": (15, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "CPL-175": (1, Unit.MONTHS, Mark.VERIFIED),
    "SPP21-08": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "SPP21-09": (2, Unit.MONTHS, Mark.REPORTED),
    "G24-a": (3, Unit.WORKING_DAYS, Mark.REPORTED),
    "G24-12": (10, Unit.WORKING_DAYS, Mark.VERIFIED),
    "G24-reply-90": (90, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "APL-60": (90, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PIL-21": (2, Unit.MONTHS, Mark.VERIFIED),
    "PIL-13": (30, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "PIL-20": (30, Unit.CALENDAR_DAYS, Mark.VERIFIED),
    "SUG-19": (2, Unit.MONTHS, Mark.REPORTED),
    "ENV-17": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ENV-17-05b": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ENV-17-05c": (24, Unit.HOURS, Mark.REPORTED),
    "ENV-17-08": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ENV-17-notice": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "ENV-17-supplement-notify": (24, Unit.HOURS, Mark.MEMORY),
    "ENV-17-supplement": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "ENV-17-filing": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "ENV-17-told": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "ENV-17-items": (3, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "ENV-17-09a": (3, Unit.WORKING_DAYS, Mark.MEMORY),
    "ENV-17-09b": (3, Unit.WORKING_DAYS, Mark.MEMORY),
    "ENV-17-entry": (7, Unit.CALENDAR_DAYS, Mark.MEMORY),
    "SAFE-19": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "SAFE-19-05b": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "SAFE-19-05c": (24, Unit.HOURS, Mark.REPORTED),
    "FOOD-15-items": (3, Unit.CALENDAR_DAYS, Mark.REPORTED),
    "FOOD-15-09a": (3, Unit.WORKING_DAYS, Mark.REPORTED),
    "IP-LOCAL-25": (3, Unit.WORKING_DAYS, Mark.REPORTED),
}
# Steps that the law wants “immediately” or “timely”, without a number.
TARGETS = (
    "O310-05a",
    "O310-07a",
    "O310-10",
    "O310-13",
    "O310-19",
    "PSB-180c",
    "PSB-16-entry",
    "CPL-177",
    "APL-27",
    "PR-373",
)
ARTICLES = (
    "O310-05",
    "O310-07",
    "O310-09",
    "PSB-180",
    "PSB-181",
    "PSB-182",
    "FS-2010",
    "SPP-2001",
    "PIL-13/20",
)


def rows(code):
    return [row for row in STATUTES if code == row.code or code in row.also]


@pytest.mark.parametrize("code", LIMITS)
def test_every_limit_of_the_law_is_a_row_with_its_number_and_its_mark(code):
    number, unit, mark = LIMITS[code]
    found = [row for row in rows(code) if row.period is not None]
    assert any((row.period.count, row.period.unit) == (number, unit) for row in found), code
    marks = {row.mark for row in found if row.code == code} or {ECHOES[code][1]}
    assert mark in marks


@pytest.mark.parametrize("code", TARGETS)
def test_every_step_without_a_number_has_an_office_target_of_its_own_kind(code):
    assert rows(code)
    assert all(row.office and "内部时限" in row.source for row in rows(code))


def test_every_article_with_several_limits_is_known_by_its_own_code():
    assert set(PARTS) == set(ARTICLES)
    for parts in PARTS.values():
        assert all(rows(part) for part in parts)


def test_nothing_stands_in_the_table_that_the_list_does_not_have():
    """A limit that is added belongs into the list above, so that it cannot get lost again."""
    ours = {row.code for row in STATUTES if row.code.startswith(("T-", "LETTER-"))}
    known = set(LIMITS) | set(TARGETS) | ours | {"APL-27-reverse"}
    assert {code for row in STATUTES for code in (row.code, *row.also)} == known


def test_another_text_with_the_same_limit_is_named_with_its_source():
    assert {code for row in STATUTES for code in row.also} == ECHOES.keys()


def test_who_hears_of_a_breach_that_goes_on_is_above_the_holder():
    """A right that lapses and an office's target concern their holder alone."""
    for row in STATUTES:
        if row.office or row.duty.is_right:
            assert row.escalate_to == (), row.code


def test_what_is_owed_by_a_profile_only_says_so_when_it_is_counted():
    for row in STATUTES:
        if row.profile is None or row.period is None or row.only or row.economic:
            continue
        field = min(row.fields, default="")
        asked = Question(row.code, f"{row.since + timedelta(days=400)}T09:00:00+08:00", field, row.version)
        try:
            (answer,) = count(asked, published_calendar())
        except UncountableError as error:
            pytest.fail(f"{row.code}: {error}")
        assert not answer.binds, row.code


# The table, the texts it cites, and the calendar: the only places of the slice where a day may be written down.
MAY_NAME_DAYS = re.compile(r"(texts|statutes_\w+|on_request)\.py$")
CODE = re.compile(r"^(O310|PSB|ECO|MPS|PR|FS|SPP|SPP21|JOINT|CPL|G24|APL|PIL|SUG|ENV|SAFE)-[0-9a-z]")
MAY_NAME_CODES = re.compile(
    r"(statutes_\w+|on_request|disputes|entries|targets|echoes|order_310)\.py$|_page\.py$|/sources\.py$|expectations\.py$"
)


def literals(path):
    tree = ast.parse(path.read_text("utf-8"))
    documented = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    }
    return [node for node in ast.walk(tree) if node not in documented]


def modules(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_no_first_day_of_a_rule_stands_outside_the_tables():
    found = [
        f"{path.name}:{node.lineno}"
        for path in modules("consumers/handovers", "consumers/casework", "consumers/clock")
        if not MAY_NAME_DAYS.search(path.name)
        for node in literals(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"date", "datetime"}
        if any(isinstance(one, ast.Constant) for one in node.args)
    ]
    assert found == []


def test_no_rule_code_stands_outside_the_tables():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"
        for path in modules(
            "consumers/handovers", "consumers/casework", "consumers/clock", "consumers/readmodel"
        )
        if not MAY_NAME_CODES.search(str(path))
        for node in literals(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value)
    ]
    assert found == []


def test_every_profile_of_an_open_point_is_asked_for_somewhere():
    asked = {choice.profile for point in OPEN_POINTS for choice in point.choices if choice.profile}
    assert {SUPPLEMENT_PAUSES} <= asked
    assert OFFICE_TARGETS not in asked


def every_day():
    first = date(2010, 1, 1)
    return (first + timedelta(days=n) for n in range((date(2027, 1, 1) - first).days))


def test_a_second_library_agrees_on_every_day_from_2010_to_2026():
    calendar = published_calendar()
    other = holidays.country_holidays("CN", years=range(2010, 2027))
    differing = [day for day in every_day() if calendar.is_workday(day) is not other.is_working_day(day)]
    assert differing == [], "name each day here with the notice that decides it"

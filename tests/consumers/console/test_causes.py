"""The overdue history says of each limit why it stands there."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from consumers.console.handovers import queries
from consumers.console.handovers.causes import Cause, why
from consumers.console.handovers.filters import Filter, Shown
from consumers.console.words import Language, Words
from tests.consumers.console.conftest import NOW
from tests.infra.test_pages import CLOCK

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = START + timedelta(days=3)
BREACHED = replace(CLOCK, state="breached", start_to=START, due_from=DUE, due_to=DUE)
AT_ONCE = START + timedelta(hours=1)
TAKEN_BACK = replace(BREACHED, breach_withdrawn=True)


@pytest.mark.parametrize(
    ("clock", "begun", "cause"),
    [
        (BREACHED, AT_ONCE, Cause.NOT_DONE),
        (BREACHED, None, Cause.NOT_DONE),
        (replace(BREACHED, state="met-late"), AT_ONCE, Cause.DONE_LATE),
        (BREACHED, DUE + timedelta(seconds=1), Cause.BEGUN_LATE),
        (replace(BREACHED, state="met-late"), DUE + timedelta(days=9), Cause.BEGUN_LATE),
        (replace(TAKEN_BACK, state="met", reported_late=True), AT_ONCE, Cause.TOLD_LATE),
        (replace(TAKEN_BACK, state="running"), AT_ONCE, Cause.MOVED),
        (replace(TAKEN_BACK, state="withdrawn"), AT_ONCE, Cause.VOIDED),
    ],
)
def test_the_cause_follows_from_how_the_limit_began_and_ended(clock, begun, cause):
    assert why(clock, begun).cause is cause


@pytest.mark.parametrize("hours", [24, 25])
def test_a_beginning_that_was_reported_more_than_a_day_later_is_told(hours):
    told = timedelta(hours=hours)
    assert why(BREACHED, START + told).slow == (told if hours > 24 else None)


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("language", Language)
def test_every_cause_has_its_words(cause, language):
    assert Words(language)(f"cause.{cause}")


@pytest.mark.postgres
@pytest.mark.parametrize("shown", [Shown.HISTORY, Shown.OVERDUE])
def test_page_and_sheet_tell_the_cause_of_every_missed_limit(filled, enter, shown):
    with filled.connect() as connection:
        rows = queries.board(connection, None, Filter(shown), NOW)
        begun = queries.begun_at(connection, rows)
    assert begun.keys() == {row.clock.started_by for row in rows}
    person = enter(filled, "operator")
    words = [Words(Language.ZH)(f"cause.{why(row.clock, begun[row.clock.started_by]).cause}") for row in rows]
    page = person.get(f"/handovers?shown={shown}").text.split("<tbody>")[1]
    assert [sum(page.count(one) for one in set(words))] == [len(rows)]
    table = list(
        csv.reader(StringIO(person.get(f"/handovers.csv?shown={shown}").content.decode("utf-8-sig")))
    )
    assert table[0][-1] == "逾期原因"
    assert all(line[-1].startswith(told) for line, told in zip(table[1:], words, strict=False))


@pytest.mark.postgres
def test_a_board_with_limits_that_were_kept_has_no_causes(filled, enter):
    assert "逾期原因" not in enter(filled, "operator").get("/handovers?shown=all").text

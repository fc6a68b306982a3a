"""What a case adds to the figures follows from the statements that stand, whoever looks and in whatever order."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.bulletins.figures import FIGURES
from consumers.bulletins.lines import Limit, lines_of, taken_back
from consumers.bulletins.sums import sums_of
from consumers.casefile import ClockKind, ClockState
from consumers.handovers.statutes import STATUTES
from schemas.spans import Precision
from tests.consumers.given import ADMINISTRATIVE, AGENCY, CRIMINAL, POLICE, case, day_end, event

SENT = event("transfer.sent", "2026-09-28 09:00")
FILED = event("filing.accepted", "2026-10-03 09:00")
A_CLOCK = UUID(int=1)
STATUTORY = next(row for row in STATUTES if not row.office and row.kind is ClockKind.DEADLINE)
OFFICE = next(row for row in STATUTES if row.office)


def told(*events, limits=()):
    """(figure, unit, day) of every line."""
    lines = lines_of(case(*events), limits)
    return {(line.figure, line.unit, line.day.isoformat()) for line in lines}


def limit(state, row=STATUTORY, due="2026-10-05", kind=ClockKind.DEADLINE):
    return Limit(A_CLOCK, row.code, row.version, kind, POLICE, state, due and day_end(due))


def test_a_filing_counts_for_the_police_and_for_the_agency_that_sent_the_case():
    assert told(SENT, FILED) == {
        ("transferred", AGENCY, "2026-09-28"),
        ("filed", POLICE, "2026-10-03"),
        ("own_filed", AGENCY, "2026-10-03"),
    }


def test_a_case_that_nobody_sent_has_no_sender():
    assert told(FILED) == {("filed", POLICE, "2026-10-03")}


def test_a_case_counts_once_on_the_day_of_its_first_transfer():
    again = event("transfer.sent", "2026-08-30 09:00", id="again")  # reported later, happened before
    assert told(SENT, again) == {("transferred", AGENCY, "2026-08-30")}


def test_what_was_voided_does_not_count_and_what_takes_its_place_does():
    void = event("case.voided", by=AGENCY, regarding_source=AGENCY, regarding_id=SENT.envelope.id)
    right = event("transfer.sent", "2026-10-01 09:00", id="right")
    assert told(SENT, void) == set()
    assert told(SENT, void, right) == {("transferred", AGENCY, "2026-10-01")}


def test_opinions_and_answers_count_one_by_one_and_interim_answers_not_at_all():
    first = event("reverse.opinion_issued", "2026-10-08", id="1", addressee=AGENCY)
    second = event("reverse.opinion_issued", "2026-10-09", id="2", addressee=AGENCY)
    interim = event("reverse.replied", "2026-10-12", by=AGENCY, id="3", interim=True)
    final = event("reverse.replied", "2026-10-15", by=AGENCY, id="4", interim=False)
    counted = sums_of(lines_of(case(first, second, interim, final), ()))
    by = {(one.figure, one.unit): one.total for one in counted}
    assert by == {
        ("opinions_sent", first.envelope.source): 2,
        ("opinions_received", AGENCY): 2,
        ("opinions_answered", AGENCY): 1,
    }


def test_an_adopted_opinion_counts_for_the_department_that_gave_it():
    opined = event("intervention.opined", "2026-10-08", by=CRIMINAL)
    yes = event("intervention.adopted", "2026-10-09", by=POLICE, addressee=CRIMINAL, adopted=True)
    no = event("intervention.adopted", "2026-10-10", by=POLICE, addressee=CRIMINAL, adopted=False)
    assert told(opined, yes, no) == {
        ("opined", CRIMINAL, "2026-10-08"),
        ("opined_adopted", CRIMINAL, "2026-10-09"),
        ("opined_refused", CRIMINAL, "2026-10-10"),
    }


@pytest.mark.parametrize(
    ("precision", "day"),
    [
        (Precision.SECOND, "2026-10-31"),
        (Precision.MONTH, "2026-10-31"),
        (Precision.YEAR, "2026-12-31"),
        (Precision.BEFORE, "2026-10-30"),
        (Precision.AFTER, "2026-11-01"),
        (Precision.UNKNOWN, "2026-11-03"),  # the day on which it was recorded
    ],
)
def test_an_uncertain_event_counts_on_its_latest_possible_day(precision, day):
    said = event("transfer.sent", "2026-10-31 10:00", precision=precision, recorded="2026-11-03 10:00")
    assert told(said) == {("transferred", AGENCY, day)}


def test_a_day_begins_at_midnight_in_china():
    assert told(event("transfer.sent", "2026-11-01 00:00")) == {("transferred", AGENCY, "2026-11-01")}


@pytest.mark.parametrize(
    ("state", "figure"),
    [
        (ClockState.MET, "limits_met"),
        (ClockState.MET_LATE, "limits_late"),
        (ClockState.BREACHED, "limits_missed"),
    ],
)
def test_a_limit_counts_for_its_holder_on_the_day_on_which_it_falls_due(state, figure):
    expected = {("transferred", AGENCY, "2026-09-28"), (figure, POLICE, "2026-10-05")}
    assert told(SENT, limits=[limit(state)]) == expected


@pytest.mark.parametrize(
    "owed",
    [
        limit(ClockState.RUNNING),
        limit(ClockState.PAUSED),
        limit(ClockState.WITHDRAWN),
        limit(ClockState.MET, OFFICE),
        limit(ClockState.MET, kind=ClockKind.WAITING),
        limit(ClockState.MET, due=None),
    ],
)
def test_what_is_open_fell_away_or_is_no_limit_of_the_law_counts_nowhere(owed):
    assert told(SENT, limits=[owed]) == {("transferred", AGENCY, "2026-09-28")}


def test_every_figure_is_shown_by_some_event_or_limit():
    shown = set()
    for figure in FIGURES:
        said = [
            event(
                type_,
                "2026-10-08",
                id=f"{type_}{n}",
                addressee=ADMINISTRATIVE,
                adopted=bool(n),
                interim=False,
            )
            for type_ in figure.types
            for n in range(2)
        ]
        owed = [limit(figure.state)] if figure.state else []
        shown |= {line.figure for line in lines_of(case(SENT, *said), owed)}
    assert shown == {figure.code for figure in FIGURES}


# What is taken back


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.sampled_from([AGENCY, POLICE])), max_size=12))
def test_only_its_speaker_takes_back_what_the_log_has_already(steps):
    said, expected, events = set(), set(), []
    for n, (voids, target, by) in enumerate(steps):
        if voids:
            events.append(
                event("case.voided", id=f"v{n}", by=by, regarding_source=AGENCY, regarding_id=f"s{target}")
            )
            if by == AGENCY and target in said:
                expected.add((AGENCY, f"s{target}"))
        elif target not in said:
            said.add(target)
            events.append(event("transfer.sent", id=f"s{target}"))
    assert taken_back(events) == expected


# Sums


@given(st.permutations([SENT, FILED, event("filing.declined", "2026-10-04 09:00")]))
def test_the_sums_do_not_depend_on_the_order_in_which_lines_come(order):
    lines = list(lines_of(case(SENT, FILED, *order[2:]), ()))
    assert sums_of(lines) == sums_of(reversed(lines))
    assert all(isinstance(line.day, date) for line in lines)

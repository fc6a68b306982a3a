"""Whatever order a case's reports come in, and however often: the clocks are the same in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.casefile import Case, CaseEvent, Clock, ClockState
from consumers.decisions import ClockSet
from consumers.handovers.rules import decide
from schemas.spans import Precision
from tests.consumers.given import AGENCY, CRIMINAL, POLICE, STATION, case, event, moment, rulebook, with_event
from tests.consumers.handovers.telling import Telling, standing

RULES = rulebook("supplement-pauses", "spp21-13")
LAST_REPORT = moment("2026-06-01")

_ADDRESSED = {
    "transfer.sent": [POLICE],
    "transfer.on_site_handed": [POLICE],
    "transfer.forwarded": [STATION],
    "opinion.to_transfer_issued": [AGENCY],
    "reverse.opinion_issued": [AGENCY, "by-tax"],
    "reverse.opinion_delivered": [AGENCY, None],
    "transfer.supplement_requested": [None, AGENCY],
    "supervision.reasons_requested": [None, POLICE],
    "reconsideration.requested": [None],
    "consult.asked": [CRIMINAL],
}
_PLAIN = (
    "admin_case.filed",
    "admin_case.penalised",
    "transfer.reported",
    "transfer.approved",
    "transfer.received",
    "transfer.supplemented",
    "filing.accepted",
    "filing.declined",
    "filing.extended",
    "items.handed_over",
    "case.arrest_approved",
    "case.sent_for_prosecution",
    "case.not_prosecuted",
    "case.withdrawn",
    "reverse.case_moved",
    "reverse.registered",
    "reverse.suspended",
    "reverse.resumed",
    "reverse.review_closed",
    "reverse.replied",
    "supervision.reasons_given",
    "supervision.file_ordered",
    "pil.announced",
    "pil.suit_filed",
)
_MORE = {
    "filing.extended": {"limit_days": 30},
    "pil.suit_filed": {"kind": "civil"},
    "admin_case.penalised": {"crime_suspected": True},
    "consult.asked": {"written": True},
}


@st.composite
def reports(draw: st.DrawFn) -> list[CaseEvent]:
    """Facts of one case, each with a time known more or less well, some of them voided later."""
    types = draw(st.lists(st.sampled_from([*_PLAIN, *_ADDRESSED]), min_size=1, max_size=9))
    said = [_report(draw, type_, number) for number, type_ in enumerate(types)]
    wrong = draw(st.lists(st.sampled_from(said), max_size=2, unique_by=lambda one: one.identity))
    return said + [_voided(one) for one in wrong]


def _report(draw: st.DrawFn, type_: str, number: int) -> CaseEvent:
    day = draw(st.dates(moment("2026-03-02").date(), moment("2026-04-28").date()))
    hour = draw(st.integers(0, 23))
    precision = draw(
        st.sampled_from([Precision.SECOND, Precision.DAY, Precision.MONTH, Precision.BEFORE, Precision.AFTER])
    )
    data = dict(_MORE.get(type_, {}))
    if type_ in _ADDRESSED:
        data["addressee"] = draw(st.sampled_from(_ADDRESSED[type_]))
    if type_ in ("transfer.received", "filing.accepted"):
        data["by"] = draw(st.sampled_from([POLICE, STATION]))
    when = f"{day} {hour:02d}:00"
    return event(type_, when, id=f"e{number}", precision=precision, recorded="2026-06-01", **data)


def _voided(wrong: CaseEvent) -> CaseEvent:
    source, id_ = wrong.identity
    return event(
        "case.voided", "2026-05-01", by=source, id=f"void-{id_}", regarding_source=source, regarding_id=id_
    )


def folded(events: list[CaseEvent]) -> Case:
    """The case and its clocks after the events, each reported a second after the other."""
    grown = case(field="product_quality")
    for number, one in enumerate(events):
        grown = with_event(grown, replace(one, recorded_at=LAST_REPORT + timedelta(seconds=number)))
        decisions = decide(grown, grown.events[-1], RULES)
        grown = replace(
            grown,
            clocks={**grown.clocks, **{d.clock.id: d.clock for d in decisions if isinstance(d, ClockSet)}},
        )
    return grown


def final(events: list[CaseEvent]) -> dict[str, Clock]:
    """The clocks in the end. One that came and went again on the way, as more became known, is left out."""
    clocks = standing(one for one in folded(events).clocks.values() if not _told_by_report(one))
    return {
        id_: one for id_, one in clocks.items() if one.state is not ClockState.WITHDRAWN or one.stopped_by
    }


def _told_by_report(clock: Clock) -> bool:
    return clock.rule in ("PSB-184", "PSB-189")  # how these end depends on when they are reported, and should


@settings(max_examples=400, deadline=None)
@given(reports(), st.randoms(use_true_random=False))
def test_any_order_of_reports_gives_the_same_clocks(said, random):
    shuffled = said.copy()
    random.shuffle(shuffled)
    voids_last = sorted(shuffled, key=lambda one: one.type == "case.voided")
    assert final(voids_last) == final(said)


def test_a_proof_of_the_end_that_lies_between_two_starts_parts_them_whenever_it_is_told():
    said = [
        event("items.handed_over", "2026-03-01 00:00"),
        event("filing.accepted", "2026-03-01 01:00", id="first"),
        event("filing.accepted", "2026-03-02 00:00", id="second"),
        event("case.sent_for_prosecution", "2026-03-01"),
    ]
    assert final(said) == final(said[::-1])
    assert len(final(said)) > len(final(said[:-1]))


@settings(max_examples=150, deadline=None)
@given(reports(), st.data())
def test_a_fact_told_twice_changes_no_clock(said, data):
    """Two reports of the same act under two ids: the state of every duty stays."""
    twice = data.draw(st.sampled_from(said))
    if twice.type == "case.voided" or any(one.type == "case.voided" for one in said):
        return
    again = replace(twice, envelope=replace(twice.envelope, id="again"))
    assert set(final(said)) <= set(final([*said, again]))


@settings(max_examples=200, deadline=None)
@given(reports())
def test_no_clock_ends_before_it_starts(said):
    for clock in folded(said).clocks.values():
        if clock.due_latest is not None and clock.start.latest is not None:
            assert clock.due_latest > clock.start.latest
        if clock.due_earliest is not None and clock.start.earliest is not None:
            assert clock.due_earliest > clock.start.earliest
        if clock.due_earliest is not None and clock.due_latest is not None:
            assert clock.due_earliest <= clock.due_latest


@settings(max_examples=100, deadline=None)
@given(reports(), st.integers(0, 40))
def test_with_the_clock_process_running_every_alarm_rings_once(said, days):
    """`Telling` fails if the bus says the same thing twice; in the end nothing is left to ring."""
    in_time = sorted(said, key=lambda one: one.span.latest or moment("2026-05-01"))
    told = Telling(rules=RULES)
    for one in in_time:
        at = (one.span.latest or moment("2026-05-01")) + timedelta(days=days % 7)
        told.tell(replace(one, recorded_at=max(at, moment("2026-03-02"))))
        told.ring(f"{at + timedelta(hours=8):%Y-%m-%d %H:%M}")
    told.ring("2030-01-01")
    assert all(clock.alarm is None for clock in told.case.clocks.values())

"""Whatever order a case's reports come in, and however often: the clocks are the same in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.casefile import Case, CaseEvent, Clock, ClockState
from consumers.decisions import ClockSet, Emit
from consumers.handovers.concerns import CONCERNING, CORRECTIONS
from consumers.handovers.rules import decide
from consumers.handovers.statutes import BY_KEY
from consumers.handovers.targets import OFFICE_TARGETS
from schemas.spans import Precision
from tests.consumers.given import AGENCY, CRIMINAL, POLICE, STATION, case, event, moment, rulebook, with_event
from tests.consumers.handovers.telling import Telling, standing

RULES = rulebook(
    "supplement-pauses", "spp21-13", "spp21-08", "spp21-16", "mps-2015", "psb-16", "food-15", OFFICE_TARGETS
)
NOWHERE = UUID(int=0)
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
    "consult.asked": [CRIMINAL, "hd-admin"],
    "pil.suggested": [AGENCY],
    "reverse.followed_up": [AGENCY],
    "supervision.disputed": [CRIMINAL],
}
_OF_THE_BUS = {"mirror.copied", "calendar.adopted"}
_PLAIN = tuple(sorted(CONCERNING - CORRECTIONS - _OF_THE_BUS - _ADDRESSED.keys()))
"""Every type that can start, stop, pause, lengthen or change a clock, on every track."""
_MORE = {
    "filing.extended": [{"limit_days": 30}],
    "pil.suit_filed": [{"kind": "civil"}],
    "pil.suggested": [{"urgent": True, "letter_no": "S"}, {"letter_no": "S"}],
    "pil.replied": [{"letter_no": "S"}],
    "admin_case.penalised": [{"crime_suspected": True}, {}],
    "consult.asked": [{"written": True, "consultation_no": "1"}],
    "consult.answered": [{"consultation_no": "1"}, {"consultation_no": "2"}],
    "reverse.followed_up": [{"kind": "suggestion", "letter_no": "F"}],
    "reverse.review_extended": [{"limit_working_days": 15}, {"limit_working_days": 20}],
    "case.review_period_set": [{"kind": "fast_track"}, {"kind": "extended"}],
    "filing.declined": [{"file_returned": True}, {"file_returned": False}],
    "supervision.disputed": [{"stage": "reconsideration"}, {"stage": "review"}],
    "supervision.dispute_decided": [
        {"stage": "reconsideration", "result": "maintained"},
        {"stage": "review", "result": "changed"},
    ],
    "reconsideration.decided": [{"result": "maintained"}, {"result": "filed"}],
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
    data = dict(draw(st.sampled_from(_MORE.get(type_, [{}]))))
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
    """How these end depends on when they are reported, and should."""
    duty = BY_KEY[clock.rule, clock.version].duty
    return duty.told_by_report or duty.entered_by_report


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


@settings(max_examples=200, deadline=None)
@given(reports())
def test_voiding_recomputes_to_the_history_without_the_wrong_events(said):
    """What was wrong leaves no trace but the withdrawn clock: the rest is as if it had never been said."""
    voided = {
        (one.data["regarding_source"], one.data["regarding_id"]) for one in said if one.type == "case.voided"
    }
    never = [one for one in said if one.type != "case.voided" and one.identity not in voided]
    assert standing_states(folded(said)) == standing_states(folded(never))


def test_a_start_that_is_voided_ends_nothing_that_began_before():
    first = event("case.investigation_returned", "2026-03-02", id="first", round=1)
    wrong = event("case.investigation_returned", "2026-03-09", id="wrong", round=2)
    assert standing_states(folded([first, wrong, _voided(wrong)])) == standing_states(folded([first]))


def test_an_end_belongs_to_the_start_that_stands():
    wrong = event("supervision.file_ordered", "2026-03-02 00:00", id="wrong")
    filed = event("filing.accepted", "2026-03-02 00:00", by=POLICE, id="filed")
    right = event("supervision.file_ordered", "2026-03-02 01:00", id="right")
    said = [wrong, filed, right]
    assert standing_states(folded([*said, _voided(wrong)])) == standing_states(folded([filed, right]))


def standing_states(told: Case) -> dict[str, Clock]:
    """The clocks that a standing event holds up, whatever they are called: without numbers, which count the wrong too."""
    clocks = standing(one for one in told.clocks.values() if not _told_by_report(one))
    return {
        f"{one.rule} {one.holder} {one.started_by}": one._replace(id=NOWHERE)
        for one in clocks.values()
        if one.started_by not in told.voided
        and (one.state is not ClockState.WITHDRAWN or one.stopped_by is not None)
    }


@settings(max_examples=60, deadline=None)
@given(reports(), st.integers(0, 30))
def test_a_replay_rings_nothing_twice_and_keeps_every_breach(said, days):
    """The log has what rang; folded again from it, every clock is what it was, and nothing is said anew."""
    told = Telling(rules=RULES)
    for one in sorted(said, key=lambda one: one.span.latest or moment("2026-05-01")):
        at = (one.span.latest or moment("2026-05-01")) + timedelta(days=days % 5)
        told.tell(replace(one, recorded_at=max(at, moment("2026-03-02"))))
        told.ring(f"{at + timedelta(hours=8):%Y-%m-%d %H:%M}")
    told.ring("2030-01-01")
    replayed, said_again = case(field="product_quality"), set()
    for one in told.case.events:
        replayed = with_event(replayed, one)
        decisions = decide(replayed, replayed.events[-1], RULES)
        said_again |= {d.id for d in decisions if isinstance(d, Emit)}
        clocks = {d.clock.id: d.clock for d in decisions if isinstance(d, ClockSet)}
        replayed = replace(replayed, clocks={**replayed.clocks, **clocks})
    assert replayed.clocks == told.case.clocks
    assert said_again <= {one.envelope.id for one in told.said}

"""An account says what was decided, no more and no less, for every published case and every example."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from consumers.casefile import Case
from consumers.casework.fold import with_event
from consumers.decisions import Anomaly, ClockSet, Deliver, Emit, Moved, RoleTaken
from consumers.explaining.account import Outcome
from consumers.explaining.explain import explain
from consumers.explaining.rehearsing import Heard
from consumers.handovers.reasons import considered as limits_considered
from consumers.handovers.statutes import BY_KEY
from consumers.transfers.reasons import considered
from consumers.transfers.routing import CORRECTIONS
from consumers.transfers.scene import Scene
from consumers.transfers.side_states import side_states
from schemas.samples import all_samples
from schemas.units import Register
from tests.consumers.explaining.telling import HISTORIES, OFF, played, plays, rulebook, told_alone

SAMPLES = tuple(all_samples())
SETS = pytest.mark.parametrize("profiles", [(), OFF], ids=["default", "profiles"])


@pytest.fixture(scope="module")
def everything(register: Register) -> list[Heard]:
    """Every event of every published case and every example, by the default rules and with profiles."""
    heard: list[Heard] = []
    for profiles in ((), OFF):
        rules = rulebook(register, *profiles)
        for play in plays(register):
            heard += played(play, rules)
        for sample in SAMPLES:
            heard += told_alone(sample, rules)
    assert len(heard) > 2 * (len(HISTORIES) * 4 + len(SAMPLES))
    return heard


def applied(everything: Iterable[Heard]) -> Iterable[tuple[Heard, Case]]:
    for one in everything:
        if one.folded is not None and one.folded.case is not None and one.folded.parked is None:
            yield one, one.folded.case


def decided(one: Heard, kind: type) -> list:
    return [] if one.folded is None else [d for d in one.folded.decisions if isinstance(d, kind)]


def test_the_explained_recipients_are_the_decided_ones(everything: list[Heard]) -> None:
    for one, _ in applied(everything):
        told = [(r.unit.code, r.delivery, r.role) for r in one.account.received]
        assert told == [(d.unit, d.delivery.value, d.role.value) for d in decided(one, Deliver)]
        for recipient, delivery in zip(one.account.received, decided(one, Deliver), strict=True):
            assert f"{recipient.basis.zh} [{recipient.basis.mark}]" == delivery.basis


def test_the_rows_that_hold_lead_to_the_decided_recipients_and_no_others(
    everything: list[Heard], register: Register
) -> None:
    """Rows walked for the account, the strongest first, against the deliveries that routing decided on."""
    for one, after in applied(everything):
        if one.event.type in CORRECTIONS or one.event.type.startswith("deadline."):
            continue
        scene = Scene(with_event(one.before, one.event, register), one.event, after.roles, register)
        chosen: dict[str, tuple[int, str]] = {}
        for row in considered(scene, frozenset(one.account.rules.profiles)):
            for unit in row.units if row.unmet is None else ():
                if unit not in chosen or chosen[unit][0] < row.strength:
                    chosen[unit] = (row.strength, row.route.basis.cited)
        chosen.pop(one.event.envelope.source, None)
        assert {unit: basis for unit, (_, basis) in chosen.items()} == {
            d.unit: d.basis for d in decided(one, Deliver)
        }


def test_nobody_is_told_both_that_it_receives_and_that_it_does_not(everything: list[Heard]) -> None:
    for one, after in applied(everything):
        told = {r.unit.code for r in one.account.received}
        left_out = {n.unit.code for n in one.account.not_received}
        assert not told & left_out
        assert after.participants <= told | left_out
        assert all(n.reasons for n in one.account.not_received)


def test_the_explained_clocks_are_the_decided_ones(everything: list[Heard]) -> None:
    for one, _ in applied(everything):
        told = [
            (c.id, c.rule, c.version, c.state, c.due_from, c.due_to, c.holder.code)
            for c in one.account.clocks
        ]
        assert told == [
            (d.clock.id, d.clock.rule, d.clock.version, d.clock.state.value, d.clock.due_earliest,
             d.clock.due_latest, d.clock.holder)
            for d in decided(one, ClockSet)
        ]  # fmt: skip


def test_the_limits_that_bind_are_those_of_the_clocks_that_run(
    everything: list[Heard], register: Register
) -> None:
    """Each binding row has its clock after the event, and each clock that the event started has its row."""
    for one, after in applied(everything):
        rules = rulebook(register, *one.account.rules.profiles)
        binding = {
            (row.statute.code, row.statute.version, row.holder, row.started_by)
            for row in limits_considered(after, one.event, rules)
            if row.unbound is None
        }
        running = {(c.rule, c.version, c.holder, c.started_by) for c in after.clocks.values()}
        started = {
            (d.clock.rule, d.clock.version, d.clock.holder, d.clock.started_by)
            for d in decided(one, ClockSet)
            if one.before is None or d.clock.id not in one.before.clocks
        }
        assert binding <= running
        assert started <= binding


def test_a_count_that_is_shown_ends_at_the_due_time(everything: list[Heard]) -> None:
    shown = [c for one, _ in applied(everything) for c in one.account.clocks if c.steps]
    assert len(shown) > 100
    for clock in shown:
        assert clock.due_from == clock.due_to
        assert clock.period is not None
        assert "最后时点" in " ".join(step.zh for step in clock.steps)


def test_states_roles_anomalies_and_what_the_bus_says_are_the_decided_ones(everything: list[Heard]) -> None:
    for one, after in applied(everything):
        account = one.account
        assert [track.after.code for track in account.tracks[:2]] == [after.state, after.reverse_state or ""]
        moved = [t for t in account.tracks[:2] if t.before != t.after]
        assert len(moved) == len(decided(one, Moved))
        assert {r.role: r.after or "" for r in account.roles} == {
            d.role: d.unit for d in decided(one, RoleTaken)
        }
        assert [(a.code, f"{a.zh} — {a.en}") for a in account.anomalies if a.zh != a.en] == [
            (d.code, d.detail) for d in decided(one, Anomaly) if " — " in d.detail
        ]
        assert [s.id for s in account.says] == [d.id for d in decided(one, Emit)]
        copies = [copy["unit"] for d in decided(one, Emit) for copy in d.data.get("copies", ())]
        assert [m.unit.code for m in account.mirrors if m.state == "to-be-copied"] == copies


def test_a_side_track_is_told_by_the_events_that_belong_to_it(everything: list[Heard]) -> None:
    told = 0
    for one, after in applied(everything):
        side = {track.track: track.after.code for track in one.account.tracks[2:]}
        assert {code: state for code, state in side.items() if state} == {
            code: state for code, state in side_states(after).items() if code in side
        }
        told += len(side)
    assert told > 20


def test_a_reading_out_of_order_is_the_anomaly(everything: list[Heard]) -> None:
    for one, _ in applied(everything):
        told = sum(track.how == "out-of-order" for track in one.account.tracks)
        assert told == sum(a.code == "out-of-order" for a in one.account.anomalies)


def test_what_a_package_lacks_is_what_was_flagged(everything: list[Heard]) -> None:
    lacking = 0
    for one, _ in applied(everything):
        if one.event.type == "transfer.sent":
            missing = [document for document in one.account.documents if document.supplied_by is None]
            (flagged,) = [a for a in one.account.anomalies if a.code == "missing-document"] or [None]
            assert bool(missing) == (flagged is not None)
            assert flagged is None or all(document.zh in flagged.zh for document in missing)
            lacking += bool(missing)
    assert lacking


def test_a_parked_event_says_why_and_nothing_else(everything: list[Heard]) -> None:
    parked = [one for one in everything if one.account.outcome is Outcome.PARKED]
    assert parked, "no example is parked: this test shows nothing"
    for one in parked:
        assert one.account.held is not None
        assert (one.account.received, one.account.clocks) == ((), ())


def test_the_same_event_gives_the_same_account_again(everything: list[Heard], register: Register) -> None:
    for one, _ in applied(everything):
        rules = rulebook(register, *one.account.rules.profiles)
        assert explain(one.before, one.event, rules, one.account.rules)[0] == one.account


def test_every_limit_that_is_off_says_so(everything: list[Heard]) -> None:
    off = {
        (limit.limit.rule, limit.limit.version)
        for one, _ in applied(everything)
        for limit in one.account.limits
        if limit.reason is not None and limit.reason.code == "profile-off"
    }
    assert off
    for key in off:
        assert BY_KEY[key].profile is not None

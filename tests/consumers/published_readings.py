"""What the sentences of the research notes ask of the bus, as checks: one for each sentence, by case, kind and place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from consumers.casefile import ClockState
from consumers.transfers.history import parties
from consumers.transfers.side_states import side_state
from consumers.transfers.side_tracks import SIDE_TRACKS
from infra.demo.outcome import ClockSeen
from tests.consumers.published_claims import Seen

Check = Callable[[Seen], bool]
_BROKEN = frozenset({ClockState.BREACHED, ClockState.MET_LATE})


def _clocks(seen: Seen, prefix: str) -> list[ClockSeen]:
    return [one for one in seen.outcome.clocks if one.rule.startswith(prefix)]


def _of(seen: Seen, *steps: int) -> list[ClockSeen]:
    return [one for one in seen.outcome.clocks if seen.outcome.step_of(one.started_id) in steps]


def applied(seen: Seen) -> bool:
    """Nothing that was said is refused or parked."""
    return seen.outcome.applied == seen.outcome.steps.keys()


def one_case(seen: Seen) -> bool:
    return applied(seen) and not seen.outcome.elsewhere


def no_clock(prefix: str) -> Check:
    return lambda seen: not _clocks(seen, prefix)


def no_breach(prefix: str) -> Check:
    return lambda seen: all(one.state not in _BROKEN for one in _clocks(seen, prefix))


def no_certain_breach(prefix: str) -> Check:
    return lambda seen: all(one.state not in _BROKEN or not one.certain for one in _clocks(seen, prefix))


def nothing_broken(*steps: int) -> Check:
    return lambda seen: all(one.state not in _BROKEN for one in _of(seen, *steps))


def no_clock_from(*steps: int) -> Check:
    return lambda seen: not _of(seen, *steps)


def passed(state: str) -> Check:
    return lambda seen: (seen.play.main_case, state) in seen.log.passed


def ended(state: str) -> Check:
    return lambda seen: state in (seen.case.state, seen.case.reverse_state)


def flagged(step: int, code: str) -> Check:
    return lambda seen: (
        (step, code) in {(seen.outcome.step_of(one.event_id), one.code) for one in seen.outcome.anomalies}
    )


def not_flagged(step: int) -> Check:
    return lambda seen: step not in {seen.outcome.step_of(one.event_id) for one in seen.outcome.anomalies}


def matched(step: int, rule: str) -> Check:
    """The facts of this step meet the standard and those of no earlier step do."""

    def check(seen: Seen) -> bool:
        steps = {seen.outcome.step_of(one.event_id) for one in seen.outcome.thresholds if one.rule == rule}
        return steps == {step}

    return check


def advised(*roles: str) -> Check:
    """What met a standard is told these as advice, and moves nothing."""

    def check(seen: Seen) -> bool:
        said = {event.envelope.id for event in seen.log.said if event.type == "lead.threshold_matched"}
        told = {one.unit for one in seen.outcome.deliveries if one.event_id in said}
        return told == {seen.play.cast[role] for role in roles}

    return check


def late_by(rule: str, days: int) -> Check:
    return lambda seen: [-(-(one.overrun_seconds or 0) // 86400) for one in _clocks(seen, rule)] == [days]


def side(code: str, state: str) -> Check:
    [track] = [one for one in SIDE_TRACKS if one.code == code]
    return lambda seen: side_state(track, seen.case) == state


def letters_only_to(step: int, *roles: str) -> Check:
    def check(seen: Seen) -> bool:
        addressed = {
            one.unit
            for one in seen.outcome.deliveries
            if one.delivery == "duty" and seen.outcome.step_of(one.event_id) == step
        }
        return addressed == {seen.play.cast[role] for role in roles}

    return check


def standing(**states: str) -> Check:
    """Where the parties stand on the forward track, by their name."""

    def check(seen: Seen) -> bool:
        found = parties(seen.case, seen.log.register)
        return {name: found[name][0] for name in states} == states

    return check


def on_the_way_back(*names: str) -> Check:
    def check(seen: Seen) -> bool:
        found = parties(seen.case, seen.log.register)
        return {name for name, (_, back) in found.items() if back} == set(names)

    return check


def only_by_profile(seen: Seen) -> bool:
    """What is late is late by a row that is named with its version, and never by the plain three days."""
    late = {
        (one.rule, one.version)
        for one in _clocks(seen, "O310-08") + _clocks(seen, "ECO")
        if one.state in _BROKEN
    }
    return late <= {("ECO-16-ordinary", "2018-economic")}


def both(*checks: Check) -> Check:
    return lambda seen: all(check(seen) for check in checks)


def said_by(step: int, role: str) -> Check:
    return lambda seen: (
        {seen.outcome.speakers[event_id] for event_id, n in seen.outcome.steps.items() if n == step}
        == {seen.play.cast[role]}
    )


def opinion_about(party: str) -> Check:
    """The letter names a party that the criminal case does not."""

    def check(seen: Seen) -> bool:
        told = {event.data["party"] for event in seen.log.said if event.type == "reverse.opinion_issued"}
        return told == {party} and applied(seen)

    return check


def people(count: int) -> Check:
    return lambda seen: (
        applied(seen) and sum(one.get("count", 1) for one in seen.play.history.parties) == count
    )


READINGS: Mapping[tuple[str, str, int], Check] = MappingProxyType(
    {
        ("chikan-unpaid-wages", "must_not", 0): no_clock("SPP21"),
        ("chikan-unpaid-wages", "must_not", 1): no_breach("O310-08"),
        ("longwan-slag-washing", "states", 0): passed("TRANSFERRED"),
        ("longwan-slag-washing", "states", 1): passed("NOT_FILED"),
        ("longwan-slag-washing", "states", 2): passed("REASONS_ASKED"),
        ("longwan-slag-washing", "states", 3): ended("FILED"),
        ("longwan-slag-washing", "must_not", 0): not_flagged(5),
        ("lichuan-dead-cattle-beef", "must_not", 0): one_case,
        ("sichuan-farmland-slag", "threshold", 0): both(matched(2, "TH-342-farmland"), advised("AG", "PC")),
        ("sichuan-farmland-slag", "must_not", 0): no_clock_from(1),
        ("chaotian-fake-drugs", "must_not", 0): applied,
        ("donghai-empty-cigarette-tubes", "alerts", 0): no_breach("O310-08"),
        ("donghai-empty-cigarette-tubes", "must_not", 0): only_by_profile,
        ("yiyang-petrol-point", "must_not", 0): nothing_broken(1, 2),
        ("guangde-scaffold-collapse", "must_not", 0): applied,
        ("guyang-abandoned-drums", "threshold", 0): matched(2, "TH-338-2023"),
        ("zhangpu-aluminium-ash", "must_not", 0): no_clock("O310-08"),
        ("yishui-chrome-workshop", "alerts", 0): late_by("O310-08", 12),
        ("zhongshan-plating", "must_not", 0): both(said_by(3, "PC"), applied),
        ("zhongshan-plating", "must_not", 1): applied,
        ("nanchang-liquor-penalty", "threshold", 0): both(matched(2, "TH-213-2004"), advised("AG", "PC")),
        ("nanchang-liquor-penalty", "alerts", 0): flagged(2, "penalised-only"),
        ("nanchang-liquor-penalty", "must_not", 0): both(nothing_broken(1, 2), ended("LEAD")),
        ("jining-substandard-goods", "states", 0): passed("OPINION_ISSUED"),
        ("jining-substandard-goods", "states", 2): passed("REPLIED_IN_PROGRESS"),
        ("jining-substandard-goods", "states", 3): passed("FOLLOW_UP"),
        ("jining-substandard-goods", "states", 4): ended("SUGGESTION"),
        ("jining-substandard-goods", "must_not", 0): ended("SUGGESTION"),
        ("jining-substandard-goods", "must_not", 1): no_breach("SPP21-09"),
        ("shanghai-two-companies-invoices", "must_not", 0): letters_only_to(6, "AG", "AG2"),
        ("shanghai-two-companies-invoices", "must_not", 1): on_the_way_back("R公司", "T公司"),
        ("hongan-invoices", "must_not", 0): both(ended("OPINION_ISSUED"), side("obstacle", "REPORTED")),
        ("yingjiang-shishi-trademark", "must_not", 0): no_certain_breach("SPP21-09"),
        ("jiading-package-printing", "must_not", 0): opinion_about("A印务公司"),
        ("songxian-drink-driving", "must_not", 0): applied,
        ("neixiang-hunting", "must_not", 0): standing(
            宋某="NOT_PROSECUTED", 王某="PROSECUTED", 付某="PROSECUTED"
        ),
        ("zhangjiagang-hidden-pipe", "threshold", 0): matched(1, "TH-338-2016"),
        ("luyuan-beef-offal", "must_not", 0): no_breach("PIL-13"),
        ("jining-fake-beef-jerky", "states", 0): both(
            side("pil-civil", "FILED"), side("pil-administrative", "SUGGESTED")
        ),
        ("jining-fake-beef-jerky", "must_not", 0): both(
            side("pil-civil", "FILED"), side("pil-administrative", "SUGGESTED")
        ),
        ("shanzhou-fake-ointment", "must_not", 0): flagged(3, "missing-step"),
        ("haian-42-drug-sellers", "must_not", 0): people(42),
        ("dazu-rheumatism-pills", "must_not", 0): one_case,
        ("jiancaoping-groundwater", "must_not", 0): side("pil-administrative", "SUGGESTED"),
        ("huadu-dead-pork-sausage", "must_not", 0): applied,
    }
)
"""The check of each sentence; one without a check stands in DIFFERENCES."""

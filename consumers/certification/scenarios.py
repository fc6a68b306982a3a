"""All scenarios of a certification run, and the score of a whole run: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from consumers.certification.receiving_scenarios import RECEIVING
from consumers.certification.record_scenarios import RECORDS
from consumers.certification.saying_scenarios import SAYING
from consumers.certification.scenario import Asked, Finding, Part, Scenario, State, Unasked, Words
from consumers.certification.watched import Transport, Watched

SCENARIOS: tuple[Scenario, ...] = SAYING + RECORDS + RECEIVING

_Way = tuple[Part, Transport]
_WAYS: tuple[tuple[_Way, ...], ...] = (
    ((Part.SAYING, Transport.HTTP), (Part.SAYING, Transport.KAFKA)),
    ((Part.READING, Transport.HTTP), (Part.READING, Transport.KAFKA), (Part.WEBHOOK, Transport.HTTP)),
)
"""The ways of saying and of receiving: of each of the two, one is enough."""
_WITHOUT_COUNT = (State.NOT_USED, State.NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario with what was found over one transport."""

    scenario: Scenario
    transport: Transport
    finding: Finding

    @property
    def code(self) -> str:
        """Names the scenario and the transport."""
        return f"{self.transport}-{self.scenario.code}"


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the scenarios that count were passed."""

    passed: int
    counted: int

    @property
    def certified(self) -> bool:
        """All of them."""
        return self.passed == self.counted

    @property
    def percent(self) -> int:
        """Rounded down, so that only a whole is 100."""
        return self.passed * 100 // self.counted


def asked_over(
    transports: Iterable[Transport],
) -> Iterator[tuple[Scenario, Transport, Asked]]:
    """What is asked over these transports, in the order of the table."""
    wanted = frozenset(transports)
    for one in SCENARIOS:
        for transport, asked in one.over.items():
            if transport in wanted and isinstance(asked, Asked):
                yield one, transport, asked


def judge(seen: Mapping[Transport, Watched]) -> tuple[Judged, ...]:
    """Every scenario over every transport that was watched; of the ways that are not used none counts."""
    unused = _unused(seen)
    return tuple(
        Judged(one, transport, _found(one, transport, seen[transport], unused))
        for one in SCENARIOS
        for transport in one.over
        if transport in seen
    )


def score(judged: tuple[Judged, ...]) -> Score:
    """The score of a run."""
    counted = [one for one in judged if one.finding.state not in _WITHOUT_COUNT]
    return Score(sum(one.finding.state is State.PASSED for one in counted), len(counted))


def mend_of(one: Judged) -> Words | None:
    """What is to be done; None if nothing is."""
    asked = one.scenario.over[one.transport]
    if isinstance(asked, Unasked) or one.finding.state in (State.PASSED, *_WITHOUT_COUNT):
        return None
    return one.finding.mend or asked.mend


def _found(one: Scenario, transport: Transport, seen: Watched, unused: frozenset[_Way]) -> Finding:
    if (one.part, transport) in unused:
        return Finding(State.NOT_USED)
    asked = one.over[transport]
    return Finding(State.NOT_ASKED, why=asked.why) if isinstance(asked, Unasked) else asked.judge(seen)


def _unused(seen: Mapping[Transport, Watched]) -> frozenset[_Way]:
    """The ways beside those that are used; while none is, beside the first of those that are watched."""
    unused: set[_Way] = set()
    for ways in _WAYS:
        watched = [way for way in ways if way[1] in seen]
        used = [way for way in watched if _is_used(way[0], seen[way[1]])]
        unused |= set(watched) - set(used or watched[:1])
    return frozenset(unused)


def _is_used(part: Part, seen: Watched) -> bool:
    if part is Part.SAYING:
        return next(seen.attempts(), None) is not None
    if part is Part.WEBHOOK:
        return bool(seen.replies) or any(one.done for _, one in seen.asking("POST", "/v1/webhooks"))
    asked = any(one.done for _, one in seen.asking("GET", "/v1/feeds/me"))
    return asked or next(seen.topics.groups(), None) is not None

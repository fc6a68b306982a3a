"""What may be done with a record that was not applied, and in which order: pure.

The bus records what was said. An operator may therefore send the very bytes again once their cause is gone,
let a unit speak that was not known to have a part in the case, or give a record back to its unit with a reason.
Nobody but the unit may change what it said, so nothing here edits (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from consumers.views.contents import without_values
from schemas.admission import Refusal

MOST_ATTEMPTS = 3
"""A record that has failed so often in the same way is not sent again before somebody has looked."""
RULE_FAILED = "rule-failed"
"""Parked because a rule of the program failed on it: a newer program may not."""


class Action(StrEnum):
    """What an operator may want."""

    REDRIVE = "redrive"  # the same bytes again: the cause is gone
    RELEASE = "release"  # a parked event: its unit may speak for the case
    RETURN = "return"  # back to its unit, with a reason


class Verdict(StrEnum):
    """What would become of one record."""

    READY = "ready"
    REPEAT = "repeat"  # the same event stands earlier in the selection
    APPLIED = "applied"  # the log has it already: its unit said it again, or an earlier job did
    RETURNED = "returned"  # was given back to its unit
    REFUSED = "refused"  # would be refused again, for the reason told
    STUCK = "stuck"  # failed too often in the same way
    BEHIND = "behind"  # an earlier record of the same unit and case has to go first
    NEEDS_RELEASE = "needs-release"  # parked: somebody has to decide that the unit may speak
    NOTHING_TO_RELEASE = "nothing-to-release"  # not parked over who speaks
    CONFLICT = "conflict"  # its identity stands for other content: only its unit can say it under another
    NO_EVENT = "no-event"  # nobody on the bus said it
    OVER_CAP = "over-cap"  # more than the job may take


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record stands that was not applied."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def named(cls, text: str) -> Self:
        """The place that `str` writes so. Raises ValueError."""
        topic, _, offset = text.rpartition("/")
        topic, _, partition = topic.rpartition("/")
        if not (topic and partition.isdecimal() and offset.isdecimal()):
            raise ValueError(f"{text!r} names no record: write TOPIC/PARTITION/OFFSET")
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that was not applied, with what is known about it now.

    `refusal`: how intake would judge it today, by the time at which it was written; None: it would admit it.
    `failures`: how often it failed in jobs before, by outcome. `later`: events of its case that were applied
    after it came. `due`: the nearest end of a legal limit of its case.
    """

    place: Place
    kind: str
    reason: str
    owner: str
    source: str | None
    event_id: str | None
    type: str | None
    case_id: UUID | None
    recorded_at: datetime
    applied: bool = False
    returned: bool = False
    refusal: Refusal | None = None
    failures: Mapping[str, int] | None = None
    later: int = 0
    due: datetime | None = None

    @property
    def identity(self) -> tuple[str, str] | None:
        """(source, id), if one could be read."""
        return None if self.source is None or self.event_id is None else (self.source, self.event_id)

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return not (self.applied or self.returned)

    @property
    def lane(self) -> tuple[str, UUID] | None:
        """What keeps its order: what one unit says of one case. None: the case is not known."""
        return None if self.case_id is None else (self.owner, self.case_id)


@dataclass(frozen=True, slots=True)
class Planned:
    """One record of a plan. `detail` says more for a person: why not, or what to know before."""

    candidate: Candidate
    verdict: Verdict
    detail: str = ""


def plan(
    chosen: Iterable[Candidate],
    action: Action,
    *,
    siblings: Iterable[Candidate] = (),
    cap: int,
    insist: bool = False,
    most_attempts: int = MOST_ATTEMPTS,
) -> list[Planned]:
    """What `action` would do with each of `chosen`, in the order in which they came.

    `siblings` are other open records of the same units and cases: what came earlier has to go first. With
    `insist` a record is tried that has failed too often before.
    """
    ordered = sorted(chosen, key=_came)
    waiting = _first_waiting(siblings)
    planned: list[Planned] = []
    seen: set[tuple[str, str]] = set()
    ready = 0
    for one in ordered:
        verdict, detail = _verdict(one, action, insist=insist, most_attempts=most_attempts)
        if verdict is Verdict.READY and one.identity in seen:
            verdict = Verdict.REPEAT
        if verdict is Verdict.READY and action is not Action.RETURN:
            verdict, detail = _in_order(one, waiting)
        if verdict is Verdict.READY and ready >= cap:
            verdict, detail = Verdict.OVER_CAP, f"上限{cap}条 — at most {cap}"
        if verdict is Verdict.READY:
            ready += 1
            if one.identity is not None:
                seen.add(one.identity)
        elif one.open and verdict is not Verdict.REPEAT and one.lane is not None:
            waiting.setdefault(one.lane, one)
        planned.append(Planned(one, verdict, detail))
    return planned


def _came(one: Candidate) -> tuple[datetime, Place]:
    return (one.recorded_at, one.place)


def _first_waiting(siblings: Iterable[Candidate]) -> dict[tuple[str, UUID], Candidate]:
    first: dict[tuple[str, UUID], Candidate] = {}
    for one in sorted(siblings, key=_came):
        if one.lane is not None and one.open:
            first.setdefault(one.lane, one)
    return first


def _in_order(one: Candidate, waiting: Mapping[tuple[str, UUID], Candidate]) -> tuple[Verdict, str]:
    before = None if one.lane is None else waiting.get(one.lane)
    if before is not None and _came(before) < _came(one):
        zh = f"同一单位就同一案件先前的记录{before.place}尚未处理"
        return Verdict.BEHIND, f"{zh} — {before.place}, of the same unit and case, came earlier and is open"
    if one.later:
        zh = f"本案此后已有{one.later}个事件生效，本事件将作为迟报处理"
        return Verdict.READY, f"{zh} — {one.later} later events of the case are applied: it counts as late"
    return Verdict.READY, ""


def _verdict(one: Candidate, action: Action, *, insist: bool, most_attempts: int) -> tuple[Verdict, str]:
    for verdict, holds in _SETTLED:
        if holds(one):
            return verdict, _WHY.get(verdict, "")
    if action is Action.RETURN:
        return Verdict.READY, ""
    if not insist and (worst := _worst(one.failures, most_attempts)):
        return Verdict.STUCK, f"{worst} × {most_attempts}"
    for verdict, holds in _HINDRANCES[action]:
        if holds(one):
            return verdict, _told(one) or _WHY.get(verdict, "")
    return Verdict.READY, ""


def _parked_over_speaker(one: Candidate) -> bool:
    return one.kind == "parked" and one.reason != RULE_FAILED


_Check = tuple[Verdict, Callable[[Candidate], bool]]
_SETTLED: tuple[_Check, ...] = (
    (Verdict.APPLIED, lambda one: one.applied),
    (Verdict.RETURNED, lambda one: one.returned),
    (Verdict.NO_EVENT, lambda one: not one.owner),
)
_CONFLICT: _Check = (Verdict.CONFLICT, lambda one: one.kind == "conflict")
_HINDRANCES: Mapping[Action, tuple[_Check, ...]] = {
    Action.REDRIVE: (
        _CONFLICT,
        (Verdict.NEEDS_RELEASE, _parked_over_speaker),
        (Verdict.REFUSED, lambda one: one.refusal is not None),
    ),
    Action.RELEASE: (
        _CONFLICT,
        (Verdict.NOTHING_TO_RELEASE, lambda one: not _parked_over_speaker(one)),
    ),
}
_WHY: Mapping[Verdict, str] = {
    Verdict.NO_EVENT: "不是任何单位报送的 — no unit said it",
    Verdict.CONFLICT: "应由报送单位换一编号重新报送 — its unit has to say it under another id",
    Verdict.NEEDS_RELEASE: "须先决定该单位可否发言 — somebody has to decide whether the unit may speak: release it",
    Verdict.NOTHING_TO_RELEASE: "并非因发言单位被搁置 — it is not parked over who speaks",
}


def _told(one: Candidate) -> str:
    return "" if one.refusal is None else without_values(f"{one.refusal.reason.value}: {one.refusal.detail}")


def _worst(failures: Mapping[str, int] | None, most: int) -> str:
    return next((outcome for outcome, times in (failures or {}).items() if times >= most), "")


@dataclass(frozen=True, slots=True)
class Group:
    """Records with one cause. `due`: the nearest end of a legal limit among their cases."""

    kind: str
    reason: str
    type: str | None
    owner: str
    count: int
    oldest: datetime
    newest: datetime
    due: datetime | None


def ranked(groups: Iterable[Group]) -> list[Group]:
    """The most pressing first: by the legal time left, then by age. Without a limit comes last."""
    return sorted(groups, key=lambda one: (one.due is None, one.due or one.oldest, one.oldest))


def verdict_counts(planned: Sequence[Planned]) -> dict[str, int]:
    """How many records have which verdict."""
    counts: dict[str, int] = {}
    for one in planned:
        counts[one.verdict.value] = counts.get(one.verdict.value, 0) + 1
    return counts

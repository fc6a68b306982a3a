"""Whether a system says when things happened as it must: pure, over what was watched."""

from __future__ import annotations

from datetime import datetime, timedelta

from consumers.certification.saying_rules import receipted, said_at
from consumers.certification.scenario import NOT_SHOWN, Finding, failed, passed
from consumers.certification.watched import Attempt, Watched

LATE = timedelta(hours=24)
"""An event reported so long after it happened is a late report."""
_AHEAD = timedelta(seconds=5)
"""So far a clock that is kept right may be ahead of the broker's."""
_ORDERED = 3
"""So many events of a case show an order."""


def late(seen: Watched) -> Finding:
    """Something that happened long ago is reported with the time at which it happened."""
    for one in seen.attempts():
        if one.accepted and one.said.time is not None and one.at - one.said.time >= LATE:
            days = (one.at - one.said.time) / timedelta(days=1)
            told = (
                f"{one.said.id}：{days:.1f}天前发生，已接收",
                f"{one.said.id}: happened {days:.1f} days before, taken",
            )
            return passed(said_at(one, *told))
    return NOT_SHOWN


def order(seen: Watched) -> Finding:
    """The events of a case come in the order in which they happened; what is reported late may come later."""
    known: set[str] = set()
    last: dict[str, list[Attempt]] = {}
    for one in seen.attempts():
        if not one.accepted or one.said.id in known or not _is_of_now(one):
            continue
        known.add(one.said.id)
        before = last.setdefault(one.said.case, [])
        if before and _happened(before[-1]) > _happened(one):
            told = (
                f"{one.said.id} 晚于 {before[-1].said.id} 报送，但发生在前",
                f"{one.said.id} was said behind {before[-1].said.id}, but happened before it",
            )
            return failed(receipted(before[-1]), said_at(one, *told))
        before.append(one)
    for case, ordered in last.items():
        if len(ordered) >= _ORDERED:
            told = (f"案件 {case}：{len(ordered)}件依次报送", f"case {case}: {len(ordered)} events in order")
            return passed(said_at(ordered[-1], *told))
    return NOT_SHOWN


def clock(seen: Watched) -> Finding:
    """Nothing is said to happen later than the bus has it."""
    exact = [one for one in seen.attempts() if one.accepted and one.said.exact and one.said.time is not None]
    for one in exact:
        ahead = (_happened(one) - one.at).total_seconds()
        if ahead > _AHEAD.total_seconds():
            told = (f"{one.said.id} 的时间超前{ahead:.0f}秒", f"{one.said.id} is {ahead:.0f} s ahead")
            return failed(said_at(one, *told))
    if not exact:
        return NOT_SHOWN
    told = (f"{len(exact)}件的时间均不超前", f"of {len(exact)} events none is ahead of the bus's clock")
    return passed(said_at(exact[-1], *told))


def _is_of_now(one: Attempt) -> bool:
    return one.said.exact and one.said.time is not None and one.at - one.said.time < LATE


def _happened(one: Attempt) -> datetime:
    return one.said.time or one.at

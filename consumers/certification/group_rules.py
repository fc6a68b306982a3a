"""Whether a system reads its feed topic as it must: pure, over where its consumer groups stood."""

from __future__ import annotations

from itertools import pairwise

from consumers.certification.receiving_rules import said_twice
from consumers.certification.recorded import Fed, Kind, Standing
from consumers.certification.scenario import (
    NOT_SHOWN,
    Evidence,
    Finding,
    Words,
    failed,
    not_asked,
    open_yet,
    passed,
)
from consumers.certification.watched import Watched


def cursor(seen: Watched) -> Finding:
    """A group of the unit commits how far it has read, and is never set back."""
    moved = list(seen.topics.groups())
    for own in moved:
        for before, after in pairwise(own):
            if after.committed < before.committed:
                told = (
                    f"{after.group} 从{before.committed}退回到{after.committed}",
                    f"{after.group} was set back from {before.committed} to {after.committed}",
                )
                return failed(_at(after, *told))
    if not moved:
        return NOT_SHOWN
    last = moved[0][-1]
    told = (f"{last.group} 已提交到{last.committed}", f"{last.group} has committed up to {last.committed}")
    return passed(_at(last, *told))


def own_group(seen: Watched) -> Finding:
    """The group is called as the unit's rights allow; elsewhere the name would be refused."""
    moved = list(seen.topics.groups())
    if not moved:
        return NOT_SHOWN
    prefix = seen.topics.group_prefix
    for own in moved:
        if not own[-1].group.startswith(prefix):
            told = (
                f"组名 {own[-1].group} 不以 {prefix} 开头",
                f"{own[-1].group} does not begin with {prefix}",
            )
            return failed(_at(own[-1], *told))
    return passed(_at(moved[0][-1], f"组名 {moved[0][-1].group}", f"the group {moved[0][-1].group}"))


def to_the_end(seen: Watched) -> Finding:
    """Everything in the feed topic is read."""
    moved = list(seen.topics.groups())
    for own in moved:
        if own[-1].committed >= seen.topics.end:
            told = (f"已读到末尾{seen.topics.end}", f"has read to the end, {seen.topics.end}")
            return passed(_at(own[-1], *told))
    return open_yet(*(_how_far(own[-1], seen.topics.end) for own in moved[:1]))


def restart(seen: Watched) -> Finding:
    """After a stop other members of the group go on where it stood."""
    moved = list(seen.topics.groups())
    for own in moved:
        found = _restarted(own)
        if found is not None:
            return found
    if moved and not any(one.members for own in moved for one in own):
        return not_asked(
            "组内看不到成员（自行指定分区，或使用新的消费组协议），看不出重启",
            "no members are seen (it assigns itself the partition, or uses the newer group protocol), so no restart is",
        )
    return NOT_SHOWN


def acknowledgement(seen: Watched) -> Finding:
    """Whoever acknowledges does so up to the last entry."""
    told = seen.topics.acknowledged
    if not told:
        return not_asked(
            "系统没有经HTTPS确认；经Kafka读取的单位可以不确认",
            "it acknowledged nothing over HTTPS, which a reader of the topic may leave out",
        )
    last = Evidence(told[-1].at, Words(f"确认到{told[-1].seq}", f"acknowledged up to {told[-1].seq}"))
    return passed(last) if told[-1].seq >= seen.topics.delivered else open_yet(last)


def repeats(seen: Watched) -> Finding:
    """An entry that comes again is passed over, and nothing is said twice for it."""
    repeated = next((one for one in seen.topics.fed if one.kind is Kind.REPEAT), None)
    if repeated is None and not seen.topics.repeatable:
        return not_asked("认证程序无权写入推送主题", "this run may not write to the feed topic")
    if repeated is None:
        return NOT_SHOWN
    again = _fed(
        repeated, f"有意重复写入第{repeated.seq}件", f"entry {repeated.seq} written again on purpose"
    )
    doubled = said_twice(seen, repeated.at)
    if doubled is not None:
        return failed(again, doubled)
    return _read_past(seen, repeated, again)


def heads(seen: Watched) -> Finding:
    """A signed head, which is no entry, is passed over or checked; reading does not stop at it."""
    head = next((one for one in seen.topics.fed if one.kind is Kind.HEAD), None)
    if head is None:
        return not_asked("认证期间没有签名头送达", "no signed head came during the run")
    return _read_past(seen, head, _fed(head, "签名头送达", "a signed head came"))


def _read_past(seen: Watched, one: Fed, came: Evidence) -> Finding:
    past = seen.topics.passed_over(one.offset)
    return open_yet(came) if past is None else passed(came, _how_far(past, seen.topics.end))


def _restarted(own: tuple[Standing, ...]) -> Finding | None:
    """Whether members left, others came, and these went on without being set back; None if that was not seen."""
    first = next((one for one in own if one.members), None)
    if first is None:
        return None
    others = next((one for one in own if one.at > first.at and one.members - first.members), None)
    if others is None or others.members & first.members:
        return None
    stood = max(one.committed for one in own if one.at < others.at)
    left = _at(first, f"{first.group} 停止前在{stood}", f"{first.group} stood at {stood} before it stopped")
    for one in own:
        if one.at >= others.at and one.committed < stood:
            told = (
                f"重启后退回到{one.committed}",
                f"went back to {one.committed} after it was started again",
            )
            return failed(left, _at(one, *told))
    went_on = next((one for one in own if one.at >= others.at and one.committed > stood), None)
    if went_on is None:
        return open_yet(left)
    told = (f"重启后读到{went_on.committed}", f"went on to {went_on.committed} after it was started again")
    return passed(left, _at(went_on, *told))


def _how_far(one: Standing, end: int) -> Evidence:
    return _at(
        one, f"{one.group} 在{one.committed}，末尾{end}", f"{one.group} is at {one.committed} of {end}"
    )


def _fed(one: Fed, zh: str, en: str) -> Evidence:
    return Evidence(one.at, Words(zh, en))


def _at(one: Standing, zh: str, en: str) -> Evidence:
    return Evidence(one.at, Words(zh, en))

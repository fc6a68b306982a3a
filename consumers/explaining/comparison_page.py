"""A comparison of two sets of rules as text for people, in Chinese or English. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from consumers.explaining.comparing import Aspect, Comparison

_HEADING: Mapping[Aspect, tuple[str, str]] = {
    Aspect.RECIPIENTS: ("接收单位", "recipients"),
    Aspect.BASIS: ("送达依据", "basis of a delivery"),
    Aspect.STATE: ("案件状态", "state of the case"),
    Aspect.CLOCK: ("期限规则", "limit that binds"),
    Aspect.START: ("起算事件", "event that a clock begins with"),
    Aspect.DUE: ("届满时间", "due time"),
    Aspect.CLOCK_STATE: ("期限状态", "state of a clock"),
    Aspect.ANOMALIES: ("异常提示", "anomalies"),
    Aspect.MIRRORS: ("同步抄送", "mirrors"),
    Aspect.SAYS: ("系统发出事件", "what the bus says"),
    Aspect.PARKED: ("是否搁置", "admission"),
}


def page_of(found: Comparison, language: str) -> str:
    """The comparison as text; `language` is `zh` or `en`."""
    zh = language == "zh"
    lines = [
        f"比较案件{found.cases}件、事件{found.events}个；{found.differing_cases}件案件的{found.differing_events}个事件结果不同"
        if zh
        else f"{found.cases} cases, {found.events} events; {found.differing_events} events of "
        f"{found.differing_cases} cases would be decided differently"
    ]
    if found.not_compared:
        told = (
            "件案件只有一方有结果，未作比较"
            if zh
            else " cases are known to one side only and were not compared"
        )
        lines.append(f"{found.not_compared}{told}")
    for group in found.groups:
        heading = _HEADING[group.aspect][0 if zh else 1]
        number = (
            f"{group.count}处，{group.cases}件案件" if zh else f"{group.count} times, in {group.cases} cases"
        )
        lines.append(f"\n{heading}  {group.what}  ({number})")
        lines += [f"  {one.case}  {one.event}: {one.a or '–'} → {one.b or '–'}" for one in group.differences]
    return "\n".join(lines) + "\n"

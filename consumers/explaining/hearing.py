"""Who receives an event and why, and who does not and why not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Deliver
from consumers.explaining.account import Basis, NotReceived, Received, Unfilled, WhyNot, Words
from consumers.explaining.labels import basis_of, basis_of_limit, unit_name
from consumers.handovers.statutes import BY_KEY
from consumers.sources import Source
from consumers.transfers.reasons import Considered, Unmet
from consumers.transfers.recipients import TO_ZH
from consumers.transfers.routes import BY_CLOCK, UNHEARD
from consumers.views.fields import hideable
from consumers.views.kinds import View, view_of
from consumers.views.rules import cut, may_hide
from schemas.units import BUS_UNIT, Register

_NO_ROW = WhyNot(
    "no-row", "路由表未将该单位列为此类事件的接收单位", "no row of the table names it for this event", None
)
_SPEAKER = WhyNot("speaker", "本事件由该单位报送", "it said the event itself", None)
_STRANGER = WhyNot("not-registered", "单位名册中没有该单位", "it is not in the register of units", None)
_ALARM = WhyNot(
    "not-watching",
    "期限提醒只送责任单位、监督该期限的部门，逾期升级时送其上级",
    "an alarm goes to the holder of the duty, those who watch it and, once escalated, those above",
    None,
)
_OBSOLETE = WhyNot(
    "obsolete",
    "期限已变更或义务已履行，本提醒不再有效，不送达任何单位",
    "the limit has changed or the duty is done: the alarm is obsolete and reaches nobody",
    None,
)
_NOT_HEARD = WhyNot(
    "did-not-hear",
    "该单位未收到过被更正或作废的事件",
    "it never received the event that is taken back",
    None,
)


@dataclass(frozen=True, slots=True)
class Hearing:
    """One event in its case after the event, its routing rows as looked at, and the deliveries decided on."""

    event: CaseEvent
    after: Case
    rows: Sequence[Considered]
    deliveries: Sequence[Deliver]
    register: Register
    correction: bool


def received(hearing: Hearing) -> tuple[Received, ...]:
    """Each delivery that was decided on, with the row that it follows from and the view that the unit gets."""
    hidden = _hidden(hearing)
    return tuple(_received(hearing, delivery, hidden) for delivery in hearing.deliveries)


def _hidden(hearing: Hearing) -> Mapping[View, tuple[str, ...]]:
    """What each view of the event that somebody gets masks or leaves out."""
    event = hearing.event
    views = {view_of(delivery.delivery, delivery.role) for delivery in hearing.deliveries}
    return {
        view: cut(event.type, event.data, view, event.envelope.time.date()).hidden
        for view in views
        if may_hide(event.type, view)
    }


def _received(hearing: Hearing, delivery: Deliver, hidden: Mapping[View, tuple[str, ...]]) -> Received:
    naming = [row for row in hearing.rows if row.unmet is None and _names(row, delivery, hearing)]
    row = next((one for one in naming if _is_row_of(one, delivery)), None)
    view = view_of(delivery.delivery, delivery.role)
    return Received(
        unit=unit_name(delivery.unit, hearing.register),
        delivery=delivery.delivery.value,
        role=delivery.role.value,
        basis=_limit_basis(hearing) if row is None else basis_of(row.route.basis),
        rule="limit" if row is None else "route",
        condition=None if row is None else _condition(row),
        since=None if row is None or row.route.since is None else row.route.since.isoformat(),
        facts={} if row is None else _open_facts(row, hearing.event.type),
        also=_bases(one.route.basis for one in naming if one is not row),
        view=view.value,
        hidden=hidden.get(view, ()),
    )


def _open_facts(row: Considered, type_: str) -> Mapping[str, Any]:
    """The facts without those that some view hides: an account travels further than the event."""
    closed = {field.name for field in hideable(type_)}
    return {name: value for name, value in row.facts.items() if name not in closed}


def _names(row: Considered, delivery: Deliver, hearing: Hearing) -> bool:
    return delivery.unit in row.units or (hearing.correction and _is_row_of(row, delivery))


def _is_row_of(row: Considered, delivery: Deliver) -> bool:
    return row.route.delivery is delivery.delivery and row.route.basis.cited == delivery.basis


def _bases(sources: Iterable[Source]) -> tuple[Basis, ...]:
    return tuple(basis_of(source) for source in dict.fromkeys(sources))


def _limit_basis(hearing: Hearing) -> Basis:
    data = hearing.event.data
    return basis_of_limit(BY_KEY[data["rule"], data["version"]])


def _condition(row: Considered) -> Words | None:
    when = row.route.when
    return None if when is None else Words(when.zh, when.en)


def not_received(hearing: Hearing) -> tuple[NotReceived, ...]:
    """Every unit that takes part, is named by the event or would have been named, and is not reached; by code."""
    told = {delivery.unit for delivery in hearing.deliveries}
    failed = _failed_rows(hearing)
    named = {unit for row in hearing.rows for unit in row.units} | failed.keys()
    addressed = {unit for unit in (hearing.event.data.get("addressee"),) if unit}
    possible = hearing.after.participants | set(hearing.after.roles.values()) | named | addressed
    return tuple(
        NotReceived(unit_name(unit, hearing.register), tuple(_reasons(hearing, unit, failed.get(unit, ()))))
        for unit in sorted(possible - told - {BUS_UNIT, ""})
    )


def _failed_rows(hearing: Hearing) -> Mapping[str, list[Considered]]:
    failed: dict[str, list[Considered]] = {}
    for row in hearing.rows:
        if row.unmet is not None:
            for unit in row.units:
                failed.setdefault(unit, []).append(row)
    return failed


def _reasons(hearing: Hearing, unit: str, failed: Sequence[Considered]) -> Iterator[WhyNot]:
    if unit == hearing.event.envelope.source:
        yield _SPEAKER
    elif unit not in hearing.register.by_code:
        yield _STRANGER
    elif failed:
        yield from dict.fromkeys(_unmet(row) for row in failed)
    elif hearing.correction:
        yield _NOT_HEARD
    elif hearing.event.type in BY_CLOCK:
        yield _ALARM if hearing.deliveries else _OBSOLETE
    else:
        yield _NO_ROW


def _unmet(row: Considered) -> WhyNot:
    basis, route = basis_of(row.route.basis), row.route
    if row.unmet is Unmet.PROFILE:
        return WhyNot(
            row.unmet.value,
            f"本单位未启用配置“{route.profile}”，该规则不生效",
            f"the rule is off: the profile {route.profile} is not turned on",
            basis,
        )
    if row.unmet is Unmet.SINCE:
        return WhyNot(
            row.unmet.value,
            f"不能确定事件发生于{route.since}以后，该规则自该日起施行",
            f"the rule binds from {route.since} on, and the event did not certainly happen since",
            basis,
        )
    when = route.when
    zh, en = ("–", "–") if when is None else (when.zh, when.en)
    return WhyNot(Unmet.CONDITION.value, f"条件不成立：{zh}", f"the condition does not hold: {en}", basis)


def unfilled(hearing: Hearing) -> tuple[Unfilled, ...]:
    """Rows that hold and name nobody; for a correction there are none, since they name who heard the event."""
    return tuple(
        dict.fromkeys(
            Unfilled(
                Words("、".join(TO_ZH[to] for to in row.route.to), " or ".join(row.route.to)),
                row.route.delivery.value,
                basis_of(row.route.basis),
            )
            for row in hearing.rows
            if row.unmet is Unmet.NOBODY and not hearing.correction
        )
    )


def unheard(event: CaseEvent) -> Words | None:
    """Why nobody at all receives events of this type, if so."""
    why = UNHEARD.get(event.type)
    if why is None:
        return None
    zh, _, en = why.partition(" / ")
    return Words(zh, en)

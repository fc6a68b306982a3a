"""What one unit may see of an account: what it said, what reached it, and what follows from that alone. Pure.

The sender sees who received its event and why, and what that did to the clocks it may see. Everything that the
rules read from the case besides (its state, who takes part, why somebody did not receive the event) is told as
the unit's own part of the case shows it: `own` is the account of the same event on that part. So nothing that
was never said or delivered to a unit has any influence on what it is told here but the deliveries themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from consumers.casefile import Case, CaseEvent
from consumers.casework.fold import refold
from consumers.explaining.account import Account, ClockEffect, MirrorEffect, Outcome, Received
from consumers.explaining.explain import explain
from consumers.rulebook import Rulebook


def seen_by(
    unit: str, account: Account, case: Case | None, visible: Sequence[CaseEvent], rulebook: Rulebook
) -> Account:
    """`account` as `unit` may see it.

    `case` is the unit's part of the case before the event (see `part_of`); `visible` are the events of the case
    that it said or received, the one accounted for as the last one.
    """
    own, _ = explain(case, visible[-1], rulebook, account.rules)
    sender = unit == account.event.source
    reached = {one.unit.code for one in account.received} | {one.unit.code for one in account.mirrors}
    identities = {f"{event.envelope.source}/{event.envelope.id}" for event in visible}
    said = {one.id for one in account.says}
    return replace(
        own,
        case=account.case,
        outcome=account.outcome,
        held=account.held if sender else None,
        received=tuple(_told(one, own) for one in account.received if sender or one.unit.code == unit),
        not_received=tuple(o for o in own.not_received if o.unit.code not in reached) if sender else (),
        unfilled=tuple(one for one in own.unfilled if one in account.unfilled) if sender else (),
        mirrors=tuple(one for one in account.mirrors if _may_see_mirror(one, unit)),
        not_mirrored=tuple(
            one for one in own.not_mirrored if one.unit is None or one.unit.code not in reached
        )
        if sender
        else (),
        clocks=tuple(one for one in account.clocks if _may_see_clock(one, unit, identities)),
        limits=own.limits if account.outcome is Outcome.APPLIED else (),
        anomalies=account.anomalies if sender else (),
        says=tuple(one for one in own.says if one.id in said) if sender else (),
    )


def part_of(visible: Sequence[CaseEvent], rulebook: Rulebook) -> Case | None:
    """What a unit knows of a case before the last of `visible`: the case that the others of them make."""
    return refold(visible[:-1], rulebook)


def _told(one: Received, own: Account) -> Received:
    """A delivery with what it rests on; what else held of the case only if the unit's own part shows it too."""
    if one in own.received:
        return one
    return replace(one, condition=None, facts={}, also=())


def _may_see_mirror(mirror: MirrorEffect, unit: str) -> bool:
    return unit in (mirror.unit.code, mirror.opinion.partition("/")[0])


def _may_see_clock(clock: ClockEffect, unit: str, visible: AbstractSet[str]) -> bool:
    return clock.holder.code == unit or clock.started_by in visible

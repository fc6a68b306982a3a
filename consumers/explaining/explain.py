"""The account of one event: what the fold decides on it, and by which rows of the tables, matched or not. Pure.

What is decided is taken from the fold itself; the reasons come from the same rows and conditions, gone through
once more by each slice's `reasons`. A test holds the two against each other for every example and published case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from consumers.casefile import Case, CaseEvent, Identity, Mirror
from consumers.casework.fold import Folded, fold, with_event
from consumers.decisions import Anomaly, ClockSet, Deliver, Emit, MirrorSet
from consumers.documents.belonging import LETTER
from consumers.documents.rules import COMPLETING, packages
from consumers.explaining import hearing as hearings
from consumers.explaining import timing
from consumers.explaining.account import (
    Account,
    CaseLabel,
    Facts,
    Flagged,
    MirrorEffect,
    NotMirrored,
    Outcome,
    PackageDocument,
    RoleChange,
    RuleSet,
    Said,
    WhyNot,
)
from consumers.explaining.labels import basis_of, event_label, flagged, unit_name
from consumers.explaining.tracks import main_tracks, side_tracks
from consumers.handovers.reasons import considered as limits_considered
from consumers.opinions.reasons import Considered as MirrorConsidered
from consumers.opinions.reasons import considered as mirrors_considered
from consumers.opinions.rules import Unmet as MirrorUnmet
from consumers.rulebook import Rulebook
from consumers.transfers.history import is_late
from consumers.transfers.reasons import considered as routes_considered
from consumers.transfers.reasons import readings
from consumers.transfers.routing import CORRECTIONS
from consumers.transfers.scene import Scene
from schemas.catalogue import BY_NAME
from schemas.units import Register


def explain(
    before: Case | None, event: CaseEvent, rulebook: Rulebook, rules: RuleSet
) -> tuple[Account, Folded]:
    """The account of `event`, which comes after all that `before` knows, and what the fold made of it.

    `rules` names the rulebook (`rule_sets.rule_set`). The same arguments give the same account.
    """
    folded = fold(before, event, rulebook)
    return account_of(before, event, folded, rulebook, rules), folded


def account_of(
    before: Case | None, event: CaseEvent, folded: Folded, rulebook: Rulebook, rules: RuleSet
) -> Account:
    """The account of an event that was folded into `folded` from `before`."""
    looked_at = with_event(before, event, rulebook.register)
    if folded.parked is not None or folded.case is None:
        held = None if folded.parked is None else flagged(folded.parked.reason, folded.parked.detail)
        return set_aside(before, event, Outcome.PARKED, held, rulebook=rulebook, rules=rules)
    after = folded.case
    scene_case = looked_at.having(voided=after.voided)
    correction = event.type in CORRECTIONS
    without_effect = correction and after.voided == looked_at.voided
    hearing = hearings.Hearing(
        event=event,
        after=after,
        rows=()
        if without_effect
        else routes_considered(Scene(scene_case, event, after.roles, rulebook.register), rulebook.profiles),
        deliveries=[d for d in folded.decisions if isinstance(d, Deliver)],
        register=rulebook.register,
        correction=correction,
    )
    limits = () if without_effect else limits_considered(after, event, rulebook)
    clocks = [d.clock for d in folded.decisions if isinstance(d, ClockSet)]
    mirrors = () if correction else mirrors_considered(after, event, rulebook.register)
    return Account(
        event=event_label(event.envelope.source, event.envelope.id, event.type),
        case=CaseLabel(after.id, after.origin_unit, after.origin_case),
        occurred_at=event.envelope.time,
        precision=event.envelope.precision.value,
        recorded_at=event.recorded_at,
        rules=rules,
        outcome=Outcome.APPLIED,
        held=None,
        facts=_facts(after, scene_case, event),
        tracks=(
            *main_tracks(looked_at, after, readings(scene_case, event, rulebook.register)),
            *side_tracks(before, after, event),
        ),
        roles=tuple(_roles(looked_at, after)),
        received=hearings.received(hearing),
        not_received=hearings.not_received(hearing),
        unfilled=hearings.unfilled(hearing),
        unheard=hearings.unheard(event),
        mirrors=_mirrors(folded, event, mirrors, rulebook.register),
        not_mirrored=tuple(_not_mirrored(mirrors, rulebook.register)),
        clocks=timing.effects(clocks, looked_at.clocks, limits, rulebook),
        limits=timing.limits(limits, rulebook.register),
        documents=_documents(after, event),
        anomalies=tuple(flagged(d.code, d.detail) for d in folded.decisions if isinstance(d, Anomaly)),
        says=tuple(_said(d) for d in folded.decisions if isinstance(d, Emit)),
    )


def set_aside(
    before: Case | None,
    event: CaseEvent,
    outcome: Outcome,
    held: Flagged | None,
    *,
    rulebook: Rulebook,
    rules: RuleSet,
) -> Account:
    """The account of an event that has no effect: parked, in conflict with another, or known already."""
    looked_at = with_event(before, event, rulebook.register)
    case = before or looked_at
    return Account(
        event=event_label(event.envelope.source, event.envelope.id, event.type),
        case=CaseLabel(case.id, case.origin_unit, case.origin_case),
        occurred_at=event.envelope.time,
        precision=event.envelope.precision.value,
        recorded_at=event.recorded_at,
        rules=rules,
        outcome=outcome,
        held=held,
        facts=_facts(case, looked_at, event),
        tracks=main_tracks(case, case, ()),
        roles=(), received=(), not_received=(), unfilled=(), unheard=None, mirrors=(), not_mirrored=(),
        clocks=(), limits=(), documents=(), anomalies=(), says=(),
    )  # fmt: skip


def _facts(case: Case, looked_at: Case, event: CaseEvent) -> Facts:
    return Facts(
        field=case.field,
        offence=case.offence,
        district=case.district,
        first=len(looked_at.events) == 1,
        late=is_late(looked_at, event),
        roles={role.value: unit for role, unit in case.roles.items()},
    )


def _roles(before: Case, after: Case) -> Iterator[RoleChange]:
    for role in dict.fromkeys((*before.roles, *after.roles)):
        was, now = before.roles.get(role), after.roles.get(role)
        if was != now:
            yield RoleChange(role.value, was, now)


def _mirrors(
    folded: Folded, event: CaseEvent, looked: Sequence[MirrorConsidered], register: Register
) -> tuple[MirrorEffect, ...]:
    bases = {one.unit: basis_of(one.row.basis) for one in reversed(looked) if one.unmet is None}
    copied = (
        MirrorEffect(unit_name(copy["unit"], register), "to-be-copied", _name(event.identity), copy["why"],
                     bases.get(copy["unit"]))
        for decision in folded.decisions
        if isinstance(decision, Emit)
        for copy in decision.data.get("copies", ())
    )  # fmt: skip
    changed = (_mirror(d.mirror, register) for d in folded.decisions if isinstance(d, MirrorSet))
    return (*copied, *changed)


def _mirror(mirror: Mirror, register: Register) -> MirrorEffect:
    return MirrorEffect(
        unit_name(mirror.unit, register), mirror.state.value, _name(mirror.opinion), mirror.why, None
    )


def _documents(after: Case, event: CaseEvent) -> tuple[PackageDocument, ...]:
    """What the package of the latest letter must have, if `event` is that letter or can complete it."""
    if event.type != LETTER and event.type not in COMPLETING:
        return ()
    return tuple(
        PackageDocument(
            one.kind.zh,
            one.kind.en,
            basis_of(one.basis),
            None if one.supplied_by is None else _name(one.supplied_by),
        )
        for package in packages(after)[-1:]
        for one in package.asked
    )


_NOT_MIRRORED = {
    MirrorUnmet.SPEAKER: ("发出部门不符合该规则", "it is said by somebody else than the rule asks for"),
    MirrorUnmet.NOT_FIRST: ("同一事项已有在先文书抄送", "an earlier letter about the same matter was copied"),
    MirrorUnmet.ADDRESSEE: ("线索并非移送该部门", "the lead is not addressed to this department"),
    MirrorUnmet.CONDITION: ("罪名或者领域不涉公益", "neither offence nor field is of public interest"),
    MirrorUnmet.NOBODY: ("名册中没有该部门", "nobody is registered as this department"),
    MirrorUnmet.OWN: ("本事件由该部门报送", "the department said it itself"),
    MirrorUnmet.KNOWS: ("该部门已知悉本案，线索不再抄送", "the department knows the case: no clue is needed"),
}


def _not_mirrored(looked: Iterable[MirrorConsidered], register: Register) -> Iterator[NotMirrored]:
    for one in looked:
        if one.unmet is not None:
            zh, en = _NOT_MIRRORED[one.unmet]
            name = unit_name(one.unit, register) if one.unit else None
            yield NotMirrored(one.role.value, name, WhyNot(one.unmet.value, zh, en, basis_of(one.row.basis)))


def _said(emit: Emit) -> Said:
    known, data = BY_NAME[emit.type], emit.data
    units = [copy["unit"] for copy in data.get("copies", ())]
    about = ", ".join(units) or str(data.get("rule") or data.get("letter_no") or data.get("holder") or "")
    return Said(emit.id, emit.type, known.zh, known.en, about)


def _name(identity: Identity) -> str:
    return f"{identity[0]}/{identity[1]}"

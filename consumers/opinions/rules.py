"""Mirroring: which departments get an opinion as work, and what they make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from consumers.casefile import Case, CaseEvent, Identity, Mirror, MirrorState
from consumers.decisions import Anomaly, Decision, Emit, MirrorSet
from consumers.opinions.mirrors import MIRRORS, MirrorRow, reason
from consumers.rulebook import Rulebook
from schemas.identity import derived_id
from schemas.units import PROCURATORATE, Register, Role

OPINION_VALUE = b""
"""Stands for the opinion's bytes, which a rule does not have: casework puts the record's own value here."""

_COPIED = "mirror.copied"
_DECIDED = {"mirror.accepted": MirrorState.ACCEPTED, "mirror.dismissed": MirrorState.DISMISSED}
_ALREADY = {
    MirrorState.ACCEPTED: "已经受理",
    MirrorState.DISMISSED: "已经作出不受理决定",
    MirrorState.WITHDRAWN: "已经撤回",
}
_CORRECTIONS = frozenset({"case.corrected", "case.voided"})
ROWS: Mapping[str, tuple[MirrorRow, ...]] = {
    event: tuple(other for other in MIRRORS if event in other.events)
    for row in MIRRORS
    for event in row.events
}

_CLUES = frozenset(event for row in MIRRORS if row.clue for event in row.events)


def decide(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:
    """The decisions of this slice on `event`, which is already the last event of `case`. Pure.

    An opinion makes the bus say `mirror.copied`, once, with a copy for each department. When that event
    comes back through the log the mirrors exist; a department then accepts or dismisses its own.
    """
    type_ = event.envelope.type
    if type_ in ROWS:
        return _mirrored(case, event, rulebook.register)
    if type_ == _COPIED:
        return [MirrorSet(mirror) for mirror in _opened(case, case.mirrors, case.voided, event)]
    if type_ in _DECIDED:
        return [_decided(case.mirrors, event)]
    if type_ in _CORRECTIONS:
        return _corrected(case)
    return []


def _mirrored(case: Case, event: CaseEvent, register: Register) -> list[Decision]:
    copies: dict[str, dict[str, str]] = {}
    parent = f"{event.envelope.source}/{event.envelope.id}"
    for row in ROWS[event.envelope.type]:
        if unmet(row, case, event, register) is None:
            for role, unit in _departments(row, case, event, register):
                copies.setdefault(unit, _copy(parent, unit, reason(row, role, case, event).text, row))
    if not copies:
        return []
    data: dict[str, Any] = {
        "opinion_source": event.envelope.source,
        "opinion_id": event.envelope.id,
        "opinion_type": event.envelope.type,
        "letter_no": event.data.get("letter_no"),
        "copies": list(copies.values()),
        "opinion_value": OPINION_VALUE,
    }
    return [Emit(str(derived_id(parent, "mirror", "")), _COPIED, data)]


def _copy(parent: str, unit: str, why: str, row: MirrorRow) -> dict[str, str]:
    mirror_id = str(derived_id(parent, "mirror", unit))
    return {"mirror_id": mirror_id, "unit": unit, "why": why, "basis": row.basis.cited}


class Unmet(StrEnum):
    """What keeps a mirror row from applying to an event, or from reaching a department."""

    SPEAKER = "speaker"  # said by somebody else than the row asks for
    NOT_FIRST = "not-first"  # an earlier letter of the same line was mirrored
    ADDRESSEE = "addressee"  # addressed to somebody else than the department, or to nobody
    CONDITION = "condition"  # the row's condition does not hold
    NOBODY = "nobody"  # nobody is registered as the department
    OWN = "own"  # the department said it itself
    KNOWS = "knows"  # a clue, and the department has spoken in the case or holds a mirror of it


def unmet(row: MirrorRow, case: Case, event: CaseEvent, register: Register) -> Unmet | None:
    """Why `row` does not apply to `event`; None if it does."""
    if row.spoken_by and not any(register.has_role(event.envelope.source, role) for role in row.spoken_by):
        return Unmet.SPEAKER
    if row.first_of and any(other is not event for other in case.standing(*row.first_of)):
        return Unmet.NOT_FIRST
    return None if row.when is None or row.when(case, event) else Unmet.CONDITION


def _departments(
    row: MirrorRow, case: Case, event: CaseEvent, register: Register
) -> Iterator[tuple[Role, str]]:
    for role, unit, why in departments(row, case, event, register):
        if why is None:
            yield role, unit


def departments(
    row: MirrorRow, case: Case, event: CaseEvent, register: Register
) -> Iterator[tuple[Role, str, Unmet | None]]:
    """Each department that `row` names: its role, its unit ("" if nobody is registered), and why it gets no copy."""
    district = _procuratorate(case, event, register)
    for role in row.to:
        unit = register.acting(district, role)
        if unit is None:
            yield role, "", Unmet.NOBODY
        elif unit == event.envelope.source:
            yield role, unit, Unmet.OWN
        elif row.addressed and unit != event.data.get("addressee"):
            yield role, unit, Unmet.ADDRESSEE
        else:
            yield role, unit, Unmet.KNOWS if row.clue and _knows(case, unit) else None


def _procuratorate(case: Case, event: CaseEvent, register: Register) -> str:
    """The district whose procuratorate mirrors: the speaker's own, else that of who handles the case."""
    speaker = register.by_code.get(event.envelope.source)
    if speaker is not None and not speaker.roles.isdisjoint(PROCURATORATE):
        return speaker.district
    handling = case.roles.get(Role.CRIMINAL)
    known = None if handling is None else register.district_of(handling)
    return known or case.district


def _knows(case: Case, unit: str) -> bool:
    """Whether the department has spoken in the case or holds a mirror of it."""
    return any(mirror.unit == unit for mirror in case.mirrors.values()) or any(
        event.envelope.source == unit for event in case.events
    )


def _opened(
    case: Case, mirrors: Mapping[UUID, Mirror], voided: AbstractSet[Identity], event: CaseEvent
) -> list[Mirror]:
    """The mirrors that a `mirror.copied` opens, and the clues whose place they take.

    None for an opinion that was voided in the meantime.
    """
    opinion = (str(event.data["opinion_source"]), str(event.data["opinion_id"]))
    if opinion in voided:
        return []
    opened = [
        Mirror(
            id=UUID(copy["mirror_id"]),
            opinion=opinion,
            unit=copy["unit"],
            why=copy["why"],
            state=MirrorState.COPIED,
            copied_at=event.recorded_at,
        )
        for copy in event.data["copies"]
    ]
    units = {mirror.unit for mirror in opened}
    return opened + [
        replace(clue, state=MirrorState.WITHDRAWN, reason=_replaced_by(opinion))
        for clue in mirrors.values()
        if clue.state is MirrorState.COPIED and clue.unit in units and _is_clue(case, clue)
    ]


def _replaced_by(opinion: Identity) -> str:
    return f"已由 {_name(opinion)} 代替 — {_name(opinion)} took its place"


def _name(identity: Identity) -> str:
    return f"{identity[0]}/{identity[1]}"


def _is_clue(case: Case, mirror: Mirror) -> bool:
    return any(event.identity == mirror.opinion and event.type in _CLUES for event in case.events)


def _decided(mirrors: Mapping[UUID, Mirror], event: CaseEvent) -> MirrorSet | Anomaly:
    opinion = _regarding(event)
    unit = event.envelope.source
    mirror = next((m for m in mirrors.values() if m.opinion == opinion and m.unit == unit), None)
    if mirror is None:
        return Anomaly(
            "unknown-mirror",
            f"{unit} 没有 {_name(opinion)} 的同步抄送件 — {unit} holds no mirror of {_name(opinion)}",
        )
    if mirror.state is not MirrorState.COPIED:
        return Anomaly(
            "mirror-decided",
            f"{_name(opinion)} 的同步抄送件{_ALREADY[mirror.state]}"
            f" — the mirror of {_name(opinion)} is already {mirror.state.value}",
        )
    return MirrorSet(
        replace(
            mirror,
            state=_DECIDED[event.envelope.type],
            reason=event.data.get("reason") or "",
            clue_no=event.data.get("clue_no") or "",
            decided_by=event.identity,
        )
    )


def _corrected(case: Case) -> list[Decision]:
    """What a correction changes: mirrors of a voided opinion fall away, voided decisions reopen theirs."""
    again = _again(case)
    return [MirrorSet(again[key]) for key, mirror in case.mirrors.items() if again[key] != mirror]


def _again(case: Case) -> dict[UUID, Mirror]:
    """The mirrors of `case` as its standing events leave them, gone through in the order of the log."""
    mirrors: dict[UUID, Mirror] = {}
    voided: set[Identity] = set()
    for event in case.events:
        type_ = event.envelope.type
        if type_ in _CORRECTIONS and _takes_effect(case, event):
            voided.add(_regarding(event))
            _withdraw(mirrors, _regarding(event))
        elif type_ == _COPIED:
            mirrors |= {mirror.id: mirror for mirror in _opened(case, mirrors, voided, event)}
        elif type_ in _DECIDED and event.identity not in case.voided:
            decision = _decided(mirrors, event)
            if isinstance(decision, MirrorSet):
                mirrors[decision.mirror.id] = decision.mirror
    return mirrors


def _takes_effect(case: Case, correction: CaseEvent) -> bool:
    target = _regarding(correction)
    return target in case.voided and target[0] == correction.envelope.source


def _withdraw(mirrors: dict[UUID, Mirror], opinion: Identity) -> None:
    for key, mirror in mirrors.items():
        if mirror.opinion == opinion and mirror.state is MirrorState.COPIED:
            mirrors[key] = replace(mirror, state=MirrorState.WITHDRAWN)


def _regarding(event: CaseEvent) -> Identity:
    return (str(event.data["regarding_source"]), str(event.data["regarding_id"]))

"""What this slice flags for a person, in the words that person reads: Chinese — English."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly, Park
from consumers.sources import Source
from consumers.transfers.recipients import TO_ZH, To
from consumers.transfers.states import State
from schemas.catalogue import BY_NAME
from schemas.units import Register


def out_of_order(event: CaseEvent, state: State, *, reverse: bool = False, of_party: bool = False) -> Anomaly:
    """`event` in a `state` after which it is not in legal order; `of_party`: the state of the party it is about."""
    track, of_track = ("反向移送", " of the reverse track") if reverse else ("案件", "")
    if of_party:
        track, of_track = f"该当事人的{track}", f"{of_track} for this party"
    return Anomaly(
        "out-of-order",
        f"次序异常：{track}处于“{state.zh}”状态时出现{_event(event.type)}"
        f" — {event.type} does not follow {state.code or 'the start'} ({state.en}){of_track} in legal order",
    )


def not_in_charge(event: CaseEvent, unit: str, holder: str, register: Register) -> Anomaly:
    """`unit` acts as police in a case that another organ has."""
    return Anomaly(
        "not-in-charge",
        f"{_event(event.type)}由{_unit(unit, register)}作出，但案件由{_unit(holder, register)}办理"
        f" — {event.type} by {unit}, but the case is with {holder}",
    )


def missing_step(event: CaseEvent, needs: str, basis: Source) -> Anomaly:
    """`event` presupposes `needs`, which nobody has published."""
    return Anomaly(
        "missing-step",
        f"{_event(event.type)}之前缺少{_event(needs)}：{basis.zh} — {event.type} without {needs}: {basis.en}",
    )


def by_row(code: str, event: CaseEvent, addressee: str | None, basis: Source, register: Register) -> Anomaly:
    """What a routing row brings with it: the addressee is not whom the text names."""
    return Anomaly(
        code,
        f"{_event(event.type)}发往{_unit(str(addressee), register)}：{basis.zh}"
        f" — {event.type} to {addressee}: {basis.en}",
    )


def not_registered(event: CaseEvent, strangers: Sequence[str]) -> Anomaly:
    """A duty for units that the register does not have."""
    return Anomaly(
        "no-recipient",
        f"{_event(event.type)}的接收单位{'、'.join(strangers)}不在单位名册中"
        f" — {event.type}: {', '.join(strangers)} is not in the register",
    )


def nobody_acts(event: CaseEvent, to: Sequence[To]) -> Anomaly:
    """A duty that nobody in the register can take."""
    return Anomaly(
        "no-recipient",
        f"{_event(event.type)}没有单位接收办理：未找到{'或者'.join(TO_ZH[one] for one in to)}"
        f" — {event.type}: nobody acts as {' or '.join(to)}",
    )


def wrong_speaker(case: Case, event: CaseEvent, register: Register) -> Park:
    """The speaker plays no part in the case."""
    speaker = event.envelope.source
    return Park(
        "wrong-speaker",
        f"{_unit(speaker, register)}报送{_event(event.type)}，但未参与{_case_zh(case, register)}"
        f" — {speaker} says {event.type}, but plays no part in {_case(case)}",
    )


def foreign_opening(case: Case, event: CaseEvent, register: Register) -> Anomaly:
    """Somebody else than the unit that the case belongs to is the first to speak of it."""
    speaker = event.envelope.source
    return Anomaly(
        "foreign-opening",
        f"{_case_zh(case, register)} 的首个事件由{_unit(speaker, register)}报送"
        f" — the first event of {_case(case)} is said by {speaker}",
    )


def uninvited(case: Case, event: CaseEvent, register: Register) -> Anomaly:
    """The speaker may be competent, but nothing it received tells it of the case."""
    speaker = event.envelope.source
    return Anomaly(
        "uninvited",
        f"{_unit(speaker, register)}报送{_event(event.type)}，但此前{_case_zh(case, register)} 未曾送达该单位"
        f" — {speaker} says {event.type}, though nothing brought it {_case(case)}",
    )


def _event(name: str) -> str:
    return f"“{BY_NAME[name].zh}”"


def _unit(code: str, register: Register) -> str:
    unit = register.by_code.get(code)
    return code if unit is None else f"{unit.name_zh}（{code}）"


def _case(case: Case) -> str:
    return f"case {case.origin_case} of {case.origin_unit}"


def _case_zh(case: Case, register: Register) -> str:
    return f"{_unit(case.origin_unit, register)}的案件 {case.origin_case}"

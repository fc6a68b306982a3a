"""Facts held against prosecution standards: the bus says what matches, as advice, once for the same facts.

A match decides nothing: it moves no case, starts no clock, sends nothing to the police. It is the question whether
the agency should transfer, put to the agency and to the criminal department with the facts and the text. Where such
a case is penalised and nothing in it has gone to the police, that question is a flag on the event as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly, Decision, Emit
from consumers.parties import known, named
from consumers.rulebook import Rulebook
from consumers.thresholds.standard import Item, Standard
from consumers.thresholds.standards import STANDARDS
from schemas.facts import FACT_BY_CODE
from schemas.identity import derived_id
from schemas.offence import Offence
from schemas.offences import find
from schemas.spans import CHINA
from schemas.units import BUS_UNIT

MATCHED = "lead.threshold_matched"
"""What the bus says."""

STATED = "facts"
"""The payload field in which an event says its facts."""

TAKEN_FROM: Mapping[str, Mapping[str, str]] = {
    "admin_case.filed": {"amount_fen": "amount_fen"},
    "admin_case.penalised": {},  # its amount is the fine, not what the case is about
    "lead.found": {},
    "test.resulted": {},
    "transfer.suspected": {"amount_fen": "amount_fen"},
    "accident.occurred": {"deaths": "deaths", "loss_fen": "loss_fen"},
}
"""The events whose facts are compared, and which of their other payload fields are a fact as well."""

_Facts = Mapping[str, int]

_PENALISED = "admin_case.penalised"
_WITH_THE_POLICE = ("transfer.sent", "transfer.received", "transfer.forwarded", "filing.", "case.")
"""How types of events begin that tell of a transfer or of a criminal case, if an organ says them; corrections aside."""

_CORRECTIONS = frozenset({"case.corrected", "case.voided"})


@dataclass(frozen=True, slots=True)
class Match:
    """A standard that the facts of a case, or of one of its parties, meet: by which items, and by which facts."""

    standard: Standard
    items: tuple[Item, ...]
    facts: tuple[tuple[str, int], ...]
    party: str | None  # None: by what was stated of all together

    @property
    def key(self) -> tuple[str, str | None, tuple[tuple[str, int], ...]]:
        """What makes it the same match: the standard, the party and the facts."""
        return self.standard.code, self.party, self.facts


def decide(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:
    """The decisions of this slice on `event`, which is already the last event of `case`. Pure.

    Facts of the standing events count together, of the same fact the greatest value: for a party those that were
    stated of it alone and those that were stated of several parties, or of nobody by name; never what was stated of
    another party alone. What the same facts have matched before for it, even in an event that was taken back since,
    is not said again.
    """
    if event.envelope.type not in TAKEN_FROM:
        return []
    decisions: list[Decision] = list(_unknown(event))
    fresh = [] if not facts_of(event) else _fresh(case, event, rulebook.profiles)
    decisions += [_say(event, match) for match in fresh]
    if fresh or event.envelope.type == _PENALISED:
        decisions += _only_penalised(case, fresh, rulebook.profiles)
    return decisions


def _fresh(case: Case, event: CaseEvent, profiles: frozenset[str]) -> list[Match]:
    """What matches with the facts of `event`, the last of the case, and did not before."""
    said: set[object] = set()
    fresh: list[Match] = []
    for told, matches in _walk(case, profiles):
        if told is event:
            fresh = [match for match in matches if match.key not in said]
        said |= {match.key for match in matches}
    return fresh


def _only_penalised(case: Case, fresh: Sequence[Match], profiles: frozenset[str]) -> Iterator[Anomaly]:
    """The question of 以罚代刑, if the case has a penalty, facts that meet a standard, and no way to the police."""
    if not case.standing(_PENALISED) or _with_the_police(case):
        return
    met = fresh or _holding(case, profiles)
    if met:
        codes = "、".join(dict.fromkeys(match.standard.code for match in met))
        yield Anomaly(
            "penalised-only",
            f"记录的事实达到追诉标准（{codes}），已作处罚，案中未见移送：是否应当移送公安机关，请核查"
            f" — the facts on record meet {codes}, a penalty was given and no transfer is on record: should the "
            "case go to the police?",
        )


def _with_the_police(case: Case) -> bool:
    return any(
        event.envelope.type.startswith(_WITH_THE_POLICE)
        and event.envelope.type not in _CORRECTIONS
        and event.envelope.source != BUS_UNIT
        and event.identity not in case.voided
        for event in case.events
    )


def _holding(case: Case, profiles: frozenset[str]) -> list[Match]:
    """What the facts match that stand now."""
    standing = [event for event in case.standing(*TAKEN_FROM) if facts_of(event)]
    if not standing:
        return []
    return list(_matches(case, _offence_called(case.offence), standing, profiles, apart=_apart(case)))


def facts_of(event: CaseEvent) -> dict[str, int]:
    """The facts that `event` states, by code; of one that it states twice the greatest value."""
    found: dict[str, int] = {}
    for field, code in TAKEN_FROM[event.envelope.type].items():
        value = event.data.get(field)
        if value is not None:
            found[code] = value
    for fact in event.data.get(STATED) or ():
        code, value = fact["code"], fact["value"]
        known = FACT_BY_CODE.get(code)
        if known is not None and not known.unit:
            value = min(value, 1)  # true is true, whatever number stands for it
        found[code] = max(value, found.get(code, 0))
    return found


def _walk(case: Case, profiles: frozenset[str]) -> Iterator[tuple[CaseEvent, list[Match]]]:
    """Every event of `case` that stated facts, in the order of the log, with what matched when it came."""
    standing: list[CaseEvent] = []
    offence: str | None = None
    apart = _apart(case)
    for event in case.events:
        if event.envelope.type in _CORRECTIONS:
            standing = [other for other in standing if not _takes_back(case, event, other)]
        offence = event.data.get("offence") or offence
        if event.envelope.type in TAKEN_FROM and facts_of(event):
            standing.append(event)
            yield event, list(_matches(case, _offence_called(offence), standing, profiles, apart=apart))


_offence_called = lru_cache(maxsize=1024)(find)


def _takes_back(case: Case, correction: CaseEvent, other: CaseEvent) -> bool:
    target = (correction.data.get("regarding_source"), correction.data.get("regarding_id"))
    return (
        target == other.identity
        and correction.envelope.source == other.envelope.source
        and target in case.voided
    )


def _matches(
    case: Case,
    offence: Offence | None,
    standing: Sequence[CaseEvent],
    profiles: frozenset[str],
    *,
    apart: bool,
) -> Iterator[Match]:
    day = _day(standing[-1])
    standards = [row for row in _concerned(case.field, offence, profiles) if row.in_force(day)]
    common, own = _by_party(standing, apart=apart)
    of_all = {match.key: match for match in _met(standards, common, None)}
    yield from of_all.values()
    for party, facts in own.items():
        for match in _met(standards, facts, party):
            if (match.standard.code, None, match.facts) not in of_all:
                yield match


def _apart(case: Case) -> bool:
    """Whether the case has parties to be told apart. With one or none, everything is about the same."""
    return len(known(event for event in case.events if event.identity not in case.voided)) > 1


def _by_party(standing: Iterable[CaseEvent], *, apart: bool) -> tuple[_Facts, Mapping[str, _Facts]]:
    """What was stated of several parties or of nobody by name; and for each party named alone, what counts for it.

    An event about several parties states what they did together (共同犯罪), which counts for each of them.
    """
    told = [(named(event) if apart else frozenset[str](), facts_of(event)) for event in standing]
    alone = dict.fromkeys(min(about) for about, _ in told if len(about) == 1)
    common = _greatest(facts for about, facts in told if len(about) != 1)
    own = {one: _greatest(facts for about, facts in told if not about or one in about) for one in alone}
    return common, own


def _greatest(stated: Iterable[_Facts]) -> _Facts:
    greatest: dict[str, int] = {}
    for facts in stated:
        for code, value in facts.items():
            greatest[code] = max(value, greatest.get(code, 0))
    return greatest


def _met(standards: Iterable[Standard], facts: Mapping[str, int], party: str | None) -> Iterator[Match]:
    for standard in standards:
        met = tuple(item for item in standard.items if item.met(facts))
        if met:
            codes = dict.fromkeys(need.fact for item in met for need in item.needs)
            yield Match(standard, met, tuple((code, facts[code]) for code in codes), party)


def _day(event: CaseEvent) -> date:
    """The last day on which the event can have happened: its standards are those of that day."""
    return (event.span.latest or event.recorded_at).astimezone(CHINA).date()


@lru_cache(maxsize=256)
def _concerned(field: str, named: Offence | None, profiles: frozenset[str]) -> tuple[Standard, ...]:
    """The standards to ask about: those of the named offence if there are any, else those of the field."""
    on = [
        row
        for row in STANDARDS
        if (row.profile is None or row.profile in profiles) and (not row.fields or field in row.fields)
    ]
    of_offence = tuple(row for row in on if named is not None and find(row.offence) is named)
    return of_offence or tuple(row for row in on if field in _offence(row).fields)


def _offence(standard: Standard) -> Offence:
    offence = find(standard.offence)
    if offence is None:
        raise LookupError(f"{standard.code}: no offence {standard.offence} in schemas/offences.py")
    return offence


def _say(event: CaseEvent, match: Match) -> Emit:
    source, event_id = event.identity
    about = () if match.party is None else (match.party,)
    data: dict[str, Any] = {
        "rule": match.standard.code,
        "offence": match.standard.offence,
        "matched": [_shown(code, value) for code, value in match.facts],
        "amount_fen": next((value for code, value in match.facts if code.endswith("_fen")), None),
        "standard": "；".join(_cited(match.standard, item) for item in match.items),
        "party": match.party,
        "summary": None if match.standard.remark is None else match.standard.remark.zh,
        "documents": [],
    }
    return Emit(
        str(derived_id(f"{source}/{event_id}", "threshold", "\n".join((match.standard.code, *about)))),
        MATCHED,
        data,
    )


def _shown(code: str, value: int) -> str:
    fact = FACT_BY_CODE[code]
    return f"{fact.zh}：{fact.shown(value)}"


def _cited(standard: Standard, item: Item) -> str:
    return f"{standard.source(item).cited}：{'，且'.join(need.zh for need in item.needs)}"


def _unknown(event: CaseEvent) -> Iterator[Anomaly]:
    codes = [fact["code"] for fact in event.data.get(STATED) or () if fact["code"] not in FACT_BY_CODE]
    if codes:
        names = ", ".join(dict.fromkeys(codes))
        yield Anomaly(
            "unknown-fact",
            f"事实要素代码{names}不在要素表中，未作比对 — {names}: no such fact, see docs/thresholds.md; not compared",
        )

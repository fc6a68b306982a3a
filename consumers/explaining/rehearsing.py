"""Rehearsing events: what they would cause, one after the other, with what the bus would say itself. Writes nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consumers.casefile import Case, CaseEvent, Clock, Identity
from consumers.casework.emission import bus_headers, with_opinion
from consumers.casework.fold import Folded, fold
from consumers.decisions import Emit
from consumers.explaining.account import Account, Flagged, Outcome
from consumers.explaining.explain import account_of, set_aside
from consumers.explaining.rule_sets import rule_set
from consumers.handovers.alarms import alarm_event
from consumers.rulebook import Rulebook
from schemas.codec import decode, encode
from schemas.digests import digest
from schemas.envelope import Headers, read_headers
from schemas.units import BUS_UNIT

_CONFLICT = Flagged(
    "identity-conflict",
    "同一标识已用于其他内容，本事件将被搁置",
    "this identity stands for other content already: the event would be set aside",
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a rehearsal: the case before it, what the fold made of it (None if nothing), its account."""

    before: Case | None
    event: CaseEvent
    folded: Folded | None
    account: Account


class Rehearsal:
    """Folds events onto cases in memory. Begins with the cases and identities that it is given.

    `taken` has the digest of each identity that the bus knows already. What the bus says itself is heard at
    once after its cause; alarms ring only when told to.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        cases: Mapping[UUID, Case] | None = None,
        taken: Mapping[Identity, bytes] | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.rules = rule_set(rulebook)
        self.cases: dict[UUID, Case] = dict(cases or {})
        self._taken: dict[Identity, bytes] = dict(taken or {})
        self._heard = 0

    def hear(self, headers: Headers, value: bytes, at: datetime) -> list[Heard]:
        """The event in this record, appended at `at`, then what the bus says because of it, in order.

        The record must be one that intake admits; raises ValueError otherwise.
        """
        heard: list[Heard] = []
        waiting = deque([(headers, value)])
        while waiting:
            headers, value = waiting.popleft()
            one = self._hear(headers, value, at)
            heard.append(one)
            if one.folded is not None:
                waiting += self._said(one.event, value, one.folded)
        return heard

    def ring(self, until: datetime) -> list[Heard]:
        """Lets every alarm ring that is due by `until`, all at that time, and what follows from them too."""
        heard: list[Heard] = []
        while due := sorted(self._due(until), key=lambda one: (one[1].alarm_at or until, one[1].id)):
            for case, clock in due:
                event_id, type_, data = alarm_event(clock, case.id)
                heard += self.hear(
                    self._headers(event_id, type_, case, "", until), encode(type_, data), until
                )
        return heard

    def _hear(self, headers: Headers, value: bytes, at: datetime) -> Heard:
        envelope = read_headers(headers)
        event = CaseEvent(0, self._heard, at, envelope, envelope.span, decode(value).data)
        self._heard += 1
        before, known = self.cases.get(envelope.subject), self._taken.get(event.identity)
        content = digest(envelope, value)
        if known is not None:
            repeat = known == content
            outcome, held = (Outcome.REPEAT, None) if repeat else (Outcome.CONFLICT, _CONFLICT)
            return self._without_effect(before, event, outcome, held)
        try:
            folded = fold(before, event, self.rulebook)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  (casework parks an event that a rule fails on)
            detail = f"{type(error).__name__}: {error}"
            return self._without_effect(before, event, Outcome.PARKED, Flagged("rule-failed", detail, detail))
        account = account_of(before, event, folded, self.rulebook, self.rules)
        if folded.case is not None and folded.parked is None:
            self.cases[envelope.subject] = folded.case
            self._taken[event.identity] = content
        return Heard(before, event, folded, account)

    def _without_effect(
        self, before: Case | None, event: CaseEvent, outcome: Outcome, held: Flagged | None
    ) -> Heard:
        account = set_aside(before, event, outcome, held, rulebook=self.rulebook, rules=self.rules)
        return Heard(before, event, None, account)

    def _said(self, cause: CaseEvent, value: bytes, folded: Folded) -> Iterator[tuple[Headers, bytes]]:
        case = folded.case
        if case is None:
            return
        for emit in folded.decisions:
            if isinstance(emit, Emit) and (BUS_UNIT, emit.id) not in self._taken:
                headers = self._headers(emit.id, emit.type, case, cause.envelope.id, cause.recorded_at)
                yield headers, encode(emit.type, with_opinion(emit.data, value))

    def _headers(self, event_id: str, type_: str, case: Case, causation: str, time: datetime) -> Headers:
        return bus_headers(
            event_id=event_id,
            type_=type_,
            case_id=case.id,
            origin_unit=case.origin_unit,
            origin_case=case.origin_case,
            field=case.field,
            time=time,
            causation=causation,
        )

    def _due(self, until: datetime) -> Iterator[tuple[Case, Clock]]:
        for case in self.cases.values():
            for clock in case.clocks.values():
                if clock.alarm_at is not None and clock.alarm_at <= until:
                    yield case, clock

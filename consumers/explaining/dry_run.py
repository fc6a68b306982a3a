"""Dry runs: what events would cause if the bus had them now. Reads the database in transactions that cannot write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from consumers.casefile import CaseEvent
from consumers.casework.fold import refold
from consumers.casework.records import stored_event
from consumers.casework.store import stored_events, taken_identities
from consumers.explaining.account import Account, Outcome
from consumers.explaining.rehearsing import Heard, Rehearsal
from consumers.explaining.seen import part_of, seen_by
from consumers.explaining.stored import visible_to
from consumers.rulebook import Rulebook
from schemas.envelope import Headers, read_headers


class Sayable(Protocol):
    """A record that intake would admit."""

    @property
    def headers(self) -> Headers:
        """The envelope, as record headers."""

    @property
    def value(self) -> bytes:
        """The payload, as the record's value."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one event would cause, and what the bus would then say that its speaker would receive, in order."""

    effect: Account
    follows: tuple[Account, ...]


class DryRun:
    """Foresees events against what the database holds. Blocks: call it in a thread."""

    def __init__(self, engine: Engine, rulebook: Rulebook) -> None:
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._rulebook = rulebook

    def foresee(self, unit: str | None, said: Sequence[Sayable], at: datetime) -> list[Foreseen]:
        """What each of `said` would cause, each seeing the effects of those before it, if appended `at`.

        As `unit` may see it, None being an operator. What is in the log and not applied yet is not seen, nor
        does an alarm ring in between. Writes nothing anywhere.
        """
        with self._engine.connect() as connection:
            stage = _Stage.set_up(connection, unit, said, self._rulebook)
        return [stage.hear(one, at) for one in said]


class _Stage:
    """The cases of a dry run in memory, and which of their events the unit may see."""

    def __init__(
        self, rehearsal: Rehearsal, unit: str | None, visible: dict[UUID, tuple[CaseEvent, ...]]
    ) -> None:
        self._rehearsal = rehearsal
        self._unit = unit
        self._visible = visible

    @classmethod
    def set_up(
        cls, connection: Connection, unit: str | None, said: Iterable[Sayable], rulebook: Rulebook
    ) -> _Stage:
        envelopes = [read_headers(one.headers) for one in said]
        rows = stored_events(connection, {envelope.subject for envelope in envelopes})
        taken = taken_identities(connection, [envelope.identity for envelope in envelopes])
        told = {case: [stored_event(row) for row in found] for case, found in rows.items()}
        folded = {case: refold(found, rulebook) for case, found in told.items()}
        cases = {case_id: case for case_id, case in folded.items() if case is not None}
        digests = {
            (row["source"], row["event_id"]): row["digest"] for found in rows.values() for row in found
        }
        digests |= {identity: digest for identity, (_, digest) in taken.items()}
        visible = {} if unit is None else _visible(connection, unit, told)
        return cls(Rehearsal(rulebook, cases, digests), unit, visible)

    def hear(self, said: Sayable, at: datetime) -> Foreseen:
        first, *more = self._rehearsal.hear(said.headers, said.value, at)
        effect = self._seen(first)
        follows = [self._seen(one) for one in more if self._may_see(one)]
        return Foreseen(effect, tuple(follows))

    def _may_see(self, heard: Heard) -> bool:
        return self._unit is None or any(one.unit.code == self._unit for one in heard.account.received)

    def _seen(self, heard: Heard) -> Account:
        if self._unit is None:
            return heard.account
        case = heard.event.envelope.subject
        visible = (*self._visible.get(case, ()), heard.event)
        if heard.account.outcome is Outcome.APPLIED:
            self._visible[case] = visible
        return seen_by(
            self._unit,
            heard.account,
            part_of(visible, self._rehearsal.rulebook),
            visible,
            self._rehearsal.rulebook,
        )


def _visible(
    connection: Connection, unit: str, told: Mapping[UUID, Sequence[CaseEvent]]
) -> dict[UUID, tuple[CaseEvent, ...]]:
    return {case: tuple(visible_to(connection, unit, found)) for case, found in told.items()}

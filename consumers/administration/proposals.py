"""What administrators propose: kept until a second person has decided, where one has to, and it is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from consumers.approvals.rules import AFTER, Decision, State, to_decision, to_words
from infra.administration_tables import proposals
from infra.audit import Actor, enter_change

_OPEN = (State.PROPOSED.value, State.APPROVED.value)


class Kind(StrEnum):
    """What may be proposed."""

    SUSPEND = "unit-suspend"
    RESUME = "unit-resume"
    ISSUE = "key-issue"
    REVOKE = "keys-revoke"
    PROFILES = "profiles"
    CALENDAR = "calendar"


OF_RULES = frozenset({Kind.PROFILES, Kind.CALENDAR})
"""What changes rules: always decided by a second person, who has seen what it would change, and then installed."""


class ProposalError(ValueError):
    """What was asked of a proposal cannot be done; the text (Chinese — English) says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; `subject` is a unit, or empty for the whole installation."""

    id: UUID
    kind: Kind
    subject: str
    reason: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. `decided_by` None: nobody had to decide, or has yet."""

    id: UUID
    kind: Kind
    subject: str
    body: Mapping[str, Any]
    state: State
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_why: str
    finished_at: datetime | None
    preview: Mapping[str, Any] | None

    @property
    def open(self) -> bool:
        """Whether anything is still to be done."""
        return self.state.value in _OPEN


def propose(
    connection: Connection,
    actor: Actor,
    asked: Asked,
    *,
    needs_approval: bool,
    now: datetime,
) -> Proposal:
    """Keeps a proposal; with the id of an earlier one, that one is returned as it stands. The caller commits.

    Raises ProposalError if nobody and no reason is named.
    """
    if objection := to_words(actor.name, asked.reason):
        raise ProposalError(objection)
    row = {
        "proposal_id": asked.id,
        "kind": asked.kind.value,
        "subject": asked.subject,
        "body": dict(asked.body),
        "state": (State.PROPOSED if needs_approval else State.APPROVED).value,
        "reason": asked.reason,
        "proposed_by": actor.name,
        "proposed_at": now,
    }
    told = insert(proposals).values(row).on_conflict_do_nothing().returning(proposals.c.proposal_id)
    if connection.execute(told).first() is not None:  # a form that is sent twice is entered once
        target = asked.subject or str(asked.id)
        enter_change(connection, actor, f"{asked.kind.value}-proposed", target, asked.reason, now=now)
    return proposal_of(connection, asked.id, lock=True)


def decide(
    connection: Connection,
    actor: Actor,
    proposal_id: UUID,
    decision: Decision,
    reason: str,
    *,
    now: datetime,
) -> Proposal:
    """Approves, rejects or withdraws. The caller commits, and carries out what is approved. Raises ProposalError."""
    if objection := to_words(actor.name, reason):
        raise ProposalError(objection)
    found = proposal_of(connection, proposal_id, lock=True)
    objection = to_decision(found.state, decision, proposed_by=found.proposed_by, by=actor.name)
    if objection:
        raise ProposalError(objection)
    if decision is Decision.APPROVE and found.kind in OF_RULES and found.preview is None:
        raise ProposalError("影响预览尚未算出 — what it would change is not computed yet: wait for it")
    state = AFTER[decision]
    connection.execute(
        update(proposals)
        .where(proposals.c.proposal_id == proposal_id)
        .values(
            state=state.value,
            decided_by=actor.name,
            decided_at=now,
            decided_why=reason,
            finished_at=None if state is State.APPROVED else now,
        )
    )
    enter_change(connection, actor, f"proposal-{state.value}", str(proposal_id), reason, now=now)
    return proposal_of(connection, proposal_id)


def keep_preview(connection: Connection, proposal_id: UUID, preview: Mapping[str, Any]) -> None:
    """Keeps what an undecided proposal would change. The caller commits."""
    undecided = (proposals.c.proposal_id == proposal_id) & (proposals.c.state == State.PROPOSED.value)
    connection.execute(update(proposals).where(undecided).values(preview=dict(preview)))


def finish(connection: Connection, proposal_id: UUID, *, now: datetime) -> None:
    """Marks an approved proposal as carried out, in the transaction that does it."""
    approved = (proposals.c.proposal_id == proposal_id) & (proposals.c.state == State.APPROVED.value)
    connection.execute(update(proposals).where(approved).values(state=State.DONE.value, finished_at=now))


def proposal_of(connection: Connection, proposal_id: UUID, *, lock: bool = False) -> Proposal:
    """The proposal. Raises ProposalError if there is none."""
    wanted = select(proposals).where(proposals.c.proposal_id == proposal_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise ProposalError("没有该事项 — there is no such proposal")
    return _proposal(row)


def latest(connection: Connection, *, subject: str | None = None, limit: int = 50) -> list[Proposal]:
    """Open proposals first, then the others, each with the newest first."""
    rows = select(proposals).order_by(
        proposals.c.state.in_(_OPEN).desc(), proposals.c.proposed_at.desc(), proposals.c.proposal_id
    )
    if subject is not None:
        rows = rows.where(proposals.c.subject == subject)
    return [_proposal(row) for row in connection.execute(rows.limit(limit))]


def _proposal(row: Any) -> Proposal:
    return Proposal(
        row.proposal_id, Kind(row.kind), row.subject, row.body, State(row.state), row.reason, row.proposed_by,
        row.proposed_at, row.decided_by, row.decided_at, row.decided_why, row.finished_at, row.preview,
    )  # fmt: skip

"""What every page of administration does with a proposal: makes it, decides on it, and carries out what may be."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from consumers.administration import proposals
from consumers.administration.carrying_out import Carried, carry_out, waits
from consumers.administration.proposals import OF_RULES, Asked, Kind
from consumers.approvals.rules import Decision, State
from consumers.console.desk import Console, Visit
from infra.audit import Actor


def actor_of(visit: Visit) -> Actor:
    """The visitor, as the audit names whoever does something."""
    return Actor(visit.who.name, visit.who.role.value, visit.address)


def ask(console: Console, visit: Visit, asked: Asked) -> Carried | None:
    """Proposes, and carries out at once where no second person is asked for; None: one is, or it was done before.

    Raises ProposalError.
    """
    needs_approval = console.options.admin_approval or asked.kind in OF_RULES
    with console.engine.begin() as connection:
        actor = actor_of(visit)
        made = proposals.propose(connection, actor, asked, needs_approval=needs_approval, now=visit.now)
        if made.state is not State.APPROVED:
            return None
        return carry_out(connection, actor, made, now=visit.now)


def decide(console: Console, visit: Visit, proposal_id: UUID, decision: Decision, reason: str) -> None:
    """Decides, and carries out what that approves, in one transaction. Raises ProposalError."""
    with console.engine.begin() as connection:
        found = proposals.decide(connection, actor_of(visit), proposal_id, decision, reason, now=visit.now)
        if found.state is State.APPROVED and not waits(found):
            carry_out(connection, actor_of(visit), found, now=visit.now)


def collect(console: Console, visit: Visit, proposal_id: UUID) -> Carried:
    """Carries out what was approved and waits for its proposer. Raises ProposalError."""
    with console.engine.begin() as connection:
        found = proposals.proposal_of(connection, proposal_id, lock=True)
        return carry_out(connection, actor_of(visit), found, now=visit.now)


def may_collect(found: proposals.Proposal, visit: Visit) -> bool:
    """Whether the visitor is whom an approved proposal waits for."""
    mine = found.proposed_by == visit.who.name
    return mine and found.state is State.APPROVED and found.kind is Kind.ISSUE


def of_unit(connection: Connection, unit: str) -> list[proposals.Proposal]:
    """The latest proposals about a unit."""
    return proposals.latest(connection, subject=unit, limit=20)

"""Carrying out what was approved, in the transaction that marks it as done: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from consumers.administration.proposals import OF_RULES, Kind, Proposal, ProposalError, finish
from consumers.approvals.rules import State
from infra import unit_access
from infra.audit import Actor


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of it. `secret` can be shown now and never again."""

    secret: str | None = field(default=None, repr=False)


def carry_out(connection: Connection, actor: Actor, proposal: Proposal, *, now: datetime) -> Carried:
    """Does what the proposal says, once. The caller holds its row locked, and commits.

    Raises ProposalError unless it is approved, or if a key is asked for by another than who proposed it.
    """
    if proposal.state is not State.APPROVED:
        raise ProposalError(
            f"该事项状态为 {proposal.state.value} — it is {proposal.state.value}, not approved"
        )
    if proposal.kind in OF_RULES:
        raise ProposalError(
            "规则须在服务器上启用 — rules are installed on the server: `linkage rules install`"
        )
    carried = DEEDS[proposal.kind](connection, actor, proposal, now)
    finish(connection, proposal.id, now=now)
    return carried


def waits(proposal: Proposal) -> bool:
    """Whether approval alone does not carry it out: a key waits for its proposer, rules for their installation."""
    return proposal.kind is Kind.ISSUE or proposal.kind in OF_RULES


def _suspend(connection: Connection, actor: Actor, proposal: Proposal, now: datetime) -> Carried:
    unit_access.suspend(connection, actor, proposal.subject, proposal.reason, now=now)
    return Carried()


def _resume(connection: Connection, actor: Actor, proposal: Proposal, now: datetime) -> Carried:
    unit_access.resume(connection, actor, proposal.subject, proposal.reason, now=now)
    return Carried()


def _issue(connection: Connection, actor: Actor, proposal: Proposal, now: datetime) -> Carried:
    if actor.name != proposal.proposed_by:
        raise ProposalError("只有提出人可以领取密钥 — only who proposed it may collect the key")
    days = proposal.body.get("days")
    expires_at = now + timedelta(days=int(days)) if days else None
    return Carried(
        unit_access.issue(
            connection, actor, proposal.subject, proposal.reason, now=now, expires_at=expires_at
        )
    )


def _revoke(connection: Connection, actor: Actor, proposal: Proposal, now: datetime) -> Carried:
    name = str(proposal.body.get("name", ""))
    unit_access.revoke(connection, actor, proposal.subject, proposal.reason, now=now, name=name)
    return Carried()


DEEDS: Mapping[Kind, Callable[[Connection, Actor, Proposal, datetime], Carried]] = MappingProxyType(
    {Kind.SUSPEND: _suspend, Kind.RESUME: _resume, Kind.ISSUE: _issue, Kind.REVOKE: _revoke}
)
"""How each kind is carried out."""

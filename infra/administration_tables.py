"""The tables of administration: what security administrators propose and decide, and whom a provider knows."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from infra.table_names import metadata

_time = DateTime(timezone=True)

proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, comment="what is to be done: unit-suspend, key-issue …"),
    Column("subject", Text, nullable=False, comment="to what: a unit; empty: to the whole installation"),
    Column("body", JSONB, nullable=False, comment="what else has to be known to do it; never a secret"),
    Column("state", Text, nullable=False, comment="proposed | approved | done | rejected | withdrawn"),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", _time, nullable=False),
    Column("decided_by", Text, comment="null: nobody had to decide, or has yet"),
    Column("decided_at", _time),
    Column("decided_why", Text, nullable=False, server_default=""),
    Column("finished_at", _time, comment="when it was carried out, rejected or withdrawn"),
    Column("preview", JSONB, comment="what it would change, once that is computed"),
    Index("ix_proposals_open", "proposed_at", postgresql_where="state IN ('proposed', 'approved')"),
    comment="What administrators want done, and who decided. No fold of the log: keep it. Writer: administration.",
)

console_identities = Table(
    "console_identities",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="the provider's unchanging name for the person"),
    Column("name", Text, nullable=False, comment="of the person in console_users"),
    PrimaryKeyConstraint("issuer", "subject"),
    comment="Who signs in through an OpenID Connect provider. Writer: `linkage console user`.",
)

"""first tables."""

# ruff: noqa: E501 - the tables' comments stand as they are

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anomalies",
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "log_offset", "n", name=op.f("pk_anomalies")),
        comment="Admitted events out of legal order. Writer: casework.",
    )
    op.create_index("ix_anomalies_case", "anomalies", ["case_id"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column(
            "key_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the key; the key itself is shown once",
        ),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_api_keys")),
        comment="Which key speaks for which unit. Writer: `linkage unit key`.",
    )
    op.create_index("ix_api_keys_unit", "api_keys", ["unit"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("origin_unit", sa.Text(), nullable=False),
        sa.Column("origin_case", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("offence", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reverse_state", sa.Text(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
        comment="One row per case. Writer: casework.",
    )
    op.create_table(
        "clocks",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False, comment="the unit that must act"),
        sa.Column("started_source", sa.Text(), nullable=False),
        sa.Column("started_id", sa.Text(), nullable=False),
        sa.Column("start_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assumed_start", sa.Boolean(), nullable=False),
        sa.Column(
            "due_from",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="earliest possible last second in time",
        ),
        sa.Column(
            "due_to",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="latest possible last second in time; null: cannot be computed",
        ),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("stopped_source", sa.Text(), nullable=True),
        sa.Column("stopped_id", sa.Text(), nullable=True),
        sa.Column("stopped_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overrun_seconds", sa.BigInteger(), nullable=True),
        sa.Column("breached_source", sa.Text(), nullable=True),
        sa.Column("breached_id", sa.Text(), nullable=True),
        sa.Column("breach_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reported_late", sa.Boolean(), nullable=False),
        sa.Column("alarm", sa.Text(), nullable=True, comment="what rings next; null: nothing"),
        sa.Column("alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("clock_id", name=op.f("pk_clocks")),
        comment="Statutory clocks. Writer: casework; the clock process only reads them and fills the outbox.",
    )
    op.create_index(
        "ix_clocks_alarm", "clocks", ["alarm_at"], unique=False, postgresql_where="alarm_at IS NOT NULL"
    )
    op.create_index("ix_clocks_case", "clocks", ["case_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "occurred_from",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="earliest possible instant; null: unbounded",
        ),
        sa.Column(
            "occurred_to",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="latest possible instant; null: unbounded",
        ),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), nullable=False, comment="append time in the log"
        ),
        sa.Column(
            "headers",
            sa.LargeBinary(),
            nullable=False,
            comment="the record's headers: a JSON list of [name, text]",
        ),
        sa.Column("value", sa.LargeBinary(), nullable=False, comment="the record's value, byte-identical"),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SHA-256 over identity, type, case and value"
        ),
        sa.Column(
            "chain",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 over the previous chain value, digest, append time, headers",
        ),
        sa.PrimaryKeyConstraint("partition", "log_offset", name=op.f("pk_events")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_events")),
        comment="The inbox: every applied event of the log, once per identity. Writer: casework.",
    )
    op.create_index("ix_events_case", "events", ["case_id"], unique=False)
    op.create_table(
        "feed_entries",
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False, comment="which delivery of this event"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "log_offset", "n", name=op.f("pk_feed_entries")),
        comment="Who receives which event and why. Writer: casework.",
    )
    op.create_table(
        "feed_positions",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "seq", name=op.f("pk_feed_positions")),
        comment="The dense sequence of each feed. Writer: relay.",
    )
    op.create_table(
        "feeds",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column(
            "assigned",
            sa.BigInteger(),
            nullable=False,
            comment="highest sequence number given out; numbers start at 1",
        ),
        sa.Column(
            "published", sa.BigInteger(), nullable=False, comment="highest number acknowledged by the broker"
        ),
        sa.Column(
            "acknowledged",
            sa.BigInteger(),
            nullable=False,
            comment="highest number the unit has acknowledged",
        ),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_feeds")),
        comment="Where each feed stands. Writer: relay; the gateway moves `acknowledged`.",
    )
    op.create_table(
        "mirrors",
        sa.Column("mirror_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("opinion_source", sa.Text(), nullable=False),
        sa.Column("opinion_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clue_no", sa.Text(), nullable=False),
        sa.Column("decided_source", sa.Text(), nullable=True),
        sa.Column("decided_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("mirror_id", name=op.f("pk_mirrors")),
        comment="Opinions copied to departments as work. Writer: casework.",
    )
    op.create_index("ix_mirrors_case", "mirrors", ["case_id"], unique=False)
    op.create_index(
        "ix_mirrors_unit_open", "mirrors", ["unit"], unique=False, postgresql_where="state = 'copied'"
    )
    op.create_table(
        "outbox",
        sa.Column(
            "event_id", sa.Text(), nullable=False, comment="derived: the same decision gives the same id"
        ),
        sa.Column(
            "position",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="order of publishing",
        ),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False, comment="JSON list of [name, text]"),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: not yet acknowledged by the broker",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outbox")),
        comment="What the bus says itself, on its way into the log. Writers: casework and clock insert, relay marks, casework deletes what came back through the log.",
    )
    op.create_index(
        "ix_outbox_unpublished", "outbox", ["position"], unique=False, postgresql_where="published_at IS NULL"
    )
    op.create_table(
        "progress",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column(
            "chain",
            sa.LargeBinary(),
            nullable=False,
            comment="head of the partition's hash chain; 32 zero bytes at the start",
        ),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_progress")),
        comment="Where each partition stands: duplicate filter, zombie fence and gap detector. Writer: whoever holds the partition.",
    )
    op.create_table(
        "quarantine",
        sa.Column("topic", sa.Text(), nullable=False, comment="where the record was read"),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="refused | parked | conflict"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "owner",
            sa.Text(),
            nullable=False,
            comment="who wrote it: owner of the ingress topic, or ce_source behind the gateway",
        ),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column(
            "headers", sa.LargeBinary(), nullable=False, comment="JSON list of [name, base64 value or null]"
        ),
        sa.PrimaryKeyConstraint("topic", "partition", "log_offset", name=op.f("pk_quarantine")),
        comment="What was not applied and why. Writers: the dead-letter projection (refused), casework (parked, conflict).",
    )
    op.create_index("ix_quarantine_owner", "quarantine", ["owner"], unique=False)
    op.create_table(
        "relay_progress",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "log_offset",
            sa.BigInteger(),
            nullable=False,
            comment="feed entries up to and including this event are numbered",
        ),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_relay_progress")),
        comment="How far the relay has numbered each partition's feed entries. Writer: relay.",
    )
    op.create_table(
        "submissions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "topic", sa.Text(), nullable=True, comment="null until the broker has acknowledged the record"
        ),
        sa.Column("partition", sa.Integer(), nullable=True),
        sa.Column("log_offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("source", "event_id", name=op.f("pk_submissions")),
        comment="Receipts of the gateway, so that a retry gets the first one. Writer: gateway.",
    )

"""The tables of the database; the comment of each names its one writer. Casework's are a fold of the log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from infra import (
    administration_tables,
    bulletin_tables,
    exchange_tables,
    import_tables,
    notice_tables,
    notifying_tables,
    proof_tables,
    rule_tables,
    vault_tables,
    webhook_tables,
)
from infra.table_names import metadata

__all__ = [
    "administration_tables",
    "bulletin_tables",
    "exchange_tables",
    "import_tables",
    "metadata",
    "notice_tables",
    "notifying_tables",
    "proof_tables",
    "rule_tables",
    "vault_tables",
    "webhook_tables",
]

_time = DateTime(timezone=True)

progress = Table(
    "progress",
    metadata,
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False, comment="head of the audit chain; at first 32 zero bytes"),
    PrimaryKeyConstraint("topic", "partition"),
    comment="Where each partition stands: duplicate filter, zombie fence and gap detector. "
    "Writer: whoever holds the partition.",
)

events = Table(
    "events",
    metadata,
    Column("partition", SmallInteger, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("occurred_from", _time, comment="earliest possible instant; null: unbounded"),
    Column("occurred_to", _time, comment="latest possible instant; null: unbounded"),
    Column("recorded_at", _time, nullable=False, comment="append time in the log"),
    Column(
        "headers", LargeBinary, nullable=False, comment="the record's headers: a JSON list of [name, text]"
    ),
    Column("value", LargeBinary, nullable=False, comment="the record's value, byte-identical"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 over identity, type, case and value"),
    Column(
        "chain",
        LargeBinary,
        nullable=False,
        comment="SHA-256 over the link before and the event's leaf",
    ),
    PrimaryKeyConstraint("partition", "log_offset"),
    UniqueConstraint("source", "event_id"),
    Index("ix_events_case", "case_id"),
    comment="The inbox: every applied event of the log, once per identity. Writer: casework.",
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("origin_unit", Text, nullable=False),
    Column("origin_case", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("offence", Text),
    Column("state", Text, nullable=False),
    Column("reverse_state", Text),
    Column("events", Integer, nullable=False),
    Column("opened_at", _time, nullable=False),
    Column("updated_at", _time, nullable=False),
    Column("last_offset", BigInteger, nullable=False),
    comment="One row per case. Writer: casework.",
)

clocks = Table(
    "clocks",
    metadata,
    Column("clock_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("holder", Text, nullable=False, comment="the unit that must act"),
    Column("started_source", Text, nullable=False),
    Column("started_id", Text, nullable=False),
    Column("started_offset", BigInteger, nullable=False, comment="of that event, in the same partition"),
    Column("start_from", _time),
    Column("start_to", _time),
    Column("assumed_start", Boolean, nullable=False),
    Column("due_from", _time, comment="earliest possible last second in time"),
    Column("due_to", _time, comment="latest possible last second in time; null: cannot be computed"),
    Column("provisional", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("certain", Boolean, nullable=False),
    Column("stopped_source", Text),
    Column("stopped_id", Text),
    Column("stopped_from", _time),
    Column("stopped_to", _time),
    Column("overrun_seconds", BigInteger),
    Column("breached_source", Text),
    Column("breached_id", Text),
    Column("breach_withdrawn", Boolean, nullable=False),
    Column("reported_late", Boolean, nullable=False),
    Column("alarm", Text, comment="what rings next; null: nothing"),
    Column("alarm_at", _time),
    Index("ix_clocks_case", "case_id"),
    Index("ix_clocks_alarm", "alarm_at", postgresql_where="alarm_at IS NOT NULL"),
    comment="Statutory clocks. Writer: casework; the clock process only reads them and fills the outbox.",
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("partition", SmallInteger, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("n", SmallInteger, nullable=False, comment="which delivery of this event"),
    Column("unit", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("basis", Text, nullable=False),
    PrimaryKeyConstraint("partition", "log_offset", "n", postgresql_include=["unit"]),
    comment="Who receives which event and why. Writer: casework.",
)

mirrors = Table(
    "mirrors",
    metadata,
    Column("mirror_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("opinion_source", Text, nullable=False),
    Column("opinion_id", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("copied_at", _time, nullable=False),
    Column("reason", Text, nullable=False),
    Column("clue_no", Text, nullable=False),
    Column("decided_source", Text),
    Column("decided_id", Text),
    Index("ix_mirrors_case", "case_id"),
    Index("ix_mirrors_unit_open", "unit", postgresql_where="state = 'copied'"),
    comment="Opinions copied to departments as work. Writer: casework.",
)

anomalies = Table(
    "anomalies",
    metadata,
    Column("partition", SmallInteger, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("n", SmallInteger, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("partition", "log_offset", "n"),
    Index("ix_anomalies_case", "case_id"),
    comment="Admitted events out of legal order. Writer: casework.",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("topic", Text, nullable=False, comment="where the record was read"),
    Column("partition", Integer, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("kind", Text, nullable=False, comment="refused | parked | conflict"),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column(
        "owner",
        Text,
        nullable=False,
        comment="who wrote it: owner of the ingress topic, or ce_source behind the gateway",
    ),
    Column("source", Text),
    Column("event_id", Text),
    Column("type", Text),
    Column("case_id", Uuid),
    Column("recorded_at", _time, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", LargeBinary, nullable=False, comment="JSON list of [name, base64 value or null]"),
    PrimaryKeyConstraint("topic", "partition", "log_offset"),
    Index("ix_quarantine_owner", "owner"),
    Index("ix_quarantine_event", "source", "event_id"),
    Index("ix_quarantine_case", "case_id", postgresql_where="case_id IS NOT NULL"),
    comment="What was not applied and why. Writers: the dead-letter projection (refused), casework (parked, conflict).",
)

outbox = Table(
    "outbox",
    metadata,
    Column("event_id", Text, primary_key=True, comment="derived: the same decision gives the same id"),
    Column("position", BigInteger, Identity(), nullable=False, comment="order of publishing"),
    Column("case_id", Uuid, nullable=False),
    Column("headers", LargeBinary, nullable=False, comment="JSON list of [name, text]"),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", _time, nullable=False),
    Column("published_at", _time, comment="null: not yet acknowledged by the broker"),
    Index("ix_outbox_unpublished", "position", postgresql_where="published_at IS NULL"),
    comment="What the bus says itself, on its way into the log. Writers: casework and clock insert, relay marks, "
    "casework deletes what came back through the log.",
)

feeds = Table(
    "feeds",
    metadata,
    Column("unit", Text, primary_key=True),
    Column(
        "assigned",
        BigInteger,
        nullable=False,
        comment="highest sequence number given out; numbers start at 1",
    ),
    Column("published", BigInteger, nullable=False, comment="highest number acknowledged by the broker"),
    Column("acknowledged", BigInteger, nullable=False, comment="highest number the unit has acknowledged"),
    Column("acknowledged_at", _time),
    comment="Where each feed stands. Writer: relay; the gateway moves `acknowledged`.",
)

feed_positions = Table(
    "feed_positions",
    metadata,
    Column("unit", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("n", SmallInteger, nullable=False),
    PrimaryKeyConstraint("unit", "seq"),
    Index("ix_feed_positions_place", "partition", "log_offset"),
    comment="The dense sequence of each feed. Writer: relay.",
)

relay_progress = Table(
    "relay_progress",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column(
        "log_offset",
        BigInteger,
        nullable=False,
        comment="feed entries up to and including this event are numbered",
    ),
    comment="How far the relay has numbered each partition's feed entries. Writer: relay.",
)

submissions = Table(
    "submissions",
    metadata,
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("received_at", _time, nullable=False),
    Column("topic", Text, comment="null until the broker has acknowledged the record"),
    Column("partition", Integer),
    Column("log_offset", BigInteger),
    PrimaryKeyConstraint("source", "event_id"),
    comment="Receipts of the gateway, so that a retry gets the first one. Writer: gateway.",
)

api_keys = Table(
    "api_keys",
    metadata,
    Column(
        "key_hash", LargeBinary, primary_key=True, comment="SHA-256 of the key; the key itself is shown once"
    ),
    Column("unit", Text, nullable=False),
    Column("created_at", _time, nullable=False),
    Column("revoked_at", _time),
    Column("expires_at", _time, comment="null: valid until it is revoked"),
    Index("ix_api_keys_unit", "unit"),
    comment="Which key speaks for which unit. Writer: `linkage unit`.",
)

suspensions = Table(
    "suspensions",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("since", _time, nullable=False),
    Column("reason", Text, nullable=False),
    comment="Units whose words and deliveries are held. Writer: `linkage unit suspend` and `resume`.",
)

documents = Table(
    "documents",
    metadata,
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the content, which is in the store"),
    Column("unit", Text, nullable=False, comment="who sent it"),
    Column("size", BigInteger, nullable=False, comment="bytes"),
    Column("media_type", Text, nullable=False, comment="as the sender called it"),
    Column("stored_at", _time, nullable=False),
    PrimaryKeyConstraint("digest", "unit"),
    comment="Files that events name by their hash. Writer: gateway; `linkage documents clean` deletes.",
)

document_mentions = Table(
    "document_mentions",
    metadata,
    Column("digest", LargeBinary, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("digest", "partition", "log_offset"),
    comment="Which applied event names which file: an index over `events`. Writer: gateway, when somebody asks.",
)

document_progress = Table(
    "document_progress",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column(
        "log_offset", BigInteger, nullable=False, comment="events up to and including this are looked through"
    ),
    comment="How far `document_mentions` reaches. Writer: gateway.",
)

console_users = Table(
    "console_users",
    metadata,
    Column("name", Text, primary_key=True, comment="what the person signs in with"),
    Column("shown", Text, nullable=False, comment="the person's name as colleagues read it"),
    Column("role", Text, nullable=False),
    Column("unit", Text, comment="null: not of one unit (operator, auditor, security administrator)"),
    Column("password_hash", Text, nullable=False, comment="argon2id"),
    Column("secret", Text, comment="of the second factor (TOTP, base32)"),
    Column("second_factor", Boolean, nullable=False, comment="whether the person has confirmed the secret"),
    Column("last_step", BigInteger, nullable=False, comment="of the second factor: no code counts twice"),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("locked_until", _time),
    Column("active", Boolean, nullable=False),
    Column("created_at", _time, nullable=False),
    comment="Who may sign in to the console. Writers: console, `linkage console user`.",
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie"),
    Column("user", Text, nullable=False),
    Column("csrf", Text, nullable=False, comment="token that every form of this session carries"),
    Column("complete", Boolean, nullable=False, comment="false: the second factor is still to come"),
    Column("created_at", _time, nullable=False),
    Column("seen_at", _time, nullable=False),
    Index("ix_console_sessions_user", "user"),
    comment="Who is signed in to the console. Writer: console.",
)

console_audit = Table(
    "console_audit",
    metadata,
    Column("n", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _time, nullable=False),
    Column("user", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit", Text),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False, comment="path and query of the request"),
    Column("case_id", Uuid),
    Column("detail", Text, nullable=False, comment="such as the reason for revealing"),
    Column("address", Text, nullable=False),
    Column("what", Text, nullable=False, server_default="", comment="the deed: job-approved; empty: a visit"),
    Index("ix_console_audit_case", "case_id", "n", postgresql_where="case_id IS NOT NULL"),
    Index("ix_console_audit_user", "user", "n"),
    Index("ix_console_audit_at", "at"),
    comment="Who read, sought, took out or did what. Only added to. Writer: infra/audit.py.",
)

console_views = Table(
    "console_views",
    metadata,
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("query", Text, nullable=False, comment="the view: a page's state stands in its address"),
    PrimaryKeyConstraint("user", "page", "name"),
    comment="Views of pages that people keep under a name. Writer: console.",
)

_OPEN = "state IN ('running', 'paused', 'breached')"
_MISSED = "state IN ('breached', 'met-late') OR breach_withdrawn"
Index("ix_clocks_open", clocks.c.holder, clocks.c.due_to, postgresql_where=_OPEN)
Index("ix_clocks_open_due", clocks.c.due_to, clocks.c.clock_id, postgresql_where=_OPEN)
Index("ix_clocks_missed", clocks.c.holder, clocks.c.due_to, postgresql_where=_MISSED)
Index("ix_clocks_missed_due", clocks.c.due_to, clocks.c.clock_id, postgresql_where=_MISSED)
Index("ix_clocks_due", clocks.c.due_to, clocks.c.clock_id)
Index("ix_cases_opened", cases.c.origin_unit, cases.c.opened_at)
Index("ix_cases_origin_case", cases.c.origin_case, postgresql_ops={"origin_case": "text_pattern_ops"})
Index("ix_quarantine_recorded", quarantine.c.recorded_at)

redrive_jobs = Table(
    "redrive_jobs",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("action", Text, nullable=False, comment="redrive | release | return"),
    Column("state", Text, nullable=False, comment="proposed | approved | done | stopped | rejected"),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", _time, nullable=False),
    Column("decided_by", Text, comment="who approved or rejected it; null: nobody had to, or has yet"),
    Column("decided_at", _time),
    Column("rate", Integer, nullable=False, comment="records a second at most"),
    Column("finished_at", _time),
    comment="What operators want done with records that were not applied. No fold of the log: keep it. "
    "Writer: the redrive slice.",
)

redrive_items = Table(
    "redrive_items",
    metadata,
    Column("job_id", Uuid, nullable=False),
    Column("n", Integer, nullable=False, comment="order within the job"),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Column("source", Text, comment="identity of the event, where one could be read"),
    Column("event_id", Text),
    Column("owner", Text, nullable=False),
    Column("case_id", Uuid),
    Column("state", Text, nullable=False, comment="waiting | sent | applied | failed | held | returned"),
    Column("outcome", Text, nullable=False, comment="reason code of a failure; empty: none"),
    Column(
        "sent_behind", BigInteger, comment="no record of this sending stands before this offset of the log"
    ),
    Column("changed_at", _time, nullable=False),
    PrimaryKeyConstraint("job_id", "n"),
    Index("ix_redrive_items_place", "topic", "partition", "log_offset"),
    Index("ix_redrive_items_event", "source", "event_id"),
    comment="The records of each job and how far each has come. Writer: the redrive slice.",
)

"""The tables of subjects' keys, of ingress keys and of destruction; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, LargeBinary, Table, Text, Uuid

from infra.table_names import metadata

_time = DateTime(timezone=True)

subject_keys = Table(
    "subject_keys",
    metadata,
    Column("subject", Text, primary_key=True, comment="case/<id>, unit/<code> or document/<sha256>"),
    Column("name", Text, nullable=False, comment="stands in everything that is sealed with the key"),
    Column("suite", Text, nullable=False, comment="A: AES-256-GCM/SHA-256, S: SM4-GCM/SM3"),
    Column("master", Text, nullable=False, comment="the master key that wraps it"),
    Column("wrapped", LargeBinary, comment="null: destroyed"),
    Column("made_at", _time, nullable=False),
    Column("destroyed_at", _time),
    Index("ix_subject_keys_master", "master", postgresql_where="wrapped IS NOT NULL"),
    comment="The keys that personal data is sealed with, wrapped. Writers: gateway, worker, `linkage vault`.",
)

key_destructions = Table(
    "key_destructions",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", _time, nullable=False),
    Column("decided_by", Text, comment="somebody else"),
    Column("decided_at", _time),
    Column("state", Text, nullable=False, comment="asked | destroyed | refused"),
    Index("ix_key_destructions_case_id", "case_id"),
    comment="Who had which case's key destroyed, and why. Writer: `linkage vault`.",
)

ingress_keys = Table(
    "ingress_keys",
    metadata,
    Column("name", Text, primary_key=True, comment="stands in everything that is sealed to the key"),
    Column("suite", Text, nullable=False, comment="A or S, as in subject_keys"),
    Column(
        "public",
        LargeBinary,
        nullable=False,
        comment="X25519; the private half is subject_keys ingress/<name>",
    ),
    Column("made_at", _time, nullable=False),
    Column("renew_by", _time, nullable=False, comment="from then on publishers are told another, or warned"),
    Column("expires_at", _time, nullable=False, comment="what is written from then on is refused"),
    comment="What publishers seal to on the way in. Writer: `linkage vault ingress`.",
)

"""Keys of subjects, wrapped, and who had them destroyed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subject_keys",
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="case/<id>, unit/<code> or document/<sha256>"
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="stands in everything that is sealed with the key"
        ),
        sa.Column("suite", sa.Text(), nullable=False, comment="A: AES-256-GCM/SHA-256, S: SM4-GCM/SM3"),
        sa.Column("master", sa.Text(), nullable=False, comment="the master key that wraps it"),
        sa.Column("wrapped", sa.LargeBinary(), comment="null: destroyed"),
        sa.Column("made_at", _time, nullable=False),
        sa.Column("destroyed_at", _time),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subject_keys")),
        comment="The keys that personal data is sealed with, wrapped. Writers: gateway, worker, `linkage vault`.",
    )
    op.create_index(
        "ix_subject_keys_master",
        "subject_keys",
        ["master"],
        unique=False,
        postgresql_where=sa.text("wrapped IS NOT NULL"),
    )
    op.create_table(
        "key_destructions",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", _time, nullable=False),
        sa.Column("decided_by", sa.Text(), comment="somebody else"),
        sa.Column("decided_at", _time),
        sa.Column("state", sa.Text(), nullable=False, comment="asked | destroyed | refused"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_key_destructions")),
        comment="Who had which case's key destroyed, and why. Writer: `linkage vault`.",
    )
    op.create_index("ix_key_destructions_case_id", "key_destructions", ["case_id"], unique=False)

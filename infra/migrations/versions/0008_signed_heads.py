"""Signed heads of the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signed_heads",
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column(
            "next_offset", sa.BigInteger(), nullable=False, comment="covers the events before this offset"
        ),
        sa.Column("chain", sa.LargeBinary(), nullable=False, comment="events.chain of the last of them"),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False, comment="Ed25519"),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "signed_at", "next_offset", name=op.f("pk_signed_heads")),
        comment="Where each partition's audit chain stood, signed. Writer: clock, or `linkage heads --sign`.",
    )
    op.create_index("ix_signed_heads_signed_at", "signed_heads", ["signed_at"], unique=False)

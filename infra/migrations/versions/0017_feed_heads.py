"""Signed heads of feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_heads",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False, comment="covers the numbers 1 to this"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="of these entries, see docs/feeds.md"),
        sa.Column(
            "log",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 over the heads of the log signed with it",
        ),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False, comment="Ed25519"),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), comment="null: not in the feed topic yet"),
        sa.PrimaryKeyConstraint("unit", "signed_at", "upto", name=op.f("pk_feed_heads")),
        comment="Where each feed stood, signed. Writer: clock, or `linkage heads --sign`; the relay marks.",
    )
    op.create_index(
        "ix_feed_heads_unsent", "feed_heads", ["signed_at"], postgresql_where=sa.text("sent_at IS NULL")
    )

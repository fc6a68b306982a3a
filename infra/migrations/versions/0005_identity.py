"""Keys that expire, suspended units, documents by their hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "api_keys",
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: valid until it is revoked",
        ),
    )
    op.create_table_comment("api_keys", "Which key speaks for which unit. Writer: `linkage unit`.")
    op.create_table(
        "suspensions",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_suspensions")),
        comment="Units whose words and deliveries are held. Writer: `linkage unit suspend` and `resume`.",
    )
    op.create_table(
        "documents",
        sa.Column(
            "digest",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the content, which is in the store",
        ),
        sa.Column("unit", sa.Text(), nullable=False, comment="who sent it"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("media_type", sa.Text(), nullable=False, comment="as the sender called it"),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", "unit", name=op.f("pk_documents")),
        comment="Files that events name by their hash. Writer: gateway; `linkage documents clean` deletes.",
    )
    op.create_table(
        "document_mentions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "partition", "log_offset", name=op.f("pk_document_mentions")),
        comment="Which applied event names which file: an index over `events`. Writer: gateway, when somebody asks.",
    )
    op.create_table(
        "document_progress",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "log_offset",
            sa.BigInteger(),
            nullable=False,
            comment="events up to and including this are looked through",
        ),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_document_progress")),
        comment="How far `document_mentions` reaches. Writer: gateway.",
    )

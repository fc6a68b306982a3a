"""Public keys that publishers seal to on the way in; their private halves are among the keys of subjects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ingress_keys",
        sa.Column(
            "name", sa.Text(), nullable=False, comment="stands in everything that is sealed to the key"
        ),
        sa.Column("suite", sa.Text(), nullable=False, comment="A or S, as in subject_keys"),
        sa.Column(
            "public",
            sa.LargeBinary(),
            nullable=False,
            comment="X25519; the private half is subject_keys ingress/<name>",
        ),
        sa.Column("made_at", _time, nullable=False),
        sa.Column(
            "renew_by", _time, nullable=False, comment="from then on publishers are told another, or warned"
        ),
        sa.Column("expires_at", _time, nullable=False, comment="what is written from then on is refused"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ingress_keys")),
        comment="What publishers seal to on the way in. Writer: `linkage vault ingress`.",
    )

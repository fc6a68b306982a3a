"""Leave room in the pages of receipts, so that a position is written beside its reservation and not in the index."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE submissions SET (fillfactor = 50)")

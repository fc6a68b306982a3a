"""What Alembic runs; the connection is given by `infra.database`."""

from __future__ import annotations

from alembic import context

from infra.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

"""Write the next migration, from what `infra.tables` has and the migrations do not make yet.

`python -m infra.migrations short name of the change`
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from infra.database import MIGRATIONS, alembic_config, migrate, sqlalchemy_url
from infra.dev.postgres import Postgres, PostgresOptions


def _main(message: str) -> None:
    versions = MIGRATIONS / "versions"
    number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # as root, the server runs under another account
        with Postgres(Path(folder) / "postgres", options=PostgresOptions(durable=False)) as server:
            migrate(server.url())
            connector = create_engine(sqlalchemy_url(server.url()))
            with connector.begin() as connection:
                command.revision(alembic_config(connection), message, autogenerate=True, rev_id=number)
            connector.dispose()
    written = next(versions.glob(f"{number}_*.py"))
    lines = written.read_text().splitlines(keepends=True)
    written.write_text("".join(line for line in lines if "###" not in line))  # Alembic's remarks to us
    subprocess.run(["ruff", "format", str(written)], check=True)


if __name__ == "__main__":
    _main(" ".join(sys.argv[1:]))

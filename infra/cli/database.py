"""`linkage database`: the schema of the database."""

from __future__ import annotations

import typer

from infra.settings import read_settings

app = typer.Typer(name="database", help="Bring the database's schema up to date.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the schema up to date. Safe to repeat, and to run from several places at once."""
    from infra.database import engine, migrate, revisions  # noqa: PLC0415 - keeps `linkage --help` quick

    settings = read_settings()
    migrate(settings.database)
    present, _ = revisions(engine(settings, pool=1))
    typer.echo(f"The database is at schema {present}.")


@app.command()
def check() -> None:
    """Say whether the schema is the one this program needs; exit status 1 if not."""
    from infra.database import engine, require_head, revisions  # noqa: PLC0415 - as above

    connector = engine(read_settings(), pool=1)
    require_head(connector)
    present, _ = revisions(connector)
    typer.echo(f"The database is at schema {present}, as this program needs it.")

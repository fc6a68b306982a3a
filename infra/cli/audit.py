"""`linkage rebuild` and `reconcile`: the database from the log, and whether all of it is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from infra.settings import read_settings

app = typer.Typer()


@app.command()
def rebuild() -> None:
    """Build the (fresh, migrated, empty) database of LINKAGE_DATABASE again from the log."""
    from consumers.rebuild import dump, replaying  # noqa: PLC0415
    from infra.database import engine, require_head  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    settings = read_settings()
    database = engine(settings)
    require_head(database)
    done = replaying.rebuild(settings, read_rulebook(settings), database)
    console = Console()
    for topic, count in done.records.items():
        console.print(f"{topic}: {count} records")
    console.print(f"feeds: {done.feed_records} records gave their numbers back")
    console.print(f"dump: sha256 {dump.digest(database)}")


@app.command()
def reconcile(
    acknowledged_within: Annotated[
        float, typer.Option(min=0, help="Hours after which a unit must have acknowledged; 0: not compared.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of sentences.")] = False,
) -> None:
    """Compare accepted, applied, delivered and acknowledged; the exit status is 1 if anything differs."""
    from consumers.readmodel import reconciling  # noqa: PLC0415
    from consumers.readmodel.views import to_json  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415

    within = timedelta(hours=acknowledged_within) if acknowledged_within else None
    found = reconciling.reconcile(engine(read_settings()), datetime.now(UTC), acknowledged_within=within)
    if as_json:
        typer.echo(to_json(found).decode())
    for one in [] if as_json else found:
        typer.echo(f"{one.check}: {one.unit}: {one.count}, first {one.example}")
        if one.check in reconciling.CHECKS:
            typer.echo(f"  {reconciling.CHECKS[one.check].zh} — {reconciling.CHECKS[one.check].en}")
    if found:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"everything agrees: {', '.join(reconciling.CHECKS)}")

"""`linkage rebuild` and `reconcile`: the database from the log, and whether all of it is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from infra.cli.failing import fail
from infra.settings import read_settings
from schemas.spans import CHINA

if TYPE_CHECKING:
    from consumers.proof.reconciliation import Reconciliation

app = typer.Typer()


@app.command()
def rebuild(
    keep_from: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="The old database, postgresql://…: keys, webhooks, heads, jobs, people are taken over from it.",
        ),
    ] = "",
) -> None:
    """Build the (fresh, migrated, empty) database of LINKAGE_DATABASE again from the log.

    What is not in the log is taken over with `--keep-from`, or has to come from a backup.
    """
    from consumers.rebuild import dump, keeping, replaying  # noqa: PLC0415
    from infra.database import engine, require_head  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    settings = read_settings()
    database = engine(settings)
    require_head(database)
    old = engine(settings.model_copy(update={"database": keep_from})) if keep_from else None
    if old is not None:
        require_head(old)
    done = replaying.rebuild(settings, read_rulebook(settings), database)
    console = Console()
    for topic, count in done.records.items():
        console.print(f"{topic}: {count} records")
    console.print(f"feeds: {done.feed_records} records gave their numbers back")
    if old is None:
        console.print("kept: nothing; what is not in the log has to come from a backup (docs/operating.md)")
    else:
        for table, rows in keeping.keep(old, database).items():
            console.print(f"kept: {table}, {rows} rows")
    console.print(f"dump: sha256 {dump.digest(database)}")


@app.command()
def reconcile(
    last: Annotated[
        int, typer.Option(min=0, max=1000, help="Show so many of the last ones instead of comparing now.")
    ] = 0,
    acknowledged_within: Annotated[
        float, typer.Option(min=0, help="Hours after which a unit must have acknowledged; 0: not compared.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Compare accepted, applied, delivered and acknowledged; the exit status is 1 if anything differs.

    The clock process does it each hour by itself: `--last 10` shows what came of it, the latest first.
    """
    from consumers.proof import reconciliation as done  # noqa: PLC0415
    from consumers.proof.cut import UnderWay  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    connector = engine(settings)
    if last:
        with connector.connect() as connection:
            shown = done.last(connection, limit=last)
        if not shown:
            fail("nothing was compared yet: does `linkage clock` run?")
    else:
        within = timedelta(hours=acknowledged_within) if acknowledged_within else None
        now, register = datetime.now(UTC), read_register(settings)
        try:
            shown = [
                done.reconcile_now(
                    settings, register, connector, now, by="operator", acknowledged_within=within
                )
            ]
        except (UnderWay, done.AlreadyComparing) as error:
            fail(str(error))
    for one in shown:
        _tell(one, as_json=as_json)
    if shown[0].differences:
        raise typer.Exit(1)


def _tell(done: Reconciliation, *, as_json: bool) -> None:
    from consumers.proof.reconciliation import words  # noqa: PLC0415
    from consumers.readmodel.views import to_json  # noqa: PLC0415

    if as_json:
        typer.echo(to_json(done).decode())
        return
    verdict = f"{len(done.differences)} differences" if done.differences else "everything agrees"
    when = done.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    typer.echo(
        f"{when}  {done.by}: {verdict} ({len(done.positions)} partitions, {done.records} records read)"
    )
    for one in done.differences:
        zh, en = words(one.check)
        typer.echo(f"  {one.check}: {one.unit}: {one.count}, first {one.example}\n    {zh} — {en}")

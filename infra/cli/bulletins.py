"""`linkage bulletins`: issuing a bulletin, listing those issued, and computing one again from the log."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failing import fail
from infra.settings import read_settings

if TYPE_CHECKING:
    from consumers.bulletins.periods import Period

app = typer.Typer()
_group = typer.Typer(
    name="bulletins", help="Bulletins (情况通报): issue, list, verify.", no_args_is_help=True
)
app.add_typer(_group)

_Period = Annotated[str, typer.Argument(metavar="PERIOD", help="2026-10, 2026-Q4 or 2026.")]
_District = Annotated[str, typer.Option(help="District of the units, as the register names it.")]


@_group.command()
def issue(period: _Period, district: _District) -> None:
    """Issue the bulletin of a period that is over, frozen at the log's present position. Prints its id."""
    from consumers.bulletins import issuing  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.database import engine, require_head  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    database = engine(settings, pool=1)
    require_head(database)
    try:
        issued = issuing.issue(
            database,
            settings.topics.case_events,
            read_register(settings),
            district,
            _parsed(period),
            by=getpass.getuser(),
            now=datetime.now(UTC),
        )
    except issuing.NotIssued as error:
        fail(str(error))
    typer.echo(str(issued))


@_group.command("list")
def list_issued() -> None:
    """The latest bulletins."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415

    from consumers.bulletins import shelf  # noqa: PLC0415
    from consumers.bulletins.sight import Sight  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415

    table = Table("period", "district", "issued", "by", "sha256")
    with engine(read_settings(), pool=1).connect() as connection:
        for one in shelf.listed(connection, Sight(None, whole=True)):
            issued = one.issued_at.isoformat(timespec="seconds")
            table.add_row(one.period.name, one.district, issued, one.issued_by, one.digest.hex())
    Console(soft_wrap=True).print(table)


@_group.command()
def verify(period: _Period, district: _District) -> None:
    """Compute a bulletin again from the log at its position; the exit status is 1 if its digest differs."""
    from consumers.bulletins.issuing import bulletin_id  # noqa: PLC0415 - as above
    from consumers.bulletins.recomputing import recompute  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    settings = read_settings()
    wanted = bulletin_id(district, _parsed(period))
    checked = recompute(engine(settings, pool=1), read_rulebook(settings), wanted)
    if checked is None:
        fail(
            f"no bulletin of {district} about {period} was issued: `linkage bulletins list` shows those that were"
        )
    typer.echo(f"issued   sha256 {checked.issued.hex()}\ncomputed sha256 {checked.computed.hex()}")
    if checked.holds:
        return
    if not checked.same_figures:
        typer.echo("The table of figures is another one than when it was issued.")
    for sign, lines in (("-", checked.missing), ("+", checked.added)):
        for line in lines:
            typer.echo(
                f"{sign} {line.figure} {line.unit} {line.field or '-'} {line.day} {line.case_id} {line.about}"
            )
    raise typer.Exit(1)


def _parsed(text: str) -> Period:
    from consumers.bulletins.periods import PeriodError, parse_period  # noqa: PLC0415 - as above

    try:
        return parse_period(text)
    except PeriodError as error:
        fail(str(error))

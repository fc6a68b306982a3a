"""`linkage case`, `clocks` and `deliveries`: what the database knows, for whoever has access to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer()

_Unit = Annotated[str, typer.Option("--unit", help="See only what this unit may see. Default: everything.")]
_Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
_Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most rows to show.")]


@app.command()
def case(
    name: Annotated[str, typer.Argument(metavar="CASE", help="The case's id, or unit:number.")],
    unit: _Unit = "",
    as_json: _Json = False,
) -> None:
    """A case: its events, whom they went to and why, its clocks, and opinions mirrored from it."""
    from consumers.readmodel.http import parse_case  # noqa: PLC0415 - keeps `linkage --help` quick
    from consumers.readmodel.queries import case_for  # noqa: PLC0415
    from infra.cli import pages  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    try:
        wanted = parse_case(name)
    except ValueError as error:
        fail(str(error))
    settings = read_settings()
    with _connection(settings, unit) as connection:
        found = case_for(connection, unit or None, wanted, read_rulebook(settings))
    if found is None:
        fail(f"no case {name} is known{f' to {unit}' if unit else ''}")
    pages.show(found, lambda view: pages.case_page(view, datetime.now(UTC)), as_json=as_json)


@app.command()
def clocks(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    unit: _Unit = "",
    limit: _Limit = 200,
    as_json: _Json = False,
) -> None:
    """Open statutory clocks, the most urgent first."""
    from consumers.readmodel.queries import clocks_for  # noqa: PLC0415 - as above
    from infra.cli import pages  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    settings = read_settings()
    with _connection(settings, unit) as connection:
        found = clocks_for(connection, unit or None, read_rulebook(settings), overdue=overdue, limit=limit)
    pages.show(found, lambda view: pages.clocks_page(view, datetime.now(UTC)), as_json=as_json)


@app.command()
def deliveries(
    event: Annotated[
        str, typer.Argument(metavar="[SOURCE/ID]", help="Of this event; without it, those that failed.")
    ] = "",
    unit: _Unit = "",
    limit: _Limit = 100,
    as_json: _Json = False,
) -> None:
    """How far deliveries have come: queued, sent, delivered, acknowledged or failed, with the last answer."""
    from consumers.readmodel.deliveries import deliveries_of, failed_for  # noqa: PLC0415 - as above
    from infra.cli import pages  # noqa: PLC0415

    source, slash, event_id = event.partition("/")
    if event and not (source and slash and event_id):
        fail(f"{event!r} names no event: write SOURCE/ID")
    with _connection(read_settings(), unit) as connection:
        if event:
            found = deliveries_of(connection, unit or None, source, event_id)
        else:
            found = failed_for(connection, unit or None, limit=limit)
    pages.show(found, pages.deliveries_page, as_json=as_json)


@contextmanager
def _connection(settings: Settings, unit: str) -> Iterator[Connection]:
    from infra.database import engine  # noqa: PLC0415 - as above
    from infra.rules import read_register  # noqa: PLC0415

    if unit and unit not in read_register(settings).by_code:
        fail(f"{unit!r} is not in the register: see `linkage unit list`")
    with engine(settings, pool=1).connect() as connection:
        yield connection

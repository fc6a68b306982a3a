"""`linkage documents`: looking after the files that events name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from infra.settings import read_settings

app = typer.Typer(name="documents", help="Files that events name by their hash.", no_args_is_help=True)


@app.command()
def clean(
    days: Annotated[int, typer.Option(min=1, help="Only what was sent so many days ago or earlier.")] = 30,
) -> None:
    """Drop documents that no event and no notice names, and what broken-off uploads left behind."""
    from consumers.readmodel.mentions import bring_up_to_date  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.database import engine  # noqa: PLC0415
    from infra.document_store import Incoming, store_of  # noqa: PLC0415
    from infra.documents import drop_unnamed  # noqa: PLC0415

    settings = read_settings()
    connector = engine(settings, pool=1)
    now = datetime.now(UTC)
    bring_up_to_date(connector, settings.partitions)
    dropped = drop_unnamed(connector, store_of(settings), before=now - timedelta(days=days))
    swept = Incoming(settings).sweep(before=now - timedelta(days=1))
    typer.echo(f"{dropped} document(s) that nothing names dropped, {swept} unfinished upload(s) removed.")

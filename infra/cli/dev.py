"""`linkage dev`: the whole bus on this machine, without Docker, Java or root."""

from __future__ import annotations

import shutil
import signal
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.settings import read_settings

if TYPE_CHECKING:
    from infra.dev.supervisor import Dev

app = typer.Typer()

_Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder that keeps the data. Default: a temporary one, deleted at the end."),
]
_Bootstrap = Annotated[
    str, typer.Option(envvar="LINKAGE_BOOTSTRAP", help="Use this Kafka (host:port) instead of starting one.")
]
_Database = Annotated[
    str,
    typer.Option(envvar="LINKAGE_DATABASE", help="Use this PostgreSQL (an address) instead of starting one."),
]
_Secure = Annotated[
    bool,
    typer.Option(
        "--secure", help="Kafka asks each process and unit for its own password, and limits what it may do."
    ),
]
_Workers = Annotated[int, typer.Option(min=1, max=8, help="Number of worker processes.")]


@app.command()
def dev(
    data: _Data = None,
    *,
    bootstrap: _Bootstrap = "",
    database: _Database = "",
    workers: _Workers = 1,
    secure: _Secure = False,
) -> None:
    """Start broker, database and every process, say what runs where, and stop all of it on Ctrl-C."""
    from infra.dev.supervisor import Dev, DevOptions  # noqa: PLC0415 - keeps `linkage --help` quick

    folder = data or Path(tempfile.mkdtemp(prefix="linkage-dev-"))
    if data is None:
        folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    options = DevOptions(bootstrap, database, read_settings(), workers, console=True, secure=secure)
    signal.signal(signal.SIGTERM, _interrupt)
    installation = Dev(folder, options)
    _run(installation)
    if data is None:  # kept after an error: the logs are in it
        shutil.rmtree(folder, ignore_errors=True)


def _run(installation: Dev) -> None:
    from infra.demo.people import admit  # noqa: PLC0415 - as above
    from infra.dev.banner import banner  # noqa: PLC0415

    typer.echo("Starting broker, database and processes …")
    try:
        installation.start()
        logins = admit(installation, now=datetime.now(UTC))
        typer.echo(banner(installation, datetime.now(UTC), logins.lines("en")))
        installation.watch(lambda: False)
    except KeyboardInterrupt:
        typer.echo("\nStopping …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        installation.stop()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt

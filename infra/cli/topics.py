"""`linkage topics`: the topics of the bus, made from the manifest and compared with it."""

from __future__ import annotations

import sys

import typer

from infra.settings import read_settings

app = typer.Typer(name="topics", help="Make and check the topics of the bus.", no_args_is_help=True)


@app.command()
def apply() -> None:
    """Make missing topics and correct settings; exit status 1 if a difference is left."""
    from infra.kafka import apply_topics  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    for line in apply_topics(settings, read_register(settings)):
        typer.echo(line)
    check()


@app.command()
def check() -> None:
    """Compare the topics with the manifest; exit status 1 and one line for each difference."""
    from infra.kafka import check_topics, wanted_topics  # noqa: PLC0415 - as above
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    register = read_register(settings)
    differences = check_topics(settings, register)
    for line in differences:
        sys.stderr.write(f"{line}\n")
    if differences:
        raise typer.Exit(1)
    typer.echo(f"{len(wanted_topics(settings, register))} topics are as the manifest says.")

"""The command line `linkage`: every command of the bus, put together from the modules of this package."""

from __future__ import annotations

import sys

import typer

from infra.cli import (
    audit,
    bulletins,
    certify,
    console,
    database,
    demo,
    dev,
    dlq,
    doctor,
    documents,
    due,
    events,
    explaining,
    imports,
    keys,
    outbox,
    principals,
    processes,
    proof,
    reading,
    rules,
    schemas,
    topics,
    units,
    vault,
)
from infra.cli.errors import explanation

app = typer.Typer(
    name="linkage",
    help="Event bus linking administrative enforcement and criminal justice (行刑衔接事件总线).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for module in (
    dev,
    demo,
    events,
    outbox,
    imports,
    reading,
    explaining,
    rules,
    dlq,
    doctor,
    due,
    units,
    certify,
    documents,
    processes,
    console,
    topics,
    principals,
    database,
    schemas,
    keys,
    vault,
    audit,
    bulletins,
    proof,
):
    app.add_typer(module.app)


def main() -> None:
    """Run the command line; an error that the user can do something about is one sentence on standard error."""
    try:
        app()
    except Exception as error:
        told = explanation(error)
        if told is None:
            raise
        sys.stderr.write(f"linkage: {told.sentence}\n")
        raise SystemExit(told.exit_code) from error

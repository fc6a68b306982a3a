"""`linkage schemas`: what is generated from the contracts, and whether a change breaks those who use them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="schemas", help="Generate from the event schemas, and check them.", no_args_is_help=True
)

_ROOT = Path(__file__).parents[2]
Root = Annotated[Path, typer.Option(help="Folder that holds schemas/ and docs/.", show_default=False)]


@app.command()
def generate(root: Root = _ROOT) -> None:
    """Write the typed events, docs/catalogue.md, docs/asyncapi.json and the released schemas from schemas/avro."""
    from schemas.generate import generated  # noqa: PLC0415 - keeps `linkage --help` quick

    for path, text in generated(root).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        typer.echo(path)


@app.command()
def check(root: Root = _ROOT) -> None:
    """Exit status 1, and one line for each breaking change and each generated file that is not up to date."""
    from schemas.generate import breaking, stale  # noqa: PLC0415 - as above

    problems = [f"breaking: {one}" for one in breaking(root)]
    problems += [f"stale: {path} (run `linkage schemas generate`)" for path in stale(root)]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        raise typer.Exit(1)
    typer.echo("Schemas break nobody, and what is generated from them is up to date.")


@app.command()
def push(
    registry: Annotated[
        str, typer.Option(help="Address of an Apicurio Registry, such as http://registry:8080.")
    ],
) -> None:
    """Have a schema registry hold every contract under its id, so that stock clients decode our topics.

    May be repeated: what is there already stays. docs/registry.md tells how a client reads then.
    """
    from infra.schema_registry import contracts, publish  # noqa: PLC0415 - as above
    from schemas.catalogue import EVENT_TYPES  # noqa: PLC0415
    from schemas.generate import read_schemas  # noqa: PLC0415

    done = publish(registry, contracts(EVENT_TYPES, read_schemas()))
    typer.echo(f"{done.sent} contract(s) sent, {done.present} were there already.")

"""`linkage explain`: what an event caused and why, and what it did not cause and why not."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from infra.cli.failing import fail
from infra.settings import read_settings

app = typer.Typer()


class Language(StrEnum):
    """A language that explanations are written in."""

    ZH = "zh"
    EN = "en"


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="SOURCE/ID", help="The event: who said it, and its id.")],
    unit: Annotated[
        str, typer.Option("--unit", help="Only what this unit may see. Default: everything.")
    ] = "",
    language: Annotated[Language, typer.Option("--lang", help="Language of the text.")] = Language.ZH,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, in both languages.")] = False,
) -> None:
    """Explain an applied event: who received it and why, who did not, its clocks, its anomalies, the articles."""
    from consumers.explaining.stored import account_of_event  # noqa: PLC0415 - keeps `linkage --help` quick
    from consumers.explaining.wording import text_of  # noqa: PLC0415
    from consumers.readmodel.views import to_json  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    source, slash, event_id = name.partition("/")
    if not (source and slash and event_id):
        fail(f"{name!r} names no event: write SOURCE/ID, such as by-env/t-17")
    settings = read_settings()
    rulebook = read_rulebook(settings)
    if unit and unit not in rulebook.register.by_code:
        fail(f"{unit!r} is not in the register: see `linkage unit list`")
    with engine(settings, pool=1).connect() as connection:
        account = account_of_event(connection, unit or None, source, event_id, rulebook)
    if account is None:
        fail(
            f"no applied event {name} is known{f' to {unit}' if unit else ''}; "
            "what was refused or parked is in `linkage dlq list`"
        )
    typer.echo(to_json(account).decode() if as_json else text_of(account, language.value), nl=as_json)

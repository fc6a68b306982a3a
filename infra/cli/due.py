"""`linkage due`: counts one statutory limit from a given start, and shows how."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # loaded only when something is counted: `linkage --help` has to be quick
    from consumers.handovers.counting import Answer

app = typer.Typer()

Rule = Annotated[
    str, typer.Option("--rule", help="Code of the limit, such as O310-08; see docs/statutes.md.")
]
Start = Annotated[
    str,
    typer.Option(
        "--from", help="When it began: 2026-03-11, or 2026-03-11T09:30:00+08:00 for a limit in hours."
    ),
]
Field = Annotated[str, typer.Option("--field", help="Field of enforcement (领域), such as environment.")]
Profiles = Annotated[
    list[str] | None, typer.Option("--profile", help="A rule profile that is on; may be repeated.")
]
Version = Annotated[
    str, typer.Option("--version", help="A certain version of the rule instead of the one in force.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def due(
    *,
    rule: Rule,
    start: Start,
    field: Field = "",
    profile: Profiles = None,
    version: Version = "",
    as_json: AsJson = False,
) -> None:
    """Count a statutory limit: the last second still in time, the article, and every step of the count."""
    from consumers.handovers import counting  # noqa: PLC0415
    from infra.rules import read_calendar, read_sign_offs  # noqa: PLC0415
    from infra.settings import read_settings  # noqa: PLC0415

    settings = read_settings()
    question = counting.Question(rule, start, field, version, settings.profiles | frozenset(profile or ()))
    try:
        answers = counting.count(question, read_calendar(settings).newest, read_sign_offs(settings))
    except counting.UncountableError as error:
        raise typer.BadParameter(str(error), param_hint=f"--{error.asked}") from None
    if as_json:
        typer.echo(json.dumps(counting.as_json(rule, answers), ensure_ascii=False, indent=2))
    else:
        _as_text(answers)


def _as_text(answers: Sequence[Answer]) -> None:
    from consumers.handovers.counting import remarks  # noqa: PLC0415
    from consumers.handovers.open_points import words_of  # noqa: PLC0415
    from schemas.spans import CHINA  # noqa: PLC0415

    for answer in answers:
        statute, end = answer.statute, answer.due
        typer.echo(f"{answer.rule} ({statute.version})  {statute.zh} — {statute.en}")
        typer.echo(f"{answer.basis} [{answer.mark}]")
        for remark in remarks(answer):
            typer.echo(f"! {remark.zh} — {remark.en}")
        for number, step in enumerate(answer.steps, start=1):
            typer.echo(f"{number}. {step.zh}\n   {step.en}")
        provisional = "  暂定 provisional" if end.provisional else ""
        typer.echo(f"届满 due: {end.at.astimezone(CHINA).isoformat()}{provisional}")
        for longer in answer.extensions:
            until = longer.due.at.astimezone(CHINA).isoformat()
            typer.echo(f"{longer.approver} 批准 approved → {longer.days}日 days: {until}")
        for point in answer.points:
            zh, en = words_of(point)
            typer.echo(f"未决 open: {zh}\n           {en}")

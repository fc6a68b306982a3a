"""`linkage due`: counts one statutory limit from a given start, and shows how."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.fields import FIELD_BY_CODE
from schemas.spans import CHINA, parse_time

if TYPE_CHECKING:  # loaded only when something is counted: `linkage --help` has to be quick
    from collections.abc import Sequence

    from consumers.handovers.explanations import Step
    from consumers.handovers.periods import Due, Period
    from consumers.handovers.statute import Statute
    from consumers.workdays import Calendar

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
    from consumers.handovers.explanations import steps  # noqa: PLC0415
    from consumers.handovers.periods import due as counted  # noqa: PLC0415

    began, exact = _start(start)
    profiles = frozenset(profile or ())
    statute = _statute(rule, version, began, _known_field(field), profiles)
    period = _period(statute, profiles, exact=exact)
    calendar = _calendar()
    end = counted(period, began, calendar)
    show = _as_json if as_json else _as_text
    show(statute, end, steps(period, began, calendar))


def _start(text: str) -> tuple[datetime, bool]:
    """The start and whether its time of day is known."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), CHINA), False
    except ValueError:
        pass
    try:
        return parse_time(text), True
    except ValueError as error:
        raise typer.BadParameter(f"{error}; or a day such as 2026-03-11", param_hint="--from") from None


def _known_field(field: str) -> str:
    if field and field not in FIELD_BY_CODE:
        accepted = ", ".join(FIELD_BY_CODE)
        raise typer.BadParameter(f"{field!r} is no field; accepted: {accepted}", param_hint="--field")
    return field


def _statute(rule: str, version: str, began: datetime, field: str, profiles: frozenset[str]) -> Statute:
    """The row of the table: in force at the start, for the field and the profiles, the general one first."""
    from consumers.handovers.statute import first_instant  # noqa: PLC0415
    from consumers.handovers.statutes import STATUTES  # noqa: PLC0415

    named = [row for row in STATUTES if rule == row.code or rule in row.also]
    if not named:
        accepted = ", ".join(dict.fromkeys(row.code for row in STATUTES))
        raise typer.BadParameter(f"{rule!r} is no limit; accepted: {accepted}", param_hint="--rule")
    fitting = [
        row
        for row in named
        if (row.version == version if version else not (row.only or row.economic) or len(named) == 1)
        and first_instant(row.since) <= began
        and (row.until is None or began < first_instant(row.until))
        and (not row.fields or field in row.fields)
        and (row.profile is None or row.profile in profiles)
    ]
    if not fitting:
        raise typer.BadParameter(
            f"{rule} does not bind then; it has {_conditions(named)}", param_hint="--rule"
        )
    return fitting[0]


def _conditions(rows: Sequence[Statute]) -> str:
    """What each row asks for, in one line."""
    return "; ".join(
        f"version {row.version} for starts from {row.since}"
        + (f" until before {row.until}" if row.until else "")
        + (f" with --field {' or '.join(sorted(row.fields))}" if row.fields else "")
        + (f" with --profile {row.profile}" if row.profile else "")
        for row in rows
    )


def _period(statute: Statute, profiles: frozenset[str], *, exact: bool) -> Period:
    from consumers.handovers.periods import Unit  # noqa: PLC0415
    from consumers.handovers.windows import FULL_HOUR_PROFILE  # noqa: PLC0415

    period = statute.period
    if period is None:
        raise typer.BadParameter(
            f"{statute.code} has no period of its own: the letter sets it", param_hint="--rule"
        )
    if period.unit is not Unit.HOURS:
        return period
    if not exact:
        raise typer.BadParameter(f"{statute.code} counts hours: give the time as well", param_hint="--from")
    return replace(period, from_full_hour=FULL_HOUR_PROFILE in profiles)


def _calendar() -> Calendar:
    from consumers.workdays import load_calendar, published_calendar  # noqa: PLC0415
    from infra.settings import read_settings  # noqa: PLC0415

    holidays = read_settings().holidays
    return published_calendar() if holidays is None else load_calendar(holidays)


def _as_json(statute: Statute, end: Due, counted: Sequence[Step]) -> None:
    found = {
        "rule": statute.code,
        "version": statute.version,
        "due": end.at.astimezone(CHINA).isoformat(),
        "provisional": end.provisional,
        "basis": statute.source,
        "mark": statute.mark.value,
        "office": statute.office,
        "steps": [{"zh": step.zh, "en": step.en} for step in counted],
    }
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _as_text(statute: Statute, end: Due, counted: Sequence[Step]) -> None:
    provisional = "  暂定 provisional" if end.provisional else ""
    typer.echo(f"{statute.code} ({statute.version})  {statute.zh} — {statute.en}")
    typer.echo(statute.cited)
    for number, step in enumerate(counted, start=1):
        typer.echo(f"{number}. {step.zh}\n   {step.en}")
    typer.echo(f"届满 due: {end.at.astimezone(CHINA).isoformat()}{provisional}")

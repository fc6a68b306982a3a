"""`linkage rules`: which rules are in force, and which past events another set of rules would decide otherwise."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from infra.cli.explaining import Language
from infra.cli.failing import fail
from infra.settings import read_settings
from schemas.spans import CHINA, parse_time

if TYPE_CHECKING:  # loaded only when rules are asked for: `linkage --help` has to be quick
    from infra.comparing import Pair, Side
    from infra.settings import Settings

app = typer.Typer()
rules = typer.Typer(
    help="Sets of rules: which is in force, and what another would decide.", no_args_is_help=True
)
app.add_typer(rules, name="rules")

_NAMES = "current, profiles=A,B, a .toml file with settings, or a .json file of `linkage rules record`"
_Since = Annotated[
    str, typer.Option("--since", help="Only events that the log had since: 2026-01-01, or a full time.")
]
_Cases = Annotated[
    Path | None, typer.Option("--cases", help="Folder of published case files in place of the database.")
]
_Json = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
_Set = Annotated[str, typer.Argument(metavar="RULES", help=_NAMES)]


@rules.command()
def show(name: _Set = "current") -> None:
    """What names a set of rules: digests of the tables and the register, calendar, profiles (JSON)."""
    from consumers.readmodel.views import to_json  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.rule_sets import name_of, read_rule_set  # noqa: PLC0415

    typer.echo(to_json(name_of(read_rule_set(name, read_settings()))))


@rules.command()
def record(
    file: Annotated[Path, typer.Argument(help="Where to keep the decisions (.json).")],
    name: _Set = "current",
    *,
    since: _Since = "",
    cases: _Cases = None,
) -> None:
    """Keep what a set of rules decides, for a comparison by another version of the program."""
    from infra.rule_sets import NOTHING, Recorded, read_rule_set, recorded_lines  # noqa: PLC0415 - as above

    if file.suffix != ".json":
        fail(f"{file} has to end in .json, so that `linkage rules diff` knows it")
    settings = read_settings()
    rulebook = read_rule_set(name, settings)
    if isinstance(rulebook, Recorded):
        fail(f"{name} is a file of decisions already")
    with _pairs(settings, cases, rulebook, NOTHING, _moment(since)) as pairs, file.open("wb") as out:
        for line in recorded_lines(rulebook, (case for case, _ in pairs if case is not None)):
            out.write(line + b"\n")


@rules.command()
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=_NAMES)],
    b: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    *,
    since: _Since = "",
    cases: _Cases = None,
    language: Annotated[Language, typer.Option("--lang", help="Language of the text.")] = Language.ZH,
    as_json: _Json = False,
) -> None:
    """Which past events would be decided otherwise by rules B than by rules A, grouped, each with its case."""
    from consumers.explaining.comparing import compare  # noqa: PLC0415 - as above
    from consumers.explaining.comparison_page import page_of  # noqa: PLC0415
    from consumers.readmodel.views import to_json  # noqa: PLC0415
    from infra.rule_sets import name_of, read_rule_set  # noqa: PLC0415

    settings, start = read_settings(), _moment(since)
    sides = read_rule_set(a, settings), read_rule_set(b, settings)
    with _pairs(settings, cases, *sides, start) as pairs:
        found = compare(name_of(sides[0]), name_of(sides[1]), pairs, None if cases else start)
    typer.echo(to_json(found).decode() if as_json else page_of(found, language.value), nl=as_json)


_Proposal = Annotated[UUID, typer.Argument(help="Id of the proposal, as its page shows it.")]


@rules.command()
def preview(proposal: _Proposal) -> None:
    """Compute what a proposal of rules would change, and keep it for whoever decides (the console starts this)."""
    from consumers.readmodel.views import to_json  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415
    from infra.rule_previews import preview as computed  # noqa: PLC0415

    settings = read_settings()
    found = computed(engine(settings, pool=1), settings, proposal, now=datetime.now(UTC))
    typer.echo(to_json(found))


@rules.command()
def install(proposal: _Proposal) -> None:
    """Put approved rules in place: all of them or nothing. Says what is left to do."""
    from infra.audit import Actor  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415
    from infra.rule_proposals import install as put_in_place  # noqa: PLC0415

    settings, actor = read_settings(), Actor(getpass.getuser())
    with engine(settings, pool=1).begin() as connection:
        typer.echo(put_in_place(connection, settings, actor, proposal, now=datetime.now(UTC)))


@contextmanager
def _pairs(
    settings: Settings, cases: Path | None, a: Side, b: Side, since: datetime | None
) -> Iterator[Iterable[Pair]]:
    from infra.comparing import of_database, of_histories  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    if cases is not None:
        yield of_histories(cases, a, b, read_register(settings))
        return
    reading = engine(settings, pool=1).execution_options(postgresql_readonly=True)
    with reading.connect() as connection:
        yield of_database(connection, a, b, since)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), CHINA)
    except ValueError:
        pass
    try:
        return parse_time(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; or a day such as 2026-01-01", param_hint="--since") from None

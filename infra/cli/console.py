"""`linkage console`: the console process, and the people who may sign in to it."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.cli.failing import fail
from infra.settings import read_settings

app = typer.Typer()
_group = typer.Typer(name="console", help="The console, and the people who may sign in to it.")
_user = typer.Typer(name="user", help="People who may sign in to the console.", no_args_is_help=True)
_group.add_typer(_user)
app.add_typer(_group)

_Name = Annotated[str, typer.Argument(help="What the person signs in with: lower-case letters and digits.")]


@_group.callback(invoke_without_command=True)
def console(context: typer.Context) -> None:
    """Serve the console, the pages for operators and units."""
    if context.invoked_subcommand is not None:
        return
    from infra import console as process  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra import metrics  # noqa: PLC0415
    from infra.database import engine, require_head  # noqa: PLC0415
    from infra.log import configure_logging  # noqa: PLC0415

    settings = read_settings()
    configure_logging("console")
    require_head(engine(settings, pool=1))
    metrics.serve(settings)
    process.run(settings)


@_user.command()
def add(
    name: _Name,
    role: Annotated[str, typer.Option(help="operator, auditor, security, head or clerk.")],
    unit: Annotated[str, typer.Option(help="The unit that a head or a clerk belongs to.")] = "",
    shown: Annotated[str, typer.Option(help="The person's name as colleagues read it.")] = "",
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password and print it, this once.")
    ] = False,
) -> None:
    """Admit a person. The password is asked for, or read as one line from standard input if that is no terminal."""
    from consumers.console import passwords, people  # noqa: PLC0415 - as above
    from consumers.console.access import ConsoleRole  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    if role not in list(ConsoleRole):
        fail(f"{role!r} is no role: use {', '.join(ConsoleRole)}")
    settings = read_settings()
    password = passwords.generated(name) if generate else _asked()
    try:
        with engine(settings, pool=1).begin() as connection:
            people.add(
                connection,
                read_register(settings),
                name=name,
                shown=shown,
                role=ConsoleRole(role),
                unit=unit or None,
                password=password,
                now=datetime.now(UTC),
            )
    except (people.PersonError, passwords.WeakPasswordError) as error:
        fail(str(error))
    typer.echo(f"{password}" if generate else f"{name} may sign in as {role}.")


@_user.command()
def link(
    name: _Name,
    subject: Annotated[
        str, typer.Argument(help="The provider's unchanging name for the person (`sub`); empty: no more.")
    ],
) -> None:
    """Let somebody sign in through the provider of LINKAGE_OIDC_ISSUER."""
    from consumers.console import identities, people  # noqa: PLC0415 - as above
    from infra.audit import Actor, enter_change  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415

    settings = read_settings()
    if not settings.oidc_issuer:
        fail("LINKAGE_OIDC_ISSUER is not set: there is no provider")
    with engine(settings, pool=1).begin() as connection:
        if people.person(connection, name) is None:
            fail(f"nobody is called {name!r}: see `linkage console user list`")
        identities.link(connection, name, settings.oidc_issuer.rstrip("/"), subject)
        enter_change(
            connection, Actor(getpass.getuser()), "person-linked", name, subject, now=datetime.now(UTC)
        )
    typer.echo(f"{name} signs in as {subject!r}." if subject else f"{name} signs in with a password only.")


@_user.command()
def password(
    name: _Name,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password and print it, this once.")
    ] = False,
) -> None:
    """Give a new password to somebody who lost theirs, and sign them out everywhere. Asked for as by `add`."""
    from consumers.console import passwords, people  # noqa: PLC0415 - as above
    from infra.audit import Actor, enter_change  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415

    fresh = passwords.generated(name) if generate else _asked()
    try:
        with engine(read_settings(), pool=1).begin() as connection:
            people.give_password(connection, name, fresh)
            enter_change(
                connection, Actor(getpass.getuser()), "password-given", name, "", now=datetime.now(UTC)
            )
    except (people.PersonError, passwords.WeakPasswordError) as error:
        fail(str(error))
    typer.echo(fresh if generate else f"{name} has a new password.")


@_user.command("list")
def list_people() -> None:
    """Everybody who was ever admitted."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415

    from consumers.console import people  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415

    table = Table("name", "shown", "role", "unit", "second factor", "active")
    with engine(read_settings(), pool=1).connect() as connection:
        for one in people.everybody(connection):
            factor, active = ("yes" if flag else "no" for flag in (one.second_factor, one.active))
            table.add_row(one.name, one.shown, one.role, one.unit or "", factor, active)
    Console().print(table)


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        fail("the two passwords differ")
    return password

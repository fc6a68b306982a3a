"""`linkage unit`: bringing units onto the bus, their keys and passwords, holding them and taking their access back."""

from __future__ import annotations

import getpass
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failing import fail
from infra.settings import read_settings

if TYPE_CHECKING:
    from infra.joining import Joined, Offices
    from schemas.sealed.ingress import IngressKey
    from schemas.units import Register, Unit

app = typer.Typer(name="unit", help="Units: register, access and starters.", no_args_is_help=True)

_Code = Annotated[str, typer.Argument(help="Code of a unit in the register.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
_Days = Annotated[
    int | None, typer.Option("--days", min=1, help="The key expires after so many days. Default: never.")
]
_Language = Annotated[
    str, typer.Option("--language", help="curl, python, java, javascript or kafka (properties).")
]


@app.command("list")
def list_units(as_json: _Json = False) -> None:
    """Every unit of the register: code, names, roles, how many valid keys it has, whether it is suspended."""
    from infra.cli import unit_shown  # noqa: PLC0415 - keeps `linkage --help` quick

    offices, register = _offices()
    unit_shown.show_all(register, unit_shown.read_standings(offices.engine), as_json=as_json)


@app.command()
def show(code: _Code, as_json: _Json = False) -> None:
    """One unit: its row in the register, its topics and principal, its keys with their expiry."""
    from infra.cli import unit_shown  # noqa: PLC0415 - as above

    offices, register = _offices(code)
    standing = unit_shown.read_standings(offices.engine)
    unit_shown.show_one(offices, register.by_code[code], standing, as_json=as_json)


@app.command()
def add(
    code: _Code,
    *,
    name_zh: Annotated[str, typer.Option(help="Chinese name, if the unit is new.")] = "",
    name_en: Annotated[str, typer.Option(help="English name.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="Role such as AG or PSB; may be repeated.")] = None,
    district: Annotated[str, typer.Option(help="District in which it acts.")] = "",
    field: Annotated[list[str] | None, typer.Option(help="Field of enforcement; may be repeated.")] = None,
    superior: Annotated[str, typer.Option(help="Code of the unit above it.")] = "",
    contact: Annotated[
        list[str] | None, typer.Option(help="NAME,PHONE,MAIL of whom to reach; may be repeated.")
    ] = None,
    language: _Language = "curl",
) -> None:
    """Give a unit everything that it still lacks: register, topics, Kafka principal and rights, API key.

    May be repeated: what is there already stays. Secrets are shown this once.
    """
    offices, register = _offices()
    added: tuple[Path, Unit] | None = None
    if code not in register.by_code:
        if not (name_zh and name_en and role and district):
            fail(
                f"{code!r} is not in the register: give --name-zh, --name-en, --role and --district to add it"
            )
        path = offices.settings.units
        if path is None or not os.access(path.parent, os.W_OK):
            fail(f"{path} cannot be written here: add a [[unit]] table to it by hand, then repeat this")
        unit = _unit(
            code,
            name_zh=name_zh,
            name_en=name_en,
            roles=role,
            district=district,
            fields=field or [],
            superior=superior,
            contacts=contact or [],
        )
        register = type(register)((*register.units, unit))
        added = (path, unit)
    lines = _starter(
        offices, register, code, language
    )  # first, since a wrong language must not cost the secrets
    joined = offices.join(register, code)
    if added is not None:  # last: whoever reads the register finds the topics there
        joined.done.append(_write_down(*added))
    _tell_joined(offices, code, joined)
    typer.echo(
        f"\nTo begin with ({language}; others: `linkage unit starter {code} --language …`):\n\n{lines}"
    )


@app.command()
def starter(code: _Code, language: _Language = "curl") -> None:
    """The lines that a unit's programmer begins with."""
    offices, register = _offices(code)
    typer.echo(_starter(offices, register, code, language))


@app.command()
def rotate(
    code: _Code,
    *,
    kafka: Annotated[bool, typer.Option("--kafka", help="A new Kafka password, not a new API key.")] = False,
    days: _Days = None,
) -> None:
    """A new secret, shown this once. A key stays valid beside the new one; a third retires the oldest.

    An old Kafka password opens no new connection; connections that stand live until they end.
    """
    if not kafka:
        key(code, days)
        return
    offices, _ = _offices(code)
    if not offices.asks_passwords:
        fail("Kafka asks for no password here: LINKAGE_KAFKA_PROTOCOL is " + offices.settings.kafka_protocol)
    typer.echo(offices.new_kafka_password(code))


@app.command()
def key(code: _Code, days: _Days = None) -> None:
    """Make a new API key for a unit and show it, this once: only its hash is kept."""
    offices, _ = _offices(code)
    expires_at = offices.clock() + timedelta(days=days) if days else None
    typer.echo(offices.new_key(code, expires_at=expires_at))


@app.command()
def revoke(code: _Code) -> None:
    """Revoke every valid API key of a unit; running gateways follow within seconds."""
    offices, _ = _offices(code)
    typer.echo(f"{offices.revoke(code)} key(s) of {code} are revoked.")


@app.command()
def suspend(
    code: _Code, *, reason: Annotated[str, typer.Option(help="Why; shown to the unit and to operators.")]
) -> None:
    """Hold what a unit says and what is for it. Nothing is lost: `linkage unit resume` lets all of it go on."""
    offices, _ = _offices(code)
    standing = offices.suspend(code, reason)
    typer.echo(f"{code} is suspended since {standing.since.isoformat()}: {standing.reason}")


@app.command()
def resume(code: _Code) -> None:
    """Let a suspended unit go on: everything that was held is carried in and delivered, in order."""
    offices, _ = _offices(code)
    typer.echo(f"{code} goes on." if offices.resume(code) else f"{code} was not suspended.")


@app.command()
def remove(code: _Code) -> None:
    """Take a unit's keys, Kafka password and rights back. It stays in the register: the log names it."""
    offices, _ = _offices(code)
    for line in offices.leave(code) or [f"{code}: had no access any more"]:
        typer.echo(line)


def _offices(code: str = "") -> tuple[Offices, Register]:
    from infra.audit import Actor  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415
    from infra.joining import Offices  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    register = read_register(settings)
    if code and code not in register.by_code:
        fail(f"{code!r} is not in the register: see `linkage unit list`")
    actor = Actor(getpass.getuser())
    return Offices(settings, engine(settings, pool=1), lambda: datetime.now(UTC), actor), register


def _write_down(path: Path, unit: Unit) -> str:
    from infra.register_file import add_to_register  # noqa: PLC0415 - as above

    add_to_register(path, unit)
    return f"{unit.code}: added to {path}; restart worker, relay, clock and gateway (`linkage dev` does it)"


def _unit(
    code: str,
    *,
    name_zh: str,
    name_en: str,
    roles: list[str],
    district: str,
    fields: list[str],
    superior: str,
    contacts: list[str],
) -> Unit:
    from schemas.units import Contact, Role, Unit  # noqa: PLC0415 - as above

    unknown = [role for role in roles if role not in set(Role)]
    if unknown:
        fail(f"{unknown[0]!r} is no role; accepted: {', '.join(role for role in Role if role != Role.BUS)}")
    return Unit(
        code,
        name_zh,
        name_en,
        frozenset(Role(role) for role in roles),
        district,
        frozenset(fields),
        superior or None,
        tuple(Contact(*(part.strip() for part in one.split(",", 2))) for one in contacts),
    )


def _tell_joined(offices: Offices, code: str, joined: Joined) -> None:
    for line in joined.done or [f"{code}: has everything already"]:
        typer.echo(line)
    if not offices.asks_passwords:
        typer.echo("Kafka asks for no password here: no principal was made")
    if joined.key or joined.password:
        typer.echo("\nSecrets, shown this once (`linkage unit rotate` makes others):\n")
    if joined.key:
        typer.echo(f"export LINKAGE_KEY={joined.key}")
    if joined.password:
        typer.echo(f"export LINKAGE_KAFKA_PASSWORD={joined.password}")
    if (joined.key or joined.password) and (ingress := _ingress_key(offices)) is not None:
        typer.echo(
            f"\nNo secret: what is said over Kafka is sealed to it until {ingress.expires_at:%Y-%m-%d}\n\n"
            f"export LINKAGE_INGRESS_KEY={ingress.text}"
        )


def _ingress_key(offices: Offices) -> IngressKey | None:
    from infra.ingress_keys import current  # noqa: PLC0415 - as above

    with offices.engine.connect() as connection:
        return current(connection, offices.clock())


def _starter(offices: Offices, register: Register, code: str, language: str) -> str:
    from infra.starters import LANGUAGES, Place, first_addressee, starter  # noqa: PLC0415 - as above

    if language not in LANGUAGES:
        fail(f"there is no starter in {language!r}; accepted: {', '.join(LANGUAGES)}")
    settings = offices.settings
    place = Place(
        unit=code,
        addressee=first_addressee(register, code),
        gateway=f"http://{settings.gateway_host}:{settings.gateway_port}",
        bootstrap=settings.bootstrap,
        namespace=settings.namespace,
        protocol=settings.kafka_protocol,
        principal=offices.principal(code) if offices.asks_passwords else "",
        seals=_ingress_key(offices) is not None,
    )
    return starter(language, place)

"""`linkage unit`: the units of the register and the API keys that speak for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings
from schemas.units import Unit

app = typer.Typer(name="unit", help="Units of the register and their API keys.", no_args_is_help=True)

_Code = Annotated[str, typer.Argument(help="Code of a unit in the register.")]


@app.command("list")
def list_units(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Every unit of the register: code, names, roles, and how many valid keys it has."""
    import orjson  # noqa: PLC0415 - keeps `linkage --help` quick
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from infra.access import key_counts  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    register = read_register(settings)
    with engine(settings, pool=1).connect() as connection:
        keys = key_counts(connection)
    if as_json:
        for unit in register.units:
            typer.echo(orjson.dumps(_as_json(unit, keys.get(unit.code, 0))))
        return
    table = Table("code", "name", "roles", "district", "keys")
    for unit in register.units:
        name = f"{unit.name_zh}\n{unit.name_en}"
        table.add_row(
            unit.code, name, " ".join(sorted(unit.roles)), unit.district, str(keys.get(unit.code, 0))
        )
    Console().print(table)


@app.command()
def key(code: _Code) -> None:
    """Make a new API key for a unit and show it, this once: only its hash is kept."""
    from infra.access import issue_key  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415

    settings = read_settings()
    _check_known(settings, code)
    with engine(settings, pool=1).begin() as connection:
        made = issue_key(connection, code, now=datetime.now(UTC))
    typer.echo(made)


@app.command()
def revoke(code: _Code) -> None:
    """Revoke every valid API key of a unit; running gateways follow within seconds."""
    from infra.access import revoke_keys  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415

    settings = read_settings()
    _check_known(settings, code)
    with engine(settings, pool=1).begin() as connection:
        count = revoke_keys(connection, code, now=datetime.now(UTC))
    typer.echo(f"{count} key(s) of {code} are revoked.")


def _check_known(settings: Settings, code: str) -> None:
    from infra.rules import read_register  # noqa: PLC0415 - as above

    if code not in read_register(settings).by_code:
        fail(f"{code!r} is not in the register: see `linkage unit list`")


def _as_json(unit: Unit, keys: int) -> dict[str, object]:
    return {
        "code": unit.code,
        "name_zh": unit.name_zh,
        "name_en": unit.name_en,
        "roles": sorted(unit.roles),
        "district": unit.district,
        "superior": unit.superior,
        "keys": keys,
    }

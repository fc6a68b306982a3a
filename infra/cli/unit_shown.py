"""How `linkage unit list` and `show` tell of units: for people as a table, for programs as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from infra.access import KeyOnRecord, keys_on_record
from infra.enrolment import granted, with_password
from infra.joining import Offices
from infra.kafka import admin_client
from infra.suspensions import Suspension, suspended
from schemas.units import Register, Unit


@dataclass(frozen=True, slots=True)
class Standings:
    """What the database knows of units: their valid keys and their suspensions, by code."""

    keys: dict[str, list[KeyOnRecord]]
    suspensions: dict[str, Suspension]


def read_standings(engine: Engine) -> Standings:
    """The standings of all units. Blocks."""
    with engine.connect() as connection:
        return Standings(keys_on_record(connection), suspended(connection))


def show_all(register: Register, standings: Standings, *, as_json: bool) -> None:
    """Prints a line for each unit."""
    if as_json:
        for unit in register.units:
            typer.echo(orjson.dumps(_told(unit, standings)))
        return
    table = Table("code", "name", "roles", "district", "keys", "")
    for unit in register.units:
        told = _told(unit, standings)
        held = f"suspended: {told['suspended']['reason']}" if told["suspended"] else ""
        name = f"{unit.name_zh}\n{unit.name_en}"
        table.add_row(unit.code, name, " ".join(sorted(unit.roles)), unit.district, str(told["keys"]), held)
    Console().print(table)


def show_one(offices: Offices, unit: Unit, standings: Standings, *, as_json: bool) -> None:
    """Prints everything about one unit. Asks Kafka if it asks for passwords; may block."""
    told = _told(unit, standings)
    told |= {
        "fields": sorted(unit.fields),
        "contacts": [{"name": c.name, "phone": c.phone, "mail": c.mail} for c in unit.contacts],
        "topics": {
            "ingress": offices.settings.topics.ingress(unit.code),
            "feed": offices.settings.topics.feed(unit.code),
        },
        "api_keys": [
            {"name": one.name, "created_at": one.created_at, "expires_at": one.expires_at}
            for one in standings.keys.get(unit.code, [])
        ],
        "kafka": _kafka(offices, unit.code),
    }
    if as_json:
        typer.echo(orjson.dumps(told))
        return
    table = Table(show_header=False)
    for name, value in told.items():
        table.add_row(name, orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().replace('"', ""))
    Console().print(table)


def _kafka(offices: Offices, code: str) -> dict[str, Any] | None:
    if not offices.asks_passwords:
        return None
    principal = offices.principal(code)
    with admin_client(offices.settings) as client:
        rights = sorted(
            f"{acl.operation.name} {acl.resource_pattern.resource_name}" for acl in granted(client, principal)
        )
        return {"principal": principal, "can_log_in": principal in with_password(client), "rights": rights}


def _told(unit: Unit, standings: Standings) -> dict[str, Any]:
    held = standings.suspensions.get(unit.code)
    return {
        "code": unit.code,
        "name_zh": unit.name_zh,
        "name_en": unit.name_en,
        "roles": sorted(unit.roles),
        "district": unit.district,
        "superior": unit.superior,
        "keys": len(standings.keys.get(unit.code, [])),
        "suspended": None if held is None else {"since": held.since, "reason": held.reason},
    }

"""`linkage principals`: the principals of the bus's own processes on a broker that asks for passwords."""

from __future__ import annotations

import os

import typer

from infra.cli.failing import fail
from infra.settings import read_settings

app = typer.Typer(
    name="principals",
    help="Kafka principals of worker, relay, gateway, clock and operator.",
    no_args_is_help=True,
)

PASSWORDS = {
    "linkage-worker": "LINKAGE_PASSWORD_WORKER",
    "linkage-relay": "LINKAGE_PASSWORD_RELAY",
    "linkage-gateway": "LINKAGE_PASSWORD_GATEWAY",
    "linkage-clock": "LINKAGE_PASSWORD_CLOCK",
    "linkage-webhooks": "LINKAGE_PASSWORD_WEBHOOKS",
    "linkage-console": "LINKAGE_PASSWORD_CONSOLE",
    "linkage-redrive": "LINKAGE_PASSWORD_REDRIVE",
    "linkage-operator": "LINKAGE_PASSWORD_OPERATOR",
}
"""The environment variable that sets the password of each process."""


@app.command()
def apply() -> None:
    """Make every process's rights as the table has them, and its password as the environment says.

    Reads LINKAGE_PASSWORD_WORKER, …_RELAY and so on (docs/settings.md). Without one, a principal keeps its
    password, or gets a new one, shown this once. Run it as the brokers' administrator; it may be repeated.
    """
    from infra.enrolment import (  # noqa: PLC0415 - keeps `linkage --help` quick
        apply_grants,
        new_password,
        set_passwords,
        with_password,
    )
    from infra.grants import PROCESSES  # noqa: PLC0415
    from infra.kafka import admin_client  # noqa: PLC0415

    settings = read_settings()
    if not settings.kafka_protocol.startswith("SASL_"):
        fail(f"Kafka asks for no password here: LINKAGE_KAFKA_PROTOCOL is {settings.kafka_protocol}")
    space = settings.namespace
    with admin_client(settings) as client:
        rights = {space + name: grants for name, grants in PROCESSES.items()}
        for line in apply_grants(client, rights, namespace=space):
            typer.echo(line)
        known = with_password(client)
        for name in PROCESSES:
            if given := os.environ.get(PASSWORDS[name]):
                set_passwords(client, {space + name: given})
                typer.echo(f"{space}{name}: has the password of the environment")
            elif space + name not in known:
                made = new_password()
                set_passwords(client, {space + name: made})
                typer.echo(f"{space}{name}: has the new password {made}")

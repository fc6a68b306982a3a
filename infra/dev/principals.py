"""The principals of a development installation: every process and every unit logs in to Kafka under its own name."""

from __future__ import annotations

from collections.abc import Mapping

from infra.dev.broker import Credentials
from infra.enrolment import apply_grants, new_password, set_passwords, with_password
from infra.grants import PROCESSES, unit_grants, unit_principal
from infra.kafka import admin_client
from infra.settings import Settings
from schemas.units import Register


def new_administrator() -> Credentials:
    """Whoever makes the others; a new password for each start of the broker."""
    return Credentials("linkage-admin", new_password())


def as_administrator(settings: Settings, administrator: Credentials) -> Settings:
    """The settings of a program that makes topics, passwords and rights."""
    return _as(settings, administrator, "PLAIN")


def as_principal(settings: Settings, principal: Credentials) -> Settings:
    """The settings of a program that logs in as `principal`."""
    return _as(settings, principal, "SCRAM-SHA-512")


def enrol(
    settings: Settings, register: Register, told: Mapping[str, str]
) -> tuple[dict[str, Credentials], dict[str, Credentials]]:
    """Gives every process and every unit its password and its rights, and returns them by name. Blocks.

    `told` are the units' passwords that an earlier run told the user: they stay. Raises KafkaUnavailable.
    """
    space = settings.namespace
    processes = {name: Credentials(space + name, new_password()) for name in PROCESSES}
    units = {}
    fresh = {one.user: one.password for one in processes.values()}
    with admin_client(settings) as client:
        known = with_password(client)
        for code in register.by_code:
            name = space + unit_principal(code)
            keeps = code in told and name in known
            units[code] = Credentials(name, told[code] if keeps else new_password())
            if not keeps:
                fresh[name] = units[code].password
        set_passwords(client, fresh)
        rights = {space + name: grants for name, grants in PROCESSES.items()}
        rights |= {space + unit_principal(code): unit_grants(code) for code in register.by_code}
        apply_grants(client, rights, namespace=space)
    return processes, units


def _as(settings: Settings, principal: Credentials, mechanism: str) -> Settings:
    changes = {
        "kafka_protocol": "SASL_PLAINTEXT",
        "kafka_mechanism": mechanism,
        "kafka_user": principal.user,
        "kafka_password": principal.password,
    }
    return settings.model_copy(update=changes)

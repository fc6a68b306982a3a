"""What a unit needs to be on the bus, and taking it away again: topics, principal and rights on Kafka, API key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from infra.access import keys_on_record
from infra.audit import Actor
from infra.enrolment import (
    apply_grants,
    drop_password,
    new_password,
    set_passwords,
    with_password,
)
from infra.grants import unit_grants, unit_principal
from infra.kafka import admin_client, apply_topics
from infra.settings import Settings
from infra.suspensions import Suspension
from infra.unit_access import issue, resume, revoke, suspend
from schemas.units import Register


@dataclass
class Joined:
    """What was done, one line each, and the secrets that were made: they can be shown now and never again."""

    done: list[str] = field(default_factory=list)
    password: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Offices:
    """Where units are kept: Kafka by `settings`, keys and suspensions by `engine`, the day by `clock`.

    `actor` is who does it, for the audit.
    """

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    actor: Actor

    @property
    def asks_passwords(self) -> bool:
        """Whether Kafka asks who is there at all."""
        return self.settings.kafka_protocol.startswith("SASL_")

    def principal(self, code: str) -> str:
        """The full name of a unit's principal."""
        return self.settings.namespace + unit_principal(code)

    def join(self, register: Register, code: str) -> Joined:
        """Makes whatever `code` still lacks, in an order in which a broken-off attempt can be repeated. Blocks.

        Secrets that the unit has already stay. Raises KafkaUnavailable.
        """
        joined = Joined(apply_topics(self.settings, register))
        if self.asks_passwords:
            self._enrol(code, joined)
        with self.engine.begin() as connection:
            if code not in keys_on_record(connection):
                joined.key = issue(connection, self.actor, code, "", now=self.clock())
                joined.done.append(f"{code}: has an API key now")
        return joined

    def new_kafka_password(self, code: str) -> str:
        """A new password in place of the old one, which no new connection may use from now on. Blocks."""
        password = new_password()
        with admin_client(self.settings) as client:
            set_passwords(client, {self.principal(code): password})
        return password

    def leave(self, code: str) -> list[str]:
        """Takes rights, password and keys of `code` back; its topics and what stands in them stay. Blocks.

        What had been taken back before is left out of the lines.
        """
        done = []
        if self.asks_passwords:
            principal = self.principal(code)
            with admin_client(self.settings) as client:
                done += apply_grants(client, {principal: ()}, namespace=self.settings.namespace)
                if drop_password(client, principal):
                    done.append(f"{principal}: cannot log in any more")
        with self.engine.begin() as connection:
            if count := revoke(connection, self.actor, code, "", now=self.clock()):
                done.append(f"{code}: {count} API key(s) revoked")
        return done

    def suspend(self, code: str, reason: str) -> Suspension:
        """Holds what the unit says and what is for it, from within a second on."""
        with self.engine.begin() as connection:
            return suspend(connection, self.actor, code, reason, now=self.clock())

    def resume(self, code: str) -> bool:
        """Lets everything that was held go on; False if nothing was."""
        with self.engine.begin() as connection:
            return resume(connection, self.actor, code, "", now=self.clock())

    def new_key(self, code: str, *, expires_at: datetime | None = None) -> str:
        """A new API key for `code`, which cannot be shown again; a third retires the oldest."""
        with self.engine.begin() as connection:
            return issue(connection, self.actor, code, "", now=self.clock(), expires_at=expires_at)

    def revoke(self, code: str) -> int:
        """Revokes every valid API key of `code`; returns how many there were."""
        with self.engine.begin() as connection:
            return revoke(connection, self.actor, code, "", now=self.clock())

    def _enrol(self, code: str, joined: Joined) -> None:
        principal = self.principal(code)
        with admin_client(self.settings) as client:
            joined.done += apply_grants(
                client, {principal: unit_grants(code)}, namespace=self.settings.namespace
            )
            if principal not in with_password(client):
                joined.password = new_password()
                set_passwords(client, {principal: joined.password})
                joined.done.append(f"{principal}: has a password now")

"""Whom a provider's name for a person (issuer and subject) stands for. The caller commits."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from infra.administration_tables import console_identities
from infra.tables import console_users


def link(connection: Connection, name: str, issuer: str, subject: str) -> None:
    """Lets `name` in as this subject, in place of whoever it stood for before. An empty subject ends it."""
    column = console_identities.c
    connection.execute(delete(console_identities).where(column.issuer == issuer, column.name == name))
    if subject:
        row = insert(console_identities).values(issuer=issuer, subject=subject, name=name)
        connection.execute(
            row.on_conflict_do_update(index_elements=["issuer", "subject"], set_={"name": name})
        )


def person_of(connection: Connection, issuer: str, subject: str) -> tuple[str, bool] | None:
    """The name of the person, if still admitted, and whether a second factor of ours is still to come."""
    known = console_identities.join(console_users, console_users.c.name == console_identities.c.name)
    rows = (
        select(console_users.c.name, console_users.c.second_factor)
        .select_from(known)
        .where(console_identities.c.issuer == issuer, console_identities.c.subject == subject)
        .where(console_users.c.active)
    )
    row = connection.execute(rows).one_or_none()
    return None if row is None else (row.name, row.second_factor)

"""Texts that the database keeps for a while and nobody looks for: sealed as a whole under a key of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from infra.vault import vault_behind
from schemas.sealed.keys import SubjectKey
from schemas.sealed.tokens import open_text, read_token, seal_text


class Box:
    """Seals and opens the texts of one subject; without a key it leaves them alone."""

    def __init__(self, subject: str, key: SubjectKey | None) -> None:
        self._bound = f"linkage box 1\n{subject}".encode()
        self._key = key

    def seal(self, text: str) -> str:
        """What to keep of a text."""
        return text if self._key is None else seal_text(self._key, text, self._bound)

    def open(self, kept: str) -> str:
        """The text. Raises NotOpened."""
        token = read_token(kept)
        return (
            kept if token is None or self._key is None else open_text(self._key.opening, token, self._bound)
        )


def new_box(connection: Connection, subject: str, now: datetime) -> Box:
    """The box of a subject, which gets a key if it has none and the installation seals. The caller commits."""
    vault = vault_behind(connection)
    return Box(subject, None if vault is None else vault.issued(connection, [subject], now)[subject])


def box_of(connection: Connection, subject: str) -> Box:
    """The box of a subject as it is, for reading."""
    vault = vault_behind(connection)
    return Box(subject, None if vault is None else vault.known(connection, [subject]).get(subject))

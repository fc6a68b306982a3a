"""Records with their personal data sealed under the key of their case, before anything keeps or sends them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from infra.vault import vault_behind
from producers.records import Record
from schemas.digests import digest
from schemas.envelope import write_headers
from schemas.sealed.keys import SubjectKey, of_case
from schemas.sealed.values import sealed_value


def sealed(record: Record, key: SubjectKey, open_words: Collection[str]) -> Record:
    """The record that goes into the log: the same event gives the same bytes and the same digest. Pure."""
    envelope, value = sealed_value(record.envelope, record.value, key, open_words)
    return replace(
        record,
        envelope=envelope,
        value=value,
        headers=write_headers(envelope),
        digest=digest(envelope, value),
    )


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals what is said by the keys of an installation, or leaves it as it is if there are none. Blocks.

    `open_words` are the codes of units, which lists of participants keep readable.
    """

    engine: Engine
    open_words: Collection[str]
    clock: Callable[[], datetime]

    def __call__(self, records: Sequence[Record]) -> list[Record | None]:
        """Each record sealed; None where the key of its case was destroyed. Raises what the database raises."""
        return self._sealed(records, kept=True)

    def rehearsed(self, records: Sequence[Record]) -> list[Record | None]:
        """The same without making a key that stays: for a case that has none, one is made up."""
        return self._sealed(records, kept=False)

    def _sealed(self, records: Sequence[Record], *, kept: bool) -> list[Record | None]:
        vault = vault_behind(self.engine)
        if vault is None or not records:
            return list(records)
        subjects = [of_case(record.envelope.subject) for record in records]
        with self.engine.begin() as connection:
            if kept:
                keys = dict(vault.issued(connection, subjects, self.clock()))
            else:
                keys = dict(vault.known(connection, subjects))
                keys |= {subject: vault.passing(subject) for subject in subjects if subject not in keys}
        found = [keys[subject] for subject in subjects]
        return [
            None if key is None else sealed(record, key, self.open_words)
            for record, key in zip(records, found, strict=True)
        ]

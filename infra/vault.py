"""Where the keys of subjects are kept: wrapped, in PostgreSQL; unwrapped, for some seconds in a process."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, select
from sqlalchemy.dialects.postgresql import insert

from infra.master_keys import read_masters
from infra.settings import Settings
from infra.vault_tables import subject_keys
from schemas.sealed.keys import Entropy, Masters, SubjectKey, Wrapped, of_case
from schemas.sealed.suites import NONCE_BYTES, SUITES, Suite
from schemas.sealed.values import blob_subject, opened_blob

FORGETS_AFTER = 10.0
"""Seconds after which a key that was destroyed is nowhere in memory any more."""
_MOST = 50_000

Keys = Mapping[str, SubjectKey | None]
"""Keys by subject; None: destroyed."""

_OPTION = "vault"
_key = subject_keys.c


class Vault:
    """Gives out the keys of subjects. May be used from any thread; every method blocks.

    `steady` is a clock in seconds.
    """

    def __init__(
        self,
        masters: Masters,
        suite: Suite,
        *,
        entropy: Entropy = secrets.token_bytes,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.masters = masters
        self.suite = suite
        self._entropy = entropy
        self._steady = steady
        self._held: dict[str, tuple[float, SubjectKey]] = {}
        self._lock = threading.Lock()

    def known(self, connection: Connection, subjects: Collection[str]) -> Keys:
        """The keys of those subjects that have or had one. Raises UnknownMasterError."""
        held = self._remembered(subjects)
        missing = [subject for subject in subjects if subject not in held]
        if not missing:
            return held
        read = {row.subject: row for row in connection.execute(_rows(missing))}
        found: dict[str, SubjectKey | None] = {}
        for subject, row in read.items():
            kept = Wrapped(row.name, row.suite, row.master, row.wrapped or b"")
            found[subject] = None if row.wrapped is None else self.masters.unwrap(subject, kept)
        self._remember(found)
        return {**held, **found}

    def issued(self, connection: Connection, subjects: Collection[str], now: datetime) -> Keys:
        """The keys of all of these subjects, made for those that have none; None where it was destroyed.

        The caller commits before anything is sealed with a key that may be new. Raises UnknownMasterError.
        """
        found = self.known(connection, subjects)
        new = sorted(subject for subject in set(subjects) if subject not in found)
        if not new:
            return found
        rows = [self._row(subject, now) for subject in new]
        connection.execute(insert(subject_keys).on_conflict_do_nothing(), rows)
        return {**found, **self.known(connection, new)}

    def passing(self, subject: str) -> SubjectKey:
        """A key for this subject that is kept nowhere: for what is only tried out."""
        return self.masters.unwrap(subject, self.masters.make(subject, self.suite, self._entropy))

    def keep(self, connection: Connection, subject: str, name: str, secret: bytes, now: datetime) -> None:
        """Keep 32 bytes of the caller's own as the key of a subject that has none. The caller commits."""
        made = self.masters.wrap(subject, name, self.suite, secret, self._entropy(NONCE_BYTES))
        connection.execute(insert(subject_keys), self._values(subject, made, now))

    def secrets(self, connection: Connection, subjects: Collection[str]) -> Mapping[str, bytes | None]:
        """What `keep` was given for those subjects that have or had it; None: destroyed. Raises UnknownMasterError."""
        found: dict[str, bytes | None] = {}
        for row in connection.execute(_rows(subjects)):
            kept = Wrapped(row.name, row.suite, row.master, row.wrapped or b"")
            found[row.subject] = None if row.wrapped is None else self.masters.secret(row.subject, kept)
        return found

    def forget(self, subject: str) -> None:
        """Let go of a key at once, in this process."""
        with self._lock:
            self._held.pop(subject, None)

    def rewrap(self, connection: Connection, *, limit: int) -> int:
        """Wrap up to `limit` keys of older master keys by the current one; how many there were. The caller commits.

        What is sealed stays as it is. Raises UnknownMasterError.
        """
        old = (
            select(_key.subject, _key.name, _key.suite, _key.master, _key.wrapped)
            .where(_key.master != self.masters.current, _key.wrapped.is_not(None))
            .limit(limit)
            .with_for_update()
        )
        rows = connection.execute(old).all()
        for subject, *kept in rows:
            made = self.masters.rewrap(subject, Wrapped(*kept), self._entropy)
            change = subject_keys.update().where(_key.subject == subject)
            connection.execute(change.values(master=made.master, wrapped=made.wrapped))
        return len(rows)

    def _row(self, subject: str, now: datetime) -> dict[str, object]:
        return self._values(subject, self.masters.make(subject, self.suite, self._entropy), now)

    @staticmethod
    def _values(subject: str, made: Wrapped, now: datetime) -> dict[str, object]:
        return {
            "subject": subject,
            "name": made.name,
            "suite": made.mark,
            "master": made.master,
            "wrapped": made.wrapped,
            "made_at": now,
        }

    def _remembered(self, subjects: Collection[str]) -> dict[str, SubjectKey | None]:
        now = self._steady()
        with self._lock:
            entries = ((subject, self._held.get(subject)) for subject in subjects)
            return {subject: held[1] for subject, held in entries if held is not None and held[0] > now}

    def _remember(self, found: Keys) -> None:
        until = self._steady() + FORGETS_AFTER
        with self._lock:
            if len(self._held) + len(found) > _MOST:
                self._held.clear()
            self._held.update({subject: (until, key) for subject, key in found.items() if key is not None})


def vault_of(settings: Settings) -> Vault | None:
    """The vault that the settings describe; None if no master key is named. Raises MasterKeyError. Blocks."""
    if settings.master_keys is None:
        return None
    return Vault(read_masters(settings.master_keys), SUITES[settings.sealing])


def options(vault: Vault | None) -> dict[str, object]:
    """The execution options by which connections of an engine find the vault."""
    return {} if vault is None else {_OPTION: vault}


def vault_behind(connection: Connection | Engine) -> Vault | None:
    """The vault of the engine, or of the one that this connection is of; None if the installation seals nothing."""
    found = connection.get_execution_options().get(_OPTION)
    return found if isinstance(found, Vault) else None


def case_keys(connection: Connection, cases: Collection[UUID]) -> Mapping[UUID, SubjectKey | None]:
    """The keys of those cases that have or had one; empty if the installation seals nothing."""
    vault = vault_behind(connection)
    if vault is None or not cases:
        return {}
    subjects = {of_case(case): case for case in cases}
    return {subjects[subject]: key for subject, key in vault.known(connection, subjects).items()}


def opened_whole(connection: Connection, value: bytes | None) -> bytes | None:
    """A value that may be sealed as a whole: opened if its key is there, otherwise as it is."""
    vault, subject = vault_behind(connection), blob_subject(value)
    if vault is None or subject is None or value is None:
        return value
    key = vault.known(connection, [subject]).get(subject)
    return value if key is None else opened_blob(value, key.opening)


def _rows(subjects: Collection[str]) -> Select[*tuple[Any, ...]]:
    wanted = _key.subject.in_(subjects)
    return select(_key.subject, _key.name, _key.suite, _key.master, _key.wrapped).where(wanted)

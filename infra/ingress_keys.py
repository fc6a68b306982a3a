"""The installation's ingress keys in PostgreSQL: made, told to publishers, opened with, and destroyed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from infra.vault import FORGETS_AFTER, Vault, vault_behind
from infra.vault_tables import ingress_keys, subject_keys
from schemas.admission import Refusal
from schemas.envelope import Envelope
from schemas.sealed.ingress import IngressKey, Opening, public_half, sealed_to, unsealed
from schemas.sealed.keys import KEY_BYTES, Entropy, new_name, of_ingress
from schemas.sealed.suites import BY_MARK

RENEWED_AFTER = timedelta(days=90)
OPENS_FOR = timedelta(days=180)
"""So long publishers without a way to the gateway may take to get the next key, counted from when one is made."""

_k = ingress_keys.c


@dataclass(frozen=True, slots=True)
class KeptKey:
    """One ingress key as `linkage vault ingress list` shows it."""

    key: IngressKey
    made_at: datetime
    destroyed_at: datetime | None


def renew(
    connection: Connection,
    vault: Vault,
    now: datetime,
    *,
    entropy: Entropy = secrets.token_bytes,
    renewed_after: timedelta = RENEWED_AFTER,
    opens_for: timedelta = OPENS_FOR,
) -> IngressKey:
    """A new ingress key, which publishers are told from now on. The caller commits; older ones still open."""
    name, secret = new_name(entropy), entropy(KEY_BYTES)
    key = IngressKey(name, vault.suite, public_half(secret), now + renewed_after, now + opens_for)
    vault.keep(connection, of_ingress(name), name, secret, now)
    values = {
        "name": name,
        "suite": key.suite.mark,
        "public": key.public,
        "made_at": now,
        "renew_by": key.renew_by,
        "expires_at": key.expires_at,
    }
    connection.execute(ingress_keys.insert(), values)
    return key


def current(connection: Connection, now: datetime) -> IngressKey | None:
    """The key that publishers are told: the newest that opens still. None: there is none, or nothing is sealed here."""
    if vault_behind(connection) is None:
        return None
    fresh = [one for one in kept(connection) if one.destroyed_at is None and one.key.expires_at > now]
    return fresh[0].key if fresh else None


def kept(connection: Connection) -> list[KeptKey]:
    """Every ingress key there ever was, the newest first."""
    private = subject_keys.c
    rows = connection.execute(
        select(ingress_keys, private.destroyed_at)
        .join(subject_keys, private.subject == "ingress/" + _k.name, isouter=True)
        .order_by(_k.made_at.desc(), _k.name)
    )
    return [
        KeptKey(
            IngressKey(row.name, BY_MARK[row.suite], row.public, row.renew_by, row.expires_at),
            row.made_at,
            row.destroyed_at,
        )
        for row in rows
    ]


def expire(connection: Connection, name: str, at: datetime) -> bool:
    """Let a key open what is written before `at` and nothing later; False if there is no such key."""
    change = update(ingress_keys).where(_k.name == name)
    return connection.execute(change.values(expires_at=at)).rowcount == 1


def destroy(connection: Connection, names: Iterable[str], now: datetime) -> None:
    """Erase private halves: what was sealed to these keys opens for nobody any more. The caller commits."""
    subjects = [of_ingress(name) for name in names]
    gone = update(subject_keys).where(subject_keys.c.subject.in_(subjects))
    connection.execute(gone.values(wrapped=None, destroyed_at=now))


class Openings:
    """Gives out the private halves, and remembers each for some seconds. From any thread; blocks.

    `connect` opens a connection (`engine.connect`); `steady` is a clock in seconds.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[Connection]],
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._steady = steady
        self._held: dict[str, tuple[float, Opening]] = {}

    def of(self, values: Iterable[bytes | None]) -> Mapping[str, Opening]:
        """The keys that these values were sealed to, as far as there are or were any.

        Raises what the database raises, and UnknownMasterError.
        """
        now, names = self._steady(), {sealed_to(value) for value in values} - {""}
        held = {name: one for name, (until, one) in list(self._held.items()) if name in names and until > now}
        missing = names - held.keys()
        if not missing:
            return held
        with self._connect() as connection:
            vault = vault_behind(connection)
            found = {} if vault is None else _read(connection, vault, missing)
        self._held |= {name: (now + FORGETS_AFTER, one) for name, one in found.items()}
        return held | found


def _read(connection: Connection, vault: Vault, names: Collection[str]) -> dict[str, Opening]:
    rows = connection.execute(select(_k.name, _k.suite, _k.expires_at).where(_k.name.in_(names))).all()
    private = vault.secrets(connection, [of_ingress(row.name) for row in rows])
    return {
        row.name: Opening(row.name, BY_MARK[row.suite], row.expires_at, private.get(of_ingress(row.name)))
        for row in rows
    }


class Unsealer:
    """Opens what was sealed to an ingress key of this installation. From any thread; blocks."""

    def __init__(self, openings: Openings) -> None:
        self._openings = openings

    def __call__(self, value: bytes, envelope: Envelope, at: datetime) -> bytes | Refusal:
        """See `unsealed`. Raises what the database raises, and UnknownMasterError."""
        return unsealed(value, envelope, self._openings.of([value]), at)

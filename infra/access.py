"""API keys: which key speaks for which unit. Only the SHA-256 of a key is stored."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, or_, select, update

from infra.tables import api_keys

_PREFIX = "lk_"  # lets secret scanners find a key that was committed somewhere
MOST_VALID = 2
"""Keys of a unit that are valid at once: the one in use and the one that follows it."""


@dataclass(frozen=True, slots=True)
class KeyOnRecord:
    """What is known of a valid key: `name` tells it from others and gives nothing away; None expires never."""

    name: str
    created_at: datetime
    expires_at: datetime | None


def issue_key(connection: Connection, unit: str, *, now: datetime, expires_at: datetime | None = None) -> str:
    """Makes a key for `unit` and returns it: it cannot be shown again. The caller commits.

    At most MOST_VALID keys of a unit are valid: the oldest beyond that is retired.
    """
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"keys of {unit}"))))
    kept = (
        select(api_keys.c.key_hash)
        .where(_valid(), api_keys.c.unit == unit)
        .order_by(api_keys.c.created_at.desc(), api_keys.c.key_hash)
        .limit(MOST_VALID - 1)
    )
    older = and_(_valid(), api_keys.c.unit == unit, api_keys.c.key_hash.not_in(kept))
    connection.execute(update(api_keys).where(older).values(revoked_at=now))
    key = _PREFIX + secrets.token_urlsafe(32)
    row = {"key_hash": _hash(key), "unit": unit, "created_at": now, "expires_at": expires_at}
    connection.execute(insert(api_keys).values(row))
    return key


def revoke_keys(connection: Connection, unit: str, *, now: datetime, name: str = "") -> int:
    """Revokes every valid key of `unit`, or only the one of that name; returns how many. The caller commits.

    A running gateway may honour a key for `KeyRing.LIFETIME_SECONDS` longer.
    """
    valid = and_(_valid(), api_keys.c.unit == unit)
    if name:
        valid = and_(valid, func.encode(api_keys.c.key_hash, "hex").startswith(name, autoescape=True))
    return connection.execute(update(api_keys).where(valid).values(revoked_at=now)).rowcount


def unit_of(connection: Connection, key: str) -> str | None:
    """The unit that `key` speaks for, or None if it is unknown, revoked or expired by the database's clock."""
    valid = and_(_valid(), api_keys.c.key_hash == _hash(key))
    return connection.execute(select(api_keys.c.unit).where(valid)).scalar_one_or_none()


def keys_on_record(connection: Connection) -> dict[str, list[KeyOnRecord]]:
    """The valid keys of each unit, the oldest first; units without one are left out."""
    rows = connection.execute(
        select(api_keys.c.unit, api_keys.c.key_hash, api_keys.c.created_at, api_keys.c.expires_at)
        .where(_valid())
        .order_by(api_keys.c.unit, api_keys.c.created_at, api_keys.c.key_hash)
    )
    keys: dict[str, list[KeyOnRecord]] = {}
    for unit, digest, created_at, expires_at in rows:
        keys.setdefault(unit, []).append(KeyOnRecord(digest.hex()[:8], created_at, expires_at))
    return keys


def _valid() -> ColumnElement[bool]:
    expires = api_keys.c.expires_at
    return and_(api_keys.c.revoked_at.is_(None), or_(expires.is_(None), expires > func.now()))


def name_of(key: str) -> str:
    """The name under which `revoke_keys` and the record know a key: the beginning of its hash."""
    return _hash(key).hex()[:8]


class KeyRing:
    """Remembers for a short while whom a key speaks for, so that not every request asks the database.

    Unknown keys are remembered too, and the number of remembered keys is bounded: a client that tries keys
    costs neither a query each nor memory. Safe between threads; `unit_for` may block on the database.
    """

    LIFETIME_SECONDS = 15.0

    def __init__(
        self, engine: Engine, *, most: int = 10_000, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._most = most
        self._monotonic = monotonic
        self._known: OrderedDict[bytes, tuple[str | None, float]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def engine(self) -> Engine:
        """The database that it asks."""
        return self._engine

    @property
    def size(self) -> int:
        """How many keys are remembered."""
        return len(self._known)

    def remembered(self, key: str) -> tuple[bool, str | None]:
        """Whether the answer for `key` is still known, and the answer. Never blocks on the database."""
        with self._lock:
            unit, until = self._known.get(_hash(key), (None, 0.0))
        return (until > self._monotonic(), unit)

    def unit_for(self, key: str) -> str | None:
        """The unit that `key` speaks for, or None; asks the database if the answer is not remembered."""
        fresh, unit = self.remembered(key)
        if fresh:
            return unit
        with self._engine.connect() as connection:
            unit = unit_of(connection, key)
        with self._lock:
            self._known[_hash(key)] = (unit, self._monotonic() + self.LIFETIME_SECONDS)
            self._known.move_to_end(_hash(key))
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return unit


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()

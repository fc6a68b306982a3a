"""Who may sign in: adding people, checking what they give, locking out who guesses. The caller commits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import Connection, delete, insert, select, update

from consumers.console import passwords
from consumers.console.access import OF_A_UNIT, ConsoleRole
from infra.boxes import box_of, new_box
from infra.tables import console_sessions, console_users
from schemas.sealed.keys import of_person
from schemas.units import Register

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_STEP_SECONDS = 30
_ISSUER = "linkage bus"


class PersonError(ValueError):
    """A person that cannot be added; the text says what to change, `words` is the same as a phrase of the console."""

    def __init__(self, words: str, text: str) -> None:
        super().__init__(text)
        self.words = words


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in. `unit` None: not of one unit."""

    name: str
    shown: str
    role: ConsoleRole
    unit: str | None
    second_factor: bool
    locked_until: datetime | None
    active: bool


def add(
    connection: Connection,
    register: Register,
    *,
    name: str,
    shown: str,
    role: ConsoleRole,
    unit: str | None,
    password: str,
    now: datetime,
) -> None:
    """Admits a person. Raises PersonError or passwords.WeakPasswordError."""
    if not _NAME.fullmatch(name):
        raise PersonError(
            "people.bad_name", f"{name!r}: a name has 2 to 40 lower-case letters, digits, dots or hyphens"
        )
    if (role in OF_A_UNIT) != (unit is not None):
        wanted = "name a unit" if role in OF_A_UNIT else "belongs to no unit"
        raise PersonError("people.bad_unit", f"role {role}: {wanted}")
    if unit is not None and unit not in register.by_code:
        raise PersonError("people.bad_unit", f"{unit!r} is not in the register: see `linkage unit list`")
    if person(connection, name) is not None:
        raise PersonError("people.taken", f"{name!r} is there already")
    row = {"name": name, "shown": shown or name, "role": role.value, "unit": unit, "second_factor": False}
    state = {"last_step": 0, "failures": 0, "active": True, "created_at": now}
    connection.execute(
        insert(console_users).values(**row, **state, password_hash=passwords.hashed(password, name=name))
    )


def person(connection: Connection, name: str) -> Person | None:
    """The person of this name."""
    return next(iter(_people(connection, name)), None)


def everybody(connection: Connection) -> list[Person]:
    """Everybody who was ever admitted, by name."""
    return _people(connection, None)


def admitted(connection: Connection, name: str, password: str, *, now: datetime) -> Person | None:
    """The person, if the password is right and the door is not locked. Counts a failure, and locks after five.

    While it is locked even the right password is refused, so guessing on tells nothing. Two at once are
    counted one after the other. Takes as long for a name that nobody has.
    """
    row = connection.execute(
        select(console_users).where(console_users.c.name == name).with_for_update()
    ).one_or_none()
    right = passwords.matches(password, None if row is None else row.password_hash)
    if row is None or not row.active or (row.locked_until is not None and row.locked_until > now):
        return None
    if not (right and row.second_factor):  # else whoever has the password could guess codes for ever
        _count(connection, name, row.failures, right=right, now=now)
    return person(connection, name) if right else None


def second_factor_given(connection: Connection, name: str, code: str, *, now: datetime) -> bool:
    """Whether `code` is the current one of the person's second factor. Each code counts once; failures lock too."""
    row = connection.execute(
        select(console_users).where(console_users.c.name == name).with_for_update()
    ).one()
    if row.secret is None or (row.locked_until is not None and row.locked_until > now):
        return False
    step = _step_of(box_of(connection, of_person(name)).open(row.secret), code, now)
    right = step is not None and step > row.last_step
    _count(connection, name, row.failures, right=right, now=now)
    if right:
        connection.execute(update(console_users).where(console_users.c.name == name).values(last_step=step))
    return right


def offer_second_factor(connection: Connection, name: str, *, now: datetime) -> tuple[str, str]:
    """A new secret for the person's second factor, and the address of it for an app; not in force yet.

    Kept sealed if the installation seals, so that a copy of the database opens no account.
    """
    secret = pyotp.random_base32()
    sealed = new_box(connection, of_person(name), now).seal(secret)
    changed = {"secret": sealed, "second_factor": False, "last_step": 0}
    connection.execute(update(console_users).where(console_users.c.name == name).values(**changed))
    return secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def confirm_second_factor(connection: Connection, name: str, code: str, *, now: datetime) -> bool:
    """Puts the offered second factor in force if `code` shows that the person has it."""
    given = second_factor_given(connection, name, code, now=now)
    if given:
        connection.execute(
            update(console_users).where(console_users.c.name == name).values(second_factor=True)
        )
    return given


def change_password(
    connection: Connection, name: str, old: str, new: str, *, now: datetime, keep: bytes
) -> bool:
    """Sets a new password if the old one is right, and ends the person's other sessions.

    `keep` is the hash of the session's token that stays. Raises passwords.WeakPasswordError.
    """
    fresh = passwords.hashed(new, name=name)
    if admitted(connection, name, old, now=now) is None:
        return False
    connection.execute(update(console_users).where(console_users.c.name == name).values(password_hash=fresh))
    others = (console_sessions.c.user == name) & (console_sessions.c.token_hash != keep)
    connection.execute(delete(console_sessions).where(others))
    return True


def give_password(connection: Connection, name: str, password: str) -> None:
    """For somebody who lost theirs, or never saw the first: ends the lock and every session of theirs.

    A second factor stays as it is. Raises PersonError if nobody is called so, or passwords.WeakPasswordError.
    """
    if person(connection, name) is None:
        raise PersonError("people.unknown", f"nobody is called {name!r}: see `linkage console user list`")
    changed = {"password_hash": passwords.hashed(password, name=name), "failures": 0, "locked_until": None}
    connection.execute(update(console_users).where(console_users.c.name == name).values(**changed))
    connection.execute(delete(console_sessions).where(console_sessions.c.user == name))


def unlock(connection: Connection, name: str) -> None:
    """Lets the person try again at once."""
    connection.execute(
        update(console_users).where(console_users.c.name == name).values(failures=0, locked_until=None)
    )


def set_active(connection: Connection, name: str, *, active: bool) -> None:
    """Lets the person in, or shuts the door: then every session of theirs ends at once."""
    connection.execute(update(console_users).where(console_users.c.name == name).values(active=active))
    if not active:
        connection.execute(delete(console_sessions).where(console_sessions.c.user == name))


def forget_second_factor(connection: Connection, name: str) -> None:
    """For somebody who lost the device: the password alone admits until a new one is set up."""
    changed = {"secret": None, "second_factor": False}
    connection.execute(update(console_users).where(console_users.c.name == name).values(**changed))


def _count(connection: Connection, name: str, failures: int, *, right: bool, now: datetime) -> None:
    failed = 0 if right else failures + 1
    locked = now + LOCKED_FOR if failed and failed % MOST_FAILURES == 0 else None
    connection.execute(
        update(console_users).where(console_users.c.name == name).values(failures=failed, locked_until=locked)
    )


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step, of the current and its two neighbours, whose code this is."""
    factor, current = pyotp.TOTP(secret), int(now.timestamp()) // _STEP_SECONDS
    steps = (current - 1, current, current + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(factor.generate_otp(step), code)), None)


def _people(connection: Connection, name: str | None) -> list[Person]:
    column = console_users.c
    columns = (column.name, column.shown, column.role, column.unit, column.second_factor)
    wanted = select(*columns, column.locked_until, column.active).order_by(column.name)
    rows = connection.execute(wanted if name is None else wanted.where(column.name == name))
    return [Person(r.name, r.shown, ConsoleRole(r.role), *r[3:]) for r in rows]

"""Passwords of the console: argon2id hashes, and what a password has to be."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("the password of nobody")
"""Checked for a name that nobody has, so that the time taken tells nothing about who exists."""


class WeakPasswordError(ValueError):
    """A password that is not taken; the text says why."""


def _random() -> str:
    return secrets.token_urlsafe(15)


def generated(name: str, *, token: Callable[[], str] = _random) -> str:
    """A password from `token` that `hashed` takes for the person `name`: by chance a short name stands in it."""
    while _too_easy(made := token(), name):
        pass
    return made


def hashed(password: str, *, name: str) -> str:
    """The hash of a new password of the person `name`. Takes some tens of milliseconds. Raises WeakPasswordError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPasswordError(f"a password has {SHORTEST} to {LONGEST} characters")
    if _too_easy(password, name):
        raise WeakPasswordError("the password is too easy: it repeats itself or contains the name")
    return _HASHER.hash(password)


def _too_easy(password: str, name: str) -> bool:
    return len(set(password)) < SHORTEST // 2 or name.lower() in password.lower()


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password of the hash. None, for a name that nobody has, takes as long and is False."""
    try:
        _HASHER.verify(stored or _NOBODYS, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None

"""The file of master keys: one line for each, a name and 64 hexadecimal digits; the first is the current one."""

from __future__ import annotations

import os
import re
from pathlib import Path

from schemas.sealed.keys import KEY_BYTES, Entropy, Master, Masters

_LINE = re.compile(r"([\w-]{1,40}) ([0-9a-f]{64})", re.ASCII)
_HINT = "`linkage vault new` makes one"


class MasterKeyError(ValueError):
    """The file of LINKAGE_MASTER_KEYS cannot be used: the message names it and says what to do."""


def read_masters(file: Path) -> Masters:
    """The master keys in `file`. Raises MasterKeyError, also if others than its owner may read it. Blocks."""
    try:
        others = file.stat().st_mode & 0o077
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"LINKAGE_MASTER_KEYS: {file} cannot be read ({error}); {_HINT}") from None
    if others:
        raise MasterKeyError(
            f"LINKAGE_MASTER_KEYS: others may read {file}: `chmod 600 {file}`, or make a new key"
        )
    found = [_master(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise MasterKeyError(f"LINKAGE_MASTER_KEYS: {file} holds no key; {_HINT}")
    if len({one.name for one in found}) != len(found):
        raise MasterKeyError(f"LINKAGE_MASTER_KEYS: {file} has a name twice; each key has its own")
    return Masters(found)


def add_master(file: Path, name: str, entropy: Entropy) -> None:
    """Put a new key before those in `file`, or make the file, readable by its owner alone. Blocks.

    Raises MasterKeyError.
    """
    known = read_masters(file).keys if file.exists() else ()
    if any(one.name == name for one in known):
        raise MasterKeyError(
            f"LINKAGE_MASTER_KEYS: {file} has a key called {name} already: name it otherwise"
        )
    made = Master(name, entropy(KEY_BYTES))
    beside = file.with_name(f"{file.name}.new")
    try:
        place = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(place, "w", encoding="utf-8") as opened:
            opened.writelines(f"{one.name} {one.secret.hex()}\n" for one in (made, *known))
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    except OSError as error:
        raise MasterKeyError(f"LINKAGE_MASTER_KEYS: {beside}: {error.strerror}") from None


def _master(file: Path, number: int, line: str) -> Master:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise MasterKeyError(
            f"LINKAGE_MASTER_KEYS: line {number} of {file} is no name and 64 hexadecimal digits; {_HINT}"
        )
    return Master(found[1], bytes.fromhex(found[2]))

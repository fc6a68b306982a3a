"""Which rules each running process decides by: it tells the database as the name of its connections.

So nothing has to be kept alive or cleared away: a process that ends takes its word with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from consumers.rulebook import Rulebook

_NAME = re.compile(r"linkage-(?P<process>\w+) rules=(?P<mark>[0-9a-f]{12})")
_OTHERS = text(
    "SELECT DISTINCT application_name FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name LIKE 'linkage-% rules=%'"
)


class MixedRulesError(RuntimeError):
    """Another process decides by other rules; the text says what to do."""


@dataclass(frozen=True, slots=True, order=True)
class Running:
    """A kind of process that runs, and the mark of the rules that it decides by."""

    process: str
    mark: str


def mark_of(rulebook: Rulebook) -> str:
    """What names calendar with its editions, profiles and settling time: the same content gives the same mark."""
    told = (rulebook.calendar.version, rulebook.calendar.newest.version)
    content = repr((*told, sorted(rulebook.profiles), rulebook.settling.total_seconds()))
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def connection_name(process: str, rulebook: Rulebook) -> str:
    """What the connections of a process are called."""
    return f"linkage-{process} rules={mark_of(rulebook)}"


def running(connection: Connection) -> list[Running]:
    """The processes that decide on this database, each kind once for each set of rules."""
    return sorted(_parsed(connection.execute(_OTHERS).scalars()))


def require_same(connection: Connection, rulebook: Rulebook) -> None:
    """Raises MixedRulesError if a running process decides by other rules than these."""
    mine = mark_of(rulebook)
    other = next((one for one in running(connection) if one.mark != mine), None)
    if other is not None:
        raise MixedRulesError(
            f"a {other.process} runs with the rules {other.mark}, this process has {mine} (calendar, profiles, "
            "settling time): stop every worker and clock before any is started with other rules"
        )


def _parsed(names: Iterable[str]) -> set[Running]:
    found = (_NAME.fullmatch(name) for name in names)
    return {Running(one["process"], one["mark"]) for one in found if one}

"""Two cases whose events alternate on one partition of the log, applied."""

from __future__ import annotations

from itertools import chain

from sqlalchemy import Engine

from consumers.casework.transaction import Casework
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.database import engine as make_engine
from infra.settings import Settings
from schemas.units import Register
from tests.consumers.casework.logged import TOPIC, Log, told
from tests.faults.scripts import STRANGE, SWIFT


def made_log() -> Log:
    """Seven events of each of two cases in turn, a repeat, and a story of which one event is parked."""
    made = Log()
    made.add(*chain.from_iterable(zip(told(SWIFT, seed="a"), told(SWIFT, seed="b"), strict=True)))
    made.add(told(SWIFT, seed="a")[3])
    made.add(*told(STRANGE, seed="c"))
    return made


def applied(database: str, register: Register, log: Log) -> Engine:
    """The database after casework has applied the log."""
    connector = make_engine(Settings(database=database))
    rulebook = Rulebook(register, published_calendar())
    Casework(connector, rulebook, log.range, cached_events=100, topic=TOPIC).apply(log.records)
    return connector

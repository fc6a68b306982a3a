"""The console on a database of years: the archive of `archive.fill`, brought up to date and kept for the next run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Engine, select, text

from consumers.administration.proposals import Kind
from consumers.bulletins.counting import bring_up_to_date
from consumers.bulletins.issuing import bulletin_id, issue
from consumers.bulletins.periods import Stretch, period_at
from consumers.console.desk import Console, Options
from consumers.monitoring.standings import standings
from consumers.monitoring.watching import Look
from consumers.readmodel import exchanges
from consumers.rulebook import Rulebook
from infra.database import create_database, database_exists, engine, migrate
from infra.demo.administration import administer, proposal_id
from infra.demo.bulletins import campaign_id, show_bulletins
from infra.demo.cast import HOME
from infra.demo.notices import pin_on
from infra.dev.postgres import Postgres, PostgresOptions
from infra.notice_tables import notices
from infra.rules import read_rulebook
from infra.settings import Settings
from tests.benchmarks import archive
from tests.benchmarks.installation import DEMO_UNITS
from tests.consumers.casework.logged import TOPIC


@dataclass(frozen=True, slots=True)
class Archive:
    """A console on it, the process id of its PostgreSQL, and how many events it has."""

    console: Console
    server: int
    events: int


@contextmanager
def console(folder: Path | None, cases: int) -> Iterator[Archive]:
    """Opens the archive of so many cases, filling it first if `folder` has none. Its clock stands at the last event."""
    with _database(folder, cases) as (settings, connector, server):
        rulebook = read_rulebook(settings)
        with connector.connect() as connection:
            now: datetime = connection.execute(text("SELECT max(recorded_at) FROM events")).scalar_one()
            events: int = connection.execute(text("SELECT count(*) FROM events")).scalar_one()
        _complete(connector, settings, rulebook, now)
        opened = Console(connector, rulebook, lambda: now, Options(), operating=_WithoutBroker(connector))
        yield Archive(opened, server, events)


def _complete(connector: Engine, settings: Settings, rulebook: Rulebook, now: datetime) -> None:
    """Does what the processes and people of a bus do, unless an earlier run did; tells how long each took."""
    register = rulebook.register
    _timed("counted the figures", bring_up_to_date, connector, TOPIC)
    for stretch in (Stretch.MONTH, Stretch.YEAR):
        period = period_at(stretch, now).before
        _timed(
            f"issued {period.name}", issue, connector, TOPIC, register, HOME, period, by="operator", now=now
        )
    _timed("showed bulletins", show_bulletins, connector, TOPIC, register, now=now)
    _timed("looked for exchanges", exchanges.bring_up_to_date, connector, TOPIC, register)
    with connector.begin() as connection:
        archive.admit(connection, register, now)
        pin_on(connection, register, now=now)
    _timed("previewed rules", administer, connector, settings, register, "http://console.test", now=now)


def _timed(what: str, deed: Callable[..., object], *told: object, **more: object) -> None:
    began = time.perf_counter()
    deed(*told, **more)
    print(f"{what} in {time.perf_counter() - began:.1f} s", flush=True)


class _WithoutBroker:
    """What the database says of the streams; the ends of topics are the broker's."""

    needs_approval = False
    max_bytes = 262_144

    def __init__(self, connector: Engine) -> None:
        self._engine = connector

    def look(self) -> Look:
        with self._engine.connect() as connection:
            return Look(standings(connection), ())

    def begin(self, job_id: UUID) -> None:
        raise AssertionError(f"nothing is sent here: {job_id}")


@contextmanager
def _database(folder: Path | None, cases: int) -> Iterator[tuple[Settings, Engine, int]]:
    """The filled database and the process id of its server."""
    home = folder or Path(tempfile.mkdtemp(prefix="linkage-archive-"))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    options = PostgresOptions(shared_buffers="256MB", settings={"max_wal_size": "4GB"})
    with Postgres(home / "postgres", options=options) as server:
        settings = _filled(server, f"archive_{cases}", cases)
        connector = engine(settings, pool=2)
        assert server.child.pid is not None
        yield settings, connector, server.child.pid
        connector.dispose()
    if folder is None:
        shutil.rmtree(home, ignore_errors=True)


def _filled(server: Postgres, name: str, cases: int) -> Settings:
    settings = Settings(database=server.url(name), units=DEMO_UNITS)
    if not database_exists(server.url(), name):
        migrate(create_database(server.url(), f"{name}_new"))
        connector = engine(settings.model_copy(update={"database": server.url(f"{name}_new")}))
        rulebook: Rulebook = read_rulebook(settings)
        archive.fill(connector, rulebook, datetime.now(UTC).replace(microsecond=0), cases=cases)
        connector.dispose()
        create_database(
            server.url(), name, template=f"{name}_new"
        )  # only what was filled to the end has the name
    migrate(settings.database)
    return settings


_EXAMPLE = text("""
SELECT c.case_id, k.clock_id, k.due_to, e.source, e.event_id, c.origin_case
FROM feed_positions p JOIN events e USING (partition, log_offset) JOIN cases c USING (case_id) JOIN clocks k USING (case_id)
WHERE p.unit = coalesce(:unit, 'by-police') AND k.due_to IS NOT NULL AND k.holder = coalesce(:unit, k.holder)
ORDER BY p.seq DESC LIMIT 1
""")
_EXCHANGE = text("""
SELECT case_id, track, number FROM exchanges WHERE viewer IN (:viewer, '') ORDER BY viewer DESC, opened_at DESC LIMIT 1
""")
_RECORD = text("SELECT topic, log_offset FROM quarantine ORDER BY recorded_at DESC LIMIT 1")


def examples(console: Console, unit: str | None) -> dict[str, str]:
    """What stands in the gaps of addresses: a case of the unit, one of its clocks and events, a record set aside."""
    with console.engine.connect() as connection:
        case, clock, due, source, event, number = connection.execute(_EXAMPLE, {"unit": unit}).one()
        topic, offset = connection.execute(_RECORD).one()
        opened, track, exchange = connection.execute(_EXCHANGE, {"viewer": unit or ""}).one()
        notice = connection.execute(select(notices.c.notice_id).order_by(notices.c.title).limit(1)).scalar()
    known = {
        "case": str(case), "clock": str(clock), "after": due.isoformat().replace("+", "%2B") if due else "",
        "source": source, "event": event, "number": number, "topic": topic, "offset": str(offset),
        "bulletin": str(bulletin_id(HOME, period_at(Stretch.YEAR, console.clock()).before)),
        "campaign": str(campaign_id(console.clock())), "notice": str(notice),
        "proposal": str(proposal_id(Kind.PROFILES)), **_periods(console.clock()),
        "unit": unit or "by-police", "track": "consult",
        "opened": str(opened), "of": track, "exchange": quote(exchange),
    }  # fmt: skip
    return defaultdict(lambda: str(UUID(int=0)), known)  # of other things there are none: their pages say so


def _periods(now: datetime) -> dict[str, str]:
    whole = {stretch.value: period_at(stretch, now).name for stretch in Stretch}
    return whole | {"last_year": period_at(Stretch.YEAR, now).before.name}

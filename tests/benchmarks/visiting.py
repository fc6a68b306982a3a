"""How long the console's pages take on a database of years: every page, as everybody who may see it."""

from __future__ import annotations

import gc
import re
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from consumers.bulletins.counting import bring_up_to_date
from consumers.bulletins.issuing import bulletin_id, issue
from consumers.bulletins.periods import Stretch, period_at
from consumers.console import people, sessions
from consumers.console.access import may
from consumers.console.app import ROUTERS, create_app
from consumers.console.desk import Console, Options
from consumers.monitoring.standings import standings
from consumers.monitoring.watching import Look
from consumers.rulebook import Rulebook
from infra.database import create_database, database_exists, engine, migrate
from infra.demo.bulletins import campaign_id, show_bulletins
from infra.dev.postgres import Postgres, PostgresOptions
from infra.rules import read_rulebook
from infra.settings import Settings
from tests.benchmarks import archive
from tests.benchmarks.installation import DEMO_UNITS
from tests.benchmarks.latency import percentile
from tests.consumers.casework.logged import TOPIC

LIMIT_MS = 150.0
"""What a page may take at the 95th percentile."""
USERS = ("operator", "auditor", "security", "criminal", "pil", "police", "env")
NO_PAGES = frozenset(
    {
        "handovers_csv",
        "handovers_excel",
        "audit_csv",
        "audit_excel",
        "tail_lines",
        "provider_begin",
        "provider_answer",
        "bulletin_csv",
        "bulletin_excel",
        "bulletin_word",
    }
)
"""Files of up to ten thousand rows, a stream that does not end, and the way to a provider that is not set up."""

STATES: Mapping[str, Sequence[str]] = {
    "case_search": ("", "q={number}", "q=白环立"),
    "handovers": (
        "", "order=latest", "shown=overdue", "shown=history", "shown=history&order=latest", "shown=all",
        "field=environment", "field=fire&shown=history", "rule=O310-08", "unit=by-police", "whose=seen",
        "whose=seen&shown=history", "whose=seen&shown=all&order=latest", "after={after}~{clock}",
    ),
    "tail": ("", "source=by-env", "type=transfer.sent", "source=by-env&type=mirror.dismissed"),
    "dead_letters": ("", "kind=refused", "reason=time"),
    "statement": ("unit={unit}",),
    "dead_letter": ("topic={topic}&partition=0&offset={offset}",),
    "deliveries": ("", "unit={unit}", "unit={unit}&waiting=true", "unit={unit}&before=5000"),
    "bulletin": ("", "by=field"),
    "bulletin_lines": ("figure=transferred", "figure=limits_met&at=5"),
    "statistics": (
        "", "period={month}", "period={quarter}", "period={year}", "period={year}&by=field", "period={last_year}",
    ),
    "statistics_lines": ("figure=transferred&period={year}", "figure=limits_met&period={last_year}&at=20"),
    "case_why": ("source={source}&id={event}",),
    "audit": ("", "user=criminal", "action=reveal", "action=read&user=criminal"),
}  # fmt: skip
"""States of pages besides the plain one, by the name of the route."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One page for one person: milliseconds of each visit, and of computing by console and PostgreSQL together.

    The clock also counts the time that a shared machine gave to others; the computing does not.
    """

    user: str
    path: str
    walls: Sequence[float]
    computing: Sequence[float]
    status: int

    def line(self) -> str:
        """As the benchmark prints it."""
        wall, busy = (
            f"{percentile(ms, 50):7.1f} {percentile(ms, 95):7.1f}" for ms in (self.walls, self.computing)
        )
        return f"{wall}  {busy}  {self.user:<9} {self.path}"


def measure(folder: Path | None, *, cases: int, rounds: int, only: str = "") -> dict[str, float]:
    """Visits everything `rounds` times. With `folder` the database stays there and is used again."""
    with _database(folder, cases) as (connector, server):
        rulebook = read_rulebook(Settings(units=DEMO_UNITS))
        with connector.connect() as connection:
            now: datetime = connection.execute(text("SELECT max(recorded_at) FROM events")).scalar_one()
            events: int = connection.execute(text("SELECT count(*) FROM events")).scalar_one()
        _count(connector, rulebook, now)
        console = Console(connector, rulebook, lambda: now, Options(), operating=_WithoutBroker(connector))
        print("   ms: p50     p95  CPU: p50     p95")
        timed = []
        for one in _visits(console, server, rounds, only):
            print(one.line(), flush=True)
            timed.append(one)
    walls, computing = (
        [percentile(ms, 95) for ms in of] for of in zip(*((o.walls, o.computing) for o in timed), strict=True)
    )
    return {
        "events": events,
        "pages": len(timed),
        "worst p95 ms": max(walls),
        "worst p95 CPU ms": max(computing),
        "pages over the limit": sum(wall > LIMIT_MS for wall in walls),
        "pages over the limit by CPU": sum(busy > LIMIT_MS for busy in computing),
    }


def _count(connector: Engine, rulebook: Rulebook, now: datetime) -> None:
    """Counts the figures, if they are not, and issues the bulletins that are visited; tells how long each took."""
    began = time.perf_counter()
    many = bring_up_to_date(connector, TOPIC)
    print(f"counted {many} cases in {time.perf_counter() - began:.1f} s")
    for stretch in (Stretch.MONTH, Stretch.YEAR):
        began, period = time.perf_counter(), period_at(stretch, now).before
        issue(connector, TOPIC, rulebook.register, "baiyun", period, by="operator", now=now)
        print(f"issued {period.name} in {time.perf_counter() - began:.1f} s")
    show_bulletins(connector, TOPIC, rulebook.register, now=now)


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
def _database(folder: Path | None, cases: int) -> Iterator[tuple[Engine, int]]:
    """The filled database and the process id of its server."""
    home = folder or Path(tempfile.mkdtemp(prefix="linkage-archive-"))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    options = PostgresOptions(shared_buffers="256MB", settings={"max_wal_size": "4GB"})
    with Postgres(home / "postgres", options=options) as server:
        settings = _filled(server, f"archive_{cases}", cases)
        connector = engine(settings, pool=2)
        assert server.child.pid is not None
        yield connector, server.child.pid
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


def _visits(console: Console, server: int, rounds: int, only: str) -> Iterator[Timed]:
    app = create_app(console)
    for user in USERS:
        client = TestClient(app, base_url="http://console.test", raise_server_exceptions=True)
        with console.engine.begin() as connection:
            found = people.person(connection, user)
            token = sessions.begin(connection, user, complete=True, now=console.clock())
        assert found is not None
        client.cookies.set("linkage_session", token)
        for name, path in _paths(_values(console, found.unit)):
            if may(found.role, name) and only in path:
                yield _timed(client, server, user, path, rounds)


def _paths(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router(None).routes:  # type: ignore[arg-type]  # nothing is asked of the console until a visit
            if isinstance(route, APIRoute) and "GET" in route.methods and route.name not in NO_PAGES:
                path = re.sub(r":\w+}", "}", route.path)
                for state in STATES.get(route.name, ("",)):
                    yield route.name, f"{path}{'?' if state else ''}{state}".format_map(values)


_EXAMPLE = text("""
SELECT c.case_id, k.clock_id, k.due_to, e.source, e.event_id, c.origin_case
FROM feed_positions p JOIN events e USING (partition, log_offset) JOIN cases c USING (case_id) JOIN clocks k USING (case_id)
WHERE p.unit = coalesce(:unit, 'by-police') AND k.due_to IS NOT NULL AND k.holder = coalesce(:unit, k.holder)
ORDER BY p.seq DESC LIMIT 1
""")
_RECORD = text("SELECT topic, log_offset FROM quarantine ORDER BY recorded_at DESC LIMIT 1")


def _values(console: Console, unit: str | None) -> dict[str, str]:
    """What stands in the gaps of addresses: a case of the unit, one of its clocks and events, a record set aside."""
    with console.engine.connect() as connection:
        case, clock, due, source, event, number = connection.execute(_EXAMPLE, {"unit": unit}).one()
        topic, offset = connection.execute(_RECORD).one()
    known = {
        "case": str(case), "clock": str(clock), "after": due.isoformat().replace("+", "%2B") if due else "",
        "source": source, "event": event, "number": number, "topic": topic, "offset": str(offset),
        "bulletin": str(bulletin_id("baiyun", period_at(Stretch.YEAR, console.clock()).before)),
        "campaign": str(campaign_id(console.clock())), **_periods(console.clock()),
        "unit": unit or "by-police", "track": "consult",
    }  # fmt: skip
    return defaultdict(lambda: str(UUID(int=0)), known)  # of other things there are none: their pages say so


def _periods(now: datetime) -> dict[str, str]:
    whole = {stretch.value: period_at(stretch, now).name for stretch in Stretch}
    return whole | {"last_year": period_at(Stretch.YEAR, now).before.name}


def _timed(client: TestClient, server: int, user: str, path: str, rounds: int) -> Timed:
    answer = client.get(path, follow_redirects=False)  # what is loaded once is loaded
    walls: list[float] = []
    computing: list[float] = []
    gc.collect()
    for _ in range(rounds):
        before, began = _computed(server), time.perf_counter()
        answer = client.get(path, follow_redirects=False)
        walls.append(1000 * (time.perf_counter() - began))
        computing.append(1000 * (_computed(server) - before))
    return Timed(user, path, walls, computing, answer.status_code)


def _computed(server: int) -> float:
    """Seconds that this process and those of the database have computed, finer than the operating system's ticks."""
    backends = psutil.Process(server).children(recursive=True)
    return time.process_time() + sum(map(_on_cpu, (one.pid for one in backends)))


def _on_cpu(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
        return 0.0

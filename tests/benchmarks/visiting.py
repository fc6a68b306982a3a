"""How long the console's pages take on a database of years: every page, as everybody who may see it."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from consumers.console import people, sessions
from consumers.console.access import may
from consumers.console.app import ROUTERS, create_app
from tests.benchmarks import archived
from tests.benchmarks.archived import Archive
from tests.benchmarks.latency import percentile

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

PATHS: Mapping[str, str] = {"exchange": "/exchanges/{opened}/{of}"}
"""Addresses with a case of their own, by the name of the route."""
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
    "exchange": ("number={exchange}",),
    "exchanges": ("", "whose=mine", "state=over", "track=consult"),
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
    """Visits everything `rounds` times. With `folder` the database stays there and is used again.

    `only` names parts of addresses, with commas between them: whatever has one of them is visited.
    """
    wanted = [part for part in only.split(",") if part] or [""]
    with archived.console(folder, cases) as archive:
        print("   ms: p50     p95  CPU: p50     p95")
        timed = []
        for one in _visits(archive, rounds, wanted):
            print(one.line(), flush=True)
            timed.append(one)
    if not timed:
        raise ValueError(f"no page has any of these in its address: {only}")
    walls, computing = (
        [percentile(ms, 95) for ms in of] for of in zip(*((o.walls, o.computing) for o in timed), strict=True)
    )
    return {
        "events": archive.events,
        "pages": len(timed),
        "worst p95 ms": max(walls),
        "worst p95 CPU ms": max(computing),
        "pages over the limit": sum(wall > LIMIT_MS for wall in walls),
        "pages over the limit by CPU": sum(busy > LIMIT_MS for busy in computing),
    }


def _visits(archive: Archive, rounds: int, wanted: Sequence[str]) -> Iterator[Timed]:
    console, app = archive.console, create_app(archive.console)
    for user in USERS:
        client = TestClient(app, base_url="http://console.test", raise_server_exceptions=True)
        with console.engine.begin() as connection:
            found = people.person(connection, user)
            token = sessions.begin(connection, user, complete=True, now=console.clock())
        if found is None:
            raise RuntimeError(f"the archive has nobody called {user}: fill it anew in another folder")
        client.cookies.set("linkage_session", token)
        for name, path in _paths(archived.examples(console, found.unit)):
            if may(found.role, name) and any(part in path for part in wanted):
                yield _timed(client, archive.server, user, path, rounds)


def _paths(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router(None).routes:  # type: ignore[arg-type]  # nothing is asked of the console until a visit
            if isinstance(route, APIRoute) and "GET" in route.methods and route.name not in NO_PAGES:
                path = PATHS.get(route.name) or re.sub(r":\w+}", "}", route.path)
                for state in STATES.get(route.name, ("",)):
                    yield route.name, f"{path}{'?' if state else ''}{state}".format_map(values)


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

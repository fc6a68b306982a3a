"""How long a large redrive takes: records refused for want of a unit in the register, sent again once it is there."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from consumers.redrive import jobs, selecting
from consumers.redrive.jobs import Job
from consumers.redrive.rules import Action, Planned, plan
from consumers.redrive.running import Redriver
from consumers.redrive.selecting import Selection
from infra.batches import BatchProducer, Outgoing
from infra.database import engine as make_engine
from infra.dev.addresses import as_environment
from infra.dev.service import Service
from infra.kafka import apply_topics
from infra.rules import read_register
from infra.settings import Settings
from schemas.topics import GATEWAY
from tests.benchmarks.installation import DEMO_UNITS, WORKERS, Installation, Servers
from tests.benchmarks.workload import CRIMINAL, event

RATE = 10_000
"""Records a second at most: more than is reached, so that what is measured is the work."""


@dataclass(frozen=True, slots=True)
class Redriven:
    """Seconds for the plan (the dry run) and for the job, and how often it told its progress."""

    records: int
    planned: float
    carried_out: float
    reports: int


def measure(servers: Servers, records: int) -> Redriven:
    """One run. Raises RuntimeError unless every record counts once."""
    lacking = servers.folder / "units-lacking.toml"
    lacking.write_text(_without(CRIMINAL))
    with Installation(servers, units=lacking) as bus:
        now = datetime.now(UTC)
        topic = bus.settings.topics.ingress(GATEWAY)
        said = (event(number, now) for number in range(records))
        bus.send(Outgoing(topic, 0, one.key, one.value, one.headers) for one in said)
        _wait_for(bus, "SELECT count(*) FROM quarantine", records)
        settings = _corrected(bus)
        engine = make_engine(settings)
        found = _redrive(settings, engine, records)
        engine.dispose()
        return found


def _redrive(settings: Settings, engine: Engine, records: int) -> Redriven:
    reports: list[Job] = []
    began = time.monotonic()
    planned = _planned(settings, engine, records)
    after_plan = time.monotonic()
    job = uuid.uuid4()
    with engine.begin() as connection:
        jobs.propose(
            connection, job, planned, Action.REDRIVE, by="benchmark", reason="the register is right", rate=RATE,
            needs_approval=False, now=datetime.now(UTC),
        )  # fmt: skip
    done = asyncio.run(_carry_out(settings, engine, job, reports))
    ended = time.monotonic()
    if done.items != {"applied": records}:
        raise RuntimeError(f"of {records} records: {dict(done.items)}")
    return Redriven(records, after_plan - began, ended - after_plan, len(reports))


def _planned(settings: Settings, engine: Engine, records: int) -> list[Planned]:
    register = read_register(settings)
    with engine.connect() as connection:
        chosen = selecting.candidates(connection, Selection(), register, max_bytes=settings.max_event_bytes)
        siblings = selecting.siblings(connection, chosen)
    return plan(chosen, Action.REDRIVE, siblings=siblings, cap=records)


async def _carry_out(settings: Settings, engine: Engine, job: uuid.UUID, reports: list[Job]) -> Job:
    async with BatchProducer(settings.bootstrap, "redrive") as producer:
        redriver = Redriver(
            settings, read_register(settings), engine, producer,
            clock=lambda: datetime.now(UTC), report=reports.append,
        )  # fmt: skip
        return await redriver.carry_out(job)


def _corrected(bus: Installation) -> Settings:
    """The register is right now: topics of the missing unit are made, and the workers start anew."""
    for worker in bus.workers:
        worker.stop()
    settings = bus.settings.model_copy(update={"units": DEMO_UNITS})
    apply_topics(settings, read_register(settings))
    environment = as_environment(settings)
    bus.workers = [
        Service(f"again-{n}", "worker", bus.folder, environment | {"LINKAGE_WORKER_SLOT": str(n)})
        for n in range(WORKERS)
    ]
    for worker in bus.workers:
        worker.start()
    return settings


def _without(unit: str) -> str:
    head, *rows = Path(DEMO_UNITS).read_text("utf-8").split("[[unit]]")
    return "[[unit]]".join([head, *(row for row in rows if f'"{unit}"' not in row)])


def _wait_for(bus: Installation, query: str, wanted: int) -> None:
    def reached(_: tuple[int, int]) -> bool:
        row = bus.database.execute(query).fetchone()
        return row is not None and row[0] >= wanted

    bus.wait_until(reached)

"""The worker process: Faust with intake, casework and quarantine attached, put together from the settings."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from pathlib import Path

import faust
import uvloop
from faust.types import TP
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine

from consumers.casework import agent as casework_agent
from consumers.casework.rules_in_use import note_rules
from consumers.casework.transaction import Casework
from consumers.intake import agent as intake_agent
from consumers.patience import until_done
from consumers.quarantine import agent as quarantine_agent
from consumers.rulebook import Rulebook
from infra import collector, streams, watchdog
from infra.batches import BatchProducer
from infra.database import engine as make_engine
from infra.kafka import client_options, security_options
from infra.positions import read_positions
from infra.rereading import end_offset, read_range
from infra.running_rules import connection_name, require_same
from infra.settings import Settings
from infra.suspensions import Suspensions
from schemas.topics import WORKER_GROUP
from schemas.units import Register

COMPILED = ("faust._cython.streams", "faust.transport._cython.conductor")


class NotCompiled(RuntimeError):  # noqa: N818  (reads as a statement at the raise)
    """Faust's compiled modules are missing: its pure-Python path acknowledges messages that it skips (F11)."""


def run(
    settings: Settings, register: Register, rulebook: Rulebook, *, slot: str, ready: Callable[[], None]
) -> None:
    """Run the worker until it is told to stop. Blocks; ends the process itself when it cannot go on.

    Raises LateEdition before anything is applied, and MixedRulesError if another process decides by other rules.
    """
    require_compiled()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # before Faust takes its loop
    engine = make_engine(settings, ping=False, name=connection_name("worker", rulebook))
    with engine.connect() as connection:
        require_same(connection, rulebook)
    note_rules(engine, rulebook, settings.topics.case_events)
    app = build(settings, register, rulebook, engine, slot=slot, ready=ready)
    suspensions = Suspensions(engine)
    watchdog.start(
        settings,
        lambda: _ends(settings, app, suspensions.units()),
        lambda: _positions(engine, app),
        lambda partition, offset: _holds_record(settings, partition, offset),
    )
    worker = faust.Worker(
        app,
        loglevel="WARNING",
        override_logging=False,
        redirect_stdouts=False,
        quiet=True,
        workdir=Path.cwd(),
    )
    collector.tune()
    worker.execute_from_commandline()


def build(
    settings: Settings,
    register: Register,
    rulebook: Rulebook,
    engine: Engine,
    *,
    slot: str,
    ready: Callable[[], None],
) -> faust.App:
    """The Faust app of a worker. Nothing starts yet. `ready` is called when it has its first partitions."""

    async def positions(partitions: set[TP]) -> Mapping[TP, int]:
        known: dict[TP, int] = {}

        async def look() -> None:
            known.update(await asyncio.to_thread(_known_positions, engine, partitions))

        # A rebalance may fall into the moment when the database is away: Faust would crash over it.
        await until_done(look, what="positions", give_up_after=settings.stall_seconds)
        return known

    app = streams.build_app(settings, WORKER_GROUP, positions, slot=seat(slot, register))
    security = security_options(settings)
    casework = Casework(
        engine,
        rulebook,
        lambda topic, partition, start, end: read_range(
            settings.bootstrap, topic, partition, start, end, options=security
        ),
        cached_events=settings.cached_events // settings.partitions,
        topic=settings.topics.case_events,
    )
    name = f"{settings.namespace}intake-{slot or os.getpid()}"
    producer = BatchProducer(settings.bootstrap, name, options=security)
    intake = intake_agent.Intake(settings, register, engine, producer)
    intake_agent.attach(app, settings, register, intake)
    casework_agent.attach(app, settings, casework)
    quarantine_agent.attach(app, settings, quarantine_agent.Quarantine(settings, engine))

    @app.on_partitions_assigned.connect
    async def assigned(*_: object, **__: object) -> None:
        ready()

    return app


def seat(slot: str, register: Register) -> str:
    """The name of a worker's seat in the group: that of its slot and of the units whose topics it reads.

    To a seat that it knows the broker gives back the partitions of before, whatever topics are asked for now: a
    unit that joined would be read by nobody until the group changes. Under a new name the group is shared out anew.
    """
    if not slot:
        return ""
    units = "\n".join(sorted(register.by_code))
    return f"{slot}-{hashlib.sha256(units.encode()).hexdigest()[:8]}"


def require_compiled() -> None:
    """Raise NotCompiled unless Faust runs on its compiled modules."""
    for name in COMPILED:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise NotCompiled(
                f"{name} is missing: install faust-streaming from a wheel, not from source"
            ) from error


def _known_positions(engine: Engine, partitions: set[TP]) -> Mapping[TP, int]:
    with engine.begin() as connection:
        known = read_positions(connection, [(tp.topic, tp.partition) for tp in partitions])
    return {tp: known[(tp.topic, tp.partition)] for tp in partitions if (tp.topic, tp.partition) in known}


def _held(app: faust.App) -> list[tuple[str, int]]:
    return [(tp.topic, tp.partition) for tp in app.consumer.assignment()]


def _ends(settings: Settings, app: faust.App, suspended: Collection[str]) -> watchdog.Offsets:
    waiting = {settings.topics.ingress(unit) for unit in suspended}  # unread on purpose
    held = [TopicPartition(topic, partition) for topic, partition in _held(app) if topic not in waiting]
    if not held:
        return {}
    with closing(KafkaConsumer(**client_options(settings), enable_auto_commit=False)) as consumer:
        return {(tp.topic, tp.partition): end for tp, end in consumer.end_offsets(held).items()}


def _holds_record(settings: Settings, partition: tuple[str, int], offset: int) -> bool:
    options = security_options(settings)
    end = end_offset(settings.bootstrap, *partition, options=options)
    records = read_range(settings.bootstrap, *partition, offset, end, options=options)
    return next(records, None) is not None


def _positions(engine: Engine, app: faust.App) -> watchdog.Offsets:
    with engine.begin() as connection:
        return read_positions(connection, _held(app))

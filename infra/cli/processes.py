"""The long-running processes: worker, relay, clock, webhooks and gateway, each started by its own command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from infra.readiness import announce_ready
from infra.settings import Settings, read_settings
from schemas.topics import WORKER_GROUP

app = typer.Typer()

Slot = Annotated[
    str,
    typer.Option(
        envvar="LINKAGE_WORKER_SLOT", help="Seat of this worker in its group, so that a restart is quick."
    ),
]


@app.command()
def worker(slot: Slot = "") -> None:
    """Run intake, casework and quarantine (Faust)."""
    from infra import worker as process  # noqa: PLC0415  (Faust takes a second to import)
    from infra.rules import read_rulebook  # noqa: PLC0415

    settings = _prepared("worker")
    rulebook = read_rulebook(settings)
    process.run(settings, rulebook.register, rulebook, slot=slot, ready=announce_ready)


@app.command()
def relay() -> None:
    """Publish feeds to units, the bus's own events to the log, and records that operators let in after all."""
    from consumers.feeds import relay as process  # noqa: PLC0415
    from consumers.patience import until_done  # noqa: PLC0415
    from consumers.redrive.left_jobs import keep_taking_up  # noqa: PLC0415
    from consumers.redrive.running import Redriver  # noqa: PLC0415
    from infra import collector  # noqa: PLC0415
    from infra.batches import BatchProducer  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.kafka import security_options  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = _prepared("relay")
    register, waiting = read_register(settings), engine(settings, pool=2)
    _show_standings(settings)
    name = f"{settings.namespace}relay-{os.getpid()}"
    feeds = [settings.topics.feed(unit.code) for unit in register.units]
    security = security_options(settings)

    async def carry_out(job: UUID) -> object:
        async with BatchProducer(settings.bootstrap, f"{name}-redrive", options=security) as producer:
            clock = partial(datetime.now, UTC)
            return await Redriver(settings, register, waiting, producer, clock=clock).carry_out(job)

    async def serve() -> None:
        async with BatchProducer(settings.bootstrap, name, options=security) as producer:
            beside = asyncio.ensure_future(keep_taking_up(waiting, carry_out))
            try:
                await until_done(
                    partial(producer.expect, feeds), what="feeds", give_up_after=settings.stall_seconds
                )
                await process.run(settings, engine(settings, ping=False), producer, announce_ready)
            finally:
                beside.cancel()

    collector.tune()
    _until_stopped(serve)


@app.command()
def clock() -> None:
    """Fire due clocks, sign heads and reconcile. Several may run."""
    from consumers.clock import ringing  # noqa: PLC0415
    from consumers.proof.heads import sign_due  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415
    from infra.running_rules import connection_name, require_same  # noqa: PLC0415
    from infra.signing_key import signer_of  # noqa: PLC0415

    settings = _prepared("clock")
    rulebook = read_rulebook(settings)
    editions = rulebook.calendar.editions
    connector = engine(settings, name=connection_name("clock", rulebook))
    with connector.connect() as connection:
        require_same(connection, rulebook)
    signer = signer_of(settings.signing_key)

    def sign() -> None:
        if signer is not None:
            topic = settings.topics.case_events
            sign_due(connector, signer, namespace=settings.namespace, topic=topic, now=datetime.now(UTC))

    _reconcile(settings)
    _until_stopped(lambda: ringing.run(settings, connector, announce_ready, editions, sign))


@app.command()
def webhooks() -> None:
    """Send feeds to the receivers that units have registered. Several may run."""
    from consumers.webhooks import courier  # noqa: PLC0415
    from consumers.webhooks.sending import Sender  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.descriptors import allow_many  # noqa: PLC0415
    from infra.gateway import now  # noqa: PLC0415
    from infra.rules import read_receivers  # noqa: PLC0415

    allow_many()
    settings = _prepared("webhooks")
    receivers = read_receivers(settings)

    async def serve() -> None:
        async with Sender(receivers) as sender:
            await courier.run(settings, engine(settings), sender, now, announce_ready)

    _until_stopped(serve)


@app.command()
def notify() -> None:
    """Send notifications by mail, to webhooks and to robots. Several may run; needs the database only."""
    from infra import metrics  # noqa: PLC0415
    from infra.database import engine, require_head  # noqa: PLC0415
    from infra.log import configure_logging  # noqa: PLC0415
    from infra.notifying import serve  # noqa: PLC0415

    settings = read_settings()
    configure_logging("notify")
    require_head(engine(settings, pool=1))
    metrics.serve(settings)
    _until_stopped(lambda: serve(settings, announce_ready))


@app.command()
def gateway() -> None:
    """Serve the HTTP API."""
    from infra import gateway as process  # noqa: PLC0415
    from infra.descriptors import allow_many  # noqa: PLC0415

    allow_many()
    process.run(_prepared("gateway"))


def _reconcile(settings: Settings) -> None:
    """The clock process also compares, beside ringing: in a thread that ends with the process."""
    from consumers.proof.reconciliation import keep_reconciling, reconcile_due  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    register, connector = read_register(settings), engine(settings, pool=2)

    def compare() -> None:
        reconcile_due(settings, register, connector, datetime.now(UTC))

    threading.Thread(
        target=keep_reconciling, args=(compare, threading.Event()), name="reconciliation", daemon=True
    ).start()


def _show_standings(settings: Settings) -> None:
    """The relay also shows where the whole installation stands, if metrics are on."""
    from consumers.monitoring.exposing import Standing  # noqa: PLC0415
    from consumers.monitoring.watching import Watch  # noqa: PLC0415
    from infra import metrics  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    if settings.metrics_port is not None:
        rulebook, connector = read_rulebook(settings), engine(settings, pool=1)
        watch = Watch(settings, rulebook.register, connector)
        metrics.REGISTRY.register(Standing(watch, connector, rulebook, settings.namespace + WORKER_GROUP))


def _prepared(process: str) -> Settings:
    """Settings read, log set up, database and topics found as they must be; refuses to start otherwise."""
    from infra import metrics, tracing  # noqa: PLC0415
    from infra.database import engine, require_head  # noqa: PLC0415
    from infra.kafka import require_topics  # noqa: PLC0415
    from infra.log import configure_logging  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    configure_logging(process)
    require_head(engine(settings, pool=1))
    require_topics(settings, read_register(settings))
    metrics.serve(settings)
    tracing.start(settings, process)
    return settings


def _until_stopped(serve: Callable[[], Awaitable[None]]) -> None:
    import uvloop  # noqa: PLC0415

    async def main() -> None:
        task = asyncio.ensure_future(serve())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    uvloop.run(main())

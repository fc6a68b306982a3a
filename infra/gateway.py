"""The gateway process: the routes for saying and reading put together, and the server that carries them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from consumers.explaining.dry_run import DryRun
from consumers.proof import http as proving
from consumers.proof.stating import signed
from consumers.readmodel import documents, due, keys
from consumers.readmodel import http as reading
from consumers.readmodel.mirrors import mirror_of
from consumers.readmodel.views import Statement, to_json
from consumers.readmodel.wakeups import Wakeups
from consumers.webhooks import http as webhooks
from infra import callers, collector, problems
from infra.access import KeyRing
from infra.api_document import add_problems
from infra.batches import BatchProducer
from infra.database import engine as database_engine
from infra.database import listening_connection
from infra.document_store import Incoming, store_of
from infra.ingress_keys import Openings, Unsealer
from infra.kafka import security_options
from infra.limits import Allowance, Meter
from infra.measuring import Measured
from infra.readiness import announce_ready
from infra.rules import read_receivers, read_register, rulebook_with
from infra.sealed_store import SealedStore
from infra.settings import Settings
from infra.signing_key import signer_of
from producers.gateway import documents as sending
from producers.gateway import ingress_key
from producers.gateway import mirrors as deciding
from producers.gateway import routes as saying
from producers.gateway.desk import GROUPS_AT_ONCE, Desk
from producers.gateway.dry_runs import DryDesk, Foresee
from producers.gateway.ingress import Ingress
from producers.gateway.statements import Reader
from producers.imports import routes as importing
from producers.imports.running import ImportRunner
from producers.imports.taking import Imports
from producers.records import Record
from producers.sealing import Sealer
from schemas.asyncapi import asyncapi
from schemas.catalogue import EVENT_TYPES
from schemas.generate import read_schemas
from schemas.topics import GATEWAY
from schemas.units import Register

_IN_FLIGHT_RECORDS = 5_000
_IN_FLIGHT_BYTES = 32 * 1024 * 1024
_DELIVERY_SECONDS = 15.0
_GRACE_SECONDS = 5.0
"""A request waits this much longer than the broker may take; and at the end of the process, for its answer."""
_CONNECTIONS = 10
_SEND_BUFFER_BYTES = 128 * 1024
"""What the system holds for a connection whose reader does not read; left to itself, Linux grows it to megabytes."""

_TITLE = "Linkage bus (行刑衔接事件总线)"
_ABOUT = (
    "Say case events, read what is delivered to you. Every request but /health carries "
    "`Authorization: Bearer <key>`; the key says which unit you are."
)
_NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False)
"""The bus traces and measures itself (infra.tracing, infra.measuring); FastAPI would look for a reader each time."""


def now() -> datetime:
    """The system clock, in UTC."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    register: Register,
    *,
    clock: Callable[[], datetime] = now,
    delivery_seconds: float = _DELIVERY_SECONDS,
    in_flight_records: int = _IN_FLIGHT_RECORDS,
) -> FastAPI:
    """The application, connected to the broker; it stops cleanly at the end of its lifespan. Blocks.

    Raises producers.errors.PublishError if the broker does not answer or has no topic for the gateway.
    """
    rulebook = rulebook_with(settings, register)
    engine = database_engine(settings, pool=_CONNECTIONS)
    asyncio.run(_find_ingress(settings, delivery_seconds))
    receipts = database_engine(settings, pool=GROUPS_AT_ONCE, ping=False)
    ingress = ingress_of(settings, delivery_seconds)
    sealer = Sealer(engine, register.by_code, clock)
    desk = Desk(
        receipts,
        ingress,
        clock=clock,
        patience_seconds=delivery_seconds + _GRACE_SECONDS,
        seal=sealer,
        most_records=in_flight_records,
        most_bytes=_IN_FLIGHT_BYTES,
    )
    wakeups = Wakeups(lambda: listening_connection(settings))
    unseal = Unsealer(Openings(engine.connect))
    reader = Reader(register, settings.max_event_bytes, unseal)
    runner = ImportRunner(engine, desk, reader, clock=clock)
    lifespan = _lifespan(desk, ingress, wakeups, runner, (engine, receipts))
    app = FastAPI(title=_TITLE, version="1", description=_ABOUT, lifespan=lifespan, telemetry=_NO_TELEMETRY)
    app.state.wakeups = wakeups
    problems.install(app)
    meter = Meter(Allowance(settings.gateway_rate, settings.gateway_burst))
    callers.install(app, KeyRing(engine), meter)
    bounds = saying.Bounds(settings.gateway_batch_events, settings.gateway_body_bytes)
    rehearsal = DryDesk(engine, _foresee(DryRun(engine, rulebook)), sealer.rehearsed)
    app.include_router(saying.router(desk, reader, bounds=bounds, clock=clock, rehearsal=rehearsal))
    app.include_router(deciding.router(desk, reader, mirrors_of(engine), clock=clock))
    store = SealedStore(store_of(settings), engine)
    uploads = sending.Desk(engine, store, Incoming(settings), settings.document_bytes, clock)
    app.include_router(sending.router(uploads))
    app.include_router(documents.router(engine, store, partitions=settings.partitions))
    signer = signer_of(settings.signing_key)
    app.include_router(proving.router(engine, clock=clock, signer=signer, namespace=settings.namespace))
    app.include_router(keys.router(engine))
    app.include_router(ingress_key.router(engine, clock=clock))
    app.include_router(
        reading.router(engine, wakeups, rulebook=rulebook, clock=clock, seal=_seal(settings, clock))
    )
    app.include_router(
        webhooks.router(engine, read_receivers(settings), clock=clock, entropy=secrets.token_bytes)
    )
    app.include_router(importing.router(Imports(engine, reader, clock, sealer.rehearsed), runner))
    app.include_router(due.router(rulebook))
    _add_health(app, engine, ingress)
    _add_asyncapi(app, settings)
    app.add_middleware(Measured)
    _describe(app)
    return app


def _foresee(dry_run: DryRun) -> Foresee:
    """What the gateway asks of the rules: producers and consumers do not know each other."""

    def foresee(unit: str, records: Sequence[Record], now: datetime) -> list[dict[str, Any]]:
        foreseen = dry_run.foresee(unit, records, now)
        return [orjson.loads(to_json(one)) for one in foreseen]

    return foresee


def _seal(settings: Settings, clock: Callable[[], datetime]) -> reading.Seal:
    """Statements signed with the installation's key, as they are if it has none. Raises KeyFileError."""
    signer = signer_of(settings.signing_key)

    def seal(statement: Statement) -> Statement:
        if signer is None:
            return statement
        return signed(statement, signer, namespace=settings.namespace, now=clock())

    return seal


def mirrors_of(engine: Engine) -> deciding.Find:
    """Mirrors as the routes for saying need them: they know nothing of what reading is made of."""

    def find(unit: str, mirror_id: UUID) -> deciding.Mirrored | None:
        with engine.connect() as connection:
            work = mirror_of(connection, unit, mirror_id)
        if work is None:
            return None
        mirror, opinion = work.mirror, work.mirror.opinion
        return deciding.Mirrored(
            unit=mirror.unit,
            opinion=(opinion.source, opinion.id),
            case=(work.case.unit, work.case.number),
            field=work.field,
            state=mirror.state,
            decided_by=None if mirror.decided_by is None else mirror.decided_by.id,
        )

    return find


def ingress_of(settings: Settings, delivery_seconds: float) -> Ingress:
    """The gateway's own topic; connects when it is first used. Raises KafkaUnavailable for bad credentials' files."""
    producer = BatchProducer(
        settings.bootstrap,
        f"{settings.namespace}gateway",
        timeout_seconds=delivery_seconds,
        options=security_options(settings),
    )
    return Ingress(producer, settings.topics.ingress(GATEWAY), silence_seconds=delivery_seconds / 3)


async def _find_ingress(settings: Settings, delivery_seconds: float) -> None:
    async with ingress_of(settings, delivery_seconds) as ingress:
        await ingress.find()


def run(settings: Settings) -> None:
    """Serves until the process is told to stop. Exits with one sentence if it cannot begin."""
    register = read_register(settings)
    app = create_app(settings, register)
    config = uvicorn.Config(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        loop="uvloop",
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(_GRACE_SECONDS),
    )
    collector.tune()
    _Server(config).run()


class _Server(uvicorn.Server):
    """Says that it is ready once it listens; answers requests that only wait when it has to stop."""

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        for one in (one for server in self.servers for one in server.sockets):
            with socket.fromfd(one.fileno(), one.family, one.type) as listening:  # connections inherit it
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        if not self.should_exit:
            announce_ready()

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        self.config.app.state.wakeups.end()  # type: ignore[union-attr]  # the application that `run` made
        await super().shutdown(sockets)


def _lifespan(
    desk: Desk, ingress: Ingress, wakeups: Wakeups, runner: ImportRunner, engines: Sequence[Engine]
) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        background = [asyncio.create_task(wakeups.run()), asyncio.create_task(runner.run())]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await desk.close()
            await ingress.close()
            for engine in engines:
                engine.dispose()

    return lifespan


def _add_health(app: FastAPI, engine: Engine, ingress: Ingress) -> None:
    def database() -> bool:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    @app.get(
        "/health",
        tags=["operate"],
        summary="Whether the gateway can do its work",
        responses={503: {"description": "The database or the broker is away: which, is in the body"}},
    )
    async def health() -> JSONResponse:
        """503 while the database is away, or while the broker acknowledges nothing."""
        parts = {"database": await run_in_threadpool(database), "broker": not ingress.silent}
        return JSONResponse(parts, 200 if all(parts.values()) else 503)


def _add_asyncapi(app: FastAPI, settings: Settings) -> None:
    schemas = read_schemas()
    document = asyncapi(
        EVENT_TYPES,
        lambda row: schemas[row.schema_id],
        names=settings.topics,
        partitions=settings.partitions,
    )
    told = orjson.dumps(document)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def topics_and_messages() -> Response:
        """The same bus on Kafka, for programs."""
        return Response(told, media_type="application/json")


def _describe(app: FastAPI) -> None:
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        saying.add_shapes(document)
        add_problems(document)
        _name_account(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _name_account(document: dict[str, Any]) -> None:
    """A dry run answers with accounts, whose shape the saying routes do not know."""
    account = {"$ref": "#/components/schemas/Account"}
    answer = document["components"]["schemas"]["ForeseenOut"]["properties"]
    answer["effect"] |= account
    answer["follows"]["items"] = account

"""A certification run put together: a front before a running gateway of a sandbox, a listener on the unit's topics."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import uvicorn
from sqlalchemy import Engine

from consumers.certification.listening import listening
from consumers.certification.probing import Prober
from consumers.certification.report import Report
from consumers.certification.running import Progress, Run
from consumers.certification.watched import Transport
from consumers.webhooks.sending import Sender
from infra.access import KeyRing, issue_key, name_of, revoke_keys
from infra.database import engine as database_engine
from infra.rules import read_receivers
from infra.settings import Settings
from schemas.units import Register

_KEY_LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Options:
    """Whom to certify over what, on which port the front listens, how long it may take, who replies to its transfers.

    `speaking_for` are the units that the run may speak for: keys are issued for them, for the time of the run;
    beside one that is in use there is room for one.
    """

    unit: str
    gateway: str
    port: int
    minutes: float
    speaking_for: frozenset[str] = frozenset()
    host: str = "127.0.0.1"
    over: frozenset[Transport] = frozenset({Transport.HTTP})


@dataclass(frozen=True, slots=True)
class Signs:
    """What passes between a run and its caller: `over` asks it to end, from any thread; `ready` is called once it
    watches, `progress` at every change of a scenario.
    """

    over: threading.Event
    ready: Callable[[], None]
    progress: Progress


def certify(settings: Settings, register: Register, options: Options, signs: Signs) -> Report:
    """Runs until everything is passed, the minutes are over or it is told that it is over. Blocks.

    Raises KafkaUnavailable if topics are to be watched and the broker does not answer, or does not allow it.
    """
    engine = database_engine(settings)
    try:
        return asyncio.run(_run(settings, register, options, engine, signs))
    finally:
        engine.dispose()


async def _run(
    settings: Settings, register: Register, options: Options, engine: Engine, signs: Signs
) -> Report:
    begun = _now()
    deadline = begun + timedelta(minutes=options.minutes)
    async with (
        contextlib.AsyncExitStack() as within,
        Sender(read_receivers(settings)) as sender,
        httpx.AsyncClient(base_url=options.gateway, trust_env=False) as gateway,
    ):
        keys = within.enter_context(_keys(engine, options.speaking_for & register.by_code.keys()))
        listener = None
        if Transport.KAFKA in options.over:
            listener = within.enter_context(listening(settings, engine, options.unit, _now()))
        run = Run(
            options.unit,
            gateway,
            KeyRing(engine).unit_for,
            keys,
            Prober(sender, _now),
            _now,
            http=Transport.HTTP in options.over,
            listen=listener.look if listener else None,
        )
        async with _served(run, options, signs) if run.http else contextlib.nullcontext():
            if not run.http:
                signs.ready()
            judged = await run.until(lambda: signs.over.is_set() or _now() >= deadline, signs.progress)
    return Report(register.by_code[options.unit], begun, _now(), judged)


@contextlib.asynccontextmanager
async def _served(run: Run, options: Options, signs: Signs) -> AsyncIterator[None]:
    config = uvicorn.Config(
        run.front.app,
        host=options.host,
        port=options.port,
        log_config=None,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, signs.ready)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """Says when it listens; leaves signals to whoever started the run."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _keys(engine: Engine, units: frozenset[str]) -> Iterator[Callable[[str], str | None]]:
    """Keys for the time of the run: revoked when it ends, so that run after run retires none that is in use."""
    issued: dict[str, str] = {}

    def key_for(unit: str) -> str | None:
        if unit not in units:
            return None
        if unit not in issued:
            now = _now()
            with engine.begin() as connection:
                issued[unit] = issue_key(connection, unit, now=now, expires_at=now + _KEY_LIFETIME)
        return issued[unit]

    try:
        yield key_for
    finally:
        with engine.begin() as connection:
            for unit, key in issued.items():
                revoke_keys(connection, unit, now=_now(), name=name_of(key))


def _now() -> datetime:
    return datetime.now(UTC)

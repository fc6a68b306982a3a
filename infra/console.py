"""The console process: its application on the configured database, and the server that carries it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from consumers.bulletins import counting
from consumers.console.app import create_app
from consumers.console.desk import Console, Filing, Options
from consumers.console.operating.operations import Operations
from consumers.readmodel import exchanges
from consumers.readmodel.keeping_up import KeepingUp
from infra.database import engine
from infra.deciding import Decisions
from infra.document_store import Incoming, store_of
from infra.importing import SheetDesk
from infra.oidc import provider_of
from infra.readiness import announce_ready
from infra.rule_desk import RuleDesk
from infra.rules import read_register, read_rulebook
from infra.sealed_store import SealedStore
from infra.settings import Settings
from infra.signing_key import signer_of
from infra.speaking import Sayings

_CONNECTIONS = 10
_GRACE_SECONDS = 5


def now() -> datetime:
    """The system clock, in UTC."""
    return datetime.now(UTC)


def application(settings: Settings, connector: Engine) -> FastAPI:
    """The console as the settings want it, on this database.

    Raises the errors of the register, calendar, keys, sign-offs and OIDC.
    """
    options = Options(
        https=settings.console_https,
        second_factor=settings.console_second_factor,
        admin_approval=settings.admin_approval,
        address=settings.console_address,
        log_topic=settings.topics.case_events,
        namespace=settings.namespace,
    )
    rulebook = read_rulebook(settings)
    operating = Operations(settings, rulebook.register, connector, now)
    deciding = Decisions(settings, rulebook.register, connector, now)
    speaking = Sayings(settings, rulebook.register, connector, now)
    filing = Filing(SealedStore(store_of(settings), connector), Incoming(settings), settings.document_bytes)
    return create_app(
        Console(
            connector,
            rulebook,
            now,
            options,
            operating=operating,
            deciding=deciding,
            speaking=speaking,
            ruling=RuleDesk(settings, rulebook),
            proving=provider_of(settings, now),
            signer=signer_of(settings.signing_key),
            filing=filing,
            importing=SheetDesk(settings, rulebook.register, connector, now),
        )
    )


def run(settings: Settings) -> None:
    """Serves until the process is told to stop."""
    connector = engine(settings, pool=_CONNECTIONS)
    config = uvicorn.Config(
        application(settings, connector),
        host=settings.console_host,
        port=settings.console_port,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.console_https,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    keeping_up = KeepingUp(projections(settings, connector))
    keeping_up.start()
    _Server(config).run()
    keeping_up.stop()


def projections(settings: Settings, connector: Engine) -> Sequence[Callable[[], object]]:
    """What the pages read that casework does not write: figures of bulletins, exchanges between units."""
    topic, register = settings.topics.case_events, read_register(settings)
    return (
        lambda: counting.bring_up_to_date(connector, topic),
        lambda: exchanges.bring_up_to_date(connector, topic, register),
    )


class _Server(uvicorn.Server):
    """Says that it is ready once it listens."""

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            announce_ready()

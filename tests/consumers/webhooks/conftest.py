"""A feed with entries of several cases, and a courier under a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Engine, select, update

from consumers.readmodel.selection import EVERYTHING, Selection
from consumers.webhooks.courier import Courier
from consumers.webhooks.receivers import Receiver, Receivers
from consumers.webhooks.registry import WebhookView, register, webhooks_of
from consumers.webhooks.secrets import secret_of
from consumers.webhooks.sending import Sender
from infra.database import engine as make_engine
from infra.tables import feed_positions, feeds
from infra.webhook_tables import webhook_deliveries, webhooks
from tests.consumers.readmodel.conftest import World
from tests.consumers.webhooks.office import Office
from tests.infra.sealing import sealing_settings

UNIT = "by-env"
SECRET = secret_of(b"s" * 32)
START = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)
CASES = {name: ("by-env", f"白环移〔2026〕{name}号") for name in "ABCDEFG"}

SAID: dict[str, dict[str, Any]] = {
    "transfer.received": {"receipt_no": "1", "receiver": "王"},
    "transfer.sent": {"addressee": UNIT},
}


class Desk:
    """The database of a unit's feed, and a clock that stands still until it is moved."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = START
        self._world = World(engine)
        self._numbered: dict[str, int] = {}

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)

    def publish(self, *cases: str, unit: str = UNIT, type_name: str = "transfer.received") -> None:
        """The police answer in these cases, one entry of the feed each."""
        for case in cases:
            offset = self._world.offset
            said = SAID[type_name]
            self._world.say("by-police", f"e{offset}", type_name, said, case=CASES[case], to=(unit,))
            seq = self._numbered[unit] = self._numbered.get(unit, 0) + 1
            self._world.add(feed_positions, unit=unit, seq=seq, partition=0, log_offset=offset, n=0)
            if seq == 1:
                self._world.add(feeds, unit=unit, assigned=1, published=1, acknowledged=0)
        with self.engine.begin() as connection:
            reached = self._numbered[unit]
            connection.execute(
                update(feeds).where(feeds.c.unit == unit).values(assigned=reached, published=reached)
            )

    def register(self, office: Office, *, unit: str = UNIT, wanted: Selection = EVERYTHING) -> UUID:
        """A webhook to this office that is confirmed already, from the beginning of the feed."""
        webhook = self.apply(office, unit=unit, wanted=wanted)
        with self.engine.begin() as connection:
            which = webhooks.c.webhook_id == webhook
            connection.execute(update(webhooks).where(which).values(state="active", open_until=None))
        return webhook

    def apply(self, office: Office, *, unit: str = UNIT, wanted: Selection = EVERYTHING) -> UUID:
        """A webhook to this office that waits for its handshake."""
        webhook = uuid5(UUID(int=0), f"{unit} {office.port}")
        url = f"http://127.0.0.1:{office.port}/linkage"
        with self.engine.begin() as connection:
            register(connection, webhook, unit, url, SECRET, wanted=wanted, now=self.now, after=0)
        return webhook

    def of(self, webhook: UUID) -> dict[int, str]:
        """State of each delivery by its number."""
        rows = select(webhook_deliveries.c.seq, webhook_deliveries.c.state).where(
            webhook_deliveries.c.webhook_id == webhook
        )
        with self.engine.connect() as connection:
            return dict(iter(connection.execute(rows.order_by(webhook_deliveries.c.seq))))

    def shown(self, unit: str = UNIT) -> WebhookView:
        """The unit's only webhook as the unit sees it."""
        with self.engine.connect() as connection:
            [view] = webhooks_of(connection, unit)
        return view


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    """On an installation that seals, so that every signature is made with a secret that was opened."""
    engine = make_engine(sealing_settings(database, tmp_path))
    yield Desk(engine)
    engine.dispose()


Couriers = Callable[..., AbstractAsyncContextManager[Courier]]


@pytest.fixture
def courier(desk: Desk) -> Couriers:
    """Makes couriers to these offices, by the desk's clock."""

    @asynccontextmanager
    async def make(
        *offices: Office, unit: str = UNIT, seconds: float = 10.0, resolver: Any = None
    ) -> AsyncIterator[Courier]:
        rows = tuple(Receiver(unit, "127.0.0.1", office.port, LOOPBACK, plain=True) for office in offices)
        async with Sender(Receivers(rows), resolver=resolver, seconds=seconds) as sender:
            yield Courier(desk.engine, sender, lambda: desk.now)

    return make


async def work(courier: Courier) -> None:
    """Rounds until nothing is due at this moment."""
    while await courier.round():
        await courier.idle()

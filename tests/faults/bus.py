"""A plant together with its load and its ledger: what tests under faults and the soak do their harm to."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.database import create_database
from infra.dev.broker import Broker
from infra.dev.postgres import Postgres
from infra.dev.supervisor import DEMO_UNITS
from infra.failpoints import FAILPOINTS
from infra.settings import Settings
from schemas.topics import GATEWAY
from schemas.units import Register, load_register
from tests.faults.evidence import unfinished
from tests.faults.invariants import look, violations
from tests.faults.ledger import Ledger
from tests.faults.load import Load, Sender
from tests.faults.plant import SESSION_SECONDS, Plant
from tests.faults.posting import Poster, issue_keys
from tests.faults.pulling import Puller
from tests.faults.scripts import SCRIPTS, Script

PROCESSES = ("worker-1", "relay", "clock")
GATEWAYS = ("gateway-1", "gateway-2")
VICTIMS = {
    "intake": "worker-1",
    "casework": "worker-1",
    "relay": "relay",
    "outbox": "relay",
    "clock": "clock",
}
"""Which process comes by the failpoints of that name."""
POINTS = tuple(point for point in FAILPOINTS if point.partition("-")[0] in VICTIMS)
"""The failpoints of the processes that always run; those of an operator's job have tests of their own."""
GATEWAY_POINTS = tuple(point for point in FAILPOINTS if point.startswith("gateway-"))
DRAIN_SECONDS = 60.0
"""So soon after the last fault the backlog must be gone (I10)."""

MOST_LINES = 40


class Bus:
    """A running installation under load."""

    def __init__(self, plant: Plant, sender: Sender, ledger: Ledger, load: Load, puller: Puller) -> None:
        self.plant = plant
        self.sender = sender
        self.ledger = ledger
        self.load = load
        self.puller = puller
        self.register: Register = load_register(DEMO_UNITS)

    def tell(self, times: int = 3, scripts: Iterable[Script] = SCRIPTS) -> None:
        """Add cases to the load: these scripts, so many times."""
        self.load.add(list(scripts) * times)

    def let_run(self, events: int) -> None:
        """Wait until so many more events were sent, or until there are none to send."""
        wanted = self.load.sent + events
        self.plant.wait_for(lambda: self.load.sent >= wanted or self.load.done, f"{events} events to be sent")

    def let_run_by_chance(self, chance: random.Random) -> None:
        """Wait for some events: faults come at any time."""
        self.let_run(chance.randint(1, 40))

    def conclude(self) -> None:
        """Wait until all is told and done, then hold everything against the invariants."""
        self.finish()
        found = self.violations()
        if found:
            raise AssertionError("\n".join((f"{len(found)} violations", *found[:MOST_LINES])))

    def finish(self) -> None:
        """Wait until all is told and done. Raises Unexpected if that takes too long (I10)."""
        self.plant.wait_for(lambda: self.load.done, "every case to be told to its end", 2 * DRAIN_SECONDS)
        self.plant.wait_for(lambda: not self.left(), "the backlog to drain", DRAIN_SECONDS)

    def violations(self) -> list[str]:
        """Every violation of an invariant by what has happened so far."""
        plant = self.plant
        pulled = self.puller.caught_up()
        return violations(
            look(plant.settings, self.register, plant.engine, self.ledger, self.load.stories, pulled=pulled)
        )

    def left(self) -> list[str]:
        """What the bus has not done yet."""
        return unfinished(self.plant.engine, self.plant.settings, self.register)


@contextmanager
def running_bus(
    name: str,
    folder: Path,
    broker: Broker,
    postgres: Postgres,
    *,
    template: str,
    seed: int,
    gateways: Sequence[str] = (),
) -> Iterator[Bus]:
    """One worker, relay and clock on running servers, under names of their own, and these gateways."""
    settings = Settings(
        bootstrap=broker.bootstrap,
        database=create_database(postgres.url(), name, template=template),
        namespace=f"{name}-",
        units=DEMO_UNITS,
        partitions=4,
        session_timeout_seconds=SESSION_SECONDS,
        settling_seconds=2,
    )
    plant = Plant(settings, folder, broker, postgres)
    plant.prepare()
    ledger = Ledger(folder / "ledger.jsonl")
    sender = Sender(settings, ledger)
    addresses = [plant.address(gateway) for gateway in gateways]
    keys = issue_keys(plant.engine) if gateways else {}
    poster = Poster(addresses, keys, ledger, settings.topics.ingress(GATEWAY))
    puller = Puller(addresses, keys, seed)
    load = Load(settings, sender, seed, poster if gateways else None)
    try:
        plant.start(*PROCESSES, *gateways)
        load.start()
        puller.start()
        yield Bus(plant, sender, ledger, load, puller)
    finally:
        sender.close()
        poster.close()
        puller.close()
        load.stop()
        plant.close()
        ledger.close()

"""Many clients on the gateway's event streams at once: how far they are behind, and what those cost that stop reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.access import issue_key
from infra.database import engine
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from tests.benchmarks.entries import Entry, published
from tests.benchmarks.expectation import Wrong, counts, due_feeds
from tests.benchmarks.installation import Installation, Servers
from tests.benchmarks.pacing import say_evenly
from tests.benchmarks.readers import Kind, Readers
from tests.benchmarks.usage import Usage, read_usage, resident_mib
from tests.benchmarks.workload import CRIMINAL, Said, event

RATE = 20
"""Events a second; each comes to three units or so, and with them to every client of these units."""
LEAD_SECONDS = 5
LEAVING, STOPPED = 50, 20
"""So many clients cut their connection again and again; so many take nothing off it any more."""
_LAST_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Streams:
    """Milliseconds of each line to a client that reads, and what the gateway came to.

    `said`: from handing the event to the Kafka client, `readable`: from the broker's time of the feed record;
    both until the client has the line. `resumed` counts connections with Last-Event-ID.
    """

    said: Sequence[float]
    readable: Sequence[float]
    seconds: float
    usage: Usage
    resumed: int
    given_up: int
    before_mib: float
    after_mib: float


def measure(servers: Servers, seconds: int, *, clients: int) -> Streams:
    """One run at RATE. Raises expectation.Wrong if a client missed an entry or had one twice."""
    now = datetime.now(UTC)
    said = [event(number, now) for number in range(RATE * (LEAD_SECONDS + seconds))]
    units = sorted(due_feeds(said))
    with Installation(servers) as bus:
        settings = bus.settings.model_copy(update={"gateway_port": free_port()})
        gateway = Service("gateway", "gateway", bus.folder, as_environment(settings))
        gateway.start()
        try:
            readers = Readers(settings.gateway_port, list(_clients(_keys(bus, units), clients)))
            with readers:
                return _run(bus, gateway, readers, said, seconds)
        finally:
            gateway.stop()


def _keys(bus: Installation, units: Sequence[str]) -> dict[str, str]:
    connector, now = engine(bus.settings, pool=1), datetime.now(UTC)
    with connector.begin() as connection:
        keys = {unit: issue_key(connection, unit, now=now) for unit in units}
    connector.dispose()
    return keys


def _clients(keys: dict[str, str], count: int) -> Iterator[tuple[str, str, Kind]]:
    """Those that stop reading are of the unit that receives most: their buffers are full soon."""
    for _ in range(STOPPED):
        yield CRIMINAL, keys[CRIMINAL], Kind.STOPPED
    units = list(keys)
    for number in range(count - STOPPED):
        unit = units[number % len(units)]
        yield unit, keys[unit], Kind.LEAVING if number < LEAVING else Kind.READING


def _run(
    bus: Installation, gateway: Service, readers: Readers, said: Sequence[Said], seconds: int
) -> Streams:
    pid = gateway.child.pid
    assert pid is not None
    groups = {**bus.pids(), "gateway": [pid]}
    before = resident_mib(pid)
    print(f"saying {len(said)} events for {LEAD_SECONDS + seconds} s", flush=True)
    sent, usage = say_evenly(
        bus, said, rate=RATE, lead_seconds=LEAD_SECONDS, usage=lambda: read_usage(groups)
    )
    entries = published(bus, counts(said).delivered)
    due: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.unit, one.seq)):
        due.setdefault(entry.unit, []).append(entry)
    readers.wait_for({unit: len(of_unit) for unit, of_unit in due.items()}, _LAST_SECONDS)
    after = resident_mib(pid)
    measured = {one.id: sent[one.id] for one in said[RATE * LEAD_SECONDS :]}
    behind_said, behind_feed = [], []
    for client in readers.clients:
        if client.kind is Kind.STOPPED:
            continue
        numbers = [seq for seq, _ in client.got]
        if numbers != [entry.seq for entry in due[client.unit]]:
            raise Wrong(f"a client of {client.unit} got {len(numbers)} of {len(due[client.unit])} entries")
        for entry, (_, at) in zip(due[client.unit], client.got, strict=True):
            if entry.event in measured and client.kind is Kind.READING:
                behind_said.append(1000 * (at - measured[entry.event]))
                behind_feed.append(1000 * (at - entry.at))
    return Streams(
        said=behind_said,
        readable=behind_feed,
        seconds=seconds,
        usage=usage,
        resumed=readers.resumed,
        given_up=_given_up(bus),
        before_mib=before,
        after_mib=after,
    )


def _given_up(bus: Installation) -> int:
    return (bus.folder / "gateway.log").read_text(encoding="utf-8").count("does not keep up")

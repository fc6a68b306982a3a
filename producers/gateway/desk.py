"""Where events wait for their receipts: groups of them are reserved, produced and completed together."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from producers.broker import Broker, Sent
from producers.errors import PublishError
from producers.gateway.submissions import Identity, Submission, complete, reserve
from producers.receipts import Position
from producers.records import Record

log = structlog.get_logger(__name__)

_GROUP = 1000
"""Most records in one group: about what one transaction and one produce request carry well."""
_GROUPS_AT_ONCE = 3
"""One in the database, one at the broker, one being made up."""


@dataclass(frozen=True, slots=True)
class Receipted:
    """The event is in the log. `first` is false if an earlier request had brought it there."""

    submission: Submission
    position: Position
    first: bool


@dataclass(frozen=True, slots=True)
class Conflicting:
    """The identity is taken by other content, received at `since`, whether or not that was produced."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No receipt: the event may or may not be in the log. Sending it again with the same id is safe."""

    detail: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """The key of the case was destroyed: nothing can be said of it any more. Nothing was sent."""


Outcome = Receipted | Conflicting | Unavailable | Destroyed

Seal = Callable[[Sequence[Record]], Sequence[Record | None]]
"""Records as they go into the log; None where the key of the case was destroyed. Blocks."""


@dataclass(slots=True)
class _Ticket:
    """The records of one request and who waits for them."""

    records: Sequence[Record]
    done: asyncio.Future[list[Outcome]] = field(repr=False)


class Desk:
    """Takes records from many requests and answers each with its outcomes. Used on one event loop.

    Under load the records of many requests share one transaction and one produce request; a lone request
    waits for nobody. `seal` is applied before anything is kept or sent. At most `most_records` and `most_bytes`
    wait here, at most half of the records of one unit; what is at the broker is bounded by the broker's own
    budget. Call `close` before the loop ends.
    """

    def __init__(
        self,
        engine: Engine,
        broker: Broker,
        topic: str,
        *,
        clock: Callable[[], datetime],
        patience_seconds: float,
        seal: Seal = list,
        most_records: int = 5_000,
        most_bytes: int = 32 * 1024 * 1024,
    ) -> None:
        self._engine = engine
        self._broker = broker
        self._topic = topic
        self._clock = clock
        self._patience = patience_seconds
        self._seal = seal
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._records = 0
        self._of_unit: Counter[str] = Counter()
        self._bytes = 0
        self._waiting: deque[_Ticket] = deque()
        self._running: set[asyncio.Future[None]] = set()
        self._threads = ThreadPoolExecutor(_GROUPS_AT_ONCE, thread_name_prefix="desk")

    @property
    def waiting(self) -> int:
        """Records that have no outcome yet."""
        return self._records

    def refusal(self, unit: str, records: int, size: int) -> str:
        """Why `records` of `size` bytes in all by `unit` cannot be taken now, or an empty string if they can."""
        if self._broker.silent:  # waiting as well would only hold the request up
            return f"the broker has acknowledged nothing for {self._broker.budget.unanswered_seconds:.0f} s"
        if self._records + records > self._most_records or self._bytes + size > self._most_bytes:
            return f"{self._records} events are waiting for the broker already"
        if self._of_unit[unit] + records > max(self._most_records // 2, records):
            return f"{self._of_unit[unit]} events of {unit} are waiting for the broker already"
        return ""

    async def submit(self, records: Sequence[Record]) -> list[Outcome]:
        """The outcomes of `records` of one unit, in their order, once they are known or patience is over."""
        size = sum(record.size for record in records)
        unit = records[0].envelope.source
        if refusal := self.refusal(unit, len(records), size):
            return [Unavailable(refusal)] * len(records)
        ticket = _Ticket(records, asyncio.get_running_loop().create_future())
        self._records += len(records)
        self._of_unit[unit] += len(records)
        self._bytes += size
        ticket.done.add_done_callback(lambda _: self._leave(unit, len(records), size))
        self._waiting.append(ticket)
        self._start()
        try:
            return await asyncio.wait_for(asyncio.shield(ticket.done), self._patience)
        except TimeoutError:
            self._give_up(ticket)
            return [Unavailable(f"no acknowledgement within {self._patience:g} s")] * len(records)

    async def close(self) -> None:
        """Waits for the groups that are under way; whoever still waits is told that there is no receipt."""
        while self._waiting:
            ticket = self._waiting.popleft()
            ticket.done.set_result([Unavailable("the gateway is stopping")] * len(ticket.records))
        if self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown()

    def _give_up(self, ticket: _Ticket) -> None:
        if ticket in self._waiting:  # nothing was sent yet; what is under way goes on and keeps its place
            self._waiting.remove(ticket)
            ticket.done.cancel()

    def _leave(self, unit: str, records: int, size: int) -> None:
        self._records -= records
        self._of_unit[unit] -= records
        self._bytes -= size

    def _start(self) -> None:
        while self._waiting and len(self._running) < _GROUPS_AT_ONCE:
            run = asyncio.ensure_future(self._run(self._group()))
            self._running.add(run)
            run.add_done_callback(self._finished)

    def _finished(self, run: asyncio.Future[None]) -> None:
        self._running.discard(run)
        self._start()

    def _group(self) -> list[_Ticket]:
        group = [self._waiting.popleft()]
        records = len(group[0].records)
        while self._waiting and records + len(self._waiting[0].records) <= _GROUP:
            records += len(self._waiting[0].records)
            group.append(self._waiting.popleft())
        return group

    async def _run(self, group: list[_Ticket]) -> None:
        records = [record for ticket in group for record in ticket.records]
        settling = asyncio.get_running_loop().run_in_executor(self._threads, self._settle, records)
        try:
            outcomes = iter(await settling)
        except Exception as error:  # noqa: BLE001  (a fault of ours must not leave requests waiting)
            for ticket in group:
                ticket.done.set_exception(error)
            return
        for ticket in group:
            ticket.done.set_result([next(outcomes) for _ in ticket.records])

    def _settle(self, records: Sequence[Record]) -> list[Outcome]:
        try:
            sealed = self._seal(records)
            outcomes = iter(self._outcomes([record for record in sealed if record is not None]))
            return [Destroyed() if record is None else next(outcomes) for record in sealed]
        except SQLAlchemyError as error:
            log.warning("receipts cannot be recorded", error=str(error), records=len(records))
            return [Unavailable("the database does not answer")] * len(records)

    def _outcomes(self, records: Sequence[Record]) -> list[Outcome]:
        digests = {
            record.envelope.identity: record.digest for record in reversed(records)
        }  # the first one counts
        with self._engine.begin() as connection:
            before = reserve(connection, digests, now=self._clock())
        fresh: dict[Identity, Record] = {}
        for record in records:
            standing = before[record.envelope.identity]
            if standing.position is None and standing.digest == record.digest:
                fresh.setdefault(record.envelope.identity, record)
        positions, failures = self._produce(fresh.values())
        after = before
        if positions:
            with self._engine.begin() as connection:
                after = before | complete(connection, positions)
        return [
            _outcome(
                record,
                after[record.envelope.identity],
                failures,
                first=fresh.get(record.envelope.identity) is record,
            )
            for record in records
        ]

    def _produce(self, records: Iterable[Record]) -> tuple[dict[Identity, Position], dict[Identity, str]]:
        sent: list[Sent] = []
        positions: dict[Identity, Position] = {}
        failures: dict[Identity, str] = {}
        for record in records:
            try:
                sent.append(self._broker.send(self._topic, record, seconds=0))
            except PublishError as error:
                failures[record.envelope.identity] = str(error)
        for one in sent:
            try:
                positions[one.record.envelope.identity] = one.result()
            except PublishError as error:
                failures[one.record.envelope.identity] = str(error)
        return positions, failures


def _outcome(record: Record, standing: Submission, failures: dict[Identity, str], *, first: bool) -> Outcome:
    if standing.digest != record.digest:
        return Conflicting(standing.received_at)
    if standing.position is None:
        return Unavailable(failures[record.envelope.identity])
    return Receipted(standing, standing.position, first)

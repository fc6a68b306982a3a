"""Where events wait for their receipts: groups of them are reserved, produced and completed together."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from infra.failpoints import failpoint
from producers.errors import PublishError
from producers.gateway.ingress import Ingress
from producers.gateway.submissions import Identity, Submission, complete, reserve
from producers.receipts import Position
from producers.records import Record

log = structlog.get_logger(__name__)

_GROUP = 1000
"""Most records in one group: about what one transaction and one produce request carry well."""
GROUPS_AT_ONCE = 2
"""One in the database, one at the broker: more would only be smaller."""


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


@dataclass(slots=True, eq=False)
class _Ticket:
    """The records of one request and who waits for them."""

    unit: str
    records: Sequence[Record]
    size: int
    answer: asyncio.Future[list[Outcome]] = field(repr=False)

    def tell(self, outcomes: list[Outcome]) -> None:
        if not self.answer.done():  # whoever asked may be gone, or out of patience
            self.answer.set_result(outcomes)

    def tell_all(self, detail: str) -> None:
        self.tell([Unavailable(detail)] * len(self.records))


class Desk:
    """Takes records from many requests and answers each with its outcomes. Used on one event loop.

    Under load the records of many requests share one reservation, one batch and one completion; a lone request
    waits for nobody. `seal` is applied before anything is kept or sent. At most `most_records` and `most_bytes`
    wait here, at most half of the records of one unit. A statement on a connection that turns out to be dead is
    tried once more, so the engine need not ask its connections whether they live. Call `close` before the loop
    ends; the engine and `ingress` remain the caller's.
    """

    def __init__(
        self,
        engine: Engine,
        ingress: Ingress,
        *,
        clock: Callable[[], datetime],
        patience_seconds: float,
        seal: Seal = list,
        most_records: int = 5_000,
        most_bytes: int = 32 * 1024 * 1024,
    ) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._ingress = ingress
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
        self._threads = ThreadPoolExecutor(GROUPS_AT_ONCE, thread_name_prefix="desk")

    @property
    def waiting(self) -> int:
        """Records that have no outcome yet."""
        return self._records

    def refusal(self, unit: str, records: int, size: int) -> str:
        """Why `records` of `size` bytes in all by `unit` cannot be taken now, or an empty string if they can."""
        if self._ingress.silent:  # waiting as well would only hold the request up
            return f"the broker has acknowledged nothing for {self._ingress.unanswered_seconds:.0f} s"
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
        loop = asyncio.get_running_loop()
        ticket = _Ticket(unit, records, size, loop.create_future())
        self._records += len(records)
        self._of_unit[unit] += len(records)
        self._bytes += size
        self._waiting.append(ticket)
        self._start()
        patience = loop.call_later(self._patience, self._give_up, ticket)
        try:
            return await ticket.answer
        finally:
            patience.cancel()

    async def close(self) -> None:
        """Waits for the groups that are under way; whoever still waits is told that there is no receipt."""
        while self._waiting:
            ticket = self._waiting.popleft()
            self._leave(ticket)
            ticket.tell_all("the gateway is stopping")
        if self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown()

    def _give_up(self, ticket: _Ticket) -> None:
        if ticket in self._waiting:  # nothing was sent yet; what is under way goes on and keeps its place
            self._waiting.remove(ticket)
            self._leave(ticket)
        ticket.tell_all(f"no acknowledgement within {self._patience:g} s")

    def _leave(self, ticket: _Ticket) -> None:
        self._records -= len(ticket.records)
        self._of_unit[ticket.unit] -= len(ticket.records)
        self._bytes -= ticket.size

    def _start(self) -> None:
        while self._waiting and len(self._running) < GROUPS_AT_ONCE:
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
        try:
            outcomes = iter(await self._settled([record for ticket in group for record in ticket.records]))
            for ticket in group:
                ticket.tell([next(outcomes) for _ in ticket.records])
        except SQLAlchemyError as error:
            log.warning("receipts cannot be recorded", error=str(error), requests=len(group))
            for ticket in group:
                ticket.tell_all("the database does not answer")
        except Exception as error:  # noqa: BLE001  (a fault of ours must not leave requests waiting)
            for ticket in group:
                if not ticket.answer.done():
                    ticket.answer.set_exception(error)
        finally:
            for ticket in group:
                self._leave(ticket)

    async def _settled(self, records: Sequence[Record]) -> list[Outcome]:
        in_thread = partial(asyncio.get_running_loop().run_in_executor, self._threads)
        sealed, before = await in_thread(self._reserved, records)
        fresh: dict[Identity, Record] = {}
        for record in sealed:
            if record is not None:
                standing = before[record.envelope.identity]
                if standing.position is None and standing.digest == record.digest:
                    fresh.setdefault(record.envelope.identity, record)
        failpoint("gateway-reserved")
        positions, failure = await self._written(fresh)
        after = before
        if positions:
            failpoint("gateway-produced")
            after = before | await in_thread(self._completed, positions, before)
            failpoint("gateway-completed")
        return [
            Destroyed()
            if record is None
            else _outcome(
                record,
                after[record.envelope.identity],
                failure,
                first=fresh.get(record.envelope.identity) is record,
            )
            for record in sealed
        ]

    def _reserved(
        self, records: Sequence[Record]
    ) -> tuple[Sequence[Record | None], dict[Identity, Submission]]:
        sealed = self._seal(records)
        digests = {
            record.envelope.identity: record.digest for record in reversed(sealed) if record is not None
        }  # the first one counts
        return sealed, self._asked(lambda connection: reserve(connection, digests, now=self._clock()))

    def _completed(
        self, positions: dict[Identity, Position], before: dict[Identity, Submission]
    ) -> dict[Identity, Submission]:
        return self._asked(lambda connection: complete(connection, positions, before))

    def _asked(self, ask: Callable[[Connection], dict[Identity, Submission]]) -> dict[Identity, Submission]:
        try:
            with self._engine.connect() as connection:
                return ask(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self._engine.connect() as connection:  # both statements may be repeated
            return ask(connection)

    async def _written(self, fresh: dict[Identity, Record]) -> tuple[dict[Identity, Position], str]:
        if not fresh:
            return {}, ""
        try:
            return dict(zip(fresh, await self._ingress.write(list(fresh.values())), strict=True)), ""
        except PublishError as error:
            return {}, str(error)


def _outcome(record: Record, standing: Submission, failure: str, *, first: bool) -> Outcome:
    if standing.digest != record.digest:
        return Conflicting(standing.received_at)
    if standing.position is None:
        return Unavailable(failure)
    return Receipted(standing, standing.position, first)

"""The outbox itself: events are put in with the agency's own transaction and stay until the bus has them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

from sqlalchemy import Connection, Engine, MetaData, and_, case, delete, func, insert, select, update

from producers.errors import PublishError
from producers.ingress import IngressSealer, IngressSource
from producers.outbox.table import NAME, file_engine, outbox_table
from producers.records import Encode, Record, Statement, check, new_id, record_of
from schemas import codec
from schemas.sealed.ingress import sealed_to
from schemas.units import Register


class State(StrEnum):
    """Where an event of the outbox stands."""

    QUEUED = "queued"  # waits for its turn, or for another attempt
    SENT = "sent"  # the bus has it, the receipt is kept
    REFUSED = "refused"  # the bus will not take it; later events of its case wait until a person decides
    SKIPPED = "skipped"  # a person decided that it stays unsaid


class OutboxFull(PublishError):  # noqa: N818  (says what is the matter; a caller reads it as a sentence)
    """So much waits already that the outbox takes no more: nothing was put in. Ask `status` what is wrong."""


class OtherContent(PublishError):  # noqa: N818
    """The outbox holds an event with this id and other content. A new event needs a new id."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the outbox stands. `held` of the queued events wait behind a refused one of their case.

    `clear` of all its events lie in it in the clear, because no ingress key was known when they were put in.
    `oldest` is when the longest waiting event was put in, `problem` what the latest failed attempt said.
    """

    queued: int
    held: int
    sent: int
    refused: int
    skipped: int
    oldest: datetime | None
    attempts: int
    problem: str
    clear: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One event of the outbox, with what is known of it; `receipt` as JSON."""

    position: int
    id: str
    type: str
    case_unit: str
    case_number: str
    state: State
    queued_at: datetime
    settled_at: datetime | None
    attempts: int
    reason: str
    problem: str
    receipt: dict[str, Any] | None
    sealed_to: str


class Outbox:
    """Events of one unit on their way to the bus, in a table of any database that SQLAlchemy knows.

        outbox = Outbox(engine, "by-env", register=register)       # in the agency's own database
        with engine.begin() as connection:
            connection.execute(...)                                # the agency's own work
            outbox.put(statement, connection=connection)           # is said if and only if that is committed

    `Outbox.in_file` keeps it in an SQLite file instead. Safe between threads and processes. At most
    `most_waiting` events wait; then `put` raises OutboxFull. `clock` gives the aware time.

    With `ingress`, where the ingress key comes from (`producers.ingress`), what is said lies here sealed, and is
    delivered as it lies; headers, digests and receipts name the event and the case, and stay readable. What is put
    in before a key is known, or without `ingress`, lies here in the clear.
    """

    def __init__(
        self,
        engine: Engine,
        unit: str,
        *,
        register: Register,
        name: str = NAME,
        most_waiting: int = 20_000,
        max_event_bytes: int = 256 * 1024,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        entropy: Callable[[int], bytes] = secrets.token_bytes,
        ingress: IngressSource = lambda: None,
    ) -> None:
        if most_waiting < 1:
            raise ValueError("most_waiting must be at least 1")
        if unit not in register.by_code:
            raise ValueError(f"unit {unit!r} is not in the register")
        self.engine = engine
        self.unit = unit
        self.table = outbox_table(MetaData(), name)
        self.clock = clock
        self._register = register
        self._most = most_waiting
        self._max_bytes = max_event_bytes
        self._entropy = entropy
        self._seal = IngressSealer(ingress, entropy=entropy)

    @classmethod
    def in_file(cls, path: Path, unit: str, *, register: Register, **options: Any) -> Self:
        """An outbox in an SQLite file of its own, made if it is missing; `options` as for the class."""
        made = cls(file_engine(path), unit, register=register, **options)
        made.create()
        return made

    def create(self) -> None:
        """Makes the table if it is missing, for those who do not make it by their own migrations."""
        self.table.create(self.engine, checkfirst=True)

    def put(
        self, statement: Statement, *, connection: Connection | None = None, encode: Encode = codec.encode
    ) -> str:
        """Keeps an event to be said, and returns its id. Does not wait for the bus.

        With `connection` it belongs to the transaction of that connection and is said only if that is
        committed (of an ORM session: `session.connection()`); without, it is on disk on return. The same id
        and content again changes nothing. Raises NotAccepted if the bus would refuse it, OtherContent, OutboxFull,
        or NotSealed if the ingress key has expired; nothing was put in then, and the transaction can go on.
        """
        now = self.clock()
        named = statement if statement.id else replace(statement, id=new_id(now, self._entropy(10)))
        record = record_of(named, unit=self.unit, encode=encode)
        check(record, unit=self.unit, register=self._register, now=now, max_bytes=self._max_bytes)
        with self._within(connection) as open_connection:
            if not self._is_kept(open_connection, record):
                self._check_room(open_connection, now)
                sealed = self._seal(record, now) or record
                open_connection.execute(insert(self.table).values(_row(sealed, now)))
        return named.id

    def status(self) -> Standing:
        """How the outbox stands now."""
        t = self.table.c
        counts = (
            select(t.state, func.count(), func.min(t.queued_at), func.max(t.attempts))
            .where(t.unit == self.unit)
            .group_by(t.state)
        )
        earlier = self.table.alias()
        blocked = (
            select(earlier.c.position)
            .where(earlier.c.unit == self.unit, earlier.c.state == State.REFUSED)
            .where(earlier.c.case_id == t.case_id, earlier.c.position < t.position)
            .exists()
        )
        held = select(func.count()).where(t.unit == self.unit, t.state == State.QUEUED, blocked)
        latest = (
            select(t.problem)
            .where(t.unit == self.unit, t.state == State.QUEUED, t.attempts > 0)
            .order_by(t.due_at.desc())
            .limit(1)
        )
        in_the_clear = select(func.count()).where(t.unit == self.unit, t.sealed_to == "")
        with self.engine.connect() as connection:
            clear = connection.execute(in_the_clear).scalar_one()
            by_state = {row[0]: row for row in connection.execute(counts)}
            behind = connection.execute(held).scalar_one()
            problem = connection.execute(latest).scalar() or ""
        queued = by_state.get(State.QUEUED)
        return Standing(
            queued=_count(by_state, State.QUEUED),
            held=int(behind),
            sent=_count(by_state, State.SENT),
            refused=_count(by_state, State.REFUSED),
            skipped=_count(by_state, State.SKIPPED),
            oldest=None if queued is None else _aware(queued[2]),
            attempts=0 if queued is None else int(queued[3]),
            problem=problem,
            clear=int(clear),
        )

    def kept(self, *states: State, most: int = 100, event_id: str = "") -> list[Kept]:
        """Up to `most` events in these states (none given: in any), or the one with this id, oldest first."""
        t = self.table.c
        wanted = select(self.table).where(t.unit == self.unit).order_by(t.position).limit(most)
        if states:
            wanted = wanted.where(t.state.in_(states))
        if event_id:
            wanted = wanted.where(t.event_id == event_id)
        with self.engine.connect() as connection:
            return [_kept(row) for row in connection.execute(wanted)]

    def retry(self, *event_ids: str) -> int:
        """Puts refused events (none given: all of them) back into the queue, at their old place."""
        back = {"state": State.QUEUED, "due_at": 0, "attempts": 0, "settled_at": None, "claimed_until": 0}
        return self._decide(event_ids, back)

    def skip(self, event_id: str, *, why: str) -> bool:
        """Lets a refused event stay unsaid, for a stated reason; what waits behind it goes on."""
        said = case((self.table.c.problem == "", why), else_=self.table.c.problem + "; " + why)
        return self._decide((event_id,), {"state": State.SKIPPED, "problem": said}) == 1

    def forget(self, *, older: timedelta) -> int:
        """Deletes what was sent or skipped longer ago than `older`, with its receipts; returns how many."""
        t = self.table.c
        done = and_(t.unit == self.unit, t.state.in_((State.SENT, State.SKIPPED)))
        old = delete(self.table).where(done, t.settled_at < milliseconds(self.clock() - older))
        with self.engine.begin() as connection:
            return connection.execute(old).rowcount

    def _within(self, connection: Connection | None) -> AbstractContextManager[Connection]:
        return self.engine.begin() if connection is None else nullcontext(connection)

    def _is_kept(self, connection: Connection, record: Record) -> bool:
        t = self.table.c
        known = select(t.digest).where(t.unit == self.unit, t.event_id == record.envelope.id)
        digest = connection.execute(known).scalar()
        if digest is not None and bytes(digest) != record.digest:
            raise OtherContent(
                f"{self.unit}/{record.envelope.id} is in the outbox with other content; give a new event a new "
                "id, and take back a wrong one with case.corrected or case.voided"
            )
        return digest is not None

    def _check_room(self, connection: Connection, now: datetime) -> None:
        t = self.table.c
        waiting = (
            select(t.queued_at)
            .where(t.unit == self.unit, t.state.in_((State.QUEUED, State.REFUSED)))
            .limit(self._most)
            .subquery()
        )
        count, oldest = connection.execute(
            select(func.count(), func.min(waiting.c.queued_at)).select_from(waiting)
        ).one()
        if count >= self._most:
            age = (now - _aware(oldest)).total_seconds()
            raise OutboxFull(
                f"{count} events wait in the outbox, the oldest for {age:.0f} s: see `linkage outbox status` for "
                "what keeps them, and put this one in again afterwards"
            )

    def _decide(self, event_ids: tuple[str, ...], values: dict[str, Any]) -> int:
        t = self.table.c
        refused = update(self.table).where(t.unit == self.unit, t.state == State.REFUSED)
        if event_ids:
            refused = refused.where(t.event_id.in_(event_ids))
        with self.engine.begin() as connection:
            return connection.execute(refused.values(values)).rowcount


def milliseconds(time: datetime) -> int:
    """An aware time as the table holds it."""
    return int(time.timestamp() * 1000)


def _aware(told: int) -> datetime:
    return datetime.fromtimestamp(told / 1000, UTC)


def _count(by_state: dict[str, Any], state: State) -> int:
    return int(by_state[state][1]) if state in by_state else 0


def _row(record: Record, now: datetime) -> dict[str, Any]:
    envelope = record.envelope
    return {
        "unit": envelope.source,
        "event_id": envelope.id,
        "type": envelope.type,
        "case_id": str(envelope.subject),
        "digest": record.digest,
        "headers": json.dumps([[name, text.decode()] for name, text in record.headers]),
        "value": record.value,
        "sealed_to": sealed_to(record.value),
        "state": State.QUEUED,
        "queued_at": milliseconds(now),
        "due_at": 0,
        "attempts": 0,
        "claim": "",
        "claimed_until": 0,
        "reason": "",
        "problem": "",
    }


def _kept(row: Any) -> Kept:
    headers = dict(json.loads(row.headers))
    return Kept(
        position=row.position,
        id=row.event_id,
        type=row.type,
        case_unit=headers["ce_originunit"],
        case_number=unquote(headers["ce_origincase"]),
        state=State(row.state),
        queued_at=_aware(row.queued_at),
        settled_at=None if row.settled_at is None else _aware(row.settled_at),
        attempts=row.attempts,
        reason=row.reason,
        problem=row.problem,
        receipt=None if row.receipt is None else json.loads(row.receipt),
        sealed_to=row.sealed_to,
    )

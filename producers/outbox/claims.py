"""What is due for delivery: claimed by one process for a while, and settled by what became of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update

from producers.outbox.couriers import Delivered, Outcome, Refused, Unsettled
from producers.outbox.outbox import Outbox, State, milliseconds
from producers.records import Record
from schemas.envelope import read_headers

Wait = Callable[[int], float]
"""(how many attempts failed) → seconds until the next."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A record that nobody else will deliver until the claim is over."""

    position: int
    attempts: int
    record: Record


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims events of an outbox, never two of one case at once, and never one before an earlier of its case.

    That is what keeps the order of a case: the next event is not touched before the one before it is known to
    have arrived. A claim that ends because its process died costs no more than a repetition, which the bus
    drops by its identity.
    """

    outbox: Outbox

    def claim(self, *, now: datetime, most: int, lease: timedelta) -> list[Claimed]:
        """Up to `most` due events, the longest waiting first, claimed for `lease`. Blocks on the database."""
        token = str(uuid.uuid4())
        t = self.outbox.table.c
        free = (t.state == State.QUEUED) & (t.claimed_until <= milliseconds(now))
        with self.outbox.engine.begin() as connection:
            positions = list(connection.execute(self._due(now, most)).scalars())
            if not positions:
                return []
            mark = update(self.outbox.table).where(t.position.in_(positions), free)
            connection.execute(mark.values(claim=token, claimed_until=milliseconds(now + lease)))
            mine = select(self.outbox.table).where(t.claim == token, t.position.in_(positions))
            return [_claimed(row) for row in connection.execute(mine.order_by(t.position))]

    def settle(
        self, claimed: Sequence[Claimed], outcomes: Sequence[Outcome], *, now: datetime, wait: Wait
    ) -> None:
        """Writes down what became of each, in one transaction; a receipt counts whoever's claim it was."""
        with self.outbox.engine.begin() as connection:
            for one, outcome in zip(claimed, outcomes, strict=True):
                self._write(connection, one, _values(outcome, one.attempts + 1, now, wait))

    def hurry(self) -> None:
        """Makes everything that waits for another attempt due at once: the bus is back."""
        t = self.outbox.table.c
        waiting = update(self.outbox.table).where(t.unit == self.outbox.unit, t.state == State.QUEUED)
        with self.outbox.engine.begin() as connection:
            connection.execute(waiting.where(t.due_at > 0).values(due_at=0))

    def _due(self, now: datetime, most: int) -> Select[Any]:
        t = self.outbox.table.c
        earlier = self.outbox.table.alias()
        overtaken = (
            select(earlier.c.position)
            .where(earlier.c.unit == t.unit, earlier.c.case_id == t.case_id)
            .where(earlier.c.position < t.position, earlier.c.state.in_((State.QUEUED, State.REFUSED)))
            .exists()
        )
        stamp = milliseconds(now)
        return (
            select(t.position)
            .where(t.unit == self.outbox.unit, t.state == State.QUEUED)
            .where(t.due_at <= stamp, t.claimed_until <= stamp, ~overtaken)
            .order_by(t.position)
            .limit(most)
        )

    def _write(self, connection: Connection, one: Claimed, values: dict[str, Any]) -> None:
        t = self.outbox.table.c
        standing = update(self.outbox.table).where(t.position == one.position, t.state == State.QUEUED)
        connection.execute(standing.values(claim="", claimed_until=0, **values))


def _values(outcome: Outcome, attempts: int, now: datetime, wait: Wait) -> dict[str, Any]:
    match outcome:
        case Delivered(receipt):
            return {
                "state": State.SENT,
                "settled_at": milliseconds(now),
                "receipt": json.dumps(asdict(receipt)),
                "problem": "",
            }
        case Refused(reason, problem):
            return {
                "state": State.REFUSED,
                "settled_at": milliseconds(now),
                "reason": reason,
                "problem": problem,
            }
        case Unsettled(problem, after):
            due = now + timedelta(seconds=max(wait(attempts), after))
            return {"due_at": milliseconds(due), "attempts": attempts, "problem": problem}


def _claimed(row: Any) -> Claimed:
    headers = [(name, text.encode()) for name, text in json.loads(row.headers)]
    envelope = read_headers(headers)
    record = Record(
        envelope=envelope,
        key=row.case_id.encode(),
        value=bytes(row.value),
        headers=headers,
        digest=bytes(row.digest),
    )
    return Claimed(row.position, row.attempts, record)

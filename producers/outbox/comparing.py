"""What an outbox has sent, held against what the bus has signed of it; the first difference is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from producers.outbox.outbox import Outbox, State, milliseconds
from schemas.said import SaidStatement

MARGIN = timedelta(minutes=5)
"""So near to the ends of the period it is not asked whether an event belongs into it: clocks differ."""


class StatementDiffers(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """The bus states something else than the outbox has: the message names the first event."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How many events both have alike, and how many the bus did not apply."""

    alike: int
    set_aside: int


def compare(outbox: Outbox, statement: SaidStatement, public: bytes, *, others: bool = False) -> Compared:
    """Hold everything that the outbox sent in the period against `statement`. Blocks.

    `public` is the bus's public key, which came by another way. `others`: the unit says events by other ways too,
    or has let the outbox forget some, so that the bus may have events that the outbox does not. Raises
    StatementDiffers.
    """
    _check_signature(outbox, statement, public)
    own = _own(outbox)
    for event_id, digest in statement.applied:
        if event_id not in own and not others:
            raise StatementDiffers(f"the bus has the event {event_id}, which this outbox has not sent")
        if event_id in own and digest and own[event_id][0] != digest:  # none: its key was destroyed
            raise StatementDiffers(f"the bus has the event {event_id} with other content than was sent")
    stated = {event_id for event_id, _ in statement.applied} | {
        event_id for event_id, _, _ in statement.aside
    }
    first = milliseconds(datetime.fromisoformat(statement.since) + MARGIN)
    last = milliseconds(datetime.fromisoformat(statement.until) - MARGIN)
    for event_id, (_, sent_at) in own.items():
        if sent_at is not None and first <= sent_at < last and event_id not in stated:
            raise StatementDiffers(f"the bus does not have the event {event_id}, for which it gave a receipt")
    alike = sum(event_id in own for event_id, _ in statement.applied)
    return Compared(alike, statement.set_aside)


def _own(outbox: Outbox) -> dict[str, tuple[str, int | None]]:
    """Digest of each event in the order of the outbox, and when the bus gave its receipt."""
    t = outbox.table.c
    wanted = (
        select(t.event_id, t.digest, t.state, t.settled_at).where(t.unit == outbox.unit).order_by(t.position)
    )
    with outbox.engine.connect() as connection:
        return {
            row.event_id: (bytes(row.digest).hex(), row.settled_at if row.state == State.SENT else None)
            for row in connection.execute(wanted)
        }


def _check_signature(outbox: Outbox, statement: SaidStatement, public: bytes) -> None:
    if not statement.signature:
        raise StatementDiffers("the statement is not signed: the bus has no signing key")
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(bytes.fromhex(statement.signature), statement.text.encode())
    except (InvalidSignature, ValueError):
        raise StatementDiffers("the statement's signature is not by this key, or it was changed") from None
    if statement.unit != outbox.unit:
        raise StatementDiffers(f"the statement is of {statement.unit}, the outbox of {outbox.unit}")

"""Destroying the private halves of expired ingress keys, once nothing has to be opened with them any more. Blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, func, select

from infra.audit import Actor, enter_change
from infra.ingress_keys import KeptKey, destroy, kept
from infra.positions import read_positions
from infra.tables import events, quarantine, redrive_items
from schemas.admission import Reason

Offsets = Mapping[tuple[str, int], int]
"""By topic and partition."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""By the broker's clock a record may have come before a key expired, although here it has expired already."""

_q, _i = quarantine.c, redrive_items.c


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against destroying an expired key: topics that intake still has to read, records to send again."""

    name: str
    unread: tuple[str, ...]
    set_aside: int

    @property
    def destroyable(self) -> bool:
        """Whether nothing does."""
        return not self.unread and not self.set_aside


def expired(connection: Connection, now: datetime) -> list[KeptKey]:
    """The keys that are not destroyed yet and open nothing any more, whatever the broker's clock says; newest first."""
    past = now - CLOCKS_DIFFER
    return [one for one in kept(connection) if one.destroyed_at is None and one.key.expires_at <= past]


def standing(connection: Connection, name: str, written: Offsets) -> Standing:
    """What still needs a key; `written` is up to where each ingress topic was written when it expired."""
    read = read_positions(connection, written)
    unread = tuple(sorted(place[0] for place, end in written.items() if read.get(place, 0) < end))
    applied = exists().where(events.c.source == _q.source, events.c.event_id == _q.event_id)
    returned = exists().where(
        _i.topic == _q.topic,
        _i.partition == _q.partition,
        _i.log_offset == _q.log_offset,
        _i.state == "returned",
    )
    waiting = select(func.count()).where(
        _q.reason == Reason.INGRESS_KEY, _q.detail.contains(name, autoescape=True), ~applied, ~returned
    )
    return Standing(name, unread, connection.execute(waiting).scalar_one())


def destroy_for_good(
    connection: Connection, actor: Actor, names: Iterable[str], reason: str, *, now: datetime
) -> None:
    """Erase these private halves, each with its entry in the audit. The caller commits."""
    chosen = list(names)
    destroy(connection, chosen, now)
    for name in chosen:
        enter_change(connection, actor, "ingress-key-destroyed", name, reason, now=now)

"""Asks the broker which groups read a unit's feed topic, how far, and which producers number what they write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from kafka import TopicPartition
from kafka.errors import GroupIdNotFoundError, KafkaError

from consumers.certification.recorded import Standing

_EVERY = timedelta(milliseconds=500)
_PROTOCOL = "consumer"
_Told = TypeVar("_Told")

log = structlog.get_logger(__name__)


class Groups:
    """What is asked of the broker about one unit. Blocks, and raises what Kafka raises; from one thread at a time."""

    def __init__(self, admin: Any, ingress: TopicPartition, feed: TopicPartition) -> None:
        self._admin = admin
        self._ingress = ingress
        self._feed = feed
        self._standings: list[Standing] = []
        self._looked_at: datetime | None = None
        self._sequences: dict[tuple[int, int], int] = {}
        self._counted = 0
        self._before = self._now = self._sum_of_sequences()

    def look(self, now: datetime) -> tuple[Standing, ...]:
        """Every change of a group up to `now`; one that came later than the first look began at 0."""
        if self._looked_at is None or now - self._looked_at >= _EVERY:
            first = self._looked_at is None
            self._looked_at = now
            for one in self._told(lambda: self._stand(now)) or ():
                known = next((old for old in reversed(self._standings) if old.group == one.group), None)
                if known is None and not first:
                    self._standings.append(Standing(now, one.group, 0))
                if known is None or (known.committed, known.members) != (one.committed, one.members):
                    self._standings.append(one)
        return tuple(self._standings)

    def numbered(self, count: int) -> int:
        """How many records of the ingress topic came from idempotent producers; asked anew when `count` has grown."""
        if count > self._counted:
            told = self._told(self._sum_of_sequences)
            self._counted, self._now = (self._counted, self._now) if told is None else (count, told)
        return self._now - self._before

    def _told(self, ask: Callable[[], _Told]) -> _Told | None:
        """What the broker tells; None while something moves to another broker or vanishes: it is asked again soon."""
        try:
            return ask()
        except KafkaError as error:
            if not (error.retriable or isinstance(error, GroupIdNotFoundError)):
                raise
            log.info("the broker does not tell now", detail=str(error))
            return None

    def _stand(self, now: datetime) -> list[Standing]:
        names = [one["group_id"] for one in self._admin.list_groups() if one["protocol_type"] == _PROTOCOL]
        if not names:
            return []
        offsets = self._admin.list_group_offsets({name: [self._feed] for name in names})
        reading = {
            name: found[self._feed].offset
            for name, found in offsets.items()
            if self._feed in found and found[self._feed].offset >= 0
        }
        if not reading:
            return []
        described = self._admin.describe_groups(list(reading))
        return [
            Standing(now, name, committed, _members(described.get(name, {})))
            for name, committed in reading.items()
        ]

    def _sum_of_sequences(self) -> int:
        """A producer numbers its records from 0, and from 0 again with every epoch."""
        told = self._admin.describe_producers([self._ingress])
        for one in told[self._ingress].active_producers:
            name = (one.producer_id, one.producer_epoch)
            self._sequences[name] = max(self._sequences.get(name, 0), one.last_sequence + 1)
        return sum(self._sequences.values())


def _members(described: Any) -> frozenset[str]:
    return frozenset(one["member_id"] for one in described.get("members", ()))

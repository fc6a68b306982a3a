"""Listens to a unit's two topics during a run: what it writes, what becomes of it, how far its groups have read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import TopicAuthorizationFailedError
from sqlalchemy import Engine, select

from consumers.casework.records import append_time
from consumers.certification.fates import decided, read_fates
from consumers.certification.groups import Groups
from consumers.certification.reading import read_recorded
from consumers.certification.recorded import NOTHING_SEEN, Acknowledged, Fed, Kind, Topics, Written
from consumers.feeds.heads import HEAD
from consumers.intake.opening import IntakeOpener
from infra.grants import unit_group_prefix
from infra.ingress_keys import Openings, current
from infra.kafka import admin_client, client_options
from infra.settings import Settings
from infra.tables import documents, feeds
from schemas.sealed.ingress import is_sealed

_POLL_MS = 200
_SEND_SECONDS = 30.0
_CLOCKS = timedelta(minutes=1)
"""By so much the clocks of broker and run may differ."""

log = structlog.get_logger(__name__)


@contextmanager
def listening(settings: Settings, engine: Engine, unit: str, now: datetime) -> Iterator[Listener]:
    """A listener from here on, closed afterwards. Raises KafkaUnavailable, and what the database raises."""
    with ExitStack() as open_:
        admin = open_.enter_context(admin_client(settings))
        consumer = KafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            **client_options(settings),
        )
        open_.enter_context(closing(consumer))
        yield Listener(settings, engine, unit, (consumer, admin), now)


class Listener:
    """What has been seen of one unit since `now`. Blocks; from one thread at a time."""

    def __init__(
        self, settings: Settings, engine: Engine, unit: str, clients: tuple[Any, Any], now: datetime
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._unit = unit
        consumer, admin = clients
        self._consumer = consumer
        self._since = now - _CLOCKS
        self._opener = IntakeOpener(Openings(engine.connect))
        self._ingress = TopicPartition(settings.topics.ingress(unit), 0)
        self._feed = TopicPartition(settings.topics.feed(unit), 0)
        self._groups = Groups(admin, self._ingress, self._feed)
        self._last: Any = None  # the record of the last entry
        consumer.assign([self._ingress, self._feed])
        consumer.seek_to_end(self._ingress, self._feed)
        end = consumer.position(self._feed)
        consumer.position(self._ingress)  # from here on
        with engine.connect() as connection:
            sealing = current(connection, now) is not None
        prefix = settings.namespace + unit_group_prefix(unit)
        self._seen = replace(NOTHING_SEEN, sealing=sealing, end=end, group_prefix=prefix)
        self._acknowledged = self._acknowledgements(now, known=None)

    def look(self, now: datetime) -> Topics:
        """Everything that was seen up to `now`. Raises what the broker or the database raises."""
        polled = self._consumer.poll(timeout_ms=_POLL_MS)
        self._hear(polled.get(self._ingress, []))
        self._feed_came(polled.get(self._feed, []))
        self._decide()
        standings = self._groups.look(now)
        seen = self._seen
        if len(standings) != len(seen.standings):
            seen = replace(seen, standings=standings)
        self._seen = replace(seen, idempotent=self._groups.numbered(len(seen.written)))
        self._acknowledged = self._acknowledgements(now, known=self._acknowledged)
        self._repeat()
        return self._seen

    def _hear(self, records: list[Any]) -> None:
        if not records:
            return
        opened, _ = self._opener(records)
        written = tuple(
            Written(
                at=append_time(record),
                offset=record.offset,
                said=read_recorded(record.headers, meant.value),
                size=_size(record),
                sealed=is_sealed(record.value),
            )
            for record, meant in zip(records, opened, strict=True)
        )
        self._seen = replace(self._seen, written=self._seen.written + written)

    def _decide(self) -> None:
        open_ = [one for one in self._seen.written if not one.decided]
        if not open_:
            return
        with self._engine.connect() as connection:
            fates = read_fates(connection, self._unit, {one.said.id for one in open_}, self._since)
            own = select(documents.c.digest).where(documents.c.unit == self._unit)
            digests = frozenset(row.digest.hex() for row in connection.execute(own))
        written: list[Written] = []
        for one in self._seen.written:
            place = f"{self._ingress.topic}/{self._ingress.partition}/{one.offset}"
            written.append(one if one.decided else decided(one, place, fates, written))
        self._seen = replace(self._seen, written=tuple(written), documents=digests)

    def _feed_came(self, records: list[Any]) -> None:
        known = {one.seq for one in self._seen.fed}
        fed: list[Fed] = []
        for record in records:
            seq = _seq(record)
            if seq == 0 and not any(name == HEAD for name, _ in record.headers):
                continue
            kind = Kind.HEAD if seq == 0 else Kind.REPEAT if seq in known else Kind.ENTRY
            known.add(seq)
            fed.append(Fed(append_time(record), record.offset, kind, seq))
            self._last = record if kind is Kind.ENTRY else self._last
        if records:
            self._seen = replace(self._seen, fed=(*self._seen.fed, *fed), end=records[-1].offset + 1)

    def _acknowledgements(self, now: datetime, *, known: int | None) -> int:
        """How far the unit has acknowledged; what is more than `known` is noted."""
        asked = select(feeds.c.published, feeds.c.acknowledged).where(feeds.c.unit == self._unit)
        with self._engine.connect() as connection:
            row = connection.execute(asked).one_or_none()
        published, acknowledged = (row.published, row.acknowledged) if row else (0, 0)
        told = self._seen.acknowledged
        if known is not None and acknowledged > known:
            told = (*told, Acknowledged(now, acknowledged))
        self._seen = replace(self._seen, delivered=published, acknowledged=told)
        return int(acknowledged)

    def _repeat(self) -> None:
        """Writes the last entry once more, when it was read and none came twice yet."""
        seen, last = self._seen, self._last
        if last is None or not seen.repeatable or any(one.kind is Kind.REPEAT for one in seen.fed):
            return
        if seen.passed_over(last.offset) is None:
            return
        self._last = None
        try:
            with closing(KafkaProducer(acks="all", **client_options(self._settings))) as producer:
                sent = producer.send(
                    self._feed.topic, last.value, last.key, list(last.headers), self._feed.partition
                )
                sent.get(timeout=_SEND_SECONDS)
        except TopicAuthorizationFailedError:
            log.warning("no entry can be repeated", topic=self._feed.topic, user=self._settings.kafka_user)
            self._seen = replace(seen, repeatable=False)


def _size(record: Any) -> int:
    headers = sum(len(name.encode()) + len(raw or b"") for name, raw in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


def _seq(record: Any) -> int:
    told = dict(record.headers).get("linkage-seq") or b""
    return int(told) if told.isdigit() else 0

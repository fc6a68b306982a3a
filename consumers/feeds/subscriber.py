"""The consumer for a department's own program: its feed in order, without duplicates, with gaps noticed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from kafka import KafkaConsumer, TopicPartition

from consumers.feeds.bookmarks import Bookmark, Bookmarks, GroupBookmarks
from consumers.feeds.heads import HEAD, read_head
from consumers.feeds.journal import Journal
from schemas import codec
from schemas.catalogue import EventType
from schemas.envelope import Envelope, EnvelopeError, read_headers
from schemas.topics import TopicNames

log = logging.getLogger(__name__)

_POLL_MS = 1000

Opened = Callable[[Envelope, Mapping[str, Any]], Mapping[str, Any]]
"""(envelope, payload) → the payload with what is sealed in it opened."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry of a feed. `seq` counts from 1 without gaps; `basis` cites why this unit receives it.

    `delivery` is duty, copy, result, mirror or alarm. `data` is the payload by Avro field name (timestamps
    in milliseconds, UTC); if this program is older than the event type, `data` is None and `problem` says so.
    `view` says which view of the event this unit gets and `hidden` which fields are masked or left out in it
    (docs/views.md). `value` is the record's value, byte for byte as it was said if nothing is hidden; `digest` is
    that of the event as it was said (see `schemas.digests`).
    """

    seq: int
    delivery: str
    role: str
    basis: str
    envelope: Envelope
    event_type: EventType | None
    data: Mapping[str, Any] | None
    problem: str
    value: bytes
    published_at: datetime
    offset: int
    view: str
    hidden: tuple[str, ...]
    digest: bytes


class FeedGapError(RuntimeError):
    """Numbers `first` to `last` of the feed are not in its topic. Nothing behind them was handed out.

    Fetch them by `GET /v1/feeds/me?after=`, handle them, then call `Subscriber.skip`; and tell the operator.
    """

    def __init__(self, unit: str, first: int, last: int) -> None:
        super().__init__(
            f"the feed of {unit} lacks the numbers {first} to {last}: fetch them over HTTP, then skip them"
        )
        self.first = first
        self.last = last


class FeedLostError(RuntimeError):
    """The feed topic ends before the place that was read already: it is another one, or it lost records."""


class Subscriber:
    """Reads `feed-<unit>` from where it stopped. Not safe between threads.

        with Subscriber("by-criminal", "kafka:9092", group="by-criminal.case-system") as feed:
            for item in feed:
                handle(item)  # counts as handled when the next item is asked for

    The bookmark is kept in Kafka under `group`, or wherever `bookmarks` keeps it; it is saved after items
    were handled, so a crash hands the last ones out again, with the same `seq`. A repeated number is dropped.
    A missing one is looked for in the whole topic; if it is not there, FeedGapError is raised. With a `journal`,
    which has to begin with the feed, every entry is noted when it was handled, and the signed heads in the topic are
    held against it: FeedDiffers is raised if the bus has signed something else than what came. `names` holds
    the installation's topic prefix, `options` are kafka-python's (security settings). `opened` opens what is
    sealed in `data`, as `GatewayKeys(…).opened` does; without it tokens stay (docs/sealing.md).
    """

    def __init__(
        self,
        unit: str,
        bootstrap: str,
        *,
        group: str = "",
        bookmarks: Bookmarks | None = None,
        names: TopicNames | None = None,
        options: Mapping[str, Any] | None = None,
        opened: Opened | None = None,
        journal: Journal | None = None,
    ) -> None:
        if bool(group) == (bookmarks is not None):
            raise ValueError(
                "name either a group, which keeps the bookmark in Kafka, or bookmarks of your own"
            )
        self.unit = unit
        self.duplicates = 0
        self._opened = opened
        self._journal = journal
        self._partition = TopicPartition((names or TopicNames()).feed(unit), 0)
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap.split(","),
            client_id=f"linkage-subscriber-{unit}",
            group_id=group or None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            reconnect_backoff_max_ms=1000,
            allow_auto_create_topics=False,
            **(options or {}),
        )
        self._consumer.assign([self._partition])
        self._bookmarks = bookmarks or GroupBookmarks(self._consumer, self._partition)
        self._at = self._saved = self._bookmarks.load() or Bookmark()

    @property
    def seq(self) -> int:
        """Everything up to this number is handled."""
        return self._at.seq

    def __iter__(self) -> Iterator[FeedItem]:
        """Items for ever, waiting for new ones."""
        return self.items()

    def items(self, *, idle_seconds: float | None = None) -> Iterator[FeedItem]:
        """Items from the bookmark on; ends when nothing came for `idle_seconds`, if that is given.

        Raises FeedGapError, FeedLostError, FeedDiffers of the journal, or what kafka-python raises.
        """
        self._seek()
        idle = 0.0
        try:
            while idle_seconds is None or idle < idle_seconds:
                records = self._poll(idle_seconds)
                idle = 0.0 if records else idle + _POLL_MS / 1000
                for record in records:
                    for item in self._next(record):
                        yield self._clear(item)
                        if self._journal is not None:
                            self._journal.note(item.seq, item.digest)
                        self._at = Bookmark(item.seq, self._at.offset)
                    self._at = Bookmark(self._at.seq, record.offset + 1)
                self._save()
        finally:
            self._save()

    def _clear(self, item: FeedItem) -> FeedItem:
        if self._opened is None or item.data is None:
            return item
        return replace(item, data=self._opened(item.envelope, item.data))

    def skip(self, gap: FeedGapError) -> None:
        """The missing numbers were handled in another way: reading goes on behind them."""
        self._at = Bookmark(gap.last, self._at.offset)
        self._save()

    def close(self) -> None:
        """Saves the bookmark and disconnects."""
        self._save()
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _seek(self) -> None:
        end = self._consumer.end_offsets([self._partition])[self._partition]
        if self._at.offset > end:
            raise FeedLostError(
                f"the feed topic {self._partition.topic} ends at {end}, but was read up to {self._at.offset} before: "
                "ask the operator whether the bus was set up anew, then remove the bookmark"
            )
        self._consumer.seek(self._partition, self._at.offset)

    def _poll(self, idle_seconds: float | None) -> list[Any]:
        wait = _POLL_MS if idle_seconds is None else min(_POLL_MS, int(idle_seconds * 1000))
        polled: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=wait)
        return polled.get(self._partition, [])

    def _next(self, record: Any) -> Iterator[FeedItem]:
        item = feed_item(record)
        if item is None and any(name == HEAD for name, _ in record.headers):
            if self._journal is not None:
                self._journal.hold(read_head(record.value))
        elif item is None:
            log.warning("record %s of %s is no feed record: left out", record.offset, record.topic)
        elif item.seq <= self._at.seq:
            self.duplicates += 1
        else:
            if item.seq > self._at.seq + 1:
                yield from self._look_for(self._at.seq + 1, item.seq - 1)
            yield item

    def _look_for(self, first: int, last: int) -> list[FeedItem]:
        """The items with these numbers, wherever in the topic they are. Raises FeedGapError."""
        log.warning("the feed of %s jumps over %s to %s: looking for them", self.unit, first, last)
        found: dict[int, FeedItem] = {}
        reached = self._consumer.position(self._partition)
        end = self._consumer.end_offsets([self._partition])[self._partition]
        self._consumer.seek_to_beginning(self._partition)
        while len(found) <= last - first and self._consumer.position(self._partition) < end:
            for record in self._poll(None):
                item = feed_item(record)
                if item is not None and first <= item.seq <= last:
                    found.setdefault(item.seq, item)
        self._consumer.seek(self._partition, reached)
        missing = [seq for seq in range(first, last + 1) if seq not in found]
        if missing:
            raise FeedGapError(self.unit, missing[0], missing[-1])
        return [found[seq] for seq in range(first, last + 1)]

    def _save(self) -> None:
        if self._journal is not None:
            self._journal.save()
        if self._at != self._saved:
            self._bookmarks.save(self._at)
            self._saved = self._at


def feed_item(record: Any) -> FeedItem | None:
    """The item in a record of a feed topic (a kafka-python ConsumerRecord); None if the relay did not write it."""
    said = {
        name: (raw or b"").decode(errors="replace")
        for name, raw in record.headers
        if name.startswith("linkage-")
    }
    seq = said.get("linkage-seq", "")
    try:
        envelope = read_headers(record.headers)
    except EnvelopeError:
        return None
    if not seq.isdigit() or record.value is None:
        return None
    event_type, data, problem = _payload(record.value)
    return FeedItem(
        seq=int(seq),
        delivery=said.get("linkage-delivery", ""),
        role=said.get("linkage-role", ""),
        basis=unquote(said.get("linkage-basis", "")),
        envelope=envelope,
        event_type=event_type,
        data=data,
        problem=problem,
        value=record.value,
        published_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        offset=record.offset,
        view=said.get("linkage-view", ""),
        hidden=tuple(filter(None, said.get("linkage-hidden", "").split(","))),
        digest=_digest(said.get("linkage-digest", "")),
    )


def _digest(told: str) -> bytes:
    try:
        return bytes.fromhex(told)
    except ValueError:
        return b""


def _payload(value: bytes) -> tuple[EventType | None, Mapping[str, Any] | None, str]:
    try:
        decoded = codec.decode(value)
    except codec.Undecodable as error:
        return None, None, error.reason
    return decoded.event_type, decoded.data, ""

"""Topics read again from the broker and held against the database, each from where it fitted last. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert

from consumers.casework.records import append_time
from consumers.casework.store import raw_cursor
from consumers.feeds.heads import HEAD
from consumers.proof.cut import Cut, Partition
from consumers.readmodel.reconciling import Difference
from consumers.redrive.selecting import unpack
from infra.batches import Batch, Record
from infra.proof_tables import reconciled
from infra.rereading import LogLost
from schemas.envelope import EnvelopeError, read_headers
from schemas.topics import TopicNames

Read = Callable[[str, int, int, int], Iterable[Batch]]
"""The records of a topic's partition from one offset to before another, in batches. May raise LogLost."""

RECEIVED = "received-applied"
LOGGED = "logged-applied"
REFUSED = "refused-shown"
SENT = "numbered-sent"
TOPIC_CHECKS: Mapping[str, tuple[str, str]] = {
    RECEIVED: (
        "各单位写入的记录均已入库、重复或者列入隔离区",
        "every record that a unit or the gateway wrote is applied, a repeat, or in quarantine",
    ),
    LOGGED: (
        "日志中的记录均已入库、重复或者列入隔离区，且不再丢失",
        "every record of the log is applied, a repeat, or in quarantine, and what was applied is still there",
    ),
    REFUSED: (
        "被拒收的记录均列入隔离区",
        "every dead letter is shown in quarantine",
    ),
    SENT: (
        "推送主题中有全部已编号的事件，且没有其他事件",
        "a feed topic has every number that is published, with its event, and no other",
    ),
}
"""Comparisons by offsets: code, then what each says in Chinese and English."""

_SKEW = timedelta(minutes=1)


@dataclass
class Held:
    """What came of it: differences, records read, and up to where each partition fits now."""

    differences: list[Difference] = field(default_factory=list)
    records: int = 0
    fitted: dict[Partition, tuple[int, int]] = field(default_factory=dict)


def hold(engine: Engine, names: TopicNames, cut: Cut, read: Read) -> Held:
    """Compare every topic up to `cut` with the database, beginning where it fitted the last time."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        comparing = _Comparing(connection, read, _fitted(connection))
        for place, end in cut.ingress.items():
            unit = names.ingress_owner(place[0])
            comparing.topic(_Stretch(RECEIVED, unit, place, end), _Received(connection))
        for place, end in cut.log.items():
            if place[0] == names.dead_letters:
                comparing.topic(_Stretch(REFUSED, place[0], place, end), _Refused(connection))
            else:
                comparing.log(_Stretch(LOGGED, f"{place[0]}/{place[1]}", place, end))
        for place, end in cut.feeds.items():
            unit = place[0].removeprefix(names.feed(""))
            comparing.feed(_Stretch(SENT, unit, place, end), cut.published.get(unit, 0))
    return comparing.held


def remember(connection: Connection, fitted: Mapping[Partition, tuple[int, int]]) -> None:
    """Note up to where each partition fits: the next time goes on from there."""
    if not fitted:
        return
    rows = [
        {"topic": topic, "partition": partition, "next_offset": offset, "reached": reached}
        for (topic, partition), (offset, reached) in fitted.items()
    ]
    told = insert(reconciled)
    changed = {name: told.excluded[name] for name in ("next_offset", "reached")}
    connection.execute(told.on_conflict_do_update(index_elements=["topic", "partition"], set_=changed), rows)


def _fitted(connection: Connection) -> dict[Partition, tuple[int, int]]:
    rows = connection.execute(select(reconciled))
    return {(row.topic, row.partition): (row.next_offset, row.reached) for row in rows}


Lost = Callable[[Batch], list[Record]]
"""Which records of a batch the database does not have."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What to compare of a partition, up to offset `end`, and whom a difference is told of."""

    check: str
    unit: str
    place: Partition
    end: int

    def differs(self, count: int, example: str) -> Difference:
        return Difference(self.check, self.unit, count, example)


@dataclass
class _Comparing:
    """Compares one partition after the other; `known` is where each fitted before."""

    connection: Connection
    read: Read
    known: Mapping[Partition, tuple[int, int]]
    held: Held = field(default_factory=Held)

    def topic(self, stretch: _Stretch, lost: Lost) -> bool:
        """Whether every record is found. The partition fits up to the first that is not."""
        start, _ = self.known.get(stretch.place, (0, 0))
        name = f"{stretch.place[0]}/{stretch.place[1]}"
        if start > stretch.end:
            told = f"{name} ends at {stretch.end}, but was compared up to {start} before"
            self.held.differences.append(stretch.differs(start - stretch.end, told))
            return False
        gone: list[Record] = []
        try:
            for batch in self.read(*stretch.place, start, stretch.end) if start < stretch.end else ():
                self.held.records += len(batch)
                gone += lost(batch)
        except LogLost as error:
            self.held.differences.append(stretch.differs(1, str(error)))
            return False
        if gone:
            self.held.differences.append(stretch.differs(len(gone), _named(gone[0])))
        self.held.fitted[stretch.place] = (gone[0].offset if gone else stretch.end, 0)
        return not gone

    def log(self, stretch: _Stretch) -> None:
        """A partition of the log: besides, what was applied before must still be there."""
        start, reached = self.known.get(stretch.place, (0, 0))
        there = self._events_before(stretch.place[1], start)
        if there != reached:
            told = (
                f"{reached} events before offset {start} were there, {there} are: run `linkage verify --log`"
            )
            self.held.differences.append(stretch.differs(abs(reached - there), told))
            return
        self.topic(stretch, _Logged(self.connection))
        if stretch.place in self.held.fitted:
            upto, _ = self.held.fitted[stretch.place]
            self.held.fitted[stretch.place] = (upto, self._events_before(stretch.place[1], upto))

    def feed(self, stretch: _Stretch, published: int) -> None:
        """A feed: the topic has each number up to `published`, and what it has is what the database gave."""
        _, reached = self.known.get(stretch.place, (0, 0))
        feed = _Feed(published)
        if not self.topic(stretch, feed):
            return
        given = self._given(stretch.unit, reached, max((published, *feed.found)))
        wrong = sorted(
            {seq for seq, place in feed.found.items() if seq > reached and given.get(seq) != place}
            | {seq for seq in given if seq <= published and seq not in feed.found}
        )
        if wrong:
            seq = wrong[0]
            told = f"number {seq}: the topic has {_event(feed.found, seq)}, the database {_event(given, seq)}"
            self.held.differences.append(stretch.differs(len(wrong), told))
            del self.held.fitted[stretch.place]
        else:
            upto = stretch.end if feed.beyond is None else feed.beyond
            self.held.fitted[stretch.place] = (upto, published)

    def _events_before(self, partition: int, offset: int) -> int:
        row = raw_cursor(self.connection).execute(_COUNT, (partition, offset)).fetchone()
        return 0 if row is None else int(row[0])

    def _given(self, unit: str, after: int, upto: int) -> dict[int, str]:
        """Where in the log the event of each number stands, by the database."""
        rows = raw_cursor(self.connection).execute(_POSITIONS, (unit, after, upto))
        return {seq: f"{partition}/{offset}" for seq, partition, offset in rows}


def _named(record: Record) -> str:
    identity = _identity(record)
    told = "no readable envelope" if identity is None else "/".join(identity)
    return f"{append_time(record):%Y-%m-%d %H:%M:%S} UTC {record.topic}/{record.partition}/{record.offset} {told}"


def _identity(record: Record) -> tuple[str, str] | None:
    try:
        envelope = read_headers(record.headers)
    except (EnvelopeError, OverflowError):
        return None
    return envelope.source, envelope.id


_APPLIED = """
SELECT e.source, e.event_id FROM events e
JOIN unnest(%s::text[], %s::text[]) AS w(source, event_id) USING (source, event_id)
"""
_ASIDE = """
SELECT q.log_offset FROM quarantine q WHERE q.topic = %s AND q.partition = %s AND q.log_offset = ANY(%s)
"""
_HEADERS = "SELECT headers FROM quarantine WHERE recorded_at >= %s"


def _not_applied(connection: Connection, records: Sequence[Record]) -> list[Record]:
    """Records whose identity is that of no event."""
    named = [(record, _identity(record)) for record in records]
    wanted = [identity for _, identity in named if identity is not None]
    columns = ([source for source, _ in wanted], [event_id for _, event_id in wanted])
    applied = set(raw_cursor(connection).execute(_APPLIED, columns))
    return [record for record, identity in named if identity not in applied]


def _not_aside(connection: Connection, records: Sequence[Record]) -> list[Record]:
    """Records of one partition that do not stand in quarantine themselves."""
    if not records:
        return []
    place = (records[0].topic, records[0].partition, [record.offset for record in records])
    aside = {offset for (offset,) in raw_cursor(connection).execute(_ASIDE, place)}
    return [record for record in records if record.offset not in aside]


@dataclass
class _Refused:
    """Dead letters that are not in quarantine."""

    connection: Connection

    def __call__(self, batch: Batch) -> list[Record]:
        return _not_aside(self.connection, batch)


@dataclass
class _Received:
    """Records of an ingress topic that are neither an event's identity nor the origin of a row in quarantine.

    The origin decides, not the identity: what was refused once and then said well under the same id has both.
    """

    connection: Connection

    def __call__(self, batch: Batch) -> list[Record]:
        left = _not_applied(self.connection, batch)
        if not left:
            return []
        since = min(append_time(record) for record in left) - _SKEW
        origins = set()
        for (packed,) in raw_cursor(self.connection).stream(_HEADERS, (since,)):
            origins.add(_origin(unpack(packed)))
        return [one for one in left if f"{one.topic}/{one.partition}/{one.offset}" not in origins]


def _origin(headers: Iterable[tuple[str, bytes | None]]) -> str:
    """Where a record in quarantine was written by its unit; what the bus says of it stands behind the unit's own."""
    told = {name: (raw or b"").decode(errors="replace") for name, raw in headers}
    refused = [told.get(f"__streams.errors.{part}", "") for part in ("topic", "partition", "offset")]
    return "/".join(refused) if all(refused) else told.get("linkage-ingress", "")


_OFFSETS = "SELECT log_offset FROM events WHERE partition = %s AND log_offset BETWEEN %s AND %s"
_COUNT = "SELECT count(*) FROM events WHERE partition = %s AND log_offset < %s"


@dataclass
class _Logged:
    """Records of the log that are no event at their place, not in quarantine, and repeat no event."""

    connection: Connection

    def __call__(self, batch: Batch) -> list[Record]:
        stretch = (batch[0].partition, batch[0].offset, batch[-1].offset)
        there = {offset for (offset,) in raw_cursor(self.connection).execute(_OFFSETS, stretch)}
        left = [record for record in batch if record.offset not in there]
        return _not_applied(self.connection, _not_aside(self.connection, left)) if left else []


_POSITIONS = (
    "SELECT seq, partition, log_offset FROM feed_positions WHERE unit = %s AND seq > %s AND seq <= %s"
)


@dataclass
class _Feed:
    """What a feed topic has: where the event of each number stands in the log, and the first record behind `upto`."""

    upto: int
    found: dict[int, str] = field(default_factory=dict)
    beyond: int | None = None

    def __call__(self, batch: Batch) -> list[Record]:
        for record in batch:
            headers = dict(record.headers)
            seq, position = headers.get("linkage-seq"), headers.get("linkage-position")
            if HEAD in headers:
                continue
            if seq is None or position is None:
                return [record]
            self.found.setdefault(int(seq), position.decode())
            if int(seq) > self.upto and self.beyond is None:
                self.beyond = record.offset
        return []


def _event(places: Mapping[int, str], seq: int) -> str:
    return f"the event at {places[seq]}" if seq in places else "nothing"

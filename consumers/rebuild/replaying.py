"""Building the database again from the log: the same fold, the same rows, and nothing said or sent twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from consumers.casework.rules_in_use import note_rules
from consumers.casework.store import raw_cursor
from consumers.casework.transaction import Casework
from consumers.feeds.heads import HEAD
from consumers.quarantine.agent import Quarantine
from consumers.rulebook import Rulebook
from infra.batches import Batch, Record
from infra.kafka import security_options
from infra.positions import CHAIN_START
from infra.rereading import end_offset, read_range
from infra.settings import Settings


class NotEmpty(RuntimeError):  # noqa: N818  (reads as a statement at the raise)
    """The database to rebuild into holds something already: rebuild into a fresh one, then switch over."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild read: records by topic, and how many feed records gave their numbers back."""

    records: Mapping[str, int]
    feed_records: int


def rebuild(settings: Settings, rulebook: Rulebook, engine: Engine) -> Rebuilt:
    """Replay the log into the empty database behind `engine`. Blocks until the log's present end is applied.

    No relay and no clock may run on this database meanwhile. What the bus said itself is in the log and
    leaves the outbox as it is met; what is still in the outbox at the end was never said. The numbers of
    feed entries are read back from the feed topics, and intake's positions from the headers it added, so
    that going on from here repeats nothing. Raises NotEmpty, LogLost, RangeUnread.
    """
    _require_empty(engine)
    note_rules(engine, rulebook, settings.topics.case_events)
    carried: dict[tuple[str, int], int] = {}
    log, dead = settings.topics.case_events, settings.topics.dead_letters
    casework = Casework(engine, rulebook, _no_gap, cached_events=settings.cached_events, topic=log)
    quarantine = Quarantine(settings, engine)
    counts = {log: 0, dead: 0}
    for partition in range(settings.partitions):
        for batch in _whole(settings, log, partition):
            casework.apply(batch)
            counts[log] += len(batch)
            _note_ingress(batch, carried)
    for batch in _whole(settings, dead, 0):
        quarantine.apply(batch)
        counts[dead] += len(batch)
        _note_ingress(batch, carried)
    _restore_intake(engine, carried)
    return Rebuilt(counts, _restore_feeds(settings, rulebook, engine))


def _require_empty(engine: Engine) -> None:
    with engine.begin() as connection:
        held = raw_cursor(connection).execute("SELECT EXISTS (SELECT FROM progress)").fetchone()
    if held == (True,):
        raise NotEmpty(
            "the database is not empty: make a fresh one, rebuild into it, then switch LINKAGE_DATABASE"
        )


def _whole(settings: Settings, topic: str, partition: int) -> Iterator[Batch]:
    options = security_options(settings)
    end = end_offset(settings.bootstrap, topic, partition, options=options)
    if end:
        yield from read_range(settings.bootstrap, topic, partition, 0, end, options=options)


def _no_gap(topic: str, partition: int, start: int, end: int) -> Iterator[Batch]:
    raise AssertionError(f"{topic}/{partition}: a whole replay has no gap, but [{start}, {end}) is missing")


def _note_ingress(batch: Batch, carried: dict[tuple[str, int], int]) -> None:
    for record in batch:
        origin = _ingress_of(record)
        if origin is not None:
            topic, partition, offset = origin
            carried[(topic, partition)] = max(carried.get((topic, partition), 0), offset + 1)


def _ingress_of(record: Record) -> tuple[str, int, int] | None:
    headers = {name: (raw or b"").decode(errors="replace") for name, raw in record.headers}
    if "linkage-ingress" in headers and "linkage-reason" not in headers:
        topic, partition, offset = headers["linkage-ingress"].rsplit("/", 2)
    elif "linkage-reason" in headers:
        topic, partition, offset = (
            headers[f"__streams.errors.{part}"] for part in ("topic", "partition", "offset")
        )
    else:
        return None
    return topic, int(partition), int(offset)


def _restore_intake(engine: Engine, carried: Mapping[tuple[str, int], int]) -> None:
    rows = [(topic, partition, offset, CHAIN_START) for (topic, partition), offset in carried.items()]
    with engine.begin() as connection:
        raw_cursor(connection).executemany(
            "INSERT INTO progress (topic, partition, next_offset, chain) VALUES (%s, %s, %s, %s)", rows
        )


_RESTORE = """
INSERT INTO feed_positions (unit, seq, partition, log_offset, n)
SELECT %(unit)s, %(seq)s, partition, log_offset, n FROM feed_entries
WHERE partition = %(partition)s AND log_offset = %(offset)s AND unit = %(unit)s
ON CONFLICT (unit, seq) DO NOTHING
"""


def _restore_feeds(settings: Settings, rulebook: Rulebook, engine: Engine) -> int:
    restored = 0
    for unit in rulebook.register.by_code:
        last = 0
        for batch in _whole(settings, settings.topics.feed(unit), 0):
            rows = [_position(unit, record) for record in batch if not _is_head(record)]
            if not rows:
                continue
            with engine.begin() as connection:
                raw_cursor(connection).executemany(_RESTORE, rows)
            last = max(last, *(row["seq"] for row in rows))
            restored += len(rows)
        if last:
            _restore_feed(engine, unit, last)
    _restore_relay(engine)
    return restored


def _is_head(record: Record) -> bool:
    return any(name == HEAD for name, _ in record.headers)


def _position(unit: str, record: Record) -> dict[str, Any]:
    headers = {name: (raw or b"").decode() for name, raw in record.headers}
    partition, offset = headers["linkage-position"].split("/")
    return {
        "unit": unit,
        "seq": int(headers["linkage-seq"]),
        "partition": int(partition),
        "offset": int(offset),
    }


def _restore_feed(engine: Engine, unit: str, last: int) -> None:
    with engine.begin() as connection:
        raw_cursor(connection).execute(
            "INSERT INTO feeds (unit, assigned, published, acknowledged) VALUES (%s, %s, %s, 0)",
            (unit, last, last),
        )


def _restore_relay(engine: Engine) -> None:
    """The relay goes on behind the last event that has reached a feed.

    A crash between numbering and sending can leave an event in some feeds only: its other entries get
    the next numbers of their feeds, unpublished, and the relay sends them first.
    """
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        for statement in _RELAY:
            cursor.execute(statement)


_WITHOUT_NUMBER = """
FROM feed_entries f JOIN relay_progress r USING (partition) LEFT JOIN feeds s ON s.unit = f.unit
LEFT JOIN feed_positions p ON (p.unit, p.partition, p.log_offset, p.n) = (f.unit, f.partition, f.log_offset, f.n)
WHERE p.seq IS NULL AND f.log_offset <= r.log_offset
"""
_RELAY = (
    "INSERT INTO relay_progress SELECT partition, max(log_offset) FROM feed_positions GROUP BY partition",
    f"""INSERT INTO feed_positions (unit, seq, partition, log_offset, n)
    SELECT f.unit,
           COALESCE(s.assigned, 0)
           + row_number() OVER (PARTITION BY f.unit ORDER BY f.partition, f.log_offset, f.n),
           f.partition, f.log_offset, f.n {_WITHOUT_NUMBER}""",
    """INSERT INTO feeds (unit, assigned, published, acknowledged)
    SELECT unit, max(seq), 0, 0 FROM feed_positions GROUP BY unit
    ON CONFLICT (unit) DO UPDATE SET assigned = EXCLUDED.assigned""",
)

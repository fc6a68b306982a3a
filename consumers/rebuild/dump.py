"""A canonical dump of everything that is a fold of the log, so that two databases can be compared byte by byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Engine

from consumers.casework.store import raw_cursor

# What casework and quarantine write. Left out: the outbox (on its way), the relay's and the gateway's own tables.
FOLDED = {
    "events": "partition, log_offset",
    "cases": "case_id",
    "clocks": "clock_id",
    "feed_entries": "partition, log_offset, n",
    "mirrors": "mirror_id",
    "anomalies": "partition, log_offset, n",
    "quarantine": "topic, partition, log_offset",
}


def lines(engine: Engine) -> Iterator[str]:
    """Every row of the folded tables as one line of JSON, in the order of its key. Blocks."""
    with engine.connect() as connection:
        cursor = raw_cursor(connection)
        cursor.execute("SET LOCAL timezone TO 'UTC'")
        for table, key in FOLDED.items():
            for (text,) in cursor.stream(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY {key}"):
                yield f"{table} {text}"


def digest(engine: Engine) -> str:
    """The SHA-256 of the dump, as hexadecimal digits."""
    hashed = hashlib.sha256()
    for line in lines(engine):
        hashed.update(line.encode() + b"\n")
    return hashed.hexdigest()

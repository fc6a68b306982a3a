"""A database of years: the published cases and those of these days, again and again, until there are as many as asked.

It is folded by casework once and multiplied by SQL: ids, numbers, positions and times of every copy are its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from consumers.rulebook import Rulebook
from infra.demo.people import admit_on
from schemas.units import Register
from tests.consumers.console.world import World

ROUNDS = 3
"""A case goes through its history so often: one of these years has some twenty events."""
YEARS = 3
"""The last events of the cases lie evenly over so long a time."""
PASSWORD = "orchid-lantern-42"
LOOKS = 100_000
"""Entries of the audit."""
REFUSED = 2_000
"""Records that were not applied, some of them by now."""

# Of each copy: its number, how much later its cases happen, and the offsets that it has in every partition.
_MAPS = """
CREATE UNLOGGED TABLE copies AS SELECT i, i / :rounds AS g, i / :rounds = (:copies - 1) / :rounds AS last, i = :copies - 1 AS own
  FROM generate_series(0, :copies - 1) AS i;
CREATE UNLOGGED TABLE ends AS SELECT case_id AS was, max(coalesce(occurred_to, occurred_from, recorded_at)) AS ended
  FROM events GROUP BY case_id;
CREATE UNLOGGED TABLE moved AS SELECT i, g, was, CASE WHEN last THEN was ELSE md5(was::text || g)::uuid END AS is_now,
  CASE WHEN last THEN '' ELSE '-' || g END AS number, CASE WHEN own THEN '' ELSE '-' || i END AS suffix,
  CAST(:now AS timestamptz) - least(ended, CAST(:now AS timestamptz))
    - CAST(:span AS interval) * ((:copies - 1.0 - i) / :copies) AS later
  FROM copies, ends;
CREATE UNIQUE INDEX ON moved (was, i);
CREATE UNLOGGED TABLE lengths AS SELECT partition, max(log_offset) + 1 AS length FROM events GROUP BY partition;
CREATE UNLOGGED TABLE fed AS SELECT unit, max(seq) AS length FROM feed_positions GROUP BY unit;
"""
_KEPT = ("events", "cases", "clocks", "feed_entries", "mirrors", "anomalies", "feed_positions", "quarantine")

_ROWS: Mapping[str, str] = {
    "events": """
INSERT INTO events SELECT o.partition, m.i * l.length + o.log_offset, o.source, o.event_id || m.suffix, o.type, m.is_now,
  o.occurred_from + m.later, o.occurred_to + m.later,
  CAST(:now AS timestamptz) - CAST(:span AS interval) * ((:copies - m.i - (o.log_offset + 1.0) / (l.length + 1)) / :copies),
  convert_to(regexp_replace(replace(replace(replace(convert_from(o.headers, 'UTF8'), o.case_id::text, m.is_now::text),
    '["ce_origincase","' || c.origin_case || '"', '["ce_origincase","' || c.origin_case || m.number || '"'),
    '["ce_id","' || o.event_id || '"', '["ce_id","' || o.event_id || m.suffix || '"'),
    '\\["ce_time","[^"]*"', '["ce_time","' || to_char((coalesce(o.occurred_from, o.occurred_to, o.recorded_at) + m.later)
      AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS') || '+08:00"'), 'UTF8'),
  o.value, sha256(o.digest || int8send(m.i)), sha256(o.chain || int8send(m.i))
FROM was_events o JOIN was_cases c USING (case_id) JOIN moved m ON m.was = o.case_id JOIN lengths l ON l.partition = o.partition
ORDER BY m.i, o.partition, o.log_offset""",
    "cases": """
INSERT INTO cases SELECT m.is_now, o.partition, o.origin_unit, o.origin_case || m.number, o.district, o.field, o.offence, o.state,
  o.reverse_state, e.many, e.first, e.last, m.i * l.length + o.last_offset
FROM was_cases o JOIN moved m ON m.was = o.case_id JOIN lengths l ON l.partition = o.partition
JOIN (SELECT case_id, count(*) AS many, min(recorded_at) AS first, max(recorded_at) AS last FROM events GROUP BY 1) e
  ON e.case_id = m.is_now
WHERE m.i % :rounds = 0""",
    "clocks": """
INSERT INTO clocks SELECT CASE WHEN m.suffix = '' THEN o.clock_id ELSE md5(o.clock_id::text || m.i)::uuid END, m.is_now,
  o.partition, o.rule, o.version, o.kind, o.holder, o.started_source, o.started_id || m.suffix,
  o.start_from + m.later, o.start_to + m.later, o.assumed_start, o.due_from + m.later, o.due_to + m.later, o.provisional,
  CASE WHEN o.state NOT IN ('running', 'breached') OR o.kind <> 'deadline' THEN o.state
    WHEN o.due_to + m.later > :now THEN 'running' WHEN m.i % 8 > 0 THEN 'met-late' ELSE 'breached' END,
  o.certain, o.stopped_source, o.stopped_id || m.suffix, o.stopped_from + m.later, o.stopped_to + m.later,
  o.overrun_seconds, o.breached_source, o.breached_id || m.suffix, o.breach_withdrawn, o.reported_late, NULL, NULL,
  m.i * l.length + o.started_offset
FROM was_clocks o JOIN moved m ON m.was = o.case_id JOIN lengths l ON l.partition = o.partition ORDER BY m.i""",
    "feed_entries": """
INSERT INTO feed_entries SELECT o.partition, k.i * l.length + o.log_offset, o.n, o.unit, o.delivery, o.role, o.basis
FROM was_feed_entries o JOIN lengths l ON l.partition = o.partition CROSS JOIN copies k ORDER BY k.i, o.partition, o.log_offset, o.n""",
    "mirrors": """
INSERT INTO mirrors SELECT CASE WHEN m.suffix = '' THEN o.mirror_id ELSE md5(o.mirror_id::text || m.i)::uuid END, m.is_now,
  o.partition, o.opinion_source, o.opinion_id || m.suffix, o.unit, o.why, CASE WHEN m.i % 4 = 3 THEN o.state ELSE 'accepted' END,
  o.copied_at + m.later, o.reason, o.clue_no, o.decided_source, o.decided_id || m.suffix
FROM was_mirrors o JOIN moved m ON m.was = o.case_id""",
    "anomalies": """
INSERT INTO anomalies SELECT o.partition, m.i * l.length + o.log_offset, o.n, m.is_now, o.code, o.detail
FROM was_anomalies o JOIN moved m ON m.was = o.case_id JOIN lengths l ON l.partition = o.partition""",
    "feed_positions": """
INSERT INTO feed_positions SELECT o.unit, k.i * f.length + o.seq, o.partition, k.i * l.length + o.log_offset, o.n
FROM was_feed_positions o JOIN lengths l ON l.partition = o.partition JOIN fed f ON f.unit = o.unit CROSS JOIN copies k
ORDER BY k.i, o.unit, o.seq""",
    "quarantine": """
INSERT INTO quarantine SELECT 'ingress-' || e.source, 0, n, CASE WHEN n % 4 = 0 THEN 'parked' ELSE 'refused' END,
  (ARRAY['wrong-speaker', 'undecodable', 'case-id', 'time'])[1 + n % 4], '内容不符合合同 — the content does not fit',
  e.source, e.source, CASE WHEN n % 3 = 0 THEN e.event_id ELSE 'refused-' || n END, e.type, e.case_id,
  CAST(:now AS timestamptz) - CAST(:span AS interval) * (n * n / (1.0 * :refused * :refused)), e.case_id::text::bytea, e.value,
  (SELECT convert_to(jsonb_agg(jsonb_build_array(h ->> 0, encode(convert_to(h ->> 1, 'UTF8'), 'base64')))::text, 'UTF8')
   FROM jsonb_array_elements(convert_from(e.headers, 'UTF8')::jsonb) h)
FROM (SELECT row_number() OVER () AS n, e.* FROM (SELECT * FROM events WHERE source <> 'bus' AND partition = 0
  ORDER BY log_offset DESC LIMIT :refused) e) e""",
}
_REST = """
UPDATE progress p SET next_offset = l.length * :copies FROM lengths l WHERE l.partition = p.partition;
UPDATE relay_progress p SET log_offset = l.length * :copies - 1 FROM lengths l WHERE l.partition = p.partition;
UPDATE feeds f SET assigned = d.length * :copies, published = d.length * :copies,
  acknowledged = d.length * :copies - least(d.length * :copies, 37), acknowledged_at = CAST(:now AS timestamptz) - interval '2 days'
  FROM fed d WHERE d.unit = f.unit;
INSERT INTO console_audit (at, "user", role, unit, action, target, case_id, detail, address)
  SELECT CAST(:now AS timestamptz) - CAST(:span AS interval) * (1 - n / (1.0 * :looks)), 'criminal', 'head', 'by-criminal', 'read',
    '/cases/' || ids[1 + n % cardinality(ids)], ids[1 + n % cardinality(ids)], '', '127.0.0.1'
  FROM generate_series(1, :looks) n, (SELECT array_agg(case_id) AS ids FROM cases) c;
INSERT INTO webhooks SELECT md5(unit)::uuid, unit, 'https://hooks.example/' || unit, 'secret', '{}', '{}', 'active', assigned,
  :now, :now, 0, NULL, '' FROM feeds WHERE unit IN ('by-police', 'by-criminal');
INSERT INTO webhook_deliveries SELECT w.webhook_id, p.seq, e.case_id, CASE WHEN p.seq % 997 = 0 THEN 'failed' ELSE 'delivered' END,
  1, e.recorded_at, e.recorded_at + interval '72 hours', e.recorded_at, '204'
  FROM webhooks w JOIN feed_positions p USING (unit) JOIN events e USING (partition, log_offset);
"""


def fill(engine: Engine, rulebook: Rulebook, now: datetime, *, cases: int) -> None:
    """Fills an empty database with at least so many cases. Blocks for minutes."""
    World(engine, rulebook, now).fill()
    with engine.begin() as connection:
        admit(connection, rulebook.register, now)
        known: int = connection.execute(text("SELECT count(*) FROM cases")).scalar_one()
        _multiply(connection, ROUNDS * -(-cases // known), now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def admit(connection: Connection, register: Register, now: datetime) -> None:
    """Lets in everybody of the demonstration who is not admitted yet. The caller commits."""
    admit_on(connection, register, PASSWORD, now=now)


def _multiply(connection: Connection, copies: int, now: datetime) -> None:
    values = {
        "copies": copies,
        "rounds": ROUNDS,
        "now": now,
        "span": timedelta(days=365 * YEARS),
        "looks": LOOKS,
        "refused": REFUSED,
    }
    connection.execute(text("SET LOCAL work_mem = '256MB'"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    _run(connection, _MAPS, values)
    for table in _KEPT:
        connection.execute(text(f"CREATE UNLOGGED TABLE was_{table} AS SELECT * FROM {table}"))
        connection.execute(text(f"ANALYZE was_{table}"))
    connection.execute(text(f"TRUNCATE {', '.join(_KEPT)}"))
    for table, rows in _ROWS.items():
        connection.execute(text(rows), values)
        connection.execute(text(f"ANALYZE {table}"))
    _run(connection, _REST, values)
    made = ("copies", "ends", "moved", "lengths", "fed", *(f"was_{table}" for table in _KEPT))
    connection.execute(text(f"DROP TABLE {', '.join(made)}"))


def _run(connection: Connection, statements: str, values: Mapping[str, object]) -> None:
    for statement in filter(str.strip, statements.split(";")):
        connection.execute(text(statement), values)

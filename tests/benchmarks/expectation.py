"""What must stand in the database and in the feeds after a run, worked out by hand and not by the rules under test."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import confluent_kafka

from consumers.feeds.heads import HEAD
from tests.benchmarks.installation import Installation
from tests.benchmarks.workload import CRIMINAL, POLICE, Agency, Said

MIRRORED = "mirror.copied"
DEPARTMENTS = ("by-admin", "by-civil", "by-pil")
Delivered = tuple[str, str]
"""(event type, id): of a mirrored copy, which has an id of its own, the id of the opinion that caused it."""


class Wrong(Exception):  # noqa: N818  (reads as a statement at the raise)
    """A run whose rows or records are not exactly the due ones. Its figures do not count."""


OPINION = "opinion.to_transfer_issued"
_AGENCY, _SUPERIOR = "the agency", "its superior, if it has one"
# Who receives each event of a case, read from the law: Order 310 for the transfer, the procuratorate's rules
# for its opinion, and the practice of copying opinions to the other departments at once.
RECIPIENTS: Mapping[str, tuple[str, ...]] = {
    OPINION: (_AGENCY, _SUPERIOR, "by-justice"),
    MIRRORED: (*DEPARTMENTS, CRIMINAL, "by-casemgmt"),
    "transfer.sent": (POLICE, CRIMINAL),
    "transfer.received": (_AGENCY, CRIMINAL),
    "filing.accepted": (_AGENCY, CRIMINAL),
    "items.handed_over": (POLICE, CRIMINAL),
}
FINAL_STATE = "ITEMS_HANDED"
"""State of the forward track when a case of the workload is over."""


def final_clocks(agency: Agency) -> tuple[tuple[str, str], ...]:
    """Rule and state of the limits of a case: all were kept, but for the departments' time to look at a mirror."""
    answer = "ENV-17" if agency.field == "environment" else "LETTER-transfer"
    # Two limits run for an economic crime: the ordinary one, and the longer one for a case that needs it.
    filing = ("ECO-16", "ECO-16-ordinary") if agency.field == "tobacco" else ("O310-08",)
    kept = ("O310-12", answer, *filing)
    return (*((rule, "met") for rule in kept), *(("T-mirror", "running") for _ in DEPARTMENTS))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records of the log are applied, and how many feed records are delivered."""

    applied: int
    delivered: int


def counts(said: Sequence[Said]) -> Counts:
    """What the given events, each once, must come to."""
    feeds = due_feeds(said)
    opinions = sum(1 for one in said if one.type == OPINION)
    return Counts(len(said) + opinions, sum(map(len, feeds.values())))


def due_feeds(said: Iterable[Said]) -> dict[str, Counter[Delivered]]:
    """What each unit must receive."""
    feeds: dict[str, Counter[Delivered]] = defaultdict(Counter)
    for one in said:
        for type_ in (OPINION, MIRRORED) if one.type == OPINION else (one.type,):
            for unit in recipients(type_, one.agency):
                feeds[unit][(type_, one.id)] += 1
    return feeds


def recipients(type_: str, agency: Agency) -> list[str]:
    """The units that receive an event of this type in a case of this agency."""
    acting = {_AGENCY: agency.code, _SUPERIOR: agency.superior}
    units = (acting.get(unit, unit) for unit in RECIPIENTS[type_])
    return [unit for unit in units if unit is not None]


def check(bus: Installation, said: Sequence[Said]) -> None:
    """Raises Wrong, naming everything that differs, unless rows and feed records are exactly the due ones.

    `said` are whole cases.
    """
    problems = [*_wrong_rows(bus, said), *_wrong_feeds(bus, said)]
    if problems:
        raise Wrong("; ".join(problems))


_STAGE = (
    "CREATE TEMP TABLE due_events (source text, event_id text, type text, case_id uuid, value bytea,"
    " PRIMARY KEY (source, event_id))"
)
_COUNTED = {
    "events": "SELECT count(*) FROM events WHERE source <> 'bus'",
    "right events": "SELECT count(*) FROM events e JOIN due_events d USING (source, event_id)"
    " WHERE (e.type, e.case_id, e.value) = (d.type, d.case_id, d.value)",
    "opinions mirrored": "SELECT count(DISTINCT (case_id, type)) FROM events WHERE source = 'bus'",
    "said by the bus": "SELECT count(*) FROM events WHERE source = 'bus'",
    "cases": "SELECT count(*) FROM cases",
    "right cases": "SELECT count(*) FROM cases c JOIN (SELECT case_id, count(*) AS n, max(log_offset) AS last"
    " FROM events GROUP BY case_id) e USING (case_id)"
    f" WHERE (c.state, c.events, c.last_offset) = ('{FINAL_STATE}', e.n, e.last)",
    "mirrors": "SELECT count(*) FROM mirrors WHERE state = 'copied'",
    "feed entries": "SELECT count(*) FROM feed_entries",
    "numbered": "SELECT count(*) FROM feed_positions",
    "anomalies": "SELECT count(*) FROM anomalies",
    "quarantined": "SELECT count(*) FROM quarantine",
    "left in the outbox": "SELECT count(*) FROM outbox",
}


def _wrong_rows(bus: Installation, said: Sequence[Said]) -> Iterator[str]:
    _stage(bus, said)
    cases = len({one.case for one in said})
    delivered = counts(said).delivered
    due = {
        "events": len(said),
        "right events": len(said),
        "opinions mirrored": cases,
        "said by the bus": cases,
        "cases": cases,
        "right cases": cases,
        "mirrors": cases * len(DEPARTMENTS),
        "feed entries": delivered,
        "numbered": delivered,
        "anomalies": 0,
        "quarantined": 0,
        "left in the outbox": 0,
    }
    for name, query in _COUNTED.items():
        found = bus.database.execute(query).fetchone()
        if found != (due[name],):
            yield f"{name}: {found}, due {due[name]}"
    query = "SELECT rule, state, count(*) FROM clocks GROUP BY rule, state"
    clocks = {(rule, state): count for rule, state, count in bus.database.execute(query)}
    due_clocks = Counter(clock for one in said if one.type == OPINION for clock in final_clocks(one.agency))
    if clocks != due_clocks:
        yield f"clocks: {clocks}, due {due_clocks}"


def _stage(bus: Installation, said: Sequence[Said]) -> None:
    bus.database.execute(_STAGE)
    with bus.database.cursor() as cursor, cursor.copy("COPY due_events FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text", "text", "text", "uuid", "bytea"])
        for one in said:
            copy.write_row((one.unit, one.id, one.type, one.case, one.value))


def _wrong_feeds(bus: Installation, said: Sequence[Said]) -> Iterator[str]:
    due = due_feeds(said)
    for unit in bus.rulebook.register.by_code:
        found: Counter[Delivered] = Counter()
        numbers = []
        for record in read_all(bus.settings.bootstrap, bus.settings.topics.feed(unit)):
            headers = headers_of(record)
            if HEAD in headers:
                continue
            found[delivered(headers)] += 1
            numbers.append(int(headers["linkage-seq"]))
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"feed {unit}: numbers are not dense"
        if found != due.get(unit, Counter()):
            missing, foreign = due.get(unit, Counter()) - found, found - due.get(unit, Counter())
            yield f"feed {unit}: {missing.total()} missing, {foreign.total()} foreign {next(iter(foreign), '')}"


def headers_of(record: confluent_kafka.Message) -> dict[str, bytes]:
    """The headers of a feed record; ours are there once each and have a value."""
    return dict(record.headers() or ())  # type: ignore[arg-type]  # confluent's types know more shapes


def delivered(headers: Mapping[str, bytes]) -> Delivered:
    """What a feed record delivers, from its headers."""
    name = "ce_causationid" if headers["ce_source"] == b"bus" else "ce_id"
    return headers["ce_type"].decode(), headers[name].decode()


def read_all(bootstrap: str, topic: str) -> Iterator[confluent_kafka.Message]:
    """The records of a topic's only partition, from the first to the last."""
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "benchmark",
            "enable.auto.commit": False,
            "fetch.queue.backoff.ms": 5,
        }
    )
    partition = confluent_kafka.TopicPartition(topic, 0, 0)
    _, end = consumer.get_watermark_offsets(partition)
    consumer.assign([partition])
    at = 0
    while at < end:
        for record in consumer.consume(10_000, 1.0):
            yield record
            at += 1
    consumer.close()

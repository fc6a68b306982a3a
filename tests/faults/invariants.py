"""The invariants I1 to I10 of the bus, each as a check that compares what was said with what came of it.

A check gives one line for each violation. The expectations come from the ledger and from the scripts alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine

from consumers.rebuild import verifying
from infra.settings import Settings
from schemas.codec import decode
from schemas.topics import GATEWAY
from schemas.units import Register
from tests.faults.evidence import Seen, read_topics, rows
from tests.faults.ledger import Entry, Fate, Ledger, Result
from tests.faults.load import Story
from tests.faults.pulling import Pulled
from tests.faults.receipts import broken_promises
from tests.faults.scripts import AG, PC, RECEIVERS, STOPS, hearers_of_alarm

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a check may look at, read once when the bus had nothing left to do."""

    entries: Sequence[Entry]
    stories: Sequence[Story]
    log: Sequence[Seen]
    dead: Sequence[Seen]
    feeds: Mapping[str, Sequence[Seen]]  # by unit
    ingress: Mapping[str, Sequence[Seen]]  # by topic
    by_gateways: Sequence[Seen]
    pulled: Mapping[str, Pulled]  # by unit, of those that read over HTTP
    acknowledged: Mapping[str, int]
    events: Sequence[Mapping[str, Any]]
    quarantine: Sequence[Mapping[str, Any]]
    clocks: Sequence[Mapping[str, Any]]
    mirrors: Sequence[Mapping[str, Any]]
    chain: Sequence[verifying.Verified]
    dead_letters: str
    settling: timedelta

    @property
    def accepted(self) -> list[Entry]:
        """Sound events that the broker has acknowledged, without repeats."""
        return [one for one in self.entries if one.fate is Fate.EVENT and one.result is Result.ACCEPTED]

    @property
    def spoken(self) -> set[tuple[str, str, str]]:
        """(source, id, hash) of every sound record that anybody ever tried to send."""
        meant = (Fate.EVENT, Fate.REPEAT)
        return {(e.source, e.event_id, e.sha256) for e in self.entries if e.fate in meant}


def look(
    settings: Settings,
    register: Register,
    engine: Engine,
    ledger: Ledger,
    stories: Sequence[Story],
    *,
    pulled: Mapping[str, Pulled],
) -> Scene:
    """Read everything. Blocks."""
    names = settings.topics
    feeds = {names.feed(unit.code): unit.code for unit in register.units}
    ingress = [names.ingress(code) for code in (*(unit.code for unit in register.units), GATEWAY)]
    topics = read_topics(settings, [names.case_events, names.dead_letters, *feeds, *ingress])
    return Scene(
        entries=list(ledger.entries()),
        stories=stories,
        log=topics[names.case_events],
        dead=topics[names.dead_letters],
        feeds={unit: topics[topic] for topic, unit in feeds.items()},
        ingress={topic: topics[topic] for topic in ingress},
        by_gateways=topics[names.ingress(GATEWAY)],
        pulled=pulled,
        acknowledged={row["unit"]: row["acknowledged"] for row in rows(engine, "SELECT * FROM feeds")},
        events=rows(engine, "SELECT * FROM events ORDER BY partition, log_offset"),
        quarantine=rows(engine, "SELECT * FROM quarantine"),
        clocks=rows(engine, "SELECT * FROM clocks"),
        mirrors=rows(engine, "SELECT * FROM mirrors"),
        chain=verifying.verify(engine, names.case_events),
        dead_letters=names.dead_letters,
        settling=settings.settling,
    )


def violations(scene: Scene) -> list[str]:
    """Every violation of every invariant."""
    checks = (
        nothing_accepted_is_lost,
        nothing_happens_twice,
        cases_keep_their_order,
        clocks_stand_as_they_must,
        alarms_ring_once_and_never_early,
        feeds_hold_exactly_what_belongs_there,
        feeds_are_dense,
        everything_has_an_origin,
        nothing_is_unaccounted_for,
        refused_records_are_kept_as_they_were,
        the_chain_is_whole,
        receipts_keep_their_promises,
        pulling_gives_what_the_topic_has,
    )
    return [f"{check.__name__}: {line}" for check in checks for line in check(scene)]


def nothing_accepted_is_lost(scene: Scene) -> Iterator[str]:
    """I1, I12: what was acknowledged is applied or parked, with the same bytes."""
    held = {(row["source"], row["event_id"]): row["value"] for row in (*scene.quarantine, *scene.events)}
    for entry in scene.accepted:
        value = held.get((entry.source, entry.event_id))
        if value is None:
            yield f"{entry.source}/{entry.event_id} is nowhere"
        elif sha256(value).hexdigest() != entry.sha256:
            yield f"{entry.source}/{entry.event_id} has other bytes"


def nothing_happens_twice(scene: Scene) -> Iterator[str]:
    """I2: one applied event for each identity, one alarm for each step of a clock, one copy for each receiver."""
    applied = Counter((row["source"], row["event_id"]) for row in scene.events)
    yield from (f"{name} is applied {number} times" for name, number in applied.items() if number > 1)
    alarms = Counter(_alarm(row) for row in scene.events if row["type"].startswith("deadline."))
    yield from (f"{name} was said {number} times" for name, number in alarms.items() if number > 1)
    for unit, feed in scene.feeds.items():
        copies = Counter(identity for _, identity in {(_seq(record), record.identity) for record in feed})
        yield from (f"{unit} has {number} copies of {name}" for name, number in copies.items() if number > 1)


def _alarm(row: Mapping[str, Any]) -> tuple[str, ...]:
    data = decode(row["value"]).data
    return row["type"], data["clock_id"], data["step"]


def cases_keep_their_order(scene: Scene) -> Iterator[str]:
    """I3: in every feed the events of a case stand in the order of the log, repeats aside."""
    for unit, feed in scene.feeds.items():
        last: dict[bytes | None, int] = {}
        for record in _without_repeats(feed):
            at = int(record.headers["linkage-position"].rpartition("/")[2])
            if at < last.get(record.key, -1):
                yield f"{unit}: {record.identity} comes after a later event of its case"
            last[record.key] = at
    told = {(row["source"], row["event_id"]): row["log_offset"] for row in scene.events}
    for story in scene.stories:
        offsets = [
            told.get((s.unit, story.event_id(s)), -1) for turn in story.script.turns for s in turn.sayings
        ]
        known = [offset for offset in offsets if offset >= 0]
        if known != sorted(known):
            yield f"case {story.number}: its events are applied in another order than they were said"


def clocks_stand_as_they_must(scene: Scene) -> Iterator[str]:
    """I4: every case has exactly the clocks of its script, each in its state; mirrors likewise."""
    clocks, mirrors = defaultdict(dict), defaultdict(dict)
    for row in scene.clocks:
        clocks[str(row["case_id"])][row["rule"], row["holder"]] = row["state"]
    for row in scene.mirrors:
        mirrors[str(row["case_id"])][row["unit"]] = row["state"]
    for story in scene.stories:
        if clocks[story.case] != dict(story.script.clocks):
            yield f"case {story.number} ({story.script.name}): clocks {clocks[story.case]}"
        if mirrors[story.case] != dict(story.script.mirrors):
            yield f"case {story.number} ({story.script.name}): mirrors {mirrors[story.case]}"


def alarms_ring_once_and_never_early(scene: Scene) -> Iterator[str]:
    """I4: what the bus says is what the script asks for, or a flicker of a start that was reported late."""
    said: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in scene.events:
        if row["source"] != "bus":
            continue
        data = decode(row["value"]).data
        said[str(row["case_id"])][row["type"], str(data.get("rule", ""))] += 1
        due = data.get("due_latest")
        if (
            row["type"] == "deadline.breached"
            and due is not None
            and row["recorded_at"].timestamp() * 1000 <= due
        ):
            yield f"{row['event_id']} was said before its time"
    for story in scene.stories:
        counted = said[story.case]
        for alarm in story.script.alarms:
            if counted[alarm] != 1:
                yield f"case {story.number} ({story.script.name}): {alarm} was said {counted[alarm]} times"
        for (type_, rule), number in counted.items():
            if (type_, rule) in story.script.alarms:
                continue
            if rule not in story.script.flickers or number > 1:
                yield f"case {story.number} ({story.script.name}): {type_}/{rule} was said {number} times"


def feeds_hold_exactly_what_belongs_there(scene: Scene) -> Iterator[str]:
    """I5: every unit's feed holds what the law gives it of the applied events, and nothing else."""
    expected: dict[str, set[tuple[str, str]]] = defaultdict(set)
    come: set[tuple[Any, str]] = set()  # (case, type), in the order of the log
    for row in scene.events:
        come.add((row["case_id"], row["type"]))
        for unit in _receivers(row, come):
            expected[unit].add((row["source"], row["event_id"]))
    for unit, feed in scene.feeds.items():
        got = {record.identity for record in feed}
        yield from (f"{unit} did not get {name}" for name in sorted(expected[unit] - got))
        yield from (f"{unit} must not have {name}" for name in sorted(got - expected[unit]))


def _receivers(row: Mapping[str, Any], come: set[tuple[Any, str]]) -> frozenset[str]:
    type_ = row["type"]
    if type_.startswith("deadline."):
        data = decode(row["value"]).data
        obsolete = type_ == "deadline.breached" and (row["case_id"], STOPS.get(data["rule"], "")) in come
        return frozenset() if obsolete else hearers_of_alarm(data["rule"], data["holder"])
    if type_ == "filing.undecided_overdue":
        return frozenset({PC, AG})
    return RECEIVERS[type_] - {row["source"]}


def feeds_are_dense(scene: Scene) -> Iterator[str]:
    """Numbers go up from 1 without a gap; a number that comes again is the same event again."""
    for unit, feed in scene.feeds.items():
        held: dict[int, tuple[str, str]] = {}
        for record in feed:
            seq = _seq(record)
            if seq > len(held) + 1:
                yield f"{unit}: {seq} follows {len(held)}"
            if held.setdefault(seq, record.identity) != record.identity:
                yield f"{unit}: {seq} is {held[seq]} and {record.identity}"


def _seq(record: Seen) -> int:
    return int(record.headers["linkage-seq"])


def _without_repeats(feed: Iterable[Seen]) -> Iterator[Seen]:
    last = 0
    for record in feed:
        if _seq(record) > last:
            last = _seq(record)
            yield record


def everything_has_an_origin(scene: Scene) -> Iterator[str]:
    """I6: nothing is applied that nobody tried to say, and the bus says nothing without a cause."""
    spoken = scene.spoken
    applied = {row["event_id"] for row in scene.events}
    for row in scene.events:
        if row["source"] == "bus":
            cause = _header(row, "ce_causationid")
            if cause not in applied:
                yield f"bus/{row['event_id']}: nobody knows its cause {cause}"
        elif (row["source"], row["event_id"], sha256(row["value"]).hexdigest()) not in spoken:
            yield f"{row['source']}/{row['event_id']} was never said"


def _header(row: Mapping[str, Any], name: str) -> str:
    import json  # noqa: PLC0415

    return dict(json.loads(bytes(row["headers"]))).get(name, "")


def nothing_is_unaccounted_for(scene: Scene) -> Iterator[str]:
    """I7: every record of every ingress topic went on, and every record of the log is applied, set aside or a repeat."""
    went_on = {
        record.headers["linkage-ingress"] for record in scene.log if "linkage-ingress" in record.headers
    }
    went_on |= {_origin(record) for record in scene.dead}
    for topic, records in scene.ingress.items():
        for record in records:
            place = f"{topic}/{record.partition}/{record.offset}"
            if place not in went_on:
                yield f"{place} went nowhere"
    applied = {(row["partition"], row["log_offset"]) for row in scene.events}
    aside = {
        (row["partition"], row["log_offset"])
        for row in scene.quarantine
        if row["topic"] != scene.dead_letters
    }
    known = {(row["source"], row["event_id"]) for row in scene.events}
    for record in scene.log:
        place = (record.partition, record.offset)
        if place not in applied and place not in aside and record.identity not in known:
            yield f"offset {place} of the log is neither applied nor set aside"
    if not applied <= {(record.partition, record.offset) for record in scene.log}:
        yield "an event is applied from a place where the log has none"


def _origin(record: Seen) -> str:
    return "/".join(record.headers[f"__streams.errors.{part}"] for part in ("topic", "partition", "offset"))


def refused_records_are_kept_as_they_were(scene: Scene) -> Iterator[str]:
    """Bad input: a dead letter for each, byte-identical, with its reason, and a row in quarantine; no other."""
    spoiled = {
        (one.topic, one.offset): one
        for one in scene.entries
        if one.fate is Fate.SPOILED and one.result is Result.ACCEPTED
    }
    unknown = {
        one.sha256 for one in scene.entries if one.fate is Fate.SPOILED and one.result is Result.UNKNOWN
    }
    dead = {
        (record.headers["__streams.errors.topic"], int(record.headers["__streams.errors.offset"])): record
        for record in scene.dead
    }
    for place, entry in spoiled.items():
        record = dead.get(place)
        if record is None:
            yield f"{entry.event_id} at {place} was not refused"
        elif record.headers["linkage-reason"] != entry.reason:
            yield f"{entry.event_id} was refused for {record.headers['linkage-reason']}, not for {entry.reason}"
        elif sha256(record.value or b"").hexdigest() != (entry.sha256 or sha256(b"").hexdigest()):
            yield f"{entry.event_id} lost its bytes"
    for place, record in dead.items():
        if place not in spoiled and sha256(record.value or b"").hexdigest() not in unknown:
            yield f"{record.identity} at {place} was refused: {record.headers['linkage-reason']} {record.headers['linkage-detail']}"
    projected = {row["log_offset"] for row in scene.quarantine if row["topic"] == scene.dead_letters}
    if projected != {record.offset for record in scene.dead}:
        yield f"quarantine holds {len(projected)} of {len(scene.dead)} dead letters"
    parked = {(row["source"], row["event_id"]) for row in scene.quarantine if row["kind"] == "parked"}
    expected = {
        (unit, f"{story.number}/{type_}") for story in scene.stories for unit, type_ in story.script.parked
    }
    if parked != expected:
        yield f"parked are {sorted(parked ^ expected)} too many or too few"
    if conflicts := [row["event_id"] for row in scene.quarantine if row["kind"] == "conflict"]:
        yield f"conflicts: {conflicts}"


def the_chain_is_whole(scene: Scene) -> Iterator[str]:
    """I8."""
    for verdict in scene.chain:
        if verdict.bad_offset is not None:
            yield f"partition {verdict.partition} at {verdict.bad_offset}: {verdict.detail}"


def receipts_keep_their_promises(scene: Scene) -> Iterator[str]:
    """I1, I2, I12 at the gateways."""
    return broken_promises(scene.entries, scene.by_gateways)


def pulling_gives_what_the_topic_has(scene: Scene) -> Iterator[str]:
    """I1, I3, I5: who reads over HTTP gets the entries of the topic, in the same order; its acknowledgement is kept."""
    for unit, pulled in scene.pulled.items():
        published = [(_seq(record), record.identity) for record in _without_repeats(scene.feeds[unit])]
        if pulled != published:
            differs = next(
                (n for n, pair in enumerate(zip(pulled, published, strict=False), 1) if pair[0] != pair[1]), 0
            )
            yield f"{unit} pulled {len(pulled)} of {len(published)} entries; the first that differs: {differs}"
        if scene.acknowledged.get(unit, 0) != len(pulled):
            yield f"{unit} has {len(pulled)} entries and has acknowledged {scene.acknowledged.get(unit, 0)}"

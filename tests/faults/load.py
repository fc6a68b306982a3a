"""The load: units that say what their cases' scripts ask for, in turns, and note in the ledger what they were told."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from infra.settings import Settings
from schemas.codec import decode
from schemas.identity import case_id
from tests.faults.ledger import Entry, Fate, Ledger, Result
from tests.faults.posting import Poster
from tests.faults.scripts import AG, Saying, Script
from tests.faults.sendings import SPOILERS, Sending, sending

REPEATS = 0.05
SPOILED = 0.01
RECENT = 200
PATIENCE_SECONDS = 3.0
AT_ONCE = 40
"""Cases that are under way at a time."""
OVER_HTTP = 0.5
"""Of the turns, if there are gateways."""
CLIENTS = 4
"""Requests that are under way at a time."""


@dataclass(slots=True)
class Story:
    """One case being told: its script, its number, and how far it has come."""

    script: Script
    number: str
    began: datetime
    turn: int = 0
    said: list[str] = field(default_factory=list)  # ids of the last turn
    posted: Future[None] | None = None  # the last turn, as long as it is being said over HTTP

    @property
    def case(self) -> str:
        """The case id."""
        return str(case_id(AG, self.number))

    def event_id(self, saying: Saying) -> str:
        """Ids follow from the case: the same in every run with the same seed."""
        return f"{self.number}/{saying.type}"

    def sending(self, saying: Saying) -> Sending:
        """The record of one event of the script."""
        at = saying.at
        if not isinstance(at, datetime):
            at = datetime.now(UTC) if at is None else self.began - at
        ids = {one.type: self.event_id(one) for turn in self.script.turns for one in turn.sayings}
        return sending(
            saying.unit,
            saying.type,
            self.event_id(saying),
            case=(AG, self.number),
            at=at.astimezone(UTC),
            data=saying.payload(ids),
        )


class Sender:
    """Sends records to ingress topics and notes each attempt in the ledger. May be shared by threads.

    What is not acknowledged within some seconds is noted as unknown and sent again, the same bytes, until it
    is. The client itself must not give up: kafka-python 3.0.12 then never sends anything again.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._topics = settings.topics
        self._ledger = ledger
        self._closed = threading.Event()
        self._producer = KafkaProducer(
            bootstrap_servers=settings.bootstrap,
            delivery_timeout_ms=2**31 - 1,
            request_timeout_ms=3000,
            max_block_ms=4000,
            reconnect_backoff_max_ms=500,
            max_request_size=1024 * 1024,
        )

    def send(self, record: Sending, fate: Fate = Fate.EVENT, reason: str = "") -> None:
        """Send it until the broker has it, or until this is closed."""
        topic = self._topics.ingress(record.unit)
        offset = -1
        while offset < 0 and not self._closed.is_set():
            try:
                sent = self._producer.send(topic, record.value, record.key, headers=record.headers)
                offset = sent.get(timeout=PATIENCE_SECONDS).offset
            except KafkaError:
                offset = -1
            self._ledger.note(_entry(record, fate, reason, topic, offset))

    def spoil(self, sound: Sending, how: str, event_id: str) -> None:
        """Send a spoiled form of the record, under another id."""
        reason, change = SPOILERS[how]
        self.send(change(sound.renamed(event_id)), Fate.SPOILED, reason)

    def close(self) -> None:
        """Give up what is not acknowledged yet, and release the connection."""
        self._closed.set()
        with contextlib.suppress(KafkaTimeoutError):
            self._producer.close(timeout=PATIENCE_SECONDS)


def _entry(record: Sending, fate: Fate, reason: str, topic: str, offset: int) -> Entry:
    return Entry(
        fate=fate,
        result=Result.UNKNOWN if offset < 0 else Result.ACCEPTED,
        topic=topic,
        offset=offset,
        source=record.envelope.source,
        event_id=record.envelope.id,
        case_id=str(record.envelope.subject),
        type=record.envelope.type,
        sha256=record.sha256,
        reason=reason,
    )


class LogWatcher:
    """Reads the log as any consumer may, to know what has come through."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        log = settings.topics.case_events
        self._consumer.assign([TopicPartition(log, number) for number in range(settings.partitions)])
        self._consumer.seek_to_beginning()
        self.ids: set[str] = set()  # of units' events; they name the case
        self.announced: set[tuple[str, str]] = set()  # (case id, type/rule) of what the bus said

    def look(self, milliseconds: int) -> None:
        """Read on, waiting so long if there is nothing."""
        for records in self._consumer.poll(timeout_ms=milliseconds, max_records=5000).values():
            for record in records:
                self._note(dict(record.headers), record)

    def _note(self, headers: Mapping[str, bytes], record: Any) -> None:
        if headers["ce_source"] != b"bus":
            self.ids.add(headers["ce_id"].decode())
            return
        type_, case = headers["ce_type"].decode(), headers["ce_subject"].decode()
        rule = decode(record.value).data.get("rule", "")
        self.announced.add((case, f"{type_}/{rule}"))

    def close(self) -> None:
        """Release the connection."""
        self._consumer.close()


class Load:
    """Tells stories in a thread of its own until all are told, or until it is stopped.

    Each event of a turn is sent when the one before it is acknowledged; a turn begins when the one before
    it has come through. Repeats and spoiled records are strewn in by chance. With a poster, the unit of a turn
    says it over HTTP as often as not, and several do so at a time.
    """

    def __init__(self, settings: Settings, sender: Sender, seed: int, poster: Poster | None = None) -> None:
        self._settings = settings
        self._sender = sender
        self._poster = poster
        self._clients = ThreadPoolExecutor(CLIENTS, thread_name_prefix="client")
        self._seed = seed
        self._chance = random.Random(seed)
        self._waiting: deque[Script] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._recent: deque[Sending] = deque(maxlen=RECENT)
        self._under_way: list[Story] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self.sent = 0
        self.stories: list[Story] = []

    def start(self) -> None:
        """Begin; nothing is said before scripts are added."""
        self._thread.start()

    def add(self, scripts: Iterable[Script]) -> None:
        """More cases to tell, in this order."""
        with self._lock:
            self._waiting.extend(scripts)

    @property
    def done(self) -> bool:
        """Whether everything that was added has been told to its end. Raises what the thread met."""
        if self._error is not None:
            raise AssertionError("the load has failed") from self._error
        with self._lock:
            return not self._waiting and not self._under_way

    def stop(self) -> None:
        """End the thread; what is under way stays half told."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._clients.shutdown(cancel_futures=True)

    def _run(self) -> None:
        try:
            with closing(LogWatcher(self._settings)) as watcher:
                while not self._stopping.is_set():
                    watcher.look(20)
                    self._begin_some()
                    for story in list(self._under_way):
                        self._go_on(story, watcher)
        except BaseException as error:  # noqa: BLE001  (`done` raises it where the test sees it)
            self._error = error

    def _begin_some(self) -> None:
        with self._lock:
            while self._waiting and len(self._under_way) < AT_ONCE:
                number = f"{self._seed}-{len(self.stories):05}"
                story = Story(self._waiting.popleft(), number, datetime.now(UTC))
                self.stories.append(story)
                self._under_way.append(story)

    def _go_on(self, story: Story, watcher: LogWatcher) -> None:
        if story.posted is not None:
            if not story.posted.done():
                return
            story.posted.result()
            story.posted = None
        if not watcher.ids.issuperset(story.said):
            return
        if story.turn == len(story.script.turns):
            with self._lock:
                self._under_way.remove(story)
            return
        awaited = story.script.turns[story.turn].awaits
        if not awaited or (story.case, awaited) in watcher.announced:
            self._tell_turn(story)

    def _tell_turn(self, story: Story) -> None:
        records = [story.sending(saying) for saying in story.script.turns[story.turn].sayings]
        if self._poster is not None and self._chance.random() < OVER_HTTP:
            chance = random.Random(self._chance.random())
            story.posted = self._clients.submit(self._poster.say, records, chance)
            self.sent += len(records)
        else:
            self._send(records)
        story.said = [record.envelope.id for record in records]
        story.turn += 1

    def _send(self, records: Sequence[Sending]) -> None:
        for record in records:
            if self._chance.random() < SPOILED:
                how = self._chance.choice(list(SPOILERS))
                self._sender.spoil(record, how, f"spoiled-{self._seed}-{self.sent}")
            self._sender.send(record)
            self.sent += 1
            self._recent.append(record)
            if self._chance.random() < REPEATS:
                self._sender.send(self._chance.choice(self._recent), Fate.REPEAT)

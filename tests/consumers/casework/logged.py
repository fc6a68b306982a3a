"""A log made by hand: records as a consumer gives them, for tests of what reads the log without a broker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infra.batches import Batch, Outgoing
from tests.faults.load import Story
from tests.faults.scripts import Script
from tests.faults.sendings import Sending

TOPIC = "case-events"
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
Header = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Logged:
    """One record of the log."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


@dataclass
class Log:
    """One partition of a topic, growing by a second with each record."""

    topic: str = TOPIC
    partition: int = 0
    began: datetime = MORNING
    records: list[Logged] = field(default_factory=list)

    def add(self, *said: Sending | Outgoing) -> list[Logged]:
        """Append these; returns them as records."""
        return [self._append(one.key, one.value, one.headers) for one in said]

    def add_raw(self, value: bytes | None, headers: Sequence[Header] = ()) -> Logged:
        """Append what nobody should have written here."""
        return self._append(b"key", value, headers)

    def range(self, topic: str, partition: int, start: int, end: int) -> Iterator[Batch]:
        """The records of [start, end) one batch each, as re-reading gives them."""
        assert (topic, partition) == (self.topic, self.partition)
        yield from ([record] for record in self.records[start:end])

    def _append(self, key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> Logged:
        offset = len(self.records)
        at = int(self.began.timestamp() * 1000) + 1000 * offset
        self.records.append(Logged(self.topic, self.partition, offset, at, key, value, list(headers)))
        return self.records[-1]


def told(*scripts: Script, seed: str = "7") -> list[Sending]:
    """What the units of these cases say, the cases woven into one another turn by turn."""
    stories = [Story(script, f"{seed}-{number}", MORNING) for number, script in enumerate(scripts)]
    longest = max(len(script.turns) for script in scripts)
    return [
        story.sending(saying)
        for turn in range(longest)
        for story in stories
        if turn < len(story.script.turns)
        for saying in story.script.turns[turn].sayings
    ]


def in_batches(records: Sequence[Logged], size: int) -> Iterable[Batch]:
    """The records cut into batches of `size`."""
    return [records[start : start + size] for start in range(0, len(records), size)]

"""The ledger: what the units know of their own sendings, kept outside the bus in a file that survives everything."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Fate(StrEnum):
    """What a sending was meant to be."""

    EVENT = "event"
    REPEAT = "repeat"  # the same bytes once more
    SPOILED = "spoiled"  # to be refused
    OTHER = "other"  # other content under an identity that is taken: to be turned away


class Result(StrEnum):
    """What the sender was told."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"  # no answer came: it may be in the log or not
    TURNED_AWAY = "turned-away"  # the gateway says that it will not take it


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt to send one record. `offset` is -1 unless it is accepted; `status` and `receipt` are a gateway's."""

    fate: Fate
    result: Result
    topic: str
    offset: int
    source: str
    event_id: str
    case_id: str
    type: str
    sha256: str  # of the value
    reason: str = ""  # with which a spoiled record is to be refused, or was turned away
    status: int = 0  # of HTTP; 0 if it was sent to Kafka, or if no answer came
    receipt: str = ""


class Ledger:
    """Appends entries; each is on the disk when `note` returns. May be shared by threads."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_RDWR)
        self._path = path
        self._lock = threading.Lock()

    def note(self, entry: Entry) -> None:
        """Write the entry down for good."""
        with self._lock:
            os.write(self._file, json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n")
            os.fsync(self._file)

    def entries(self) -> Iterator[Entry]:
        """All entries so far, in order."""
        for line in self._path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Entry(**{**row, "fate": Fate(row["fate"]), "result": Result(row["result"])})

    def close(self) -> None:
        """Release the file."""
        os.close(self._file)

"""What a gateway's receipts promise, each as a check like those of the invariants: one line for each violation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256

from tests.faults.evidence import Seen
from tests.faults.ledger import Entry, Fate, Result


def broken_promises(entries: Sequence[Entry], said: Sequence[Seen]) -> Iterator[str]:
    """Everything below; `said` is what the gateways' topic has."""
    yield from receipts_point_at_the_event(entries, said)
    yield from an_identity_has_one_receipt(entries)
    yield from only_other_content_is_turned_away(entries)
    yield from nothing_is_written_again_without_need(entries, said)


def receipts_point_at_the_event(entries: Sequence[Entry], said: Sequence[Seen]) -> Iterator[str]:
    """I1: at the position of a receipt the gateway's topic has this very event."""
    at = {record.offset: record for record in said}
    for entry in _answered(entries):
        record = at.get(entry.offset)
        if record is None or record.identity != (entry.source, entry.event_id):
            yield f"{entry.source}/{entry.event_id}: its receipt points at {record and record.identity}"
        elif sha256(record.value or b"").hexdigest() != entry.sha256:
            yield f"{entry.source}/{entry.event_id}: its receipt points at other content"


def an_identity_has_one_receipt(entries: Sequence[Entry]) -> Iterator[str]:
    """I2, I12: whoever asks again is given the first receipt, and is told that it is not the first time."""
    receipts: dict[tuple[str, str], set[str]] = defaultdict(set)
    first: Counter[tuple[str, str]] = Counter()
    for entry in _answered(entries):
        receipts[entry.source, entry.event_id].add(entry.receipt)
        first[entry.source, entry.event_id] += entry.status == 201
    yield from (f"{name} has {len(held)} receipts" for name, held in receipts.items() if len(held) > 1)
    yield from (f"{name} was received first {number} times" for name, number in first.items() if number > 1)


def only_other_content_is_turned_away(entries: Sequence[Entry]) -> Iterator[str]:
    """The identity keeps its first content, and nothing else is refused."""
    for entry in entries:
        if entry.fate is Fate.OTHER and entry.result is not Result.UNKNOWN and entry.status != 409:
            yield f"{entry.source}/{entry.event_id}: other content was answered by {entry.status}"
        if entry.fate is not Fate.OTHER and entry.result is Result.TURNED_AWAY:
            yield f"{entry.source}/{entry.event_id} was answered by {entry.status}: {entry.reason}"


def nothing_is_written_again_without_need(entries: Sequence[Entry], said: Sequence[Seen]) -> Iterator[str]:
    """I2: the topic has an event as often as it was in doubt, and once more; with a receipt it is never written again."""
    doubts: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if entry.fate is not Fate.OTHER and entry.result is Result.UNKNOWN:
            doubts[entry.source, entry.event_id] += 1
    for name, number in Counter(record.identity for record in said).items():
        if number > 1 + doubts[name]:
            yield f"{name} was written {number} times and was in doubt {doubts[name]} times"


def _answered(entries: Sequence[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.receipt)

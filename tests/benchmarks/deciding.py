"""What one event costs in Python alone, part by part: reading a record, deciding by all rules, making rows."""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any, TypeVar

from aiokafka.structs import ConsumerRecord

from consumers.casefile import Case
from consumers.casework.fold import fold
from consumers.casework.records import Read, read_record
from consumers.casework.rows import Rows, difference, event_row
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra.batches import Record
from schemas.units import load_register
from tests.benchmarks.installation import DEMO_UNITS
from tests.benchmarks.workload import Said, event

In = TypeVar("In")
Out = TypeVar("Out")


def measure(events: int) -> dict[str, float]:
    """Microseconds per event, medians: `decide` over all slices (overall and by type), and the other parts."""
    rulebook = Rulebook(load_register(DEMO_UNITS), published_calendar())
    now = datetime.now(UTC)
    records = [_record(event(number, now), number, now) for number in range(events)]
    _decided([_read(record) for record in records], rulebook)  # caches and specialised bytecode
    gc.collect()
    gc.freeze()
    figures: dict[str, float] = {}
    figures["read"], reads = _timed(_read, records)
    deciding, cases = _decided(reads, rulebook)
    figures["decide"] = median(one for times in deciding.values() for one in times)
    figures["event row"], _ = _timed(lambda read: event_row(read, bytes(32)), reads)
    figures["rows of a case"], _ = _timed(lambda case: difference(None, case, Rows()), list(cases.values()))
    figures |= {f"decide {type_}": median(times) for type_, times in deciding.items()}
    gc.unfreeze()
    return figures


def _record(said: Said, number: int, now: datetime) -> Record:
    appended = int(now.timestamp() * 1000)
    record: Any = ConsumerRecord(
        "case-events", 0, number, appended, 1, said.key, said.value, None, 0, 0, said.headers
    )
    return record  # type: ignore[no-any-return]


def _read(record: Record) -> Read:
    read = read_record(record)
    assert isinstance(read, Read), read
    return read


def _timed(work: Callable[[In], Out], on: Sequence[In]) -> tuple[float, list[Out]]:
    times, results = [], []
    for one in on:
        started = time.perf_counter()
        result = work(one)
        times.append(1e6 * (time.perf_counter() - started))
        results.append(result)
    return median(times), results


def _decided(reads: Sequence[Read], rulebook: Rulebook) -> tuple[dict[str, list[float]], dict[Any, Case]]:
    cases: dict[Any, Case] = {}
    times: dict[str, list[float]] = defaultdict(list)
    for read in reads:
        case_id = read.event.envelope.subject
        before = cases.get(case_id)
        started = time.perf_counter()
        folded = fold(before, read.event, rulebook)
        times[read.event.type].append(1e6 * (time.perf_counter() - started))
        assert folded.case is not None
        cases[case_id] = folded.case
    return times, cases

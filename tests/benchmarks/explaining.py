"""What it takes to explain a whole case of 60 events, on both tracks with supervision, mirrors and consultations."""

from __future__ import annotations

import gc
import time
from datetime import UTC, datetime, timedelta
from statistics import median

from consumers.casefile import Case, CaseEvent
from consumers.explaining.explain import explain
from consumers.explaining.rehearsing import Rehearsal
from consumers.explaining.rule_sets import rule_set
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from schemas.codec import encode_json
from schemas.envelope import write_headers
from schemas.samples import samples
from schemas.units import load_register
from tests.benchmarks.installation import DEMO_UNITS

_SAID = (
    ("by-env", "admin_case.filed"), ("by-env", "test.resulted"), ("by-env", "transfer.suspected"),
    ("by-env", "transfer.task_group_formed"), ("by-env", "transfer.reported"), ("by-env", "transfer.approved"),
    ("by-env", "transfer.sent"), ("by-police", "transfer.received"), ("by-police", "transfer.supplement_requested"),
    ("by-env", "transfer.supplemented"), ("by-police", "filing.extended"), ("by-police", "filing.declined"),
    ("by-env", "reconsideration.requested"), ("by-police", "reconsideration.decided"),
    ("by-env", "supervision.proposed"), ("by-criminal", "supervision.reasons_requested"),
    ("by-police", "supervision.reasons_given"), ("by-criminal", "supervision.file_ordered"),
    ("by-police", "filing.accepted"), ("by-env", "items.handed_over"), ("by-police", "case.suspect_in_custody"),
    ("by-criminal", "case.arrest_approved"), ("by-police", "consult.asked"), ("by-env", "consult.answered"),
    ("by-police", "case.sent_for_prosecution"), ("by-criminal", "case.not_prosecuted"),
    ("by-criminal", "reverse.case_moved"), ("by-admin", "reverse.registered"),
    ("by-admin", "reverse.opinion_issued"), ("by-env", "reverse.opinion_delivered"),
    ("by-env", "reverse.replied"), ("by-pil", "pil.filed"), ("by-pil", "pil.suggested"), ("by-env", "pil.replied"),
)  # fmt: skip
_EVENTS = 60
_BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def measure(rounds: int) -> dict[str, float]:
    """Milliseconds for the whole case, event by event, by the clock and of CPU; and microseconds for one event.

    On a machine that does other work the clock also counts the time that others were given.
    """
    rulebook = Rulebook(load_register(DEMO_UNITS), published_calendar())
    events, rules = _case(rulebook), rule_set(rulebook)
    wholes: list[float] = []
    computing: list[float] = []
    singles: list[float] = []
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        case: Case | None = None
        began, used = time.perf_counter(), time.process_time()
        for event in events:
            started = time.perf_counter()
            _, folded = explain(case, event, rulebook, rules)
            singles.append(1e6 * (time.perf_counter() - started))
            case = folded.case
        wholes.append(1e3 * (time.perf_counter() - began))
        computing.append(1e3 * (time.process_time() - used))
    gc.unfreeze()
    return {
        "case of 60 events, ms": median(wholes),
        "least ms": min(wholes),
        "CPU ms": median(computing),
        "one event µs": median(singles),
        "events": len(events),
    }


def _case(rulebook: Rulebook) -> list[CaseEvent]:
    """60 events of one case, the bus's own among them, as the log has them."""
    rehearsal = Rehearsal(rulebook)
    found: list[CaseEvent] = []
    for number in range(2 * _EVENTS):
        unit, type_ = _SAID[number % len(_SAID)]
        sample = samples(type_)[0]
        envelope = sample.envelope
        said = write_headers(
            type(envelope)(
                id=f"{type_}-{number}",
                source=unit,
                type=type_,
                subject=_SUBJECT.subject,
                time=_BEGAN + timedelta(hours=7 * number),
                origin_unit=_SUBJECT.origin_unit,
                origin_case=_SUBJECT.origin_case,
                field="environment",
            )
        )
        at = _BEGAN + timedelta(hours=7 * number + 1)
        heard = rehearsal.hear(said, encode_json(type_, sample.data), at)
        found += [one.event for one in heard if one.folded is not None and one.folded.parked is None]
    return found[:_EVENTS]


_SUBJECT = samples("transfer.sent")[-1].envelope

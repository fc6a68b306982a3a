"""The timeline of a case: what was said, where it went, what it moved, what was not applied, who looked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, ClassVar

from consumers.casefile import Identity
from consumers.console.auditing import Noted
from consumers.console.payloads import DOCUMENTS, Line, lines
from consumers.readmodel.views import CaseEntry, ClockView, Delivery, MirrorView, Quarantined

LATE_AFTER = timedelta(days=1)
"""An event reported longer after it happened than this is marked so."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far one delivery has come, see consumers.readmodel.views.Progress."""

    seq: int | None
    published: bool
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery with its receipt; None where the reader may not know."""

    delivery: Delivery
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that belongs to an event: kind, title, hash and how it is sealed."""

    kind: str
    title: str
    sha256: str
    seal: str


@dataclass(frozen=True, slots=True)
class Said:
    """An applied event on the timeline. `late` is by how much it was reported late, None if it was not."""

    kind: ClassVar = "said"
    entry: CaseEntry
    lines: Sequence[Line]
    papers: Sequence[Paper]
    sent: Sequence[Sent]
    voided: bool
    late: timedelta | None
    started: Sequence[ClockView]
    stopped: Sequence[ClockView]
    mirrored: Sequence[MirrorView]

    @property
    def at(self) -> datetime:
        """Where it stands on the timeline: when it happened."""
        return self.entry.event.time


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A record of the case that was not applied, where it arrived on the timeline."""

    kind: ClassVar = "held"
    held: Quarantined

    @property
    def at(self) -> datetime:
        """When it came."""
        return self.held.recorded_at


@dataclass(frozen=True, slots=True)
class Looked:
    """People who looked at the case, or took something of it, without anything happening in between."""

    kind: ClassVar = "looked"
    by: Sequence[Noted]

    @property
    def at(self) -> datetime:
        """When the first of them did."""
        return self.by[0].at


Item = Said | HeldBack | Looked
Receipts = Mapping[tuple[int, int, str], Receipt]
"""Receipts by (partition, offset, unit)."""


def timeline(
    entries: Iterable[CaseEntry],
    *,
    clocks: Sequence[ClockView],
    mirrors: Sequence[MirrorView],
    receipts: Receipts,
    held: Iterable[Quarantined],
    looks: Iterable[Noted],
    voided: frozenset[Identity],
    revealed: bool,
) -> list[Item]:
    """Everything about the case in the order of happening."""
    items: list[Item] = [
        said(entry, clocks, mirrors, receipts=receipts, voided=voided, revealed=revealed) for entry in entries
    ]
    items += [HeldBack(one if revealed else one.for_others()) for one in held]
    items += [Looked([one]) for one in looks]
    return list(_together(sorted(items, key=lambda item: item.at)))


def _together(items: Iterable[Item]) -> Iterator[Item]:
    """The items, those who looked one after the other as one."""
    for looking, run in groupby(items, key=lambda item: isinstance(item, Looked)):
        if looking:
            yield Looked([noted for item in run if isinstance(item, Looked) for noted in item.by])
        else:
            yield from run


def papers(data: Mapping[str, Any]) -> list[Paper]:
    """The documents that an event lists."""
    return [
        Paper(one["kind"], one["title"], one.get("sha256") or "", one.get("seal") or "unknown")
        for one in data.get(DOCUMENTS) or ()
    ]


def said(
    entry: CaseEntry,
    clocks: Sequence[ClockView] = (),
    mirrors: Sequence[MirrorView] = (),
    *,
    receipts: Receipts,
    voided: frozenset[Identity],
    revealed: bool,
) -> Said:
    """One applied event, with what it moved of these clocks and mirrors."""
    event, place = entry.event, entry.position
    late = entry.recorded_at - event.time
    identity = (event.source, event.id)
    return Said(
        entry=entry,
        lines=lines(event.type, event.data, revealed=revealed),
        papers=papers(event.data),
        sent=[Sent(one, receipts.get((place.partition, place.offset, one.unit))) for one in entry.deliveries],
        voided=identity in voided,
        late=late if late > LATE_AFTER else None,
        started=[one for one in clocks if (one.started_by.source, one.started_by.id) == identity],
        stopped=[
            one for one in clocks if one.stopped_by and (one.stopped_by.source, one.stopped_by.id) == identity
        ],
        mirrored=[one for one in mirrors if (one.opinion.source, one.opinion.id) == identity],
    )

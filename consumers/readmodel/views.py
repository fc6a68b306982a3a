"""What readers are shown, as values: the JSON of the reading routes and the input of the command line."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from consumers.casefile import CaseEvent
from consumers.explaining.account import Account
from consumers.feeds.heads import FeedHead
from consumers.views.contents import without_values
from consumers.views.kinds import View
from consumers.views.rules import cut
from schemas.sealed.digests import FieldProof, Part, field_proof
from schemas.sealed.keys import SubjectKey
from schemas.sealed.values import about


@dataclass(frozen=True, slots=True)
class CaseName:
    """A case by its id, and by the number that people know it by at the unit which opened it."""

    id: UUID
    unit: str
    number: str


@dataclass(frozen=True, slots=True)
class EventName:
    """An event by its identity."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the log."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as this reader may see it. `data` is the payload by field name; in JSON, bytes are base64.

    `view` says which view of it the reader gets, `hidden` what is masked or left out in `data` (docs/views.md).
    `proof`: salts and digests by which `data` verifies against the event as it was said (docs/sealing.md).
    """

    source: str
    id: str
    type: str
    time: datetime
    precision: str
    case: CaseName
    field: str
    causation: str
    data: Mapping[str, Any]
    view: View
    hidden: tuple[str, ...]
    proof: FieldProof | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """That an event goes to `unit`, as what and on which basis."""

    unit: str
    delivery: str
    role: str
    basis: str


class Reached(StrEnum):
    """How far a delivery has come, in one word."""

    QUEUED = "queued"  # decided, not yet in the feed
    SENT = "sent"  # readable in the feed
    DELIVERED = "delivered"  # a receiver of the unit has accepted it
    ACKNOWLEDGED = "acknowledged"  # the unit has said that it has it
    FAILED = "failed"  # a receiver did not accept it in its time; the feed still has it


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one delivery has come. `seq` is its number in the unit's feed, null until the relay gave it one.

    `published`: readable in the feed. `acknowledged`: the unit has said that it has it. `state` is the same in
    one word, webhooks included; `answer` is what the last try came to at each of them, at `attempted_at`: for
    the unit itself and for operators.
    """

    unit: str
    seq: int | None
    published: bool
    acknowledged: bool
    state: Reached
    answer: str
    attempted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery of an event to one unit, and how far it has come."""

    event: EventName
    type: str
    case_id: UUID
    recorded_at: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class Flag:
    """An admitted event was out of legal order, or otherwise odd."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class SignedView:
    """Who answers for the choice at an open point, since when, and on which text."""

    who: str
    when: date
    reference: str


@dataclass(frozen=True, slots=True)
class OpenPointView:
    """A question that the texts leave open, and the choice that this installation counts by. `signed`: null, nobody."""

    point: str
    choice: str
    zh: str
    en: str
    signed: SignedView | None


@dataclass(frozen=True, slots=True)
class ClockView:
    """A statutory clock. `due_from` to `due_to` is the range of the last instant in time; equal if certain.

    `basis` is the text and article, `mark` how well that was verified (see docs/statutes.md). `open_points` are the
    questions on whose choice the count rests.
    """

    id: UUID
    case: CaseName
    rule: str
    version: str
    duty_zh: str
    duty_en: str
    basis: str
    mark: str
    kind: str
    holder: str
    state: str
    started_by: EventName
    start_from: datetime | None
    start_to: datetime | None
    assumed_start: bool
    due_from: datetime | None
    due_to: datetime | None
    provisional: bool
    certain: bool
    stopped_by: EventName | None
    stopped_from: datetime | None
    stopped_to: datetime | None
    overrun_seconds: int | None
    breach_withdrawn: bool
    reported_late: bool
    open_points: Sequence[OpenPointView] = ()


@dataclass(frozen=True, slots=True)
class MirrorView:
    """An opinion copied to a department as work, and what became of it."""

    id: UUID
    opinion: EventName
    unit: str
    why: str
    state: str
    copied_at: datetime
    reason: str
    clue_no: str
    decided_by: EventName | None


@dataclass(frozen=True, slots=True)
class MirrorWork:
    """A mirror as work: in which case, and by when the office wants it decided; null if no target runs."""

    mirror: MirrorView
    case: CaseName
    field: str
    due: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One event of a case. `deliveries`: all of them for whoever said it and for operators, else one's own."""

    event: EventView
    recorded_at: datetime
    position: Place
    deliveries: list[Delivery]
    flags: list[Flag]


@dataclass(frozen=True, slots=True)
class PartyStanding:
    """Where the case stands for one of its parties, whose name is as the reader is shown it in the events."""

    name: str
    state: str
    reverse_state: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the case stands, as far as the events tell that the reader may see. An operator sees them all.

    `side_tracks`: the states of the side tracks that have begun, by the code of the track (docs/routing.md).
    `parties`: where each party stands, if the events name several; else empty.
    """

    field: str
    offence: str | None
    state: str
    reverse_state: str | None
    side_tracks: dict[str, str] = dataclasses.field(default_factory=dict)
    parties: list[PartyStanding] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DocumentAsked:
    """A document (文书) that a transfer must come with. `supplied_by` is the event that lists it; null: missing."""

    zh: str
    en: str
    basis: str
    supplied_by: EventName | None


@dataclass(frozen=True, slots=True)
class PackageView:
    """The documents of one transfer letter. A later supplement makes an incomplete package `complete`."""

    letter: EventName
    complete: bool
    documents: list[DocumentAsked]


@dataclass(frozen=True, slots=True)
class HandoffView:
    """That an event took the matter to an organ outside the district. Not `on_the_bus`: the sender had to send it.

    `organ` is a unit's code if it is on the bus, else the organ as the event names it.
    """

    event: EventName
    type: str
    organ: str
    on_the_bus: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as far as the reader may see it: what it said, what was delivered to it, and the clocks of those."""

    case: CaseName
    standing: Standing
    events: list[CaseEntry]
    clocks: list[ClockView]
    mirrors: list[MirrorView]
    packages: list[PackageView]
    handoffs: list[HandoffView] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that was not applied: refused by intake, or parked or in conflict at casework.

    `returned_reason`: an operator gave it back to its unit, which alone can say it anew; null: nobody did.
    """

    topic: str
    partition: int
    offset: int
    kind: str
    reason: str
    detail: str
    owner: str
    event: EventName | None
    type: str | None
    case_id: UUID | None
    recorded_at: datetime
    returned_at: datetime | None = None
    returned_reason: str | None = None

    def for_others(self) -> Quarantined:
        """The same without what a field held, for whoever is not the unit that said it."""
        return replace(self, detail=without_values(self.detail))


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes of a quarantined record, for operators."""

    about: Quarantined
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class EventTrace:
    """What became of one event. `state`: applied, refused, parked, conflict, pending or unknown.

    `account` says what an applied event caused and why, as far as the reader may see it.

    `pending`: the broker has it, but it is not applied yet. `unknown`: the gateway took it up, but has no
    acknowledgement; repeat it with the same id.
    """

    source: str
    id: str
    state: str
    received_at: datetime | None
    entry: CaseEntry | None
    progress: list[Progress]
    clocks: list[ClockView]
    mirrors: list[MirrorView]
    quarantined: list[Quarantined]
    account: Account | None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry of a feed. `seq` counts from 1 without gaps.

    `digest` is that of the event as it was said, in hexadecimal; by it a view is known to be of that event.
    """

    seq: int
    delivery: str
    role: str
    basis: str
    event: EventView
    recorded_at: datetime
    position: Place
    digest: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Entries of one feed in order. `next` is the position to ask `after` for what follows.

    `head` is the last that the bus has signed of the feed up to `next`: hold what you have against it.
    """

    unit: str
    items: list[FeedItem]
    next: int
    published: int
    acknowledged: int
    head: FeedHead | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of a feed as the bus has it: the entries behind `after` up to `upto`, and their digest.

    A unit that has the same entries in the same order computes the same digest (docs/feeds.md). `marks` are
    digests on the way, each behind an entry. The last four are empty if the installation has no signing key.
    """

    unit: str
    after: int
    upto: int
    count: int
    digest: str
    published: int
    acknowledged: int
    marks: list[tuple[int, str]] = field(default_factory=list)
    namespace: str = ""
    signed_at: str = ""
    public_key: str = ""
    signature: str = ""


def event_view(event: CaseEvent, view: View, key: SubjectKey | None = None) -> EventView:
    """An applied event, opened, as a reader with this `view` sees it. `key` is that of its case, for the proof."""
    envelope = event.envelope
    shown = cut(envelope.type, event.data, view, envelope.time.date())
    return EventView(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        time=envelope.time,
        precision=envelope.precision.value,
        case=CaseName(envelope.subject, envelope.origin_unit, envelope.origin_case),
        field=envelope.field,
        causation=envelope.causation,
        data=shown.data,
        view=view,
        hidden=shown.hidden,
        proof=None
        if key is None
        else field_proof(envelope.field_root, event.data, Part(shown.data, shown.kept), about(envelope), key),
    )


def to_json(view: object) -> bytes:
    """A view as JSON: times in RFC 3339, bytes as base64."""
    return orjson.dumps(view, default=_base64)


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no place in a view")

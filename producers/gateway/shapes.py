"""The JSON that the gateway takes and gives; the OpenAPI document is made from these shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.spans import Precision

MOST_EVENTS = 500
"""Most events in one request."""

_Text = Annotated[str, Field(max_length=300)]


class CaseReference(BaseModel):
    """Which case the event is about: the number that the unit which opened the case gave it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    number: Annotated[str, Field(min_length=1, max_length=300, examples=["白环移〔2026〕17号"])]
    unit: Annotated[_Text, Field(description="Unit that opened the case; the sender itself if left out")] = ""


class EventHead(BaseModel):
    """What an event states besides its payload."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    type: Annotated[
        str, Field(max_length=100, examples=["transfer.sent"], description="See docs/catalogue.md")
    ]
    case: CaseReference
    time: Annotated[
        str,
        Field(
            max_length=40,
            examples=["2026-03-11T09:30:00+08:00"],
            description="When it happened: RFC 3339 with an offset",
        ),
    ]
    id: Annotated[
        str,
        Field(
            max_length=128,
            pattern=r"^[\x21-\x7e]*$",
            description="Your own identity for the event, unique for your unit. With it a request can be repeated "
            "safely: the same id and content give the first receipt again. Left out, the bus makes one, "
            "and a repeated request is another event.",
        ),
    ] = ""
    source: Annotated[_Text, Field(description="May be left out; otherwise the sender's own unit")] = ""
    precision: Annotated[Precision, Field(strict=False, description="How exactly the time is known")] = (
        Precision.SECOND
    )
    field: Annotated[_Text, Field(description="Field of enforcement (领域), such as environment")] = ""
    operator: Annotated[_Text, Field(description="Who in the unit acted")] = ""
    classification: _Text = ""
    causation: Annotated[_Text, Field(description="Id of the event that this one answers")] = ""
    correlation: Annotated[_Text, Field(description="Groups the events of one exchange")] = ""


class EventIn(EventHead):
    """One event as the sender states it. The sender is the unit that the API key belongs to."""

    data: Annotated[dict[str, Any], Field(description="The payload by the field names of the event type")]


class SealedEventIn(EventHead):
    """One event with its payload sealed to the installation's ingress key (docs/sealing.md)."""

    id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            pattern=r"^[\x21-\x7e]+$",
            description="Your own identity for the event; the payload was sealed for it",
        ),
    ]
    sealed: Annotated[str, Field(description="The sealed payload, base64; the rest is as it was sealed for")]


class CloudEventIn(BaseModel):
    """One event as a CloudEvent 1.0; the attributes are those of the record headers in docs/catalogue.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    specversion: Annotated[str, Field(pattern=r"^1\.0$")]
    id: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
    source: Annotated[str, Field(min_length=1, max_length=300, description="The sender's own unit")]
    type: Annotated[str, Field(min_length=1, max_length=100, examples=["transfer.sent"])]
    time: Annotated[str, Field(min_length=1, max_length=40, description="RFC 3339 with an offset")]
    origincase: Annotated[str, Field(min_length=1, max_length=300, description="Number of the case")]
    originunit: Annotated[_Text, Field(description="Unit that opened the case; else the sender")] = ""
    subject: Annotated[str, Field(description="Id of the case; may be left out")] = ""
    timeprecision: Annotated[Precision, Field(description="How exactly the time is known")] = Precision.SECOND
    field: _Text = ""
    operator: _Text = ""
    classification: _Text = ""
    causationid: _Text = ""
    correlationid: _Text = ""
    datacontenttype: Annotated[str, Field(pattern=r"^application/json")] = "application/json"
    dataschema: str = ""
    partitionkey: str = ""
    traceparent: str = ""
    data: Annotated[dict[str, Any], Field(description="The payload by field names")] = {}


class ReceiptOut(BaseModel):
    """The bus has the event on disk, at this position. Keep it: it proves what was reported, and when."""

    source: str
    id: str
    topic: str
    partition: int
    offset: int
    digest: Annotated[
        str, Field(description="SHA-256 over the event's identity, type, case, time and content, in hex")
    ]
    received_at: Annotated[datetime, Field(description="When the gateway first had the event")]


class ForeseenOut(BaseModel):
    """The answer of a dry run for one event: what it would cause. Nothing was sent, and nothing kept."""

    dry_run: bool
    source: str
    id: Annotated[str, Field(description="Your own id, or the one that was made for this dry run")]
    digest: str
    known: Annotated[
        bool,
        Field(description="The gateway has this event from an earlier request: saying it again does nothing"),
    ]
    effect: Annotated[
        dict[str, Any], Field(description="What it would cause and why: see docs/explaining.md")
    ]
    follows: Annotated[
        list[dict[str, Any]],
        Field(description="What the bus would say in consequence, as far as you would receive it"),
    ]


class ItemOut(BaseModel):
    """What became of one event of a list: `receipt` with status 201 (new) or 200 (had it), else `problem`.

    In a dry run `foreseen` with status 200 stands in place of a receipt.
    """

    status: int
    foreseen: ForeseenOut | None = None
    receipt: ReceiptOut | None = None
    problem: Annotated[dict[str, Any] | None, Field(description="A problem document (RFC 9457)")] = None


class ListOut(BaseModel):
    """One item for each event of the request, in its order; `accepted` of them have a receipt."""

    accepted: int
    items: list[ItemOut]

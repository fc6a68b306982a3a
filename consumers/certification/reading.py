"""Reads the events of a request to the gateway, in any of the forms that it takes, or in a record of Kafka: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from schemas import codec
from schemas.spans import Precision, parse_time


@dataclass(frozen=True, slots=True)
class Said:
    """One event as far as the rules look at it. `content` is a digest of all but its id; `exact`: to the second."""

    id: str
    type: str
    case: str
    time: datetime | None
    content: str
    data: Mapping[str, Any]
    exact: bool = True


_MEANT = ("type", "subject", "time", "timeprecision")
"""What of an envelope makes the event the one it is, besides source and id."""


def read_said(headers: Mapping[str, str], body: Any) -> tuple[Said, ...]:
    """The events in the JSON `body`. What is no event has an empty type; nothing is raised."""
    if "ce-specversion" in headers:
        event = {name[3:]: unquote(text) for name, text in headers.items() if name.startswith("ce-")}
        return (_said(event | {"data": body}),)
    return tuple(_said(one) for one in (body if isinstance(body, list) else [body]))


def read_recorded(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> Said:
    """The event in a record of an ingress topic, its value opened; read as far as it can be, nothing is raised."""
    told = {name[3:]: (raw or b"").decode(errors="replace") for name, raw in headers if name[:3] == "ce_"}
    event: dict[str, Any] = {
        name: unquote(text) if name == "origincase" else text for name, text in told.items()
    }
    said = _said(event | {"data": _decoded(value)})
    meant = "\n".join(str(event.get(name, "")) for name in _MEANT).encode()
    return replace(said, content=sha256(meant + (value or b"")).hexdigest())


def _decoded(value: bytes | None) -> Any:
    try:
        return None if value is None else codec.decode(value).data
    except codec.Undecodable:
        return None


def _said(told: Any) -> Said:
    event: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    case = event.get("case")
    number = case.get("number") if isinstance(case, Mapping) else event.get("origincase")
    data = event.get("data")
    return Said(
        id=str(event.get("id", "")),
        type=str(event.get("type", "")),
        case=str(number or ""),
        time=_time(event.get("time")),
        content=_digest({name: value for name, value in event.items() if name != "id"}),
        data=data if isinstance(data, Mapping) else {},
        exact=str(event.get("precision", event.get("timeprecision", Precision.SECOND))) == Precision.SECOND,
    )


def _digest(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _time(told: Any) -> datetime | None:
    try:
        time = parse_time(str(told))
    except ValueError:
        return None
    return time if time.tzinfo is not None else None

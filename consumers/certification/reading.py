"""Reads the events of a request to the gateway, in any of the forms that it takes: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from consumers.certification.watched import Said
from schemas.spans import parse_time


def read_said(headers: Mapping[str, str], body: Any) -> tuple[Said, ...]:
    """The events in the JSON `body`. What is no event has an empty type; nothing is raised."""
    if "ce-specversion" in headers:
        event = {name[3:]: unquote(text) for name, text in headers.items() if name.startswith("ce-")}
        return (_said(event | {"data": body}),)
    return tuple(_said(one) for one in (body if isinstance(body, list) else [body]))


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
    )


def _digest(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _time(told: Any) -> datetime | None:
    try:
        time = parse_time(str(told))
    except ValueError:
        return None
    return time if time.tzinfo is not None else None

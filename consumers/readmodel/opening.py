"""Opening what readers are shown: events of the log as they were said, for whoever has the right to a view of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import Connection

from consumers.casefile import CaseEvent
from consumers.views.cutting import CaseKeys
from infra.vault import case_keys
from schemas.sealed.values import opened_data


def keys_for(connection: Connection, events: Sequence[CaseEvent]) -> CaseKeys:
    """The keys of the cases of these events. Raises UnknownMasterError."""
    return case_keys(connection, {event.envelope.subject for event in events})


def opened_event(event: CaseEvent, keys: CaseKeys) -> CaseEvent:
    """The event as it was said, as far as its key is there. Pure."""
    case = event.envelope.subject
    if case not in keys:
        return event
    key = keys[case]
    data = opened_data(event.envelope, event.data, None if key is None else key.opening)
    return dataclasses.replace(event, data=data)

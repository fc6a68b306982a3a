"""What of a feed somebody wants to read: filters by event type, field and case, as a condition on the rows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlalchemy.dialects.postgresql import JSONB

from infra.tables import events
from schemas.catalogue import BY_NAME
from schemas.fields import FIELD_BY_CODE


class UnknownNameError(ValueError):
    """A filter names an event type or a field that does not exist."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Entries with one of these `types`, one of these `fields` (领域) and of this `case`; empty: all of them."""

    types: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    case: UUID | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered out."""
        return not self.types and not self.fields and self.case is None


EVERYTHING = Selection()


def checked(selection: Selection) -> Selection:
    """The same selection. Raises UnknownNameError: a misspelt filter would silently deliver nothing."""
    for name in selection.types:
        if name not in BY_NAME:
            raise UnknownNameError(f"{name!r} is no event type: see docs/catalogue.md")
    for code in selection.fields:
        if code not in FIELD_BY_CODE:
            raise UnknownNameError(f"{code!r} is no field; accepted: {', '.join(FIELD_BY_CODE)}")
    return selection


def selected(selection: Selection) -> ColumnElement[bool]:
    """Restricts `events` to what is wanted. The field is the one that the event itself states."""
    wanted: list[ColumnElement[bool]] = [true()]
    if selection.types:
        wanted.append(events.c.type.in_(selection.types))
    if selection.case is not None:
        wanted.append(events.c.case_id == selection.case)
    if selection.fields:
        stated = func.convert_from(events.c.headers, "UTF8").cast(JSONB)
        wanted.append(or_(*(stated.contains([["ce_field", code]]) for code in selection.fields)))
    return and_(*wanted)

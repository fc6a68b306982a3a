"""Records and payloads as a reader gets them: what needs no cutting passes as it is, byte for byte."""

from __future__ import annotations

from datetime import date

from consumers.views.kinds import View
from consumers.views.rules import cut, may_hide
from schemas.catalogue import BY_SCHEMA_ID
from schemas.codec import decode, encode
from schemas.envelope import Headers
from schemas.spans import parse_time

Shown = tuple[bytes, tuple[str, ...]]
"""A record's value as a reader gets it, and the paths of what is hidden in it."""

_ID = slice(1, 5)  # of the schema, in the frame of a value


def shown_value(headers: Headers, value: bytes, view: View) -> Shown:
    """The value of an admitted record as `view` shows it; the very same bytes if nothing is hidden.

    What is cut is written in the latest version of its type. Pure.
    """
    name = BY_SCHEMA_ID[int.from_bytes(value[_ID])].name
    if not may_hide(name, view):
        return value, ()
    shown = cut(name, decode(value).data, view, _day(headers))
    return (encode(name, shown.data), shown.hidden) if shown.hidden else (value, ())


def _day(headers: Headers) -> date:
    told = next(raw for name, raw in headers if name == "ce_time")
    return parse_time(told.decode()).date()

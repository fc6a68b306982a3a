"""Records and payloads as a reader gets them: what needs no cutting passes as it is, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any
from uuid import UUID

from consumers.views.kinds import View
from consumers.views.rules import cut, may_hide
from schemas.catalogue import BY_SCHEMA_ID
from schemas.codec import decode, write
from schemas.envelope import Headers, read_headers
from schemas.sealed.keys import SubjectKey
from schemas.sealed.payloads import resealed_payload
from schemas.sealed.values import opened_data
from schemas.spans import parse_time

Shown = tuple[bytes, tuple[str, ...]]
"""A record's value as a reader gets it, and the paths of what is hidden in it."""

CaseKeys = Mapping[UUID, SubjectKey | None]
"""The keys of cases, see `infra.vault.case_keys`."""
NO_KEYS: CaseKeys = MappingProxyType({})

_ID = slice(1, 5)  # of the schema, in the frame of a value


class Sight:
    """One admitted record as its readers see it: decoded at most once, and cut once for each view."""

    def __init__(self, headers: Headers, value: bytes, keys: CaseKeys = NO_KEYS) -> None:
        self._headers = headers
        self._keys = keys
        self._value = value
        self._name = BY_SCHEMA_ID[int.from_bytes(value[_ID])].name
        self._shown: dict[View, Shown] = {}

    def shown(self, view: View) -> Shown:
        """The value as `view` shows it; the very same bytes if nothing is hidden.

        What is cut is written in the latest version of its type. What is sealed is opened to be cut by what it
        says, and leaves sealed as it was.
        """
        shown = self._shown.get(view)
        if shown is None:
            shown = self._shown[view] = self._cut(view) if may_hide(self._name, view) else (self._value, ())
        return shown

    def _cut(self, view: View) -> Shown:
        shown = cut(self._name, self._clear, view, self._day)
        if not shown.hidden:
            return self._value, ()
        data = shown.data
        if self._clear is not self._data:
            data = resealed_payload(self._name, data, self._clear, self._data)
        return write(self._name, data), shown.hidden

    @cached_property
    def _clear(self) -> Mapping[str, Any]:
        if not self._keys:
            return self._data
        envelope = read_headers(self._headers)
        key = self._keys.get(envelope.subject)
        return self._data if key is None else opened_data(envelope, self._data, key.opening)

    @cached_property
    def _data(self) -> Mapping[str, Any]:
        return decode(self._value).data

    @cached_property
    def _day(self) -> date:
        told = next(raw for name, raw in self._headers if name == "ce_time")
        return parse_time(told.decode()).date()


def needs_opening(value: bytes, view: View) -> bool:
    """Whether this view of a record may hide something, so that its key is wanted if it is sealed."""
    return may_hide(BY_SCHEMA_ID[int.from_bytes(value[_ID])].name, view)


def shown_value(headers: Headers, value: bytes, view: View) -> Shown:
    """The value of an admitted record as one view shows it, see `Sight.shown`. Pure."""
    return Sight(headers, value).shown(view)

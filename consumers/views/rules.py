"""Cutting an event to a view: pure, over the tables of `kinds` and `persons`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from consumers.views.fields import Hideable, Matter, hideable
from consumers.views.kinds import VIEWS, Row, Treatment, View
from consumers.views.masks import HIDDEN, mask_name, mask_number
from consumers.views.persons import is_organisation, protection
from schemas.codec import decode, encode


@dataclass(frozen=True, slots=True)
class Cut:
    """The payload that a reader gets, and the paths of what is masked or left out in it, each once.

    `kept`: of a list of persons that was cut, which of them are still in it.
    """

    data: Mapping[str, Any]
    hidden: tuple[str, ...]
    kept: Mapping[str, tuple[int, ...]]


def may_hide(type_name: str, view: View) -> bool:
    """Whether this view of an event of this type can differ from the event itself, whatever it says."""
    return bool(_touched(type_name, view))


def cut(type_name: str, data: Mapping[str, Any], view: View, day: date) -> Cut:
    """`data`, a payload by Avro field name, as `view` shows it; `day` is that of the event.

    Leaves `data` alone. The result is valid under the same contract: a field that is left out is null, an
    empty list, `***` where a text must stand, and `unknown` or `other` where one of several words must.
    """
    row = VIEWS[view]
    shown = dict(data)
    hidden: dict[str, None] = {}
    kept: dict[str, tuple[int, ...]] = {}
    fields = _touched(type_name, view)
    for field in fields:
        if field.matter is Matter.PERSONS:
            shown[field.name], paths, kept[field.name] = _persons(data[field.name], field.name, row, day)
            hidden |= dict.fromkeys(paths)
    told = _hides_protected(data, fields, row, day)
    for field in fields:
        if field.matter is not Matter.PERSONS:
            shown[field.name] = _value(field, data[field.name], row, day, told=told)
            if shown[field.name] != data[field.name]:
                hidden[field.name] = None
    return Cut(shown, tuple(hidden), kept)


@cache
def _touched(type_name: str, view: View) -> tuple[Hideable, ...]:
    """The fields that this view may change in an event of this type."""
    row = VIEWS[view]
    fields = hideable(type_name)
    names_persons = any(field.matter is Matter.PERSONS for field in fields)
    return tuple(field for field in fields if _may_change(field, row, names_persons=names_persons))


def _may_change(field: Hideable, row: Row, *, names_persons: bool) -> bool:
    match field.matter:
        case Matter.RESTRICTED:
            return row.restricted is not Treatment.SHOW
        case Matter.NAME:
            return row.names is not Treatment.SHOW
        case Matter.TEXT:
            return row.texts is not Treatment.SHOW or (names_persons and row.view is not View.FULL)
    return row.view is not View.FULL


def _value(field: Hideable, value: Any, row: Row, day: date, *, told: bool) -> Any:
    match field.matter:
        case Matter.NAME:
            return None if value is None else mask_name(value)
        case Matter.TEXT:
            return field.blank if told or row.texts is not Treatment.SHOW else value
        case Matter.EVENT:
            return _event(value, row.view, day)
    return field.blank


def _event(value: bytes, view: View, day: date) -> bytes:
    """Another event inside this one, cut alike."""
    inner = decode(value)
    name = inner.event_type.name
    shown = cut(name, inner.data, view, day)
    return encode(name, shown.data) if shown.hidden else value


def _persons(
    parties: list[Mapping[str, Any]], path: str, row: Row, day: date
) -> tuple[list[Mapping[str, Any]], list[str], tuple[int, ...]]:
    kept = []
    numbers = []
    hidden = []
    for number, party in enumerate(parties):
        shown = _person(party, row, day)
        if shown is None:
            hidden.append(path)
        else:
            kept.append(shown)
            numbers.append(number)
            hidden += [f"{path}.{name}" for name in party if shown[name] != party[name]]
    return kept, hidden, tuple(numbers)


def _person(party: Mapping[str, Any], row: Row, day: date) -> Mapping[str, Any] | None:
    """The party as it is shown; None if not even that there is one."""
    if is_organisation(party):
        return party
    match _protection(party, row, day):
        case Treatment.DROP:
            return None
        case Treatment.MASK:
            return {**party, "name": HIDDEN, "id_no": None}
    name, number = party["name"], party["id_no"]
    return {
        **party,
        "name": name if row.names is Treatment.SHOW else mask_name(name),
        "id_no": _number(number, row.numbers),
    }


def _number(number: str | None, treatment: Treatment) -> str | None:
    if number is None or treatment is Treatment.SHOW:
        return number
    return mask_number(number) if treatment is Treatment.MASK else None


def _protection(party: Mapping[str, Any], row: Row, day: date) -> Treatment:
    protected = protection(party, day)
    treatment: Treatment = Treatment.SHOW if protected is None else getattr(row, protected.value)
    return treatment


def _hides_protected(data: Mapping[str, Any], fields: Iterable[Hideable], row: Row, day: date) -> bool:
    """Whether somebody protected is hidden: then the texts, which may name the person, must not tell."""
    return any(
        not is_organisation(party) and _protection(party, row, day) is not Treatment.SHOW
        for field in fields
        if field.matter is Matter.PERSONS
        for party in data[field.name]
    )

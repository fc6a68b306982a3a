"""From the rows of a sheet to events, by a template: which column is which, and what is wrong with a row. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producers.imports.cells import Cell, CellError, Moment, as_text, is_blank, matchable, read
from producers.imports.template import CORRECTION, ERROR_HEADER, STATUS_HEADER, Column, Kind, Template
from schemas.identity import derived_id
from schemas.units import Register

_HEADER_WITHIN = 10
"""The header stands in one of the first rows; above it may be a title."""
_DECORATION = re.compile(r"[*＊]|[（(]必填[)）]")
_AMOUNTS = frozenset({Kind.YUAN, Kind.WAN})


class NotTheTemplateError(ValueError):
    """A sheet that is not filled in on this template: says what is missing, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet that holds something; `number` as Excel counts it, from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Headings:
    """Which column of the sheet is which of the template; `ignored` are headers that the template has not."""

    row: int
    columns: Mapping[int, Column]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one cell (`column`: its header), or with the row as a whole (empty)."""

    column: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: the event as `POST /v1/events` takes it, or why it says nothing."""

    number: int
    event: dict[str, Any]
    correction: str
    flaws: tuple[Flaw, ...]


def find_headings(template: Template, lines: Sequence[Line]) -> Headings:
    """The row with the template's headers, by name and not by place. Raises NotTheTemplateError."""
    fits = [_headings(template, line) for line in lines if line.number <= _HEADER_WITHIN]
    best = max(fits, key=lambda one: len(one.columns), default=Headings(0, {}, ()))
    lacking = [one.header for one in template.required if one not in best.columns.values()]
    if lacking:
        told = "、".join(lacking)
        raise NotTheTemplateError(
            f"不是“{template.zh}”模板，缺少列：{told}。请重新下载模板，保留表头",
            f"this is not the template {template.name!r}: it lacks {told}. Download it again and keep its headers",
        )
    return best


def fitting(templates: Sequence[Template], lines: Sequence[Line]) -> list[Template]:
    """The templates on which this sheet can be filled in, those with most of its columns only."""
    found: dict[str, int] = {}
    for template in templates:
        try:
            found[template.name] = len(find_headings(template, lines).columns)
        except NotTheTemplateError:
            continue
    most = max(found.values(), default=0)
    return [template for template in templates if found.get(template.name) == most]


def say(template: Template, headings: Headings, line: Line, *, unit: str, register: Register) -> Said:
    """What the row says in the name of `unit`. All that is wrong is told at once."""
    values: dict[Column, Any] = {}
    flaws: list[Flaw] = []
    for place, column in headings.columns.items():
        cell = line.cells[place] if place < len(line.cells) else None
        if is_blank(cell):
            continue
        try:
            values[column] = read(column, cell, register)
        except CellError as error:
            flaws.append(Flaw(column.header, error.zh, error.en))
    wrong = {flaw.column for flaw in flaws}
    flaws += [
        Flaw(column.header, "必填，不能为空", "must be filled in")
        for column in template.required
        if column not in values and column.header not in wrong
    ]
    correction = str(values.pop(CORRECTION, ""))
    event = _event(template, values, unit) if not flaws else {}
    return Said(line.number, event, correction, tuple(flaws))


def ignored_headers(template: Template, headers: Sequence[str]) -> tuple[str, ...]:
    """Those of a sheet's headers that the template has not: nothing of their columns is said."""
    return _headings(template, Line(1, tuple(headers))).ignored


def column_of(template: Template, path: str) -> str:
    """The header of the column that fills this place of the event, or an empty text."""
    place = re.sub(r"\[(\d+)\]", r".\1", path)
    for column in template.columns:
        if column.target and (place == column.target or place.startswith(f"{column.target}.")):
            return column.header
    return ""


def _headings(template: Template, line: Line) -> Headings:
    names = {_plain(name): column for column in template.columns for name in (column.header, *column.aliases)}
    known: dict[int, Column] = {}
    ignored: list[str] = []
    for place, cell in enumerate(line.cells):
        column = names.get(_plain(as_text(cell)))
        if column is not None and column not in known.values():
            known[place] = column
        elif not is_blank(cell) and as_text(cell) not in (STATUS_HEADER, ERROR_HEADER):
            ignored.append(as_text(cell))
    return Headings(line.number, known, tuple(ignored))


def _plain(header: str) -> str:
    return matchable(_DECORATION.sub("", header))


def _event(template: Template, values: Mapping[Column, Any], unit: str) -> dict[str, Any]:
    event: dict[str, Any] = {"type": template.event, "data": {}, "case": {}}
    for target, constant in template.constants.items():
        _put(event, target, constant)
    texts: dict[str, list[tuple[str, str]]] = {}
    for column in (one for one in template.columns if one in values and one.target):
        if column.kind is Kind.TEXT:
            texts.setdefault(column.target, []).append((column.header, values[column]))
        else:
            _put_value(event, column, values[column])
    for target, told in texts.items():
        joined = told[0][1] if len(told) == 1 else "\n".join(f"{header}：{text}" for header, text in told)
        _put(event, target, joined)
    for target, source in template.copies.items():
        if _get(event, target) is None:
            _put(event, target, _get(event, source))
    _complete_parties(event["data"])
    event["id"] = _id(template, values, event, unit)
    return event


def _put_value(event: dict[str, Any], column: Column, value: Any) -> None:
    if isinstance(value, Moment):
        event |= {"time": value.time.isoformat(), "precision": value.precision.value}
    elif column.kind in _AMOUNTS:
        _put(event, column.target, value + (_get(event, column.target) or 0))
    else:
        _put(event, column.target, value)


def _complete_parties(data: dict[str, Any]) -> None:
    """A party without a name is none, and its kind may be left out."""
    if "parties" in data:
        data["parties"] = [{"kind": "unknown"} | party for party in data["parties"] if party.get("name")]


def _id(template: Template, values: Mapping[Column, Any], event: dict[str, Any], unit: str) -> str:
    """The same row gives the same id, however often and in whatever width it is typed."""
    key = "\n".join(
        event["time"] if column.kind is Kind.WHEN else matchable(str(values.get(column, "")))
        for column in template.keys
    )
    return f"sheet-{derived_id(f'{unit}/{template.name}', 'import', key)}"


def _put(event: dict[str, Any], target: str, value: object) -> None:
    place: Any = event
    *path, last = target.split(".")
    for n, step in enumerate(path):
        if isinstance(place, list):
            while len(place) <= int(step):
                place.append({})
            place = place[int(step)]
        else:
            following = path[n + 1] if n + 1 < len(path) else last
            place = place.setdefault(step, [] if following.isdigit() else {})
    place[last] = value


def _get(event: dict[str, Any], target: str) -> Any:
    place: Any = event
    for step in target.split("."):
        place = place.get(step) if isinstance(place, dict) else None
    return place

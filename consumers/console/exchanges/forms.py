"""The forms by which a unit begins an exchange or goes on with it: one row each, and the event that one says. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from consumers.transfers.exchanges import Exchange
from schemas.catalogue import BY_NAME
from schemas.identity import derived_id
from schemas.units import Register, Role

YES, NO = "yes", "no"


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines
    LINES = "lines"  # several lines, each an item of its own
    CHOICE = "choice"
    YES_NO = "yes-no"
    UNIT = "unit"  # a unit that may say `by`


@dataclass(frozen=True, slots=True)
class Gap:
    """One field of a form, called like the field of the payload. `by`: the chosen unit must be able to say it."""

    name: str
    kind: Kind
    required: bool = True
    longest: int = 5000
    choices: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What is filled in to say `event`; `known` is what follows from the exchange that the event goes on with."""

    event: str
    gaps: tuple[Gap, ...]
    known: Callable[[Exchange], Mapping[str, Any]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class Deed:
    """One form as it was sent: who sent it, when it was opened, and what it goes on with."""

    unit: str
    operator: str
    time: str
    case: tuple[str, str]
    field: str
    following: Exchange | None


class UnfilledError(ValueError):
    """A field lacks what it must have; `gap` is its name."""

    def __init__(self, gap: str) -> None:
        super().__init__(f"{gap} has to be filled in")
        self.gap = gap


def _asker(one: Exchange) -> Mapping[str, Any]:
    return {"addressee": one.first.envelope.source, "consultation_no": one.number}


def _lead(one: Exchange) -> Mapping[str, Any]:
    """What the unit that clears it has to know: it may never have received the lead itself."""
    first = one.first.data
    return {"obstacle_no": one.number, "kind": first["kind"], "detail": first["detail"]}


_NUMBER = 200
_OBSTACLES = ("evidence", "jurisdiction", "appraisal", "custody", "standard", "other")

FORMS: Mapping[str, Form] = {
    form.event: form
    for form in (
        Form(
            "consult.asked",
            (
                Gap("addressee", Kind.UNIT, by="consult.answered"),
                Gap("consultation_no", Kind.TEXT, longest=_NUMBER),
                Gap("question", Kind.LONG),
                Gap("written", Kind.YES_NO),
            ),
        ),
        Form("consult.answered", (Gap("answer", Kind.LONG),), _asker),
        Form(
            "obstacle.reported",
            (
                Gap("addressee", Kind.UNIT, required=False, by="obstacle.cleared"),
                Gap("obstacle_no", Kind.TEXT, longest=_NUMBER),
                Gap("kind", Kind.CHOICE, choices=_OBSTACLES),
                Gap("detail", Kind.LONG),
            ),
        ),
        Form(
            "obstacle.assigned",
            (
                Gap("addressee", Kind.UNIT, by="obstacle.cleared"),
                Gap("instruction", Kind.LONG, required=False),
            ),
            _lead,
        ),
        Form("obstacle.cleared", (Gap("action", Kind.LONG),), lambda one: {"obstacle_no": one.number}),
        Form(
            "intervention.requested",
            (
                Gap("addressee", Kind.UNIT, by="intervention.opined"),
                Gap("offence", Kind.TEXT, required=False, longest=100),
                Gap("letter_no", Kind.TEXT, required=False, longest=_NUMBER),
                Gap("reasons", Kind.LONG),
            ),
        ),
        Form(
            "intervention.opined",
            (Gap("items", Kind.LINES), Gap("letter_no", Kind.TEXT, required=False, longest=_NUMBER)),
            lambda one: {"addressee": one.number},
        ),
        Form(
            "intervention.adopted",
            (Gap("adopted", Kind.YES_NO), Gap("reasons", Kind.LONG, required=False)),
            lambda one: {"addressee": one.moved.envelope.source},
        ),
    )
}
"""The form of each event that is said on these pages."""


def units_for(gap: Gap, unit: str, register: Register) -> tuple[str, ...]:
    """The codes of the units that `unit` may choose for a field: others that may say what the field asks for."""
    speakers = BY_NAME[gap.by].speakers - {Role.BUS}
    return tuple(
        one.code
        for one in register.by_code.values()
        if one.code != unit and not one.roles.isdisjoint(speakers)
    )


def said_by(form: Form, filled: Mapping[str, str], deed: Deed, register: Register) -> dict[str, object]:
    """The event that the form says, as `POST /v1/events` takes it. Raises UnfilledError.

    Its id follows from what was decided, by whom and in which form, so a form that is sent twice says one event.
    """
    data = {gap.name: _value(gap, filled.get(gap.name, "").strip(), deed, register) for gap in form.gaps}
    before = deed.following
    if before is not None:
        data |= form.known(before)
    what = "" if before is None else f"{before.track}/{before.number}/{before.moved.envelope.id}"
    words = json.dumps([deed.time, deed.operator, data], ensure_ascii=False, sort_keys=True)
    unit, number = deed.case
    return {
        "id": str(derived_id(f"{deed.unit}/{unit}/{number}/{what}", form.event, words)),
        "type": form.event,
        "case": {"unit": unit, "number": number},
        "time": deed.time,
        "field": deed.field,
        "operator": deed.operator,
        "causation": "" if before is None else before.moved.envelope.id,
        "data": data,
    }


def _value(gap: Gap, text: str, deed: Deed, register: Register) -> object:
    if not text:
        if gap.required:
            raise UnfilledError(gap.name)
        return None
    if len(text) > gap.longest or (gap.kind is Kind.CHOICE and text not in gap.choices):
        raise UnfilledError(gap.name)
    if gap.kind is Kind.YES_NO:
        if text not in (YES, NO):
            raise UnfilledError(gap.name)
        return text == YES
    if gap.kind is Kind.UNIT and text not in units_for(gap, deed.unit, register):
        raise UnfilledError(gap.name)
    if gap.kind is Kind.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text

"""Published cases as events to say: reads a history's facts and fills the contracts with what was published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from producers.records import Statement
from producers.unpublished import CONTRACTS, fill, lacking
from schemas.catalogue import BY_NAME
from schemas.spans import CHINA, Precision

_SUSPECT_ROLES = (None, "犯罪嫌疑人")


class HistoryError(ValueError):
    """A history that cannot be read: the message names the file or case, the step and what is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One published step. `when` is an ISO date, month, year or hour, as exact as `precision` says.

    `by` and `to` are roles of the case. `each` makes one event per entry (one letter per addressee); an
    entry may override `to` and `details`, the payload fields that were published.
    """

    n: int
    event: str
    by: str
    to: tuple[str, ...]
    precision: Precision
    when: str
    summary: str
    documents: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    details: Mapping[str, Any] | None = None
    each: tuple[Mapping[str, Any], ...] = ()
    linked_case: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """One published case. `facts` holds the whole file, for readers that show more than is published as events."""

    id: str
    title: Mapping[str, str]
    field: str
    offence: str | None
    parties: tuple[Mapping[str, Any], ...]
    published_on: str
    steps: tuple[Step, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """What one unit says about one step."""

    step: int
    unit: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A step that cannot be said on the bus, and why: `reason` is a code, `detail` names what is missing."""

    step: int
    event: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Translation:
    """A history as events, in the order of its steps, and the steps that are not among them."""

    sayings: tuple[Saying, ...]
    not_understood: tuple[NotUnderstood, ...]


def read_histories(folder: Path) -> tuple[History, ...]:
    """Every history in `folder` (*.json), by file name. Raises HistoryError; reads files and nothing else."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise HistoryError(f"{folder} holds no case: expected *.json files as described in its README.md")
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> History:
    try:
        return parse_history(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as error:
        raise HistoryError(f"{path} cannot be read: {error}") from error


def parse_history(facts: Mapping[str, Any]) -> History:
    """The history that the object of one case file holds. Raises HistoryError naming the step that is wrong."""
    name = facts.get("id", "a case without id")
    try:
        return History(
            id=facts["id"],
            title=facts["title"],
            field=facts["field"],
            offence=facts["offence"],
            parties=tuple(facts["parties"]),
            published_on=facts["published"]["on"],
            steps=tuple(_step(step, name) for step in facts["steps"]),
            facts=facts,
        )
    except KeyError as error:
        raise HistoryError(f"{name}: {error} is missing") from None


def _step(step: Mapping[str, Any], case: str) -> Step:
    try:
        return Step(
            n=step["n"],
            event=step["event"],
            by=step["by"],
            to=tuple(step["to"]),
            precision=Precision(step["precision"]),
            when=step.get("when", ""),
            summary=step["summary"],
            documents=tuple(step.get("documents", ())),
            others=tuple(step.get("others", ())),
            details=step.get("details"),
            each=tuple(step.get("each", ())),
            linked_case=step.get("linked_case", ""),
        )
    except (KeyError, ValueError) as error:
        raise HistoryError(f"{case}, step {step.get('n', '?')}: {error}") from None


def translate(history: History, cast: Mapping[str, str]) -> Translation:
    """The events that `history` tells, said by the units that `cast` gives its roles.

    The case is opened by the unit that says the first step, under the history's id as its number; steps of a
    linked case stand under a number of their own. Event ids are derived from the history and the step, so
    publishing a history again repeats the same events. Pure: the same history and cast give the same result.
    Raises HistoryError for a detail that the event's contract does not have.
    """
    sayings: list[Saying] = []
    left_out: list[NotUnderstood] = []
    for step in history.steps:
        problem = _problem(step, cast)
        if problem is not None:
            left_out.append(problem)
            continue
        for suffix, entry in _entries(step):
            sayings.append(_saying(history, step, suffix, entry, cast=cast, before=sayings))
    return Translation(tuple(sayings), tuple(left_out))


def occurred_at(step: Step, published_on: str) -> datetime:
    """The aware time that goes with the step's precision in an envelope (see schemas.spans.span_of).

    A bound given as a month includes the month: "after 2022-05" is not before the 1st of May. What happened
    on an unknown day carries the day or year of publication, which says nothing.
    """
    text = step.when or published_on
    hour = int(text[11:13]) if step.precision is Precision.HOUR else 0
    day = date.fromisoformat((text[:10] + "-01-01")[:10] if len(text) == 4 else (text[:10] + "-01")[:10])
    if len(text) == 7 and step.precision is Precision.AFTER:
        day -= timedelta(days=1)
    return datetime.combine(day, time(hour), CHINA)


def _entries(step: Step) -> list[tuple[str, Mapping[str, Any]]]:
    """(end of the event's id, what it overrides) for each event of the step."""
    if not step.each:
        return [(f"{step.n}", {})]
    return [(f"{step.n}.{k}", entry) for k, entry in enumerate(step.each, start=1)]


def _problem(step: Step, cast: Mapping[str, str]) -> NotUnderstood | None:
    if step.event not in BY_NAME:
        return _left_out(step, "unknown-type", f"no event type {step.event!r} in the catalogue yet")
    if step.by not in cast:
        who = "、".join(step.others) or step.by
        return _left_out(step, "off-the-bus", f"said by {who}, which is no unit of the bus")
    for _, entry in _entries(step):
        details = _details(step, entry)
        if unknown := sorted(details.keys() - CONTRACTS[step.event].fields):
            raise HistoryError(f"step {step.n}: {step.event} has no field {unknown[0]!r} for a detail")
        if "addressee" in CONTRACTS[step.event].required and _addressee(step, entry, cast) is None:
            who = "、".join(step.others) or "nobody who is named"
            return _left_out(step, "off-the-bus", f"addressed to {who}, which is no unit of the bus")
        if missing := lacking(step.event, {"addressee", *details}):
            return _left_out(
                step, "incomplete", f"the contract requires {missing!r}, which was not published"
            )
    return None


def _left_out(step: Step, reason: str, detail: str) -> NotUnderstood:
    return NotUnderstood(step.n, step.event, reason, detail)


def _saying(
    history: History,
    step: Step,
    suffix: str,
    entry: Mapping[str, Any],
    *,
    cast: Mapping[str, str],
    before: Sequence[Saying],
) -> Saying:
    unit = cast[step.by]
    opener = before[0].statement.case_unit if before else unit
    published = _payload(history, step, entry, cast)
    statement = Statement(
        step.event,
        f"{history.id}/{step.linked_case}" if step.linked_case else history.id,
        occurred_at(step, history.published_on),
        fill(step.event, published, suffix, unit, [(one.unit, one.statement) for one in before]),
        id=f"{history.id}-{suffix}",
        case_unit=unit if step.linked_case else opener,
        precision=step.precision,
        field=history.field,
    )
    return Saying(step.n, unit, statement)


def _payload(
    history: History, step: Step, entry: Mapping[str, Any], cast: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of the event's contract that were published."""
    known: dict[str, Any] = {
        "summary": _summary(step),
        "documents": [
            {"kind": name, "title": name, "sha256": None, "seal": "unknown"} for name in step.documents
        ],
        "offence": history.offence,
        "parties": [
            {"name": party["name"], "kind": party["kind"], "id_no": None, "role": party.get("role")}
            for party in history.parties
            if party.get("role") in _SUSPECT_ROLES
        ],
        **_details(step, entry),
    }
    addressee = _addressee(step, entry, cast)
    if addressee is not None:
        known["addressee"] = addressee
    return {name: value for name, value in known.items() if name in CONTRACTS[step.event].fields}


def _addressee(step: Step, entry: Mapping[str, Any], cast: Mapping[str, str]) -> str | None:
    """The unit that plays the first recipient; the others get copies by law, not by address."""
    roles: Sequence[str] = entry.get("to", step.to)
    return cast.get(roles[0]) if roles else None


def _details(step: Step, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**(step.details or {}), **entry.get("details", {})}


def _summary(step: Step) -> str:
    return f"{step.summary}（致：{'、'.join(step.others)}）" if step.others else step.summary

"""CloudEvents 1.0 over HTTP, structured and binary, read into the shape that the gateway takes: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from infra.problems import MALFORMED, Flaw, ProblemError
from schemas.identity import case_id

SPEC_VERSION = "1.0"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_HEADER = "ce-"

# Attribute → field of EventIn; those of one case stand in an object of their own.
_ATTRIBUTES = {
    "id": "id",
    "source": "source",
    "type": "type",
    "time": "time",
    "data": "data",
    "timeprecision": "precision",
    "field": "field",
    "operator": "operator",
    "classification": "classification",
    "causationid": "causation",
    "correlationid": "correlation",
}
_NEEDED = ("id", "source", "type", "time", "origincase")
_DERIVED = frozenset(
    {"specversion", "subject", "datacontenttype", "dataschema", "partitionkey", "traceparent"}
)
"""Known and not carried on as they are: the bus writes its own, which follow from the rest."""
_PATHS = {field: name for name, field in _ATTRIBUTES.items()} | {
    "case": "origincase",
    "case.number": "origincase",
    "case.unit": "originunit",
}


def is_binary(headers: Mapping[str, str]) -> bool:
    """Whether a request carries one event in binary mode: its attributes are in `ce-` headers."""
    return f"{_HEADER}specversion" in headers


def from_headers(headers: Iterable[tuple[str, str]], data: object) -> dict[str, Any]:
    """The structured event in the headers and body of a binary request. Raises ProblemError."""
    event: dict[str, Any] = {"data": data}
    for name, value in headers:
        attribute = name.lower().removeprefix(_HEADER)
        if attribute == name.lower():
            continue
        if attribute in event:
            raise _wrong(attribute, f"the header {name} is given twice")
        event[attribute] = unquote(value)
    return event


def event_in(event: object, *, unit: str) -> dict[str, Any]:
    """What a structured CloudEvent says, shaped as EventIn. Raises ProblemError that names the attribute."""
    if not isinstance(event, dict):
        raise ProblemError(MALFORMED, "a CloudEvent is a JSON object")
    if event.get("specversion") != SPEC_VERSION:
        raise _wrong("specversion", f"is {event.get('specversion')!r}; the bus reads {SPEC_VERSION!r}")
    for name in _NEEDED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise _wrong(name, "is missing, or is not a text")
    for name in event:
        if name not in _ATTRIBUTES and name not in _DERIVED and name not in ("origincase", "originunit"):
            raise _wrong(name, "is not known: the bus carries no such attribute")
    media = str(event.get("datacontenttype", "application/json")).partition(";")[0].strip().lower()
    if media != "application/json":
        raise _wrong("datacontenttype", f"is {media!r}; send the payload as application/json")
    said = {field: event[name] for name, field in _ATTRIBUTES.items() if name in event}
    case = {"number": event["origincase"], "unit": event.get("originunit", "")}
    _check_subject(event.get("subject"), case, unit)
    return {"data": {}} | said | {"case": case}


def in_its_words(problem: ProblemError) -> ProblemError:
    """The same problem with the attribute names of CloudEvents as paths."""
    if not problem.flaws:
        return problem
    flaws = tuple(Flaw(_PATHS.get(flaw.path, flaw.path), flaw.message) for flaw in problem.flaws)
    detail = problem.detail.replace(f"{problem.flaws[0].path}:", f"{flaws[0].path}:", 1)
    return ProblemError(problem.problem, detail, problem.reason, flaws, problem.retry_after)


def _check_subject(subject: object, case: Mapping[str, Any], unit: str) -> None:
    if not subject:
        return
    wanted = str(case_id(str(case["unit"]) or unit, case["number"]))
    if subject != wanted:
        raise _wrong("subject", f"is {subject!r}, but originunit and origincase give {wanted}; leave it out")


def _wrong(attribute: str, what: str) -> ProblemError:
    return ProblemError(MALFORMED, f"{attribute}: {what}", flaws=(Flaw(attribute, what),))

"""What stands in an event's payload for what its publication does not tell: as little as the contract allows."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from producers.records import Statement
from schemas.catalogue import AVRO, BY_NAME

NOT_PUBLISHED = "未公布"
"""Stands where a contract requires a text that the publication does not give."""

# Required values that are no text. Each says as little as its type allows.
_PLACEHOLDERS: Mapping[tuple[str, str], Any] = {
    ("transfer.task_group_formed", "officers"): [NOT_PUBLISHED, NOT_PUBLISHED],  # two at least, by law
    ("intervention.opined", "items"): [NOT_PUBLISHED],
    ("filing.declined", "file_returned"): False,  # not known to have been returned
    ("case.suspect_in_custody", "measure"): "other",
    ("case.judged", "result"): "other",
    ("items.seized", "measure"): "other",
    ("assistance.given", "kind"): "other",
}
# Fields that number a letter or a question. Two letters without a published number are still two letters, so
# each gets a number of its own; an answer carries the number of the latest one it can answer.
_NUMBERS = frozenset({"letter_no", "notice_no", "consultation_no", "obstacle_no"})
_ANSWERED: Mapping[str, tuple[str, ...]] = {
    "opinion.to_transfer_executed": ("opinion.to_transfer_issued",),
    "reverse.opinion_delivered": ("reverse.opinion_issued",),
    "reverse.replied": ("reverse.opinion_issued", "reverse.followed_up"),
    "pil.replied": ("pil.suggested",),
    "pil.verified": ("pil.suggested",),
    "suggestion.revisited": ("reverse.followed_up",),
    "consult.answered": ("consult.asked",),
    "obstacle.cleared": ("obstacle.reported",),
    "supervision.reasons_given": ("supervision.reasons_requested",),
    "supervision.concluded": ("supervision.reasons_requested",),
}

Said = tuple[str, Statement]
"""A unit and what it said before."""


def lacking(event: str, known: Collection[str]) -> str | None:
    """The first field of `event`'s contract that is required, not `known`, and for which nothing honest can stand."""
    contract = CONTRACTS[event]
    for name in sorted(contract.required - set(known)):
        if name not in contract.texts and (event, name) not in _PLACEHOLDERS:
            return name
    return None


def fill(
    event: str, published: Mapping[str, Any], suffix: str, unit: str, before: Sequence[Said]
) -> dict[str, Any]:
    """`published` with a placeholder in each required field that it lacks.

    `suffix` tells the event from others of its case, `unit` says it, `before` is what was said earlier.
    """
    data = dict(published)
    for name in CONTRACTS[event].required - data.keys():
        if name in _NUMBERS:
            data[name] = _answered(event, name, unit, before) or f"{NOT_PUBLISHED}（第{suffix}步）"
        else:
            data[name] = _PLACEHOLDERS.get((event, name), NOT_PUBLISHED)
    return data


def _answered(event: str, name: str, unit: str, before: Sequence[Said]) -> str:
    """The number of the latest letter that `event`, said by `unit`, can answer; empty if there is none."""
    for speaker, asked in reversed(before):
        if asked.type in _ANSWERED.get(event, ()) and unit in (asked.data.get("addressee"), speaker):
            return str(asked.data.get(name, ""))
    return ""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a payload of one type has and needs; `texts` are the required fields that are plain strings."""

    fields: frozenset[str]
    required: frozenset[str]
    texts: frozenset[str]


def _contract(path: Path) -> Contract:
    rows = json.loads(path.read_text(encoding="utf-8"))["fields"]
    required = [row for row in rows if "default" not in row]
    return Contract(
        fields=frozenset(row["name"] for row in rows),
        required=frozenset(row["name"] for row in required),
        texts=frozenset(row["name"] for row in required if row["type"] == "string"),
    )


CONTRACTS: Mapping[str, Contract] = {name: _contract(AVRO / row.avsc) for name, row in BY_NAME.items()}
"""What each event type of the catalogue has and needs, read once from the committed schemas."""

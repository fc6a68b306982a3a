"""Views that a unit has saved, held against the field digests that came with them: pure, without the bus."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.sealed.digests import FieldProof, Leaf, NotProven, check_view


@dataclass(frozen=True, slots=True)
class Proven:
    """What one view proves: `shown` fields are as they were said, as many as `hidden` are not shown."""

    event: str
    root: str
    shown: tuple[str, ...]
    hidden: int


def check_views(text: str) -> Iterator[Proven]:
    """Checks events as the gateway gives them: one, a page of a feed, or one JSON object a line.

    Raises NotProven at the first that does not follow from its root, or has none.
    """
    for event in _events(text):
        name = f"{event.get('source')}/{event.get('id')}"
        try:
            proof = _proof(event["proof"])
            shown = check_view(event["type"], event["data"], proof)
        except NotProven as error:
            raise NotProven(f"{name}: {error}") from None
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise NotProven(f"{name}: no event with a proof, as the gateway gives it: {error!r}") from None
        yield Proven(name, proof.root, shown, len(proof.leaves) - len(shown))


def _proof(told: Any) -> FieldProof:
    if told is None:
        raise NotProven("has no proof: it was not sealed, or its key was destroyed")
    leaves = [Leaf(str(one["path"]), str(one["salt"]), str(one["digest"])) for one in told["leaves"]]
    return FieldProof(str(told["root"]), leaves)


def _events(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        told = [json.loads(text)]
    except ValueError:
        try:
            told = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise NotProven(f"this is neither JSON nor lines of it: {error}") from None
    for one in told:
        if not isinstance(one, dict):
            raise NotProven("an event, an item or a page of a feed is a JSON object")
        yield from (item.get("event", item) for item in one.get("items", [one]))
